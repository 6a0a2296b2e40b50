# top and port: what runs in a container, and what is published of it.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

# A container "web" of three processes.
start_two() {
    md run -d --name web busybox sh -c 'sleep 1234 & sleep 4321; :' >/dev/null
    eventually has_both
}
has_both() {
    md exec web ps | grep -q 'sleep 1234' && md exec web ps | grep -q 'sleep 4321'
}

@test "top: the container's processes, all and no others, with the host's pids" {
    start_two
    run -0 md top web
    [[ ${lines[0]} =~ ^UID\ +PID\ +PPID\ +C\ +STIME\ +TTY\ +TIME\ +CMD$ ]]
    same 4 "${#lines[@]}"
    [[ ${lines[1]} == *" sh -c sleep 1234 & sleep 4321; :" ]]
    pids=$(printf '%s\n' "${lines[@]:1}" | awk '{print $2}' | sort -n)
    same "$(cat /sys/fs/cgroup/{,pids/}mini-docker/*/cgroup.procs 2>/dev/null | sort -nu)" "$pids"
    # Columns of twenty, as Docker's.
    [ "${lines[0]:20:3}" = PID ] && [ "${lines[0]:40:4}" = PPID ]
    same "$(md top web -eo pid)" "$(md container top web -eo pid)"
}

@test "top: ps options, in one word or several" {
    start_two
    wanted=$(ps -eo pid,args | grep ' sleep 4321$' | xargs)
    [ -n "$wanted" ]
    same "$wanted" "$(md top web -eo pid,args | grep ' sleep 4321$' | xargs)"
    same "PID COMMAND" "$(md top web -eo pid,args | head -1 | xargs)"
    same "$(md top web -eo pid,args)" "$(md top web '-e -o pid,args')"
    run md top web -eo comm
    [ "$status" = 1 ] && [[ $output == *"Couldn't find PID field in ps output" ]]
    run md top web --nonsense
    [ "$status" = 1 ] && [[ $output == *"ps: error: unknown gnu long option" ]]
}

@test "top: nobody can pass for the container's by renaming a column" {
    start_two
    for columns in ppid=PID pid=X,ppid=PID pid=PID,ppid=PID; do
        run md top web -eo "$columns"
        refused 1 "specifying \"$columns\" is not allowed"
    done
    md top web -eo pid=PID
}

@test "top: no such container, one that does not run, no ps" {
    run md top web
    refused 1 "No such container: web"
    id=$(md create --name web busybox sleep 1000)
    run md top web
    refused 1 "container $id is not running"
    md start web
    PATH=/nowhere run "$MINI_DOCKER" top web
    refused 1 'ps: exec: "ps": executable file not found in $PATH'
}

@test "port: nothing is published, and a port that is asked for is not found" {
    md create --name web busybox true
    run -0 md port web
    [ -z "$output" ]
    run md port web 80
    refused 1 "No public port '80/tcp' published for web"
    run md port web 53/udp
    refused 1 "No public port '53/udp' published for web"
    run md port nowhere
    refused 1 "No such container: nowhere"
}
