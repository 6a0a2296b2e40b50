# The monitor of a container is killed, or whoever sits in front of it, the
# machine goes down, two want the same: whoever comes next finds everything in
# order.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

# Who sits in front of it hears of that a moment before its lock is free.
kill_monitor() {
    kill -KILL "$MONITOR"
    wait "$OWNER" || true
    eventually ended "$MONITOR"
}

@test "who sits in front of it is killed: it runs on" {
    start_background --name web busybox sleep 1000
    kill -KILL "$OWNER"
    wait "$OWNER" || true
    running "$PID" && running "$MONITOR"
    [ "$(md ps --format '{{.Names}} {{.State}}')" = "web running" ]
    md stop -t 0 web
    ended "$PID"
    [[ $(md ps -a --format '{{.Status}}') == "Exited (137)"* ]]
}

@test "who sits in front of it is killed: with --rm it is removed at its end" {
    start_background --rm --name web busybox sleep 1000
    kill -KILL "$OWNER"
    wait "$OWNER" || true
    [ "$(md ps -q)" = "${ID:0:12}" ]
    kill -TERM "$PID"
    kill -KILL "$PID"
    eventually ended "$MONITOR"
    assert_clean
}

# bats test_tags=lab-kernel
@test "killed while it runs: the container dies, and stays as exited" {
    start_background --name web busybox sh -c 'sleep 1000 & sleep 1000'
    kill_monitor
    eventually ended "$PID"
    [ -z "$(md ps -q)" ]
    [[ $(md ps -a --format '{{.Names}} {{.Status}}') == \
        "web Exited (137) "*" ago" ]]
    run -125 md run --name web busybox true
    [[ $output == *"Conflict. The container name \"/web\" is already in use"* ]]
    md rm web
    assert_clean
}

@test "killed while it runs: with --rm nothing is left" {
    start_background --rm --name web busybox sleep 1000
    kill_monitor
    [ -z "$(md ps -aq)" ]
    assert_clean
}

@test "killed while it runs: the name of --rm is free at once" {
    start_background --rm --name web busybox sleep 1000
    kill_monitor
    md run --rm --name web busybox true
    assert_clean
}

@test "killed while it runs: rm without -f removes it" {
    start_background --name web busybox sleep 1000
    kill_monitor
    eventually ended "$PID"
    [ "$(md rm web)" = web ]
    assert_clean
}

# bats test_tags=lab-kernel
@test "killed while it runs: processes in a pid namespace of the host die too" {
    start_background --rm --pid host busybox \
        sh -c 'trap "" HUP; sleep 1234.5 & sleep 1234.5'
    eventually pgrep -P "$PID"
    children=$(pgrep -P "$PID")
    kill_monitor
    md ps
    for child in $children; do eventually ended "$child"; done
    assert_clean
}

@test "the first process is killed together with its monitor" {
    start_background --name web busybox sleep 1000
    kill -KILL "$MONITOR" "$PID"
    wait "$OWNER" || true
    eventually ended "$MONITOR"
    [ "$(md ps -a --format '{{.State}}')" = exited ]
}

# It runs on when we are killed, and then ends as it should. One that removes
# itself is gone then. While somebody lives who was left behind, it may still
# come.
settled() { # OPTIONS
    ! pgrep -x "${MINI_DOCKER##*/}" || return
    md ps -a --format '{{.Names}} {{.Status}}' >left
    [ ! -s left ] || { [ -z "$1" ] &&
        grep -x -E 'web (Created|Exited \(0\) .* ago)' left; }
}

# bats test_tags=lab-kernel
@test "killed at any moment, of a whole run's time" {
    local moment options status
    for moment in $(moments 36 "$(time_of run --rm busybox true)"); do
        [ "${options-}" = --rm ] && options= || options=--rm
        status=0
        struck_after "$moment" run $options --name web busybox true ||
            status=$?
        [ $status = 0 ] || [ $status = 137 ]
        eventually settled "$options"
        [ -z "$(md ps -q)" ]
        [ ! -s left ] || md rm web >/dev/null
        assert_clean
        md run --rm --name web busybox true
    done
    assert_clean
}

@test "ps is killed while it cleans up" {
    local moment
    for moment in $(moments 8 "$(time_of ps -a)"); do
        start_background --rm busybox sleep 1000
        kill_monitor
        struck_after "$moment" ps -a || true
        [ -z "$(md ps -aq)" ]
        assert_clean
    done
}

@test "who is alive is left alone" {
    start_background --name alive busybox sleep 1000
    alive=("$ID" "$PID" "$OWNER")
    start_background --rm --name dead busybox sleep 1000
    kill_monitor
    [ "$(md ps -a --format '{{.Names}} {{.State}}')" = "alive running" ]
    running "${alive[1]}"
    ID=${alive[0]} PID=${alive[1]} OWNER=${alive[2]}
    stop_background
}

# bats test_tags=lab-kernel
@test "a reboot: what ran has exited, names are known, all can be removed" {
    md run --name one busybox sh -c 'exit 3' || true
    start_background --name two busybox sleep 1000
    kill_monitor
    start_background --rm --name three busybox sleep 1000
    kill_monitor
    eventually ended "$PID"
    # The run directory lies on a tmpfs, and groups are in the kernel alone.
    rm -r "$(run_dir)"
    find /sys/fs/cgroup -depth -path '*/mini-docker/*' -type d -delete
    [ -z "$(md ps -q)" ]
    [ "$(md ps -a --format '{{.Names}} {{.Status}}' | cut -d ')' -f 1)" = \
        "two Exited (255
one Exited (3" ]
    run -125 md run --name two busybox true
    [[ $output == *Conflict* ]]
    md rm one
    md rm two
    md run --rm --name three busybox true
    assert_clean
}

@test "after a reboot, many come first at once" {
    local pids=() i
    md run --name web busybox true
    rm -r "$(run_dir)"
    for ((i = 0; i < 10; i++)); do
        md run --rm busybox true 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    [ "$(md ps -a --format '{{.Names}}')" = web ]
    md rm web
}

shown() {
    [ "$(md ps -a --format '{{.Names}} {{.State}}')" = "$1" ]
}
nine_refused() {
    [ "$(grep -l Conflict out? | wc -l)" = 9 ]
}

@test "of ten that want one name at once, one gets it" {
    local pids=() won=0 i
    mkfifo hold
    for ((i = 0; i < 10; i++)); do
        md run --rm -i --name web busybox cat <hold >out$i 2>&1 3>&- &
        pids+=($!)
    done
    exec 7>hold # whoever waits for input waits for this
    eventually nine_refused
    eventually shown "web running"
    exec 7>&-
    for i in "${pids[@]}"; do
        status=0
        wait "$i" || status=$?
        [ $status = 125 ] || won=$((won + (status == 0)))
    done
    [ $won = 1 ]
    assert_clean
}
