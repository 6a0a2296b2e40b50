# The walk-throughs of docs/building.md, typed as they stand there. The second
# and the third need images of a Debian: make image-gcc, make image-flask.
load lib/product
load lib/walks

setup_file() {
    product_setup
}
teardown() { assert_clean; }

# Type them in an empty directory.
walk() {
    mkdir "$BATS_TEST_TMPDIR/walk"
    cd "$BATS_TEST_TMPDIR/walk" || return 1
    [ "$1" = 1 ] || printf '%s\n' '#include <stdio.h>' \
        'int main(void) { return puts("hello from an image of one file") < 0; }' >hello.c
    commands_of building "$1." >"$BATS_TEST_TMPDIR/script"
    [ -s "$BATS_TEST_TMPDIR/script" ]
    set -e
    . "$BATS_TEST_TMPDIR/script"
}

need_image() {
    [ -s "$IMAGES/$1.tar" ] || skip "no $1.tar: run make image-$1"
    md import -c 'CMD ["bash"]' "$IMAGES/$1.tar" "$1" >/dev/null
}

@test "from nothing: one static program" {
    run -0 walk 1
    [[ $output == *"hello from an image of one file" ]]
    cd "$BATS_TEST_TMPDIR/walk" || return
    md build -q -o files . >/dev/null
    [ "$(ls -A files)" = hello ]
}

@test "a compiler in the image, and none in the result" {
    need_image gcc
    run -0 walk 2
    [[ $output == *"hello from an image of one file"* ]]
    [ "$(md inspect -f '{{len .RootFS.Layers}}' hello)" = 1 ]
}

@test "a web application in Python" {
    need_image flask
    # It answers as soon as it listens, and we ask only once.
    md() {
        [ "$1" != exec ] || eventually eval \
            '"$MINI_DOCKER" logs web 2>&1 | grep -q "Running on"'
        "$MINI_DOCKER" "$@"
    }
    run -0 walk 3
    [[ $output == *"hello from flask"* ]]
}
