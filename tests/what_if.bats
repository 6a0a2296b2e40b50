# The experiments of labs/*/WHAT-IF.md: each command is run, and says what the
# text claims that it says.
load lib/options
load lib/what_if

setup_file() {
    product_setup
    export B=${MINI_DOCKER%/*}
    export PATH=$B:$PATH
    restore_images -c 'CMD ["sh"]'
}
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    md network ls -q -f type=custom | xargs -r "$MINI_DOCKER" network rm >/dev/null
    assert_clean
}
LABS=${BATS_TEST_DIRNAME%/tests*}/labs

@test "every chapter has two experiments at least, with commands and what one saw" {
    for text in "$LABS"/*/WHAT-IF.md; do
        awk '/^## What if .*/ { n++; part = "" }
            /^Look at: / { look[n]++ }
            /^    \$ / { command[n]++ }
            /^### What you saw$/ { saw[n]++ }
            END { for (i = 1; i <= n; i++) if (look[i] != 1 || saw[i] != 1 || !command[i]) exit 1
                exit n < 2 }' "$text" || { echo "$text"; false; }
    done
    same 14 "$(ls "$LABS"/*/WHAT-IF.md | wc -l)"
}

@test "what is not so is noticed" {
    printf '## What if\n\n    $ echo a; echo b\n    a\n    ...\n    $ false || echo "[c]"\n    [c]\n' >good
    what_if good
    printf '    $ echo a\n    b\n' >bad
    run ! what_if bad
    printf '    $ echo c\n    [c]\n' >bad
    run ! what_if bad
    printf '    $ echo a; echo b\n    a\n' >bad
    run ! what_if bad
    printf '    $ true\n    a...\n' >bad
    run ! what_if bad
    printf 'no command\n' >bad
    run ! what_if bad
}

@test "00-ground" {
    what_if "$LABS/00-ground/WHAT-IF.md"
}

@test "01-processes" {
    what_if "$LABS/01-processes/WHAT-IF.md"
}

@test "02-namespaces" {
    what_if "$LABS/02-namespaces/WHAT-IF.md"
}

@test "03-rootfs" {
    what_if "$LABS/03-rootfs/WHAT-IF.md"
}

@test "04-cgroups" {
    what_if "$LABS/04-cgroups/WHAT-IF.md"
}

@test "05-privileges" {
    what_if "$LABS/05-privileges/WHAT-IF.md"
}

@test "06-containers" {
    what_if "$LABS/06-containers/WHAT-IF.md"
}

@test "07-union-fs" {
    what_if "$LABS/07-union-fs/WHAT-IF.md"
}

@test "08-images" {
    what_if "$LABS/08-images/WHAT-IF.md"
}

@test "09-dockerfile" {
    what_if "$LABS/09-dockerfile/WHAT-IF.md"
}

@test "10-networking" {
    what_if "$LABS/10-networking/WHAT-IF.md"
}

@test "11-registry" {
    command -v docker-registry >/dev/null || skip "docker-registry is not installed"
    what_if "$LABS/11-registry/WHAT-IF.md"
}

@test "12-supervision" {
    what_if "$LABS/12-supervision/WHAT-IF.md"
}

@test "14-api" {
    what_if "$LABS/14-api/WHAT-IF.md"
}
