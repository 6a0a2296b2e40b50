# The life of a container under `run`: how it ends, what goes in and out of it,
# which signals reach it.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

# Start a container in the background and wait until its program says "ready".
start_ready() {
    start_background "$@"
    eventually says background.out ready
}

# --- how it ends -------------------------------------------------------------

# bats test_tags=lab-kernel
@test "its exit code is ours" {
    for code in 0 1 2 42 124 125 126 127 128 255; do
        run -$code md run --rm busybox sh -c "exit $code"
        [ -z "$output" ]
    done
}

@test "125: the runtime could not run it" {
    run md run --rm --name ab --pull never nowhere true
    refused 125 "No such image: nowhere:latest"
    run md run --rm --mount type=bind,src=/nonexistent,dst=/mnt busybox true
    refused 125 /nonexistent
    run -125 md run --nonsense busybox true
    [ "${lines[0]}" = "mini-docker: unknown flag: --nonsense" ]
    run -125 md run --rm -m 1k busybox true
}

@test "126: found and not executable" {
    run md run --rm busybox /etc/passwd
    refused 126 'exec: "/etc/passwd": permission denied'
    run -126 md run --rm busybox /etc
}

@test "127: not found" {
    run -127 md run --rm busybox nowhere
    refused 127 'exec: "nowhere": executable file not found in $PATH'
    run -127 md run --rm busybox /no/where
    run -127 md run --rm --entrypoint nowhere busybox true
}

@test "no command at all" {
    run md run --rm busybox
    refused 125 "no command specified"
}

@test "128 and the signal's number" {
    for signal in HUP:129 INT:130 ABRT:134 KILL:137 USR1:138 SEGV:139 TERM:143; do
        run "-${signal#*:}" md run --rm --init busybox \
            sh -c "kill -${signal%:*} \$\$"
        [ -z "$output" ]
    done
}

# bats test_tags=lab-kernel
@test "137: its process is killed from outside" {
    start_background --name web busybox sleep 1000
    kill -KILL "$PID"
    wait "$OWNER" || status=$?
    [ "$status" = 137 ]
    [[ $(md ps -a --format '{{.Names}}: {{.State}}, {{.Status}}') == \
        "web: exited, Exited (137) "*" ago" ]]
}

# bats test_tags=lab-kernel
@test "when its first process ends, so do the others" {
    run -3 quick run --rm busybox \
        sh -c 'sleep 1000 & sleep 1000 >/dev/null & exit 3'
}

# --- in and out --------------------------------------------------------------

@test "standard output and error stay apart" {
    run -5 --separate-stderr md run --rm busybox \
        sh -c 'echo out; echo err >&2; exit 5'
    [ "$output" = out ]
    [ "$stderr" = err ]
}

@test "bytes come out as they went in" {
    printf 'a\0b\r\n\377\376 no newline' >in
    md run --rm -i busybox cat <in >out
    cmp in out
}

@test "10 MB through standard input and output" {
    head -c 10000000 /dev/urandom >in
    md run --rm -i busybox cat <in >out
    cmp in out
    cat in | md run --rm -i busybox cat | cmp - in
}

@test "10 MB through output and error at once" {
    md run --rm busybox sh -c 'head -c 10000000 /dev/zero & \
        head -c 10000000 /dev/zero | tr "\0" x >&2; wait' >out 2>err
    [ "$(wc -c <out)" = 10000000 ]
    [ "$(tr -d x <err | wc -c),$(wc -c <err)" = 0,10000000 ]
}

@test "what it says last is not lost" {
    for ((i = 0; i < 20; i++)); do
        [ "$(md run --rm busybox sh -c 'seq 3000; exit' | tail -n 1)" = 3000 ]
    done
}

@test "without -i there is no input, and ours is left alone" {
    printf 'one\ntwo\n' | {
        md run --rm busybox cat >inside
        cat >rest
    }
    [ ! -s inside ]
    [ "$(<rest)" = "one
two" ]
}

@test "the end of our input is the end of its input" {
    run md run --rm -i busybox sh -c 'cat; echo end' </dev/null
    [ "$output" = end ]
    [ "$(echo word | md run --rm -i busybox sh -c 'cat; echo end')" = "word
end" ]
}

@test "it may end before its input does" {
    mkfifo never
    sleep 1000 >never 3>&- &
    run quick run --rm -i busybox true <never
    kill $!
    [ "$status" = 0 ]
    head -c 10000000 /dev/zero |
        quick run --rm -i busybox head -c 5 >out
    [ "$(wc -c <out)" = 5 ]
}

@test "it may close its output and go on" {
    run -4 quick run --rm busybox \
        sh -c 'exec >&- 2>&-; sleep 0.1; exit 4'
    [ -z "$output" ]
}

@test "when nobody reads its output any more, we end, and it runs on" {
    quick run --rm --name web busybox \
        sh -c 'while echo x; do :; done' | head -n 1 >out
    [ "${PIPESTATUS[0]}" = 141 ] # as of SIGPIPE
    [ "$(<out)" = x ]
    [ "$(md ps --format '{{.Names}}')" = web ]
    md rm -f web
}

@test "with our standard streams closed it runs as with /dev/null" {
    quick run --rm busybox seq 100000 >&-
    quick run --rm busybox sh -c 'seq 100000 >&2' 2>&-
    [ -z "$(quick run --rm -i busybox cat <&-)" ]
    export -f quick
    run -6 bash -c "quick run --rm -i busybox \
        sh -c 'cat; echo; echo >&2; exit 6' <&- >&- 2>&-"
    run -0 bash -c "quick ps -a >&-"
    [ -z "$output" ]
}

@test "output that cannot be written is an error" {
    run bash -c '"$MINI_DOCKER" ps >/dev/full'
    refused 1 "No space left on device"
}

# --- signals -----------------------------------------------------------------

# Send one signal after the other to `run`: its process hears them.
hears() {
    local options=$1 n=0 signal
    start_ready $options busybox sh -c '
        for s in TERM INT HUP USR1 USR2 QUIT WINCH CONT; do
            trap "echo $s" $s
        done
        trap "exit 33" ALRM
        echo ready
        while :; do sleep 1000 & wait; done'
    for signal in TERM INT HUP USR1 USR2 QUIT CONT; do
        kill -$signal "$OWNER"
        eventually says background.out $signal
    done
    kill -ALRM "$OWNER"
    wait "$OWNER" || status=$?
    [ "$status" = 33 ]
}

# bats test_tags=lab-kernel
@test "signals are passed on" {
    hears --rm
}

@test "signals are passed on through --init" {
    hears "--rm --init"
}

@test "with --init, a signal nobody handles ends it" {
    for signal in TERM:143 INT:130 HUP:129; do
        start_background --rm --init busybox sleep 1000
        eventually pgrep -P "$PID"
        kill "-${signal%:*}" "$OWNER"
        status=0
        wait "$OWNER" || status=$?
        [ "$status" = "${signal#*:}" ]
    done
}

@test "without --init, the kernel keeps it from a pid 1 that does not handle it" {
    start_background --rm busybox sleep 1000
    kill -TERM "$OWNER"
    # The second signal is only passed on when the first one was.
    kill -USR1 "$OWNER"
    eventually grep -q '^SigPnd:.*0000000000000000' "/proc/$PID/status"
    running "$PID"
    running "$OWNER"
    stop_background
}

@test "--sig-proxy=false: a signal ends us, and the container runs on" {
    start_ready --rm --sig-proxy=false busybox \
        sh -c 'trap "echo heard" TERM; echo ready; sleep 1000 & wait'
    kill -TERM "$OWNER"
    wait "$OWNER" || status=$?
    [ "$status" = 143 ]
    running "$PID"
    [ "$(<background.out)" = ready ]
    md rm -f "$ID"
    ended "$PID"
}

# --- --cidfile ---------------------------------------------------------------

@test "--cidfile: the whole id and nothing else" {
    md run --cidfile cid busybox true
    [[ "$(<cid)" =~ ^[0-9a-f]{64}$ ]]
    [ "$(wc -c <cid)" = 64 ]
    [ "$(md ps -aq --no-trunc)" = "$(<cid)" ]
    md run --rm --cidfile other busybox true
    [ -s other ]
}

@test "--cidfile: a file that is there is not touched" {
    echo mine >cid
    run md run --cidfile cid busybox true
    refused 125 "container ID file found, make sure the other container isn't running or delete cid"
    [ "$(<cid)" = mine ]
    [ -z "$(md ps -aq)" ]
    run md run --rm --cidfile nowhere/cid busybox true
    refused 125 nowhere/cid
}

# --- many --------------------------------------------------------------------

@test "twenty at once" {
    local pids=() i
    for ((i = 0; i < 20; i++)); do
        md run --rm busybox sh -c "echo $i; exit $i" >out$i 3>&- &
        pids+=($!)
    done
    for ((i = 0; i < 20; i++)); do
        status=0
        wait "${pids[i]}" || status=$?
        [ "$status,$(<out$i)" = "$i,$i" ]
    done
}

@test "twenty that stay, at once: as many names and ids" {
    local pids=() i
    for ((i = 0; i < 20; i++)); do
        md run busybox true 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    [ "$(md ps -a --format '{{.Names}}' | sort -u | wc -l)" = 20 ]
    [ "$(md ps -aq | sort -u | wc -l)" = 20 ]
    [ "$(md ps -a --format '{{.Names}}' | grep -v -x '[a-z]*_[a-z]*[0-9]\?')" = '' ]
}
