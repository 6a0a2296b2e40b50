# start, stop, restart, kill, pause, wait, rename, update, attach, exec, rm: what
# is done with containers from outside.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

state_of() {
    md inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$1"
}
# A container "web" that ends on SIGTERM with 3 and says so.
start_polite() {
    md run -d --name web "$@" busybox sh -c \
        'trap "echo term; exit 3" TERM; echo ready; while :; do sleep 0.05; done'
    eventually ready
}
ready() {
    grep -q ready "$MINI_DOCKER_ROOT"/containers/*/*-json.log
}
# The last command failed with 1 and these words.
fails() {
    [ "$status" = 1 ] && [[ $output == *"$1"* ]] ||
        { echo "status $status, said: $output"; return 1; }
}

@test "create and start: made first, run later, and again" {
    id=$(md create --name web busybox sh -c 'echo $$; exit 4')
    same "created 0" "$(state_of web)"
    same "web Created" "$(md ps -a --format '{{.Names}} {{.Status}}')"
    same web "$(md start web)"
    same 4 "$(md wait web)"
    same "exited 4" "$(state_of web)"
    run -4 md start -a web
    same 1 "$output"
    # What it wrote is still there the next time.
    md rm web
    md create --name web busybox sh -c 'cat /kept 2>/dev/null; echo x >>/kept'
    md start -a web
    md start -a web
    same "x
x" "$(md start -a web)"
}

@test "create: --rm is removed after its end, not before" {
    id=$(md create --rm --name web busybox sleep 1000)
    md ps -a
    same "created 0" "$(state_of web)"
    md start web
    md stop -t 0 web
    [ -z "$(md ps -aq)" ]
}

@test "start: input goes in with -i, what runs already is fine" {
    md create -i --name web busybox cat
    same hello "$(echo hello | md start -ai web)"
    start_background --name long busybox sleep 1000
    same long "$(md start long)"
    # Each reason, and at the end who is meant.
    run md start nosuch long neither
    same 'long
mini-docker: No such container: nosuch
mini-docker: No such container: neither
mini-docker: failed to start containers: nosuch, neither' "$output"
    fails "failed to start"
    run md start -a web long
    fails "you cannot start and attach multiple containers at once"
    stop_background
}

@test "start: what cannot start is there, and tells why" {
    run -127 md run --name web busybox nosuch
    same "created 127" "$(state_of web)"
    [[ $(md inspect --format '{{.State.Error}}' web) == *nosuch*"not found"* ]]
    run md start web
    fails "not found"
    md rm web
}

@test "stop: its signal, then SIGKILL" {
    start_polite
    same web "$(md stop web)"
    same "exited 3" "$(state_of web)"
    same web "$(md stop web)" # it is
    md rm web
    start_polite --stop-signal USR1
    md stop -t 0 web
    same "exited 137" "$(state_of web)"
    md start web
    md stop -t 1 web # its signal is not the one that it handles
    same "exited 137" "$(state_of web)"
    md start web
    eventually ready
    md stop --signal TERM web
    same "exited 3" "$(state_of web)"
    run md stop nosuch
    fails "No such container: nosuch"
    run md stop --signal FOO web
    fails "invalid signal: FOO"
}

@test "stop: several at once, told in the order in which they were named" {
    mkdir d
    for name in one two; do
        # Each ends when both have been told to.
        md run -d --name $name --network none -v "$PWD/d:/d" busybox sh -c "
            trap 'touch /d/$name; while [ ! -e /d/one ] || [ ! -e /d/two ]; do :; done; exit 3' TERM
            touch /d/$name.ready; while :; do sleep 0.1; done" >/dev/null
        eventually test -e "d/$name.ready"
    done
    run md stop -t 60 two nosuch one
    [[ $status = 1 && ${lines[*]} == "two one mini-docker: No such container: nosuch" ]]
    same "exited 3 exited 3" "$(state_of one) $(state_of two)"
    same "one two" "$(md restart -t 0 one two | xargs)"
    same "running 0 running 0" "$(state_of one) $(state_of two)"
}

@test "restart: another process, the same container" {
    start_polite
    before=$(md inspect --format '{{.State.Pid}}' web)
    same web "$(md restart -t 1 web)"
    after=$(md inspect --format '{{.State.Pid}}' web)
    [ "$before" != "$after" ]
    ended "$before" && running "$after"
}

@test "kill: any signal" {
    start_polite
    same web "$(md kill -s TERM web)"
    same 3 "$(md wait web)"
    md start web
    same web "$(md kill web)"
    same 137 "$(md wait web)"
    run md kill web
    fails "cannot kill container: web: container $(md inspect -f '{{.Id}}' web) is not running"
    run md kill --signal 0 web
    fails "invalid signal: 0"
    run md kill --signal 99 web
    fails "the linux daemon does not support signal 99"
}

@test "pause: nothing of it runs, until it is told to" {
    start_background --name web busybox sh -c 'while :; do :; done'
    same web "$(md pause web)"
    same "paused 0" "$(state_of web)"
    [[ $(md ps --format '{{.Status}}') == "Up "*" (Paused)" ]]
    used=$(cut -d ' ' -f 14 "/proc/$PID/stat")
    sleep 0.3
    same "$used" "$(cut -d ' ' -f 14 "/proc/$PID/stat")"
    run md pause web
    fails "is already paused"
    run md exec web true
    fails "is paused, unpause the container before exec"
    same web "$(md unpause web)"
    same "running 0" "$(state_of web)"
    eventually moves "$used"
    run md unpause web
    fails "is not paused"
    # Death comes to what is frozen.
    md pause web
    md stop -t 0 web
    same "exited 137" "$(state_of web)"
    run md pause web
    fails "is not running"
}
moves() {
    [ "$1" != "$(cut -d ' ' -f 14 "/proc/$PID/stat")" ]
}

@test "wait: several, each with its exit code" {
    md run -d --name one busybox sh -c 'sleep 0.2; exit 1'
    md run -d --name two busybox sh -c 'sleep 0.4; exit 2'
    same "1
2" "$(md wait one two)"
    same 1 "$(md wait one)" # long ended
    run md wait nosuch
    fails "No such container: nosuch"
}

@test "rename: running or not, to a name that is free" {
    start_background --name web busybox sleep 1000
    md rename web other
    same other "$(md ps --format '{{.Names}}')"
    run md inspect web
    [ "$status" = 1 ]
    md run --name web busybox true # the name is free
    run md rename other web
    fails 'Error when allocating new name: Conflict. The container name "/web" is already in use'
    run md rename other other
    fails "Renaming a container with the same name as its current name"
    run md rename other ''
    fails "Neither old nor new names may be empty"
    md rename web third
    same "third
other" "$(md ps -a --format '{{.Names}}')"
    run md rename third a/b
    fails "Invalid container name (a/b)"
    # Its image is gone: that is no reason.
    md tag busybox short-lived
    md run --name fourth short-lived true
    md commit fourth mine >/dev/null
    md run --name fifth mine true
    md rmi -f mine >/dev/null
    md rename fifth sixth
    md update --pids-limit 9 sixth >/dev/null
    md start -a sixth
    md rm fourth sixth >/dev/null
    md rmi short-lived >/dev/null
    stop_background
}

@test "update: limits, while it runs and for the next time" {
    start_background --name web --pids-limit 50 busybox sleep 1000
    pids=$(find /sys/fs/cgroup -path "*/mini-docker/$ID/pids.max" | head -n 1)
    same 50 "$(<"$pids")"
    same web "$(md update --pids-limit 60 web)"
    same 60 "$(<"$pids")"
    same 60 "$(md inspect --format '{{.HostConfig.PidsLimit}}' web)"
    md stop -t 0 web
    run md update -m 5m web
    fails "Minimum memory limit allowed is 6MB"
    run md update --cpus 10000 web
    fails "range of CPUs is from 0.01 to"
    md update --pids-limit 70 web
    md start web
    pids=$(find /sys/fs/cgroup -path "*/mini-docker/$ID/pids.max" | head -n 1)
    same 70 "$(<"$pids")"
    run md update web
    fails "you must provide one or more flags"
    md create --rm --name gone busybox true
    run md update --restart always gone
    fails "Cannot update container $(md inspect -f '{{.Id}}' gone): Restart policy cannot be updated because AutoRemove is enabled"
    md rm gone
}

@test "update: what contradicts what has been set" {
    md create --name both -m 100m --memory-swap 150m --cpu-quota 50000 busybox true
    md create --name nano --cpus 0.5 busybox true
    local memory="Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
    while IFS='|' read -r options name words; do
        run md update $options $name
        fails "Cannot update container $(md inspect -f '{{.Id}}' $name): $words"
    done <<EOF
-m 151m|both|$memory
--cpus 1|both|Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set
--cpu-quota 9000|nano|Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set
--cpu-period 9000|nano|Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set
EOF
    md update -m 150m --cpu-quota 40000 both
    md update -m 200m --memory-swap 300m both
    same "209715200 314572800 40000 0" "$(md inspect -f '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.CpuQuota}} {{.HostConfig.NanoCpus}}' both)"
    run md update --kernel-memory 10m both
    [ "$status" = 125 ]
    [[ $output == *"--kernel-memory is not built yet"* ]]
    md rm both nano
}

@test "attach: from now on, with its exit code" {
    md run -d -i --name web busybox sh -c 'read x; echo "got $x"; exit 6'
    run -6 md attach web <<<hello
    same "got hello" "$output"
    run md attach web
    fails "cannot attach to a stopped container, start it first"
    # Two at once hear the same.
    md rm web
    md run -d --name web busybox sh -c \
        'until [ -e /go ]; do echo tick; sleep 0.05; done; echo got it; exit 6'
    md attach --no-stdin web >one 2>&1 &
    first=$!
    eventually grep tick one
    md attach web >two 2>&1 &
    second=$!
    eventually grep tick two
    md exec web touch /go
    wait $first || same 6 $?
    wait $second || same 6 $?
    same "got it" "$(tail -n 1 one)"
    same "got it" "$(tail -n 1 two)"
}

@test "exec: one more process in it" {
    start_background --name web -e A=image busybox sleep 1000
    same "/tmp 5 6 mine" \
        "$(md exec -w /tmp -u 5:6 -e A=mine web sh -c 'echo $PWD $(id -u) $(id -g) $A')"
    same hello "$(echo hello | md exec -i web cat)"
    same "" "$(echo hello | md exec web cat)"
    run -9 md exec web sh -c 'exit 9'
    run -127 md exec web nosuch
    run -126 md exec web /etc/passwd
    run md exec -u nosuch web true
    fails "unable to find user nosuch"
    # The same namespaces, groups and powers.
    for kind in mnt pid net ipc uts cgroup; do
        same "$(readlink /proc/$PID/ns/$kind)" "$(md exec web readlink /proc/self/ns/$kind)"
    done
    same "$(cat "/proc/$PID/cgroup" | grep -c "$ID")" "$(grep -c "$ID" <"/proc/$PID/cgroup")"
    same "$(grep CapBnd "/proc/$PID/status")" "$(md exec web grep CapBnd /proc/self/status)"
    same $'Seccomp:\t2' "$(md exec web grep '^Seccomp:' /proc/self/status)"
    same $'Seccomp:\t0' "$(md exec --privileged web grep '^Seccomp:' /proc/self/status)"
    # In the background.
    run -0 md exec -d web sh -c 'echo done >/it'
    same "" "$output"
    eventually md exec web cat /it
    md stop -t 0 web
    run md exec web true
    fails "is not running"
}

# Its monitor, which is stopped, has not noticed yet.
@test "exec: in one whose end nobody has noticed yet" {
    start_background --name web busybox sleep 1000
    monitor=$(ps -o ppid= "$PID")
    kill -STOP $monitor
    kill -KILL "$PID"
    eventually grep -q "State:.Z" "/proc/$PID/status"
    same running "$(md ps --format '{{.State}}')"
    run md exec web true
    kill -CONT $monitor
    fails "container $ID is not running"
    same 1 ${#lines[@]}
}

@test "exec: beside the end of its container, it is there or it is not running" {
    md create --name web busybox true
    local id
    id=$(md inspect -f '{{.Id}}' web)
    for _ in {1..30}; do
        md start web
        run md exec web true
        case $status in
        0 | 137) ;; # before it, or with it
        *) fails "container $id is not running" ;;
        esac
    done
}

two_sleep() {
    [ "$(md exec web ps | grep -c '[s]leep 1000')" = 2 ]
}

@test "exec: all of it ends with the container" {
    start_background --name web busybox sleep 1000
    md exec web sleep 1000 &
    exec=$!
    eventually two_sleep
    md stop -t 0 web
    status=0
    wait $exec || status=$?
    same 137 $status
}

@test "rm: not what runs, unless by force" {
    start_background --name web --restart always busybox sleep 1000
    run md rm web
    fails 'cannot remove container "/web": container is running: stop the container before removing or force remove'
    md pause web
    run md rm web
    fails 'cannot remove container "/web": container is paused and must be unpaused first'
    same web "$(md rm -f web)"
    ended "$PID"
    [ -z "$(md ps -aq)" ]
}

@test "two commands on one container at once" {
    local i job jobs began
    md create --name web busybox sleep 1000
    for ((i = 0; i < 5; i++)); do
        jobs=() began=$SECONDS
        for command in "start web" "start web" "stop -t 0 web" "restart -t 0 web" \
            "exec web true" "pause web" "unpause web" "kill web"; do
            quick $command >/dev/null 2>&1 &
            jobs+=($!)
        done
        for job in "${jobs[@]}"; do
            wait "$job" || true
        done
        [ $((SECONDS - began)) -lt 10 ] # that is when `quick` loses patience
        md stop -t 0 web
        [[ $(state_of web) == exited* ]]
    done
    md start web & md rm -f web & wait
    run md rm -f web
}
