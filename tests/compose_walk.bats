# The walk-through of docs/compose.md: docker-compose, a page of Flask's and a
# redis, both Debian's. Needs their images: make image-flask image-redis.
load lib/product
load lib/walks
load lib/options

setup_file() {
    local name top=${BATS_TEST_DIRNAME%/tests*}
    export IMAGES=${IMAGES:-$top/build/images}
    command -v docker-compose >/dev/null ||
        { lacks "docker-compose is not installed"; return; }
    for name in flask redis; do
        [ -s "$IMAGES/$name.tar" ] ||
            { lacks "no $name.tar: run make image-$name"; return; }
    done
    product_setup
    for name in flask redis; do
        md import -c 'CMD ["bash"]' "$IMAGES/$name.tar" "$name" >/dev/null
    done
    ip link set lo up
}
teardown_file() {
    [ -z "${LACKS-}" ] || return 0
    assert_clean
}
teardown() {
    [ -z "${LACKS-}" ] || return 0
    [ ! -e /run/md.pid ] || kill "$(</run/md.pid)"
    remove_all_containers
}

# Typed in an empty directory. Who types would see when the page is there; the
# first answer is the one that counts.
walk() {
    md() { "$MINI_DOCKER" "$@" >daemon.out 2>&1 3>&-; } # the daemon
    docker-compose() { timeout -k 1 60 docker-compose --ansi never "$@" 2>>compose.err; }
    answer() { timeout 5 curl -f "$@" >answer; }
    curl() { eventually answer "$@" && cat answer; }
    set -e
    . ../script
}

@test "compose: a page that counts its visitors, one and three of it" {
    mkdir "$BATS_TEST_TMPDIR/count"
    cd "$BATS_TEST_TMPDIR/count" || return
    commands_of compose "A page" >../script
    outputs_of compose "A page" >../wanted
    grep -q scale ../script
    run walk
    [ "$status" = 0 ] || cat compose.err daemon.out
    same 0 "$status"
    printf '%s\n' "$output" >../said
    says_in_order ../wanted ../said || { cat ../said compose.err; return 1; }
    same "" "$(md ps -aq)$(md volume ls -q)"
}
