# mini-runc under bad conditions: killed at any moment, two at once, files that
# vanish or cannot be written.
load lib/product
load lib/oci

setup_file() { oci_setup; }
teardown() { oci_clean; }

# Kill a create after so many microseconds. What follows must work whatever
# it left: state, delete --force, create.
strike() {
    config '.process.args = ["sleep", "1000"]'
    "$RUNTIME" --root "$OCI_ROOT" create --bundle b t-1 </dev/null \
        >struck.txt 2>&1 3>&- &
    local pid=$!
    sleep "$(printf 0.%06d "$1")"
    kill -KILL $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    eventually free || return
}
# Nobody is at work on it any more: the child has seen that its parent died.
free() {
    [ ! -e "$OCI_ROOT/t-1/lock" ] || flock -n "$OCI_ROOT/t-1/lock" true
}

@test "create is killed at any moment; delete --force takes all away" {
    local us
    for us in 1 1000 2000 3000 4000 5000 6000 8000 10000 13000 16000 20000; do
        strike $us
        out delete --force t-1
        [ ! -e "$OCI_ROOT/t-1" ]
        [ -z "$(find /sys/fs/cgroup -type d -name t-1)" ]
    done
}

@test "create is killed at any moment; the next create works, or says why not" {
    local us
    for us in 1 1000 2000 3000 4000 5000 6000 8000 10000 13000 16000 20000; do
        strike $us
        case $(status_of t-1 2>/dev/null) in
        created) ;;
        stopped) out delete t-1 && out create --bundle b t-1 ;;
        *) out create --bundle b t-1 ;;
        esac
        out start t-1
        out delete --force t-1
    done
}

@test "two creates of one id at once: one works" {
    local round won
    config '.process.args = ["sleep", "1000"]'
    for round in 1 2 3 4 5; do
        won=0
        "$RUNTIME" --root "$OCI_ROOT" create --bundle b t-1 </dev/null >one 2>&1 3>&- &
        local first=$!
        "$RUNTIME" --root "$OCI_ROOT" create --bundle b t-1 </dev/null >two 2>&1 3>&- &
        local second=$!
        ! wait $first || won=$((won + 1))
        ! wait $second || won=$((won + 1))
        [ $won = 1 ] || { cat one two; false; }
        grep -q 'already exists' one two
        out start t-1
        out delete --force t-1
    done
}

@test "many deletes at once: each works or says why not; one suffices" {
    local pids=() i
    sleeper t-1
    for i in 1 2 3 4 5 6; do
        rc delete --force t-1 >delete.$i 2>&1 &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i" || true; done
    [ -z "$(cat delete.* | grep -v -e 'another operation' -e 'does not exist')" ]
    says_no 1 'does not exist' state t-1
}

@test "a first process that was killed from outside" {
    sleeper t-1
    kill -KILL "$(pid_in t-1)"
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    out delete t-1
}

@test "a waiting process that was killed from outside" {
    config '.process.args = ["sleep", "1000"]'
    out create --bundle b t-1
    kill -KILL "$(pid_in t-1)"
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    says_no 1 'a container that has stopped' start t-1
    out delete t-1
}

@test "a bundle that is removed while the container runs" {
    config '.process.args = ["sleep", "1000"] | .root.path = "'"$PWD"'/b/rootfs"' gone
    out run -d --bundle gone t-1
    rm -r gone
    out state t-1
    out exec t-1 true
    out kill t-1 KILL
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    out delete t-1
}

@test "a state root that cannot be written, or is no directory" {
    config '.process.args = ["true"]'
    mkdir -p ro
    mount -t tmpfs -o ro none ro
    run "$RUNTIME" --root ro create --bundle b t-1
    [ "$status" = 1 ] && [[ $output == *"ead-only file system"* ]]
    umount ro
    run "$RUNTIME" --root b/config.json list
    [ "$status" = 1 ] && [[ $output == *"ot a directory"* ]]
}

@test "state that is damaged is told, and removed by force" {
    sleeper t-1 '.linux.cgroupsPath = "/dir/t-x"'
    local pid
    pid=$(pid_in t-1)
    echo '{' >"$OCI_ROOT/t-1/state.json"
    says_no 1 'state.json is damaged' state t-1
    out list
    says_no 1 'state.json is damaged' delete t-1
    out delete --force t-1
    ended "$pid"
    find /sys/fs/cgroup -type d -name dir -exec rmdir {} +
}

@test "a pid file that cannot be written: nothing is left" {
    config '.process.args = ["sleep", "1000"]'
    says_no 1 '/none/pid' create --bundle b --pid-file /none/pid t-1
    says_no 1 'does not exist' state t-1
}

@test "limits that cannot be set, mounts that cannot be made: nothing is left" {
    config '.process.args = ["true"] | .mounts += [{destination: "/x",
        type: "nofs", source: "x"}]'
    says_no 1 'mount /x' create --bundle b t-1
    config '.process.args = ["true"] | .linux.resources.cpu.cpus = "4095"'
    says_no 1 '4095' create --bundle b t-1
    config '.process.args = ["true"] | .linux.namespaces[1].path = "/none"'
    says_no 1 '/none' create --bundle b t-1
    [ -z "$(find /sys/fs/cgroup -type d -name t-1)" ]
}

@test "a root whose /proc, /sys and /dev lead elsewhere is not followed" {
    local name
    for name in proc sys dev; do
        mkdir -p evil/rootfs/bin elsewhere
        cp b/rootfs/bin/busybox evil/rootfs/bin/sh
        mkdir -p evil/rootfs/{proc,sys,dev}
        rmdir "evil/rootfs/$name"
        ln -s "$PWD/elsewhere" "evil/rootfs/$name"
        jq '.process.args = ["true"]' docker.json >evil/config.json
        out -1 run --bundle evil t-1 || out run --bundle evil t-1
        [ -z "$(ls elsewhere)" ]
        rm -r evil
    done
    run ! grep -q "$PWD/elsewhere" /proc/self/mountinfo
}
