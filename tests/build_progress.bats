# What a build shows while it goes on: a table on a terminal, lines elsewhere. The
# terminal is a real one (tests/lib/terminal), and what stands on its screen is told by
# an emulator of terminals.
load lib/product

setup_file() {
    product_setup
    export TERM=xterm
    unset NO_COLOR BUILDKIT_PROGRESS
}
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir c
    echo a >c/a
}
teardown() { assert_clean; }

# Sit at a terminal and build; the steps come from the standard input.
sit() { "$BATS_TEST_DIRNAME/lib/terminal" --screen "$MINI_DOCKER" "$@"; }
# The same with what was printed, byte for byte.
sit_raw() { "$BATS_TEST_DIRNAME/lib/terminal" "$MINI_DOCKER" "$@"; }
# The screen, with T for times and ID for ids.
seen() {
    sed -E -e 's/ +[0-9]+\.[0-9]s$/ T/' -e 's/[0-9]+\.[0-9]s/T/' -e 's/[0-9a-f]{12}/ID/' <<<"$output"
}
# A RUN that says so when it has begun, and waits until it is let go.
waits() { # WORD...
    echo "RUN --mount=type=cache,target=/$1 echo $*; until [ -e /$1/go ]; do sleep 0.01; done"
}
LET_GO='for d in "$MINI_DOCKER_ROOT"/cache/mounts/*; do touch "$d/go"; done'

@test "on a terminal: a table, drawn again in its place, with what RUN says meanwhile" {
    printf 'FROM busybox\nCOPY a /a\n%s\nCMD ["x"]\n' "$(waits w said)" >c/Dockerfile
    run -0 sit build -t x c <<END
shown ~^\[\+\] Building \d+\.\ds \(2/4\)\n => \[1/4\] FROM busybox +\d\.\ds\n => \[2/4\] COPY a /a +\d\.\ds\n => \[3/4\] RUN .* +\d\.\ds\n => => # w said\$
background $LET_GO
END
    diff - <(seen) <<END
[+] Building T (4/4) FINISHED
 => [1/4] FROM busybox T
 => [2/4] COPY a /a T
 => [3/4] RUN --mount=type=cache,target=/w echo w said; until [ -e /w/go ] T
 => [4/4] CMD ["x"] T
Successfully built ID
Successfully tagged x:latest
END
    # Again: all of it is known.
    run -0 sit build -q -t x c </dev/null
    run -0 sit build -t x c </dev/null
    diff - <(seen) <<END
[+] Building T (4/4) FINISHED
 => [1/4] FROM busybox T
 => CACHED [2/4] COPY a /a T
 => CACHED [3/4] RUN --mount=type=cache,target=/w echo w said; until [ -e T
 => CACHED [4/4] CMD ["x"] T
Successfully built ID
Successfully tagged x:latest
END
}

@test "two stages at once are in one table, each with what it says" {
    [ "$(nproc)" -gt 1 ] || skip "one processor builds one stage at a time"
    printf 'FROM busybox AS one\n%s\nFROM busybox\n%s\nFROM one\nCOPY --from=1 /etc /e\n' \
        "$(waits w1 first)" "$(waits w2 second)" >c/Dockerfile
    run -0 sit build c <<END
shown ~\[one 2/2\] RUN [^\n]*\n => => # w1 first\n[^#]*\[stage-1 2/2\] RUN [^\n]*\n => => # w2 second
background $LET_GO
END
    seen >screen
    [ "$(grep -c '^ => ' screen)" = 6 ]
    grep -qF '[+] Building T (6/6) FINISHED' screen
    grep -qF ' => [stage-2 2/2] COPY --from=1 /etc /e T' screen
}

@test "RUN fails: the table, what it said, the line with a caret and the error; its exit code" {
    printf 'FROM busybox\nRUN echo one; echo two; exit 3\nCMD x\n' >c/Dockerfile
    run -3 sit build c </dev/null
    diff - <(seen) <<'END'
[+] Building T (2/3)
 => [1/3] FROM busybox T
 => ERROR [2/3] RUN echo one; echo two; exit 3 T
------
 > [2/3] RUN echo one; echo two; exit 3:
one
two
------
Dockerfile:2
   2 | RUN echo one; echo two; exit 3
     | ^
mini-docker: The command '/bin/sh -c echo one; echo two; exit 3' returned a non-
zero code: 3
END
    # What is wrong before anything is built needs no table.
    printf 'FROM busybox\nRUNN x\n' >c/Dockerfile
    run -1 sit build c </dev/null
    diff - <(seen) <<'END'
   2 | RUNN x
     | ^
mini-docker: Dockerfile: dockerfile parse error on line 2: unknown instruction:
RUNN (did you mean RUN?)
END
}

@test "ctrl-c: what went on is canceled, the cursor is there, and nothing else stays" {
    printf 'FROM busybox\n%s\n' "$(waits c said)" >c/Dockerfile
    run -1 sit build c <<'END'
shown => => # c said
type \x03
END
    diff - <(seen | sed 's/\^C//') <<'END'
[+] Building T (1/2)
 => [1/2] FROM busybox T
 => CANCELED [2/2] RUN --mount=type=cache,target=/c echo c said; until [ - T
Dockerfile:2
   2 | RUN --mount=type=cache,target=/c echo c said; until [ -e /c/go ]; do slee
p 0.01; done
     | ^
mini-docker: the build was interrupted
END
    # In COPY the signal ends it at once; what was drawn last stays.
    truncate -s 4G c/holes
    printf 'FROM scratch\nCOPY holes /holes\n' >c/Dockerfile
    run -130 sit build c <<'END'
shown [2/2] COPY holes /holes
type \x03
END
    grep -qF ' => [2/2] COPY holes /holes T' <(seen)
    [[ $output != *"cursor is hidden"* ]]
}

@test "the window's size: lines are cut, old ones go; it may change meanwhile" {
    printf 'FROM busybox\n%s\n' "$(seq -f 'ENV A%g=1' 30)" >c/Dockerfile
    waits s 0123456789012345678901234567890123456789 >>c/Dockerfile
    run -0 sit build c <<END
shown ~^\[\+\] Building \d+\.\ds \(31/32\)\n => \[12/32\] ENV A11=1(.*\n)+ => => # s 0123
size 10 30
shown ~^\[\+\] Building \d+\.\ds \(31/32\)\n => \[26/32\] ENV A25=1 +\d+\.\ds\n(.*\n){5} => \[32/32\] RUN --mount= \d+\.\ds\n => => # s 012345678901234567\$
size 30 70
shown ~^\[\+\] Building \d+\.\ds \(31/32\)\n => \[6/32\] ENV A5=1 (.*\n)+ => => # s 0123456789012345678901234567890123456789\$
background $LET_GO
END
    grep -q "^Successfully built" <(seen)
}

@test "what RUN prints moves no cursor, sets no title and hides nothing" {
    printf 'FROM busybox\nRUN printf "\\033[2J\\033]0;title\\007\\033[?25levil\\033[31m\\n" >&2; exit 1\n' >c/Dockerfile
    run -1 sit_raw build c </dev/null
    grep -q '^evil$' <<<"$output"
    # Of sequences there are ours alone.
    local left
    left=$(sed -E 's/\x1b\[(\?25[lh]|[0-9]+A|K|J|0m|2m|31m|34m)//g' <<<"$output")
    [[ $left != *$'\e'* && $left != *$'\a'* ]]
    [[ $output == *$'\e[31m => ERROR [2/2]'* ]]
    NO_COLOR=1 run -1 sit_raw build c </dev/null
    [[ $output != *m' => ERROR'* && $output == *' => ERROR [2/2]'* ]]
}

@test "lines where there is no terminal, or where they are asked for" {
    printf 'FROM busybox\nCOPY a /b\n' >c/Dockerfile
    md build c >lines 2>err
    [ ! -s err ]
    diff - <(sed -E 's/[0-9a-f]{12}/ID/' lines) <<'END'
Step 1/2 : FROM busybox
 ---> ID
Step 2/2 : COPY a /b
 ---> ID
Successfully built ID
END
    sed -i '/Step 2/a\ ---> Using cache' lines
    run -0 sit_raw build --progress=plain c </dev/null
    diff lines - <<<"$output"
    BUILDKIT_PROGRESS=plain run -0 sit_raw build c </dev/null
    diff lines - <<<"$output"
    TERM=dumb run -0 sit_raw build --progress=auto c </dev/null
    diff lines - <<<"$output"
    run -0 sit_raw build --explain c </dev/null
    grep -q '^Step 2/2' <<<"$output"
    # The option says more than the variable.
    BUILDKIT_PROGRESS=plain run -0 sit build --progress=tty c </dev/null
    [[ $output == "[+] Building "* ]]
    run -0 sit build --progress=tty --explain c </dev/null
    [[ $output == "[+] Building "*$'\n > [2/2] COPY a /b:\n ---> key '*"Successfully built "* ]]
    run -0 sit_raw build --progress=quiet c </dev/null
    [[ $output =~ ^sha256:[0-9a-f]{64}$ ]]
}

@test "no such kind of progress, and no terminal for it" {
    echo FROM busybox >c/Dockerfile
    run md build --progress=tty c
    refused 1 "failed to get console: provided file is not a console"
    BUILDKIT_PROGRESS=tty run md build c
    refused 1 "failed to get console: provided file is not a console"
    BUILDKIT_PROGRESS=loud run md build c
    refused 1 "invalid progress mode loud"
    BUILDKIT_PROGRESS=loud md build --progress=plain c >/dev/null
}

@test "an archive on standard output is nothing but that" {
    printf 'FROM scratch\nCOPY a /a\n' >c/Dockerfile
    md build -o - c >a.tar 2>err
    [ "$(tar -tf a.tar)" = a ]
    [ "$(sed -n 1p err)" = "Step 1/2 : FROM scratch" ]
    md build -q -o - c >a.tar
    [ "$(tar -tf a.tar)" = a ]
}
