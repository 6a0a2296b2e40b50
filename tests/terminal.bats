# Containers with terminals, and who sits in front of them: a pseudo-terminal is
# driven from outside (tests/lib/terminal), as a person would type.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

# Sit at a terminal and try a command of mini-docker; the steps come from the
# standard input.
sit() {
    "$BATS_TEST_DIRNAME/lib/terminal" "$MINI_DOCKER" "$@"
}

state_of() {
    md inspect -f '{{.State.Status}}' "$1"
}

@test "run -it: a terminal, its size, and a resize while it runs" {
    run -0 sit run -it --rm busybox sh <<'END'
modes raw
see / #
type tty; stty size\r
see /dev/pts/0
see 24 80
size 50 132
type stty size\r
see 50 132
type exit\r
modes same
END
    run -7 sit run -it --rm busybox sh -c 'trap "stty size; exit 7" WINCH
        echo ready; while :; do sleep 0.1; done' <<'END'
see ready
size 33 44
see 33 44
modes same
END
}

@test "run -it: what is typed comes back once, and bytes are left alone" {
    run -0 sit run -it --rm busybox cat <<'END'
modes raw
type gr\u00fc\u00dfe\r
see ~grüße\sgrüße
type \x04
END
    same $'grüße\ngrüße' "$output"
}

@test "ctrl-c reaches the program: 130 where nobody handles it" {
    run -130 sit run -it --rm --init busybox cat <<'END'
modes raw
type x\r
see ~x\sx
type \x03
modes same
END
    run -0 sit run -it --rm busybox sh <<'END'
modes raw
see / #
type sh -c "echo g''o; exec cat"\r
see go
type x\r
see ~x\sx
type \x03
see / #
type echo code $?\r
see code 130
type exit 0\r
END
    run -5 sit run -it --rm busybox sh -c \
        'trap "exit 5" INT; echo ready; while :; do sleep 0.1; done' <<'END'
see ready
type \x03
END
}

@test "job control in the container's shell: ctrl-z, jobs, fg, bg" {
    run -0 sit run -it --rm busybox sh <<'END'
modes raw
see / #
type sh -c "echo g''o; exec cat"\r
see go
type one\r
see ~one\sone
type \x1a
see Stopped
type jobs\r
see ~Stopped .*cat
type fg\r
see ~fg\s.*cat
type two\r
see ~two\stwo
type \x03
see / #
type sh -c "echo g''o; exec sleep 1000"\r
see go
type \x1a
see Stopped
type bg\r
type jobs\r
see ~Running .*sleep 1000
type kill %1; exit 0\r
END
}

@test "ctrl-p ctrl-q: we leave, it runs on, and attach shows it again" {
    run -0 sit run -it --name web busybox sh <<'END'
modes raw
see / #
type mine=here\r
type \x10\x11
modes same
END
    [[ $output != *"escape"* ]]
    same running "$(state_of web)"
    run -1 sit attach web <<'END'
modes raw
size 40 100
type echo $mine; stty size\r
see ~\nhere
see 40 100
type \x10\x11
see read escape sequence
modes same
END
    run -3 sit attach web <<'END'
modes raw
type exit 3\r
END
    same 3 "$(md inspect -f '{{.State.ExitCode}}' web)"
    run -0 sit start -ai web <<'END'
modes raw
see / #
type \x10\x11
END
    same running "$(state_of web)"
}

@test "half of the keys, and then something else, is the container's" {
    run -0 sit run -it --rm busybox sh -c \
        'stty raw -echo; echo ready; head -c 4 | od -c' <<'END'
see ready
type \x10a\x10\x10\x10b
see ~020 +a +020 +020
END
}

@test "--detach-keys: other keys, for run, attach and exec; and no such keys" {
    run -0 sit run -it --name web --detach-keys ctrl-a,x busybox cat <<'END'
modes raw
type \x01y\r
see y
type \x01x
END
    same running "$(state_of web)"
    run -1 sit attach --detach-keys q web <<'END'
modes raw
type q
see read escape sequence
END
    run -1 sit exec -it --detach-keys @ web cat <<'END'
modes raw
type @
see read escape sequence
END
    run sit run -it --rm --detach-keys ctrl-1 busybox cat </dev/null
    [[ $status = 125 && ${lines[0]} == *": invalid detach keys (ctrl-1) provided" ]]
}

@test "exec -it: a terminal of its own, with size and resize, and a way out" {
    md run -d --name web busybox sleep 1000
    run -4 sit exec -it web sh <<'END'
modes raw
see / #
type tty; stty size\r
see /dev/pts/0
see 24 80
size 50 132
type stty size\r
see 50 132
type sh -c "echo g''o; exec cat"\r
see go
type x\r
see ~x\sx
type \x03
see / #
type echo code $?\r
see code 130
type exit 4\r
modes same
END
    run -1 sit exec -it web sh -c 'echo ready; exec cat' <<'END'
see ready
type \x10\x11
see read escape sequence
modes same
END
    same 1 "$(md exec web ps | grep -c ' cat$')"
}

@test "told to end, the client gives the terminal back, and it runs on" {
    for signal in SIGTERM:143 SIGHUP:129; do
        run "-${signal#*:}" sit run -it --name web busybox \
            sh -c 'echo ready; exec cat' <<END
see ready
modes raw
signal ${signal%:*}
modes same
END
        same running "$(state_of web)"
        md rm -f web
    done
}

@test "when it is ended from elsewhere, the terminal is given back" {
    run -137 sit run -it --name web busybox sh -c 'echo ready; exec cat' <<END
see ready
modes raw
background $MINI_DOCKER kill web
modes same
END
    run sit run -it --name other busybox sh -c 'echo ready; exec cat' <<END
see ready
modes raw
background kill -9 \$(ps -o ppid= \$($MINI_DOCKER inspect -f '{{.State.Pid}}' other))
modes same
END
    [[ $status = 125 && $output == *"the container's monitor is gone" ]]
}

@test "what it says last is not lost" {
    seq 5000 >wanted
    for ((i = 0; i < 3; i++)); do
        status=0
        sit run -it --rm busybox sh -c 'seq 5000; exit 9' </dev/null >shown || status=$?
        same 9 "$status"
        cmp wanted shown
    done
}

@test "run -t without -i: it is shown, and what is typed is nobody's" {
    run -0 sit run -t --rm busybox sh -c \
        'tty; stty size; cat <&0 & sleep 0.1; kill $!; echo nothing' <<'END'
see /dev/pts/0
see 24 80
see nothing
modes same
END
    # Nor does it take a terminal of ours to have one.
    same /dev/pts/0 "$(md run -t --rm busybox tty </dev/null | tr -d '\r')"
}

@test "run -i without -t, at a terminal: lines are edited here, ctrl-d ends it" {
    run -0 sit run -i --rm busybox sh -c 'tty; cat; echo end' <<'END'
see not a tty
type abX\x7fc\r
see ~\nabc
modes same
type \x04
see end
END
}

@test "who has no terminal is told so before anything is made" {
    run md run -it --name web busybox true </dev/null
    [[ $status = 1 && $output == *": the input device is not a TTY" ]]
    same "" "$(md ps -aq)"
    same "a b" "$(echo a b | md run -i --rm busybox cat)"
}

# --- what one sees while an image goes in or out -----------------------------

@test "import and save: bars on a terminal, with their sizes; nothing else elsewhere" {
    local size='3[.0-9]*MB'
    mkdir tree
    head -c 3000000 /dev/zero >tree/f
    tar -C tree -cf big.tar f
    [[ $(md import big.tar big) =~ ^sha256:[0-9a-f]{64}$ ]]
    shell() { "$BATS_TEST_DIRNAME/lib/terminal" sh -c "$@" </dev/null; }
    wide() { shell 'stty cols 150; exec "$MINI_DOCKER" "$@"' sh "$@"; }
    run -0 wide import big.tar big
    local bar='\[=+>\] +'
    [[ $output =~ big.tar:\ Importing\ $bar$size/$size.*sha256:[0-9a-f]{64}$ ]]
    [ -z "$(md save -o out.tar big)" ]
    run -0 wide save -o seen.tar big
    [[ $output =~ "$(sha256sum big.tar | cut -c -12): Saving layer "$bar$size/$size ]]
    cmp out.tar seen.tar
    # Where there is no room, the numbers alone; and a pipe has no size.
    run -0 sit import big.tar big </dev/null
    [[ $output =~ big.tar:\ Importing\ +$size/$size && $output != *=\>* ]]
    run -0 shell 'cat big.tar | "$MINI_DOCKER" import - big'
    [[ $output =~ -:\ Importing\ +$size && $output != */* ]]
    md rmi -f big >/dev/null
}
