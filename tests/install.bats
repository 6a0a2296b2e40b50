# What `make install` puts somewhere works from there: the program, the pid 1
# it needs, the manual page, the completion. Also that `make help` is complete.
load lib/product

setup_file() {
    product_setup
    TOP=$(realpath "$BATS_TEST_DIRNAME/..")
    export TOP STAGE=$BATS_FILE_TMPDIR/stage
    house install PREFIX=/opt/tool DESTDIR="$STAGE" >install.log 2>&1 ||
        { cat install.log; return 1; }
    # Not the tree it was built in: that one could help out unnoticed.
    export INSTALLED=$STAGE/opt/tool
    export MAN_PAGE=$INSTALLED/share/man/man1/mini-docker.1
    export COMPLETION=$INSTALLED/share/bash-completion/completions/mini-docker
    export MINI_DOCKER=$INSTALLED/bin/mini-docker
}
teardown() { assert_clean; }

# Make in the source tree, and not as a part of the make that runs the tests.
house() {
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$TOP" "$@"
}

@test "exactly these files are installed, readable by all" {
    run find "$STAGE" -type f -printf '%m /%P\n'
    [ "$(sort <<<"$output")" = "\
644 /opt/tool/lib/systemd/system/mini-docker.service
644 /opt/tool/lib/systemd/system/mini-docker.socket
644 /opt/tool/share/bash-completion/completions/mini-docker
644 /opt/tool/share/man/man1/mini-docker.1
755 /opt/tool/bin/mini-docker
755 /opt/tool/bin/mini-runc
755 /opt/tool/libexec/mini-docker/mini-docker-init
755 /opt/tool/libexec/mini-docker/mini-docker-tls
755 /opt/tool/libexec/mini-docker/mini-docker-web" ]
    # One program with two names.
    [ "$INSTALLED/bin/mini-runc" -ef "$INSTALLED/bin/mini-docker" ]
    run find "$STAGE" -type d ! -perm -555
    [ -z "$output" ]
}

@test "the installed mini-runc answers to its name" {
    run -0 "$INSTALLED/bin/mini-runc" --version
    [[ $output == *"$(<"$TOP/VERSION")"* ]]
}

@test "the installed program tells its version and helps" {
    run -0 md version
    [[ $output == *"$(<"$TOP/VERSION")"* ]]
    run -0 md help
    [[ $output == *Usage:* && $output == *" run "* ]]
    run -0 md help run
    [[ $output == *--rm* ]]
}

@test "the installed program runs a container" {
    run -7 md run --rm --network none busybox sh -c 'echo $$; exit 7'
    [ "$output" = 1 ]
}

@test "the installed program finds its pid 1, and nothing else will do" {
    run -0 md run --rm --init --network none busybox sh -c 'echo $$; ps'
    [ "${lines[0]}" != 1 ]
    [[ $output == *"1 root "*init* ]]
    mv "$INSTALLED/libexec/mini-docker/mini-docker-init" away
    run md run --rm --init --network none busybox true
    mv away "$INSTALLED/libexec/mini-docker/mini-docker-init"
    refused 125 mini-docker-init
}

@test "the manual page renders without a warning and names each command" {
    groff -man -Tutf8 -ww -rLL=78n "$MAN_PAGE" >page 2>warnings
    [ ! -s warnings ] || { cat warnings; return 1; }
    col -bx <page >text
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS COMMANDS ENVIRONMENT; do
        grep -q "^$section\$" text
    done
    for command in $(commands); do grep -q "^   $command " text; done
    # A command's second form has a line of its own, below the heading.
    tr -s ' ' <text | grep -q '^ Or mini-docker cp \[OPTIONS\] SRC_PATH|- CONTAINER:DEST_PATH\.$'
    run ! grep '^\.SS "[^"]*$' "$MAN_PAGE"
    # man(1) itself may be missing; it adds its own checks.
    if command -v man >/dev/null; then
        MANWIDTH=78 run -0 --separate-stderr man --warnings=w -l "$MAN_PAGE"
        [ -z "$stderr" ] || { echo "$stderr"; return 1; }
    fi
}

# What bash offers for the words, the last of which is being typed; one a line.
complete_words() {
    env PATH="$INSTALLED/bin:$PATH" bash --norc --noprofile -euc '
        source "$1"
        shift
        complete -p mini-docker >/dev/null
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
        _mini_docker
        printf "%s\n" "${COMPREPLY[@]}"' - "$COMPLETION" "$@"
}

# The names of commands that the program's own help shows, of all or of a group.
commands() {
    md help "$@" | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}
groups() {
    md help | sed -n '/^Management Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

@test "completion: what bash reads without a complaint" {
    run -0 bash -n "$COMPLETION"
    [ -z "$output" ]
}

@test "completion: a command, all commands and groups, as help shows them" {
    [ "$(complete_words mini-docker ver)" = version ]
    [ -n "$(commands)" ]
    [ "$(groups | tr '\n' ' ')" = "builder container image network system volume " ]
    [ "$(complete_words mini-docker '')" = "$(groups; commands)" ]
    [ "$(complete_words mini-docker help vers)" = version ]
}

@test "completion: the commands of each group, their options" {
    for group in $(groups); do
        [ -n "$(commands "$group")" ]
        [ "$(complete_words mini-docker "$group" '')" = \
            "$(commands "$group")" ]
    done
    [ "$(complete_words mini-docker volume create --dr)" = --driver ]
    [ "$(complete_words mini-docker container list --no-t)" = --no-trunc ]
    [ "$(complete_words mini-docker image rm --fo)" = --force ]
    [ -z "$(complete_words mini-docker container image rm --fo)" ]
}

@test "completion: the operands of an alias, and of the command behind it" {
    md create --name anchor busybox true
    md volume create archive
    [ "$(complete_words mini-docker rm an)" = anchor ]
    [ "$(complete_words mini-docker container remove an)" = anchor ]
    [ "$(complete_words mini-docker container commit a)" = anchor ]
    [ "$(complete_words mini-docker image rm busy)" = busybox:latest ]
    [ "$(complete_words mini-docker volume rm '')" = archive ]
    [ "$(complete_words mini-docker volume inspect a)" = archive ]
    [ "$(complete_words mini-docker inspect a)" = $'anchor\narchive' ]
    # Of another root, other names; bash parts the second form in three.
    [ -z "$(complete_words mini-docker --root "$PWD/other" rm an)" ]
    [ -z "$(complete_words mini-docker --root = "$PWD/other" rm an)" ]
    md rm anchor
    md volume rm archive
}

@test "completion: an option of a command, a global option" {
    [ "$(complete_words mini-docker run --hostn)" = --hostname ]
    [ "$(complete_words mini-docker --ro)" = --root ]
    mkdir new-root
    [ "$(complete_words mini-docker --root new)" = new-root ]
    run complete_words mini-docker run --rm --mem
    [[ $output == *--memory* ]]
}

@test "completion: images for run, files for the value of an option" {
    [ "$(complete_words mini-docker run busy)" = busybox:latest ]
    touch some-file
    [ "$(complete_words mini-docker run --cidfile some)" = some-file ]
}

@test "make help names every target that is for people" {
    list=$(house help | cut -d' ' -f1)
    # The first .PHONY line has those that are.
    targets=$(sed -n 's/^\.PHONY: //p' "$TOP/Makefile" | head -1)
    for target in $targets lab-NN image-NAME setup-GROUP; do
        grep -qx -e "$target" <<<"$list" || { echo "no $target"; return 1; }
    done
}
