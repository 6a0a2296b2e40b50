# scripts/setup where it has nothing to do, and where it can do nothing. What it
# sees of the machine is a PATH of the test's own; it is an ordinary user.
bats_require_minimum_version 1.5.0

setup() {
    SETUP=$BATS_TEST_DIRNAME/../scripts/setup
    mkdir "$BATS_TEST_TMPDIR/bin"
    cd "$BATS_TEST_TMPDIR/bin"
    for tool in bash dirname awk env grep; do
        ln -s "$(command -v $tool)" .
    done
}

# A program in that PATH, from standard input.
program() {
    { echo '#!/bin/bash'; cat; } >"$1"
    chmod +x "$1"
}
as_user() {
    unshare --user --map-user=1000 \
        env PATH="$PWD" "$BASH" "$SETUP" "$@" </dev/null
}
everything_is_there() {
    program dpkg-query <<<'for p in "$@"; do echo "$p ii "; done'
}
nothing_is_there() {
    program dpkg-query <<<'exit 1'
    program apt-get <<<'echo "apt-get was run: $*"'
}

@test "all is there: silent, and neither apt-get nor root is needed" {
    everything_is_there
    for group in "" build test check fuzz "build fuzz"; do
        run as_user $group
        [ "$status" = 0 ]
        [ -z "$output" ]
        run as_user -n $group
        [ "$status" = 0 ]
        [ -z "$output" ]
    done
}

@test "something is missing, an ordinary user, no sudo: one line with the remedy" {
    nothing_is_there
    run as_user build
    [ "$status" = 1 ]
    [ ${#lines[@]} = 1 ]
    [[ $output == "setup: as root, run: apt-get install "*libseccomp-dev* ]]
}

@test "-n tells what is missing, by name, and runs nothing" {
    nothing_is_there
    run as_user -n test
    [ "$status" = 1 ]
    [ ${#lines[@]} = 1 ]
    [[ $output == "setup: missing: "*libcmocka-dev* ]]
}

@test "sudo is there: it says what it installs before it asks" {
    nothing_is_there
    program sudo <<<'[ "$1" = -- ] && shift; echo "as root: $*"; "$@"'
    run as_user build
    [ "$status" = 0 ]
    [[ ${lines[0]} == "Installing: "*gcc* ]]
    [[ $output == *"Root is needed to install packages"* ]]
    [[ $output == *"apt-get was run: -q install -y"*gcc* ]]
}

@test "not Debian: the list, and how to go on without us" {
    run as_user build
    [ "$status" = 1 ]
    [[ $output == *"not Debian"*libseccomp-dev*"SETUP=true"* ]]
}

@test "a group nobody knows is told with those there are" {
    everything_is_there
    run as_user bild
    [ "$status" = 1 ]
    [[ $output == *"no group 'bild'"*build*fuzz* ]]
}

@test "make looks for libraries after it has installed them, and not before" {
    # libcap.a is missing where the first make looks, and there for the next.
    program cc <<'END'
[ "$*" != -print-file-name=libcap.a ] || [ -n "${MAKELEVEL-}" ] ||
    { echo libcap.a; exit; }
exec gcc "$@"
END
    cd "$BATS_TEST_DIRNAME/.."
    unset MAKELEVEL MAKEFLAGS LINK LINK_LOOKED
    run -0 make -n demo CC="$BATS_TEST_TMPDIR/bin/cc"
    [[ $output == *scripts/demo* && $output != *"linking shared"* ]]
    run -0 make -n product CC="$BATS_TEST_TMPDIR/bin/cc"
    [[ $output == *"No libcap.a here: linking shared"* ]]
}
