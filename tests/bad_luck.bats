# A full disk, a reader who has stopped, a process that got the number of one
# that is dead: nothing hangs, nothing is lost but what had no place, and ps
# tells the truth. What happens to who is killed is in crash.bats.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}
state_of() {
    md inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$1"
}

@test "a disk that is full of its log: it runs on, every record that is there is whole" {
    local home=$MINI_DOCKER_ROOT log
    mkdir small
    mount -t tmpfs -o size=6m small small
    export MINI_DOCKER_ROOT=$PWD/small/state
    md import "$IMAGES/busybox.tar" busybox >/dev/null
    md run -d --name fills busybox sh -c 'seq 1 200000; echo the end >&2; exit 7' >/dev/null
    [ "$(quick wait fills)" = 7 ]
    [ "$(state_of fills)" = "exited 7" ]
    log=$(echo small/state/containers/*/*-json.log)
    jq -es 'length > 1000 and all(.log | endswith("\n"))' "$log" >/dev/null
    # From the first on, none is missing where there was room.
    [ "$(md logs fills 2>/dev/null | head -n 1000)" = "$(seq 1000)" ]
    [[ $(md ps -a --format '{{.Status}}') == "Exited (7)"* ]]
    # With room, its end goes to the disk.
    mount -o remount,size=20m small
    [ "$(md ps -aq | wc -l)" = 1 ]
    jq -e '.State.ExitCode == 7' small/state/containers/*/config.json >/dev/null
    [ -z "$(find "$(run_dir)" -name config.json)" ]
    md rm fills >/dev/null
    eventually umount small
    export MINI_DOCKER_ROOT=$home
}

# Does the process wait until somebody takes what it writes?
stuck() {
    [ "$(cat "/proc/$PID/wchan")" != 0 ] && grep -q '^State:.S' "/proc/$PID/status"
}

@test "who reads its terminal has stopped: it waits, and all else works" {
    start_background --name web -t busybox yes
    kill -STOP "$OWNER"
    eventually stuck
    [ "$(md ps --format '{{.Names}} {{.State}}')" = "web running" ]
    [ "$(quick exec web echo here)" = here ]
    [ "$(quick stop -t 0 web)" = web ]
    ended "$PID"
    [ "$(state_of web)" = "exited 137" ]
    kill -CONT "$OWNER"
    status=0
    wait "$OWNER" || status=$?
    [ "$status" = 137 ]
}

@test "nobody reads its terminal: it goes into the log, and never waits" {
    md run -d --name web -t busybox sh -c 'seq 100000; exit 5' >/dev/null
    [ "$(quick wait web)" = 5 ]
    cmp <(md logs web | tr -d '\r') <(seq 100000)
}

@test "an input that nobody reads: a signal goes past it" {
    mkfifo typed
    "$MINI_DOCKER" run -i --name web busybox sh -c 'trap "exit 9" TERM
        echo ready; while :; do sleep 0.01; done' <typed >out 3>&- &
    OWNER=$!
    exec 7>typed
    head -c 1000000 /dev/zero >&7 2>/dev/null 3>&- &
    eventually says out ready # before that, its first process hears nothing
    kill -TERM "$OWNER"
    status=0
    wait "$OWNER" || status=$?
    exec 7>&-
    [ "$status" = 9 ]
}

@test "another process has the number of one that is dead: it is left alone" {
    start_background --name web busybox sleep 1000
    local state
    state=$(run_dir)/$ID/state
    kill -KILL "$MONITOR"
    wait "$OWNER" || true
    eventually ended "$PID"
    sleep 1000 3>&- &
    local innocent=$!
    read -r _ began <"$state"
    echo "$innocent $began" >"$state"
    [ "$(md ps -a --format '{{.Names}} {{.State}}')" = "web exited" ]
    running "$innocent"
    run md exec web true
    refused 1 "is not running"
    md start web >/dev/null
    [ "$(md inspect -f '{{.State.Pid}}' web)" != "$innocent" ]
    md rm -f web >/dev/null
    running "$innocent"
    kill "$innocent"
}

@test "its monitor and who sits in front of it are killed at once" {
    start_background --name web busybox sleep 1000
    kill -KILL "$MONITOR" "$OWNER"
    wait "$OWNER" || true
    eventually ended "$PID"
    [ "$(md ps -a --format '{{.Names}} {{.State}}')" = "web exited" ]
    start_background --rm --name other busybox sleep 1000
    kill -KILL "$OWNER" "$MONITOR"
    wait "$OWNER" || true
    eventually ended "$MONITOR"
    [ "$(md ps -a --format '{{.Names}}')" = web ]
}
