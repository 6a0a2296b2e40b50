# Builds that do not come to their end: RUN fails, is killed, fills the disk; ctrl-c
# and SIGKILL; two at once; the base goes away meanwhile.
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir c
    echo a >c/a
}
teardown() {
    [ -z "${BUILDER-}" ] || kill -KILL "$BUILDER" 2>/dev/null || true
    export MINI_DOCKER_ROOT=$BATS_FILE_TMPDIR/root
    md ps -aq >/dev/null
    restore_images
    md builder prune -af >/dev/null
    eventually is_clean
    assert_clean
}

# A build in the background, until its RUN says so. Sets BUILDER, and PID to the
# process that RUN started.
build_in_background() { # OPTION...
    "$MINI_DOCKER" build "$@" c </dev/null >out 2>err 3>&- &
    BUILDER=$!
    eventually says out started
    local short
    short=$(sed -n 's/^ ---> Running in //p' out | tail -n 1)
    read -r PID _ <"$(echo /run/mini-docker/*/"$short"*/state)"
}
build_ends() { # STATUS
    local status=0
    wait "$BUILDER" || status=$?
    BUILDER=
    [ "$status" = "$1" ] || { echo "status $status"; cat out err; return 1; }
}
# RUN says that it started, and waits for a file in its cache.
WAITS='RUN --mount=type=cache,target=/wait echo started && until [ -e /wait/go ]; do sleep 0.01; done'
let_go() { touch "$(echo "$MINI_DOCKER_ROOT"/cache/mounts/*)/go"; }

nothing_built() {
    [ "$(md images -aq | sort -u)" = "$(md images -q busybox)" ]
    [ -z "$(md ps -aq)" ]
}

@test "RUN fails: the build has its exit code, and what was before is remembered" {
    printf 'FROM busybox\nCOPY a /a\nRUN echo one >/one\nRUN echo said && exit 7\nRUN true\n' >c/Dockerfile
    run -7 --separate-stderr md build -t broken c
    [ "${stderr_lines[-1]}" = "mini-docker: The command '/bin/sh -c echo said && exit 7' returned a non-zero code: 7" ]
    [[ ${stderr_lines[-3]} == *"4 | RUN echo said && exit 7" ]]
    says <(echo "$output") said
    nothing_built
    run -7 md build -t broken c
    [ "$(grep -c "Using cache" <<<"$output")" = 2 ]
    run -1 md build - <<<$'FROM busybox\nRUN ["/nowhere"]'
    [[ $output == *"/nowhere"*"no such file or directory"* ]]
    nothing_built
}

@test "RUN is killed from outside" {
    printf 'FROM busybox\nRUN echo started; sleep 1000\n' >c/Dockerfile
    build_in_background -t x
    kill -KILL "$PID"
    build_ends 137
    grep -q "returned a non-zero code: 137" err
    nothing_built
}

@test "ctrl-c and SIGTERM in RUN: nothing of it stays" {
    local signal
    printf 'FROM busybox\nCOPY a /a\nRUN echo started; trap "" INT TERM; sleep 1000\n' >c/Dockerfile
    for signal in INT TERM; do
        build_in_background -t x
        kill -$signal $BUILDER
        wait $BUILDER && return 1
        BUILDER=
        ended "$PID"
        assert_clean
        nothing_built
    done
}

@test "ctrl-c in COPY: nothing of it stays" {
    truncate -s 4G c/holes
    printf 'FROM busybox\nCOPY a /a\nCOPY holes /holes\n' >c/Dockerfile
    env --default-signal=INT "$MINI_DOCKER" build -t x c </dev/null >out 2>err 3>&- &
    BUILDER=$!
    eventually says out "Step 3/3 : COPY holes /holes"
    kill -INT $BUILDER
    build_ends 130
    nothing_built
    printf 'FROM busybox\nCOPY a /a\n' >c/Dockerfile
    md build -q -t x c >/dev/null
    assert_clean
}

@test "the builder is killed in RUN: its process dies, the next command cleans up" {
    printf 'FROM busybox\nRUN echo started; trap "" INT TERM HUP; sleep 1000\n' >c/Dockerfile
    build_in_background -t x
    kill -KILL $BUILDER
    wait $BUILDER || true
    BUILDER=
    eventually ended "$PID"
    nothing_built
    eventually is_clean
}

@test "interrupted or killed at any moment, the next build works" {
    local time at signal
    head -c 2000000 /dev/urandom >c/big
    printf 'FROM busybox\nCOPY big /big\nRUN cp /big /copy\nCOPY a /a\n' >c/Dockerfile
    time=$(time_of build --no-cache -t x c)
    md rmi x >/dev/null
    for signal in TERM KILL; do
        for at in $(moments 4 "$time"); do
            "$MINI_DOCKER" build --no-cache -t y c </dev/null >out 2>&1 3>&- &
            BUILDER=$!
            sleep "$(printf %d.%06d $((at / 1000000)) $((at % 1000000)))"
            kill -$signal $BUILDER 2>/dev/null || true
            wait $BUILDER || true
            BUILDER=
            md ps -aq >/dev/null
            md build -q --no-cache -t x c >/dev/null
            # What a busy kernel had not yet killed is for a later command.
            eventually eval 'md ps -aq >/dev/null; is_clean' || assert_clean
            [ "$(md run --rm x sha256sum /big /copy | cut -c -64 | uniq | wc -l)" = 1 ]
        done
    done
}

@test "the disk is full in RUN, and in COPY" {
    mkdir small
    mount -t tmpfs -o size=8m tmpfs small
    MINI_DOCKER_ROOT=$PWD/small
    md import "$IMAGES/busybox.tar" busybox >/dev/null
    printf 'FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=20\n' >c/Dockerfile
    run -1 md build -t x c
    [[ $output == *"No space left on device"*"returned a non-zero code: 1" ]]
    nothing_built
    head -c 9000000 /dev/urandom >c/big
    printf 'FROM busybox\nCOPY big /big\n' >c/Dockerfile
    run -1 md build -t x c
    [[ $output == *"No space left on device" ]]
    nothing_built
    assert_clean
    printf 'FROM busybox\nRUN echo fits >/f\n' >c/Dockerfile
    md build -q -t x c >/dev/null
    [ "$(md run --rm x cat /f)" = fits ]
    eventually umount small # its monitor may still be taking cables away
}

@test "two builds of the same at once: both come to their end" {
    local i pids=()
    printf 'FROM busybox\nCOPY a /a\nRUN cat /a >/b\nRUN cat /b >/c\n' >c/Dockerfile
    for i in 1 2 3; do
        "$MINI_DOCKER" build -t x:$i c </dev/null >out.$i 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || { cat out.*; return 1; }
    done
    for i in 1 2 3; do
        [ "$(md run --rm x:$i cat /c)" = a ]
    done
    # What is left is one cache.
    [ "$(md build -q c)" = "$(md build -q c)" ]
    assert_clean
}

@test "the base loses its name, and images are pruned, while a build is in RUN" {
    printf 'FROM busybox\nCOPY a /a\n%s\nCOPY a /b\nRUN cat /a /b >/c\n' "$WAITS" >c/Dockerfile
    build_in_background -t x
    md rmi -f busybox >/dev/null
    md image prune -af >/dev/null
    let_go
    build_ends 0
    [ "$(md run --rm x cat /c | xargs)" = "a a" ]
}
