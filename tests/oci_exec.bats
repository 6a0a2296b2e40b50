# mini-runc: exec, terminals, descriptors that are handed down, update, ps,
# events, spec, features.
load lib/product
load lib/oci

setup_file() { oci_setup; }
teardown() { oci_clean; }

inside_t1() { out exec t-1 "$@"; }

@test "exec: exit status, its own user, groups, directory, environment" {
    sleeper t-1 '.process.env += ["A=1", "B=2"]'
    out -9 exec t-1 sh -c 'exit 9'
    out -137 exec t-1 sh -c 'kill -9 $$'
    local ids='id -u; id -g; sed -n "s/^Groups:.//p" /proc/self/status'
    out exec --user 5:6 --additional-gids 7 --additional-gids 8 t-1 sh -c "$ids"
    [ "$(echo $output)" = "5 6 7 8" ]
    out exec --user 5 t-1 sh -c "$ids"
    [ "$(echo $output)" = "5 0" ]
    out exec --cwd /etc t-1 pwd
    [ "$output" = /etc ]
    out exec -e A=9 -e C=3 t-1 env
    says out.txt A=9 && says out.txt B=2 && says out.txt C=3
    says_no 255 'chdir to "/nope": No such file' exec --cwd /nope t-1 true
    [ ! -e b/rootfs/nope ]
    says_no 255 '--user: "root" is not UID[:GID]' exec --user root t-1 true
    says_no 255 'no command specified' exec t-1
}

@test "exec: a filter that notifies tells its agent of this process, too" {
    config '.process.args = ["sleep", "1000"] |
        .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
        listenerPath: "'"$PWD"'/agent", listenerMetadata: "meta",
        syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]}'
    listens() {
        rm -f agent
        "$BATS_TEST_DIRNAME/lib/receive-fd" agent link >received 3>&- &
        RECEIVER=$!
        eventually [ -S agent ]
    }
    listens
    out run -d --bundle b t-1
    wait $RECEIVER
    listens
    out exec -d --pid-file pid t-1 mkdir /x
    wait $RECEIVER
    rm -f agent
    grep -q 'link: anon_inode:seccomp notify' received
    sed -n 's/^message: //p' received | jq -e --argjson pid "$(<pid)" \
        '.pid == $pid and .state.id == "t-1" and .metadata == "meta"'
    [ "$(pid_in t-1)" != "$(<pid)" ]
    # Nobody answers: it waits in the call, or has its ENOSYS.
    says_no 255 "agent" exec t-1 true
    [ ! -e b/rootfs/x ]
}

@test "exec: HOME is that of its user, as with runc" {
    sleeper t-1
    out exec t-1 sh -c 'echo $HOME'
    [ "$output" = /root ]
    out exec --user 12345 t-1 sh -c 'echo $HOME'
    [ "$output" = / ]
    out exec -e HOME=/x t-1 sh -c 'echo $HOME'
    [ "$output" = /x ]
}

@test "exec: capabilities, no_new_privs, the container's filter and namespaces" {
    sleeper t-1
    out exec --cap CAP_SYS_ADMIN --no-new-privs t-1 cat /proc/self/status
    grep -q 'NoNewPrivs:.1' out.txt
    grep -q 'Seccomp:.2' out.txt
    grep -q 'CapEff:.00000000a82425fb' out.txt
    says_no 255 'unknown capability "CAP_FLY"' exec --cap CAP_FLY t-1 true
    out exec t-1 cat /proc/self/status
    grep -q 'CapEff:.00000000a80425fb' out.txt
    out exec -d --pid-file pid t-1 sleep 1000
    local kind
    for kind in mnt net uts pid ipc cgroup; do
        [ "$(readlink "/proc/$(<pid)/ns/$kind")" = \
            "$(readlink "/proc/$(pid_in t-1)/ns/$kind")" ]
    done
    diff "/proc/$(<pid)/cgroup" "/proc/$(pid_in t-1)/cgroup"
}

@test "exec: a process object in a file is the whole truth" {
    sleeper t-1 '.process.env += ["A=1"]'
    jq -n '{cwd: "/etc", args: ["sh", "-c", "pwd; id -u; env; umask"],
        env: ["PATH=/bin", "X=y"], user: {uid: 3, gid: 4, umask: 7}}' >process
    out exec --process process t-1
    [ "${lines[0]} ${lines[1]}" = "/etc 3" ]
    says out.txt X=y && says out.txt 0007
    run ! grep -q A=1 out.txt
    echo '{"cwd": 7}' >process
    says_no 255 'process: cwd: expected a string' exec --process process t-1
}

@test "exec: on the processors that the config names, the first process elsewhere" {
    local cpu all
    all=$(sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status)
    cpu=${all%%[-,]*}
    sleeper t-1 ".process.execCPUAffinity = {initial: \"$cpu\", final: \"$cpu\"}"
    out exec t-1 sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status
    [ "$output" = "$cpu" ]
    [ "$(sed -n 's/^Cpus_allowed_list:.//p' "/proc/$(pid_in t-1)/status")" = "$all" ]
    # That it is done at all, before and after, shows where it cannot be.
    jq -n '{cwd: "/", args: ["true"], execCPUAffinity: {initial: "1023"}}' >process
    says_no 255 'first processors: sched_setaffinity' exec --process process t-1
    jq -n '{cwd: "/", args: ["true"], execCPUAffinity: {final: "1023"}}' >process
    says_no 255 'processors: sched_setaffinity' exec --process process t-1
}

@test "exec: in a group below the container's" {
    sleeper t-1
    mkdir /sys/fs/cgroup/pids/t-1/below
    find /sys/fs/cgroup -maxdepth 2 -name t-1 -exec mkdir -p {}/below \;
    out exec --cgroup below -d --pid-file pid t-1 sleep 1000
    grep -q '/t-1/below$' "/proc/$(<pid)/cgroup"
}

@test "a terminal goes to the console socket, with its size" {
    config '.process.terminal = true |
        .process.consoleSize = {height: 33, width: 77} |
        .process.args = ["sh", "-c", "tty; stty size; echo done"]'
    "$BATS_TEST_DIRNAME/lib/receive-fd" console >received 3>&- &
    local receiver=$!
    eventually [ -S console ]
    out create --bundle b --console-socket console t-1
    out start t-1
    wait $receiver
    rm -f console
    grep -q '^message: .' received
    grep -q '^descriptors: 1$' received
    tr -d '\r' <received | grep -q -x -e /dev/pts/0
    tr -d '\r' <received | grep -q -x '33 77'
    tr -d '\r' <received | grep -q -x done
}

@test "exec: a terminal of its own" {
    sleeper t-1
    "$BATS_TEST_DIRNAME/lib/receive-fd" console >received 3>&- &
    local receiver=$!
    eventually [ -S console ]
    out exec -t --console-socket console t-1 sh -c 'tty; [ -t 0 ] && echo yes'
    wait $receiver
    rm -f console
    grep -q /dev/pts/ received && grep -q yes received
    says_no 255 'console socket' exec -d -t t-1 true
    says_no 255 'none' exec -t --console-socket none t-1 true
}

# Whom does the descriptor that came to `received` lead to? Sent by the command.
pidfd_by() {
    "$BATS_TEST_DIRNAME/lib/receive-fd" pidfd link >received 3>&- &
    local receiver=$!
    eventually [ -S pidfd ]
    "$@"
    wait $receiver
    rm -f pidfd
    grep -q 'link: .*pidfd' received
}

@test "a pidfd for who asks for one: of the first process, and of an exec" {
    config '.process.args = ["sleep", "1000"]'
    pidfd_by out create --bundle b --pidfd-socket pidfd t-1
    grep -q '^message: standard' received
    out start t-1
    pidfd_by out exec -d --pidfd-socket pidfd t-1 sleep 1000
    grep -q '^message: setns' received
    says_no 1 'pidfd socket none' run --bundle b --pidfd-socket none t-2
}

@test "a session keyring of its own, or the caller's" {
    config '.process.args = ["cat", "/proc/keys"] | .linux.maskedPaths = []'
    local mine=("$BATS_TEST_DIRNAME/lib/with-key") run
    run=("$RUNTIME" --root "$OCI_ROOT" run --bundle b)
    "${mine[@]}" grep -q t-key /proc/keys || skip "no keys to be seen in /proc/keys"
    "${mine[@]}" "${run[@]}" --no-new-keyring t-1 >kept </dev/null
    grep -q t-key kept
    "${mine[@]}" "${run[@]}" t-1 >own </dev/null
    [ -s own ]
    run ! grep -q t-key own
}

@test "--no-pivot: the container runs, its root is its own" {
    config '.process.args = ["ls", "/"]'
    out run --no-pivot --bundle b t-1
    [ "$(sort out.txt)" = "$(ls b/rootfs | LC_ALL=C sort)" ] ||
        diff <(sort out.txt) <(ls b/rootfs)
}

@test "descriptors: none but the standard ones, unless they are preserved" {
    local name=$PWD/handed
    echo handed >handed
    config '.process.args = ["sh", "-c", "ls /proc/1/fd; cat <&3"]'
    exec 4<handed 5<handed
    run bash -c '"$RUNTIME" --root "$OCI_ROOT" run --bundle b t-1 3<handed 2>&1'
    [[ $output != *handed* ]]
    run bash -c '"$RUNTIME" --root "$OCI_ROOT" run --preserve-fds 1 --bundle b \
        t-1 3<handed 4<handed'
    [[ $output == *handed ]]
    [[ $output != *4* ]]
    run bash -c 'LISTEN_FDS=1 "$RUNTIME" --root "$OCI_ROOT" run --bundle b t-1 \
        3<handed'
    [[ $output == *handed ]]
    exec 4<&- 5<&-
}

@test "LISTEN_FDS reaches the program, with its pid" {
    config '.process.args = ["env"]'
    run bash -c 'LISTEN_FDS=1 LISTEN_PID=$$ "$RUNTIME" --root "$OCI_ROOT" run \
        --bundle b t-1 3</dev/null'
    [[ $output == *LISTEN_FDS=1* ]]
    [[ $output == *LISTEN_PID=1* ]]
}

@test "update: options, and a file; the kernel holds to it" {
    sleeper t-1 '.linux.resources.memory = {limit: 67108864} |
        .linux.resources.pids = {limit: 20}'
    local cg=/sys/fs/cgroup
    [ -e $cg/memory/t-1 ] || skip "no cgroup v1 memory controller"
    [ "$(<$cg/memory/t-1/memory.limit_in_bytes)" = 67108864 ]
    out update --memory 128m --pids-limit 30 --cpu-shares 512 --cpu-period 50000 \
        --cpu-quota 25000 --cpuset-cpus 0 t-1
    [ "$(<$cg/memory/t-1/memory.limit_in_bytes)" = 134217728 ]
    [ "$(<$cg/pids/t-1/pids.max)" = 30 ]
    [ "$(<$cg/cpu/t-1/cpu.shares)" = 512 ]
    [ "$(<$cg/cpu/t-1/cpu.cfs_quota_us)" = 25000 ]
    [ "$(<$cg/cpuset/t-1/cpuset.cpus)" = 0 ]
    echo '{"memory": {"limit": 33554432}, "pids": {"limit": -1}}' >limits
    out update -r limits t-1
    [ "$(<$cg/memory/t-1/memory.limit_in_bytes)" = 33554432 ]
    [ "$(<$cg/pids/t-1/pids.max)" = max ]
    [ "$(<$cg/cpu/t-1/cpu.shares)" = 512 ]
    "$RUNTIME" --root "$OCI_ROOT" update --resources - t-1 \
        <<<'{"cpu": {"shares": 256}}'
    [ "$(<$cg/cpu/t-1/cpu.shares)" = 256 ]
    says_no 1 'cpu.shares: expected an integer' update -r <(
        echo '{"cpu": {"shares": "x"}}') t-1
}

@test "update: what this machine or this runtime has not is refused by name" {
    sleeper t-1
    local option
    for option in l3-cache-schema mem-bw-schema; do
        says_no 1 "--$option: Intel RDT (resctrl) is not supported" \
            update --$option L3:0=f t-1
    done
    local memory=/sys/fs/cgroup/memory/t-1 io=/sys/fs/cgroup/blkio/t-1
    [ -e $memory ] || skip "the memory controller of cgroup v1"
    out update --kernel-memory-tcp 8m t-1
    [ "$(<$memory/memory.kmem.tcp.limit_in_bytes)" = 8388608 ]
    # Kernels since 6.1 take no limit for themselves any more.
    out update --kernel-memory 64m t-1 ||
        refused 1 memory.kmem.limit_in_bytes
    [ -e $io/blkio.weight ] || [ -e $io/blkio.bfq.weight ] ||
        says_no 1 'cgroup v1 has no blkio.weight' update --blkio-weight 500 t-1
}

@test "ps: a table and JSON; options are ps's own" {
    sleeper t-1
    out exec -d --pid-file pid t-1 sleep 999
    out ps t-1
    [ ${#lines[@]} = 3 ] && [[ ${lines[0]} == UID*PID* ]]
    out ps --format json t-1
    jq -e --argjson a "$(pid_in t-1)" --argjson b "$(<pid)" '. == [$a, $b]' out.txt
    out ps t-1 -o pid,comm
    [ "$(awk 'NR == 2 { print $2 }' out.txt)" = sleep ]
}

@test "events --stats: the counters of the group" {
    sleeper t-1 '.linux.resources.memory = {limit: 67108864} |
        .linux.resources.pids = {limit: 20}'
    out events --stats t-1
    jq -e '.type == "stats" and .id == "t-1" and .data.pids.current == 1 and
        .data.pids.limit == 20 and .data.memory.usage.limit == 67108864 and
        .data.memory.usage.usage > 0 and .data.cpu.usage.total > 0' out.txt
    says_no 1 '--interval' events --interval 0s t-1
}

@test "events: statistics at intervals, and when memory runs out" {
    sleeper t-1 '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
    rc events --interval 100ms t-1 >events 2>&1 3>&- &
    local events=$!
    eventually grep -q '"type":"stats"' events
    out -137 exec t-1 sh -c 'x=x; while :; do x=$x$x; done'
    eventually grep -q '"type":"oom","id":"t-1"' events
    out kill t-1 KILL
    wait $events
}

@test "spec: a config that runs; one that is there is not overwritten" {
    mkdir -p s
    rm -f s/config.json
    out spec --bundle s
    jq '.process.terminal = false | .process.args = ["echo", "ran"] |
        .root.path = "'"$PWD"'/b/rootfs"' s/config.json >new && mv new s/config.json
    out run --bundle s t-1
    [ "$output" = ran ]
    says_no 1 'File exists' spec --bundle s
    out spec --bundle s --file other.json
    jq -e .process s/other.json
    rm s/config.json
    out spec --rootless --bundle s
    jq -e '.linux.uidMappings[0].size == 1' s/config.json
}

@test "features: what the specification asks for" {
    out features
    jq -e '.ociVersionMin == "1.0.0" and (.hooks | length) == 6 and
        (.mountOptions | index("rro") != null and index("ridmap") != null) and
        (.linux.namespaces | length) == 8 and .linux.seccomp.enabled and
        (.linux.capabilities | index("CAP_SYS_ADMIN") != null)' out.txt
}
