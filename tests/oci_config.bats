# Members of config.json by their effect, as the kernel tells it. What Docker's
# own config has is compared with runc and crun in tests/oci_compare.bats; how
# wrong values are refused is in unit_oci*.c.
load lib/product
load lib/oci

setup_file() { oci_setup; }
teardown() {
    rm -rf notes b/rootfs/data b/rootfs/notes
    oci_clean
}

status_line() { # FIELD of container t-1
    sed -n "s/^$1:[[:space:]]*//p" "/proc/$(pid_in t-1)/status"
}
of_t1() { # FILE in /proc/PID
    cat "/proc/$(pid_in t-1)/$1"
}
prints() { # FILTER COMMAND: what it prints goes to output
    config "$1 | .process.args = [\"sh\", \"-c\", $(jq -n --arg c "$2" '$c')]"
    out run --bundle b t-1
}
mount_line() { # TARGET: options, optional fields, type, source, fs options
    awk -v at="$1" '$5 == at' "/proc/$(pid_in t-1)/mountinfo" |
        cut -d' ' -f6- | tail -1
}

# --- process ---

@test "user: ids, groups, umask" {
    sleeper t-1 '.process.user = {uid: 11, gid: 12, umask: 23,
        additionalGids: [13, 14]}'
    [ "$(status_line Uid | tr '\t' ' ')" = "11 11 11 11" ]
    [ "$(status_line Gid | tr '\t' ' ')" = "12 12 12 12" ]
    [ "$(status_line Groups | xargs)" = "13 14" ]
    [ "$(status_line Umask)" = 0027 ]
}

@test "capabilities: each of the five sets is what is asked for" {
    sleeper t-1 '.process.capabilities = {
        bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_RAW"],
        permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID"],
        effective: ["CAP_CHOWN", "CAP_KILL"],
        inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]} |
        .process.user = {uid: 5, gid: 5}'
    [ "$(status_line CapBnd)" = 00000000000020a1 ]
    [ "$(status_line CapInh)" = 0000000000000020 ]
    [ "$(status_line CapAmb)" = 0000000000000020 ]
    # execve(2) leaves another user than root no more than the ambient ones.
    [ "$(status_line CapPrm)" = 0000000000000020 ]
    [ "$(status_line CapEff)" = 0000000000000020 ]
}

@test "no capabilities at all: every set is empty" {
    sleeper t-1 'del(.process.capabilities)'
    local set
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        [ "$(status_line $set)" = 0000000000000000 ]
    done
}

@test "rlimits, oom score, no new privileges" {
    config '.process.rlimits = [
        {type: "RLIMIT_NOFILE", soft: 64, hard: 128},
        {type: "RLIMIT_STACK", soft: 1048576, hard: "none"}] |
        .process.oomScoreAdj = 321 | .process.noNewPrivileges = true |
        .process.args = ["sleep", "1000"]'
    sed -i 's/"none"/18446744073709551615/' b/config.json # too much for jq
    out run -d --bundle b t-1
    of_t1 limits | grep -q '^Max open files *64 *128 '
    of_t1 limits | grep -q '^Max stack size *1048576 *unlimited'
    [ "$(of_t1 oom_score_adj)" = 321 ]
    [ "$(status_line NoNewPrivs)" = 1 ]
}

@test "few descriptors: it is created, waits, and starts" {
    config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10, hard: 10}] |
        .process.args = ["sleep", "1000"]'
    out create --bundle b t-1
    out start t-1
    of_t1 limits | grep -q '^Max open files *10 *10 '
}

@test "scheduler, priority of input and output, personality" {
    sleeper t-1 '.process.scheduler = {policy: "SCHED_BATCH", nice: 7} |
        .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6} |
        .linux.personality = {domain: "LINUX32"}'
    chrt -p "$(pid_in t-1)" | grep -q SCHED_BATCH
    [ "$(awk '{ print $19 }' "/proc/$(pid_in t-1)/stat")" = 7 ]
    [ "$(ionice -p "$(pid_in t-1)")" = "best-effort: prio 6" ]
    [ "$(of_t1 personality)" = 00000008 ]
}

@test "env is all there is, and the directory is made if it is missing" {
    prints '.process.env = ["A=1", "PATH=/usr/bin:/bin"] | .process.cwd = "/data/x"' \
        'pwd; xargs -0 echo </proc/1/environ'
    [ "$(echo $output)" = "/data/x A=1 PATH=/usr/bin:/bin HOME=/root" ]
}

# --- root and mounts ---

@test "a read-only root; and what is mounted into it" {
    mkdir -p data/sub
    echo file >data/file
    prints '.root.readonly = true | .mounts += [
        {destination: "/data", type: "bind", source: "'"$PWD/data"'",
         options: ["rbind", "ro", "noexec"]},
        {destination: "/t", type: "tmpfs", source: "t",
         options: ["size=64k", "mode=1770", "nodev"]}]' \
        'echo x >/x; echo x >/data/y; cat /data/file; stat -c %a /t; echo z >/t/z &&
         echo written' || true
    [[ $output == *"/x: Read-only file system"* ]]
    [[ $output == *"/data/y: Read-only file system"* ]]
    [[ $output == *"file"*1770*written ]]
}

@test "mount options, as the kernel has them" {
    mkdir -p data
    mount -t tmpfs below data
    mkdir -p data/below
    mount -t tmpfs deeper data/below
    sleeper t-1 '.mounts += [
        {destination: "/a", type: "tmpfs", source: "a", options:
         ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "size=1m"]},
        {destination: "/r", type: "bind", source: "'"$PWD/data"'",
         options: ["rbind", "rro"]},
        {destination: "/o", type: "bind", source: "'"$PWD/data"'",
         options: ["rbind", "ro"]},
        {destination: "/one", type: "bind", source: "'"$PWD/data"'",
         options: ["bind"]},
        {destination: "/s", type: "tmpfs", source: "s", options: ["rshared"]}]'
    [[ $(mount_line /a) == "rw,nosuid,nodev,noexec,noatime,nodiratime - tmpfs a "* ]]
    [[ $(mount_line /r) == ro* && $(mount_line /r/below) == ro* ]]
    [[ $(mount_line /o) == ro* && $(mount_line /o/below) == rw* ]]
    [ -z "$(mount_line /one/below)" ]
    [[ $(mount_line /s) == *shared:* ]]
    umount -R data
}

@test "mounts on top of others, in order; a file on a file" {
    echo mine >hosts
    prints '.mounts += [
        {destination: "/m", type: "tmpfs", source: "m"},
        {destination: "/m/in", type: "tmpfs", source: "in", options: ["mode=711"]},
        {destination: "/etc/hosts", type: "bind", source: "'"$PWD/hosts"'",
         options: ["bind", "ro"]},
        {destination: "/sys/fs/cgroup/own", type: "tmpfs", source: "own",
         options: ["mode=700"]}] |
        (.mounts[] | select(.type == "cgroup")).options |= . - ["ro"]' \
        'stat -c %a /m/in; cat /etc/hosts; stat -c %a /sys/fs/cgroup/own'
    [ "$(echo $output)" = "711 mine 700" ]
}

@test "ids of a mount are mapped" {
    mkdir -p data
    touch data/file
    chown 5:6 data/file
    prints '.mounts += [{destination: "/data", type: "bind",
        source: "'"$PWD/data"'", options: ["bind"],
        uidMappings: [{containerID: 0, hostID: 1000, size: 100}],
        gidMappings: [{containerID: 0, hostID: 2000, size: 100}]}]' \
        'stat -c %u:%g /data/file' || { [[ $output == *"cannot map ids"* ]] &&
            skip "the file system cannot map ids"; }
    [ "$output" = 1005:2006 ]
}

@test "propagation of the root" {
    sleeper t-1 '.linux.rootfsPropagation = "shared"'
    [[ $(mount_line /) == *shared:* ]]
    rc delete -f t-1
    sleeper t-1 '.linux.rootfsPropagation = "private"'
    [[ $(mount_line /) != *shared:* && $(mount_line /) != *master:* ]]
}

# --- linux ---

@test "namespaces: new ones, joined ones, and the caller's" {
    local kind
    sleeper t-1
    local net
    net=/proc/$(pid_in t-1)/ns/net
    config '.process.args = ["sleep", "1000"] | .linux.namespaces =
        [{type: "mount"}, {type: "pid"}, {type: "network", path: "'"$net"'"}] |
        del(.hostname) | .mounts |= map(select(.type != "mqueue"))'
    out run -d --bundle b t-2
    local pid
    pid=$(pid_in t-2)
    [ "$(readlink "/proc/$pid/ns/net")" = "$(readlink "$net")" ]
    for kind in uts ipc cgroup user time; do
        [ "$(readlink "/proc/$pid/ns/$kind")" = "$(readlink "/proc/self/ns/$kind")" ]
    done
    for kind in mnt pid; do
        [ "$(readlink "/proc/$pid/ns/$kind")" != "$(readlink "/proc/self/ns/$kind")" ]
    done
}

@test "id maps of a user namespace" {
    sleeper t-1 '.linux.namespaces += [{type: "user"}] |
        .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 10},
                              {containerID: 10, hostID: 5000, size: 5}] |
        .linux.gidMappings = [{containerID: 0, hostID: 2000, size: 100}] |
        .mounts |= map(select(.destination != "/dev/pts"))'
    [ "$(of_t1 uid_map | xargs)" = "0 1000 10 10 5000 5" ]
    [ "$(of_t1 gid_map | xargs)" = "0 2000 100" ]
    [ "$(status_line Uid | cut -f1)" = 1000 ]
}

@test "clocks of a time namespace" {
    [ -e /proc/self/ns/time ] || skip "no time namespaces"
    prints '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets =
        {monotonic: {secs: 86400, nanosecs: 5}, boottime: {secs: 1000000}}' \
        'cut -d. -f1 /proc/uptime'
    [ "$output" -ge 1000000 ]
    [ "$output" -lt 2000000 ]
}

@test "host and domain name, sysctls" {
    prints '.hostname = "h" | .domainname = "d" |
        .linux.sysctl = {"net.ipv4.ip_default_ttl": "77",
                         "kernel.shm_rmid_forced": "1"}' \
        'hostname; cat /proc/sys/kernel/domainname \
            /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/shm_rmid_forced'
    [ "$(echo $output)" = "h d 77 1" ]
    config '.linux.sysctl = {"kernel.panic": "1"}'
    says_no 1 'kernel.panic' create --bundle b t-1
}

@test "devices: nodes, owners, and which may be opened" {
    prints '.linux.devices = [
        {type: "c", path: "/dev/mine", major: 1, minor: 5, fileMode: 416,
         uid: 3, gid: 4}, {type: "p", path: "/dev/pipe", fileMode: 384},
        {type: "c", path: "/dev/mem2", major: 1, minor: 1}]' \
        'stat -c "%F %a %u:%g %t:%T" /dev/mine /dev/pipe;
         head -c1 /dev/mine >/dev/null && echo opened; cat /dev/mem2'  || true
    [ "${lines[0]}" = "character special file 640 3:4 1:5" ]
    [ "${lines[1]}" = "fifo 600 0:0 0:0" ]
    [ "${lines[2]}" = opened ]
    [[ ${lines[3]} == *"Operation not permitted"* ]]
}

@test "a label for mounts needs SELinux" {
    config '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
    [ ! -e /sys/fs/selinux/enforce ] || skip "a kernel with security modules"
    says_no 1 'linux.mountLabel: SELinux is not enabled on this system' \
        create --bundle b t-1
    config '.linux.mountLabel = ""'
    out create --bundle b t-1
}

@test "masked and read-only paths; those that are missing are passed over" {
    prints '.linux.maskedPaths = ["/proc/version", "/etc", "/none"] |
        .linux.readonlyPaths = ["/proc/sys", "/none"]' \
        'wc -c </proc/version; ls /etc | wc -l; echo 1 >/proc/sys/kernel/panic' ||
        true
    [ "${lines[0]} ${lines[1]}" = "0 0" ]
    [[ ${lines[2]} == *"Read-only file system"* ]]
}

@test "seccomp: errno, errnoRet, kill, arguments" {
    local filter='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
        architectures: ["SCMP_ARCH_X86_64"], syscalls: [
        {names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28},
        {names: ["chmod", "fchmodat", "fchmod"], action: "SCMP_ACT_ERRNO"},
        {names: ["mknod", "mknodat"], action: "SCMP_ACT_KILL_PROCESS"},
        {names: ["kill"], action: "SCMP_ACT_ERRNO", errnoRet: 3,
         args: [{index: 1, value: 10, op: "SCMP_CMP_EQ"}]}]}'
    prints "$filter" 'exec 2>&1; mkdir /x; chmod 700 /etc; kill -10 $$; kill -0 $$ && echo lives;
        mkfifo /f; echo $?' || true
    [[ ${lines[0]} == *"No space left on device"* ]]
    [[ ${lines[1]} == *"Operation not permitted"* ]]
    [[ ${lines[2]} == *"No such process"* ]]
    [ "${lines[3]}" = lives ]
    [[ $(tail -2 out.txt) == *159* ]]
}

@test "capabilities that cannot be granted are warned of, as with runc" {
    config '.process.args = ["grep", "CapBnd", "/proc/self/status"] |
        .process.capabilities = {bounding: ["CAP_KILL", "CAP_FLY"],
                                 effective: ["CAP_FLY", "UNKNOWN"]}'
    out run --bundle b t-1
    grep -q '^CapBnd:.0000000000000020$' out.txt
    [ "$(grep -v CapBnd out.txt)" = "mini-runc: warning: ignoring unknown or unavailable capabilities: CAP_FLY UNKNOWN" ]
    # Ours, too, where we have not got it ourselves.
    config '.process.args = ["grep", "CapBnd", "/proc/self/status"] |
        .process.capabilities = {bounding: ["CAP_KILL", "CAP_SYS_BOOT"]}'
    setpriv --bounding-set=-sys_boot "$RUNTIME" --root "$OCI_ROOT" \
        run --bundle b t-1 >out.txt 2>&1 3>&-
    grep -q '^CapBnd:.0000000000000020$' out.txt
    grep -q 'ignoring unknown or unavailable capabilities: CAP_SYS_BOOT$' out.txt
    sleeper t-1
    jq -n '{cwd: "/", args: ["true"], capabilities: {bounding: ["CAP_FLY"]}}' >process
    out exec --process process t-1
    [[ $output == *"capabilities: CAP_FLY" ]]
}

@test "seccomp: an agent gets the listener, with the container's state" {
    config '.process.args = ["sh", "-c", "mkdir /x"] |
        .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
        listenerPath: "'"$PWD"'/agent", listenerMetadata: "meta",
        architectures: ["SCMP_ARCH_X86_64"],
        syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]}'
    "$BATS_TEST_DIRNAME/lib/receive-fd" agent link >received 3>&- &
    local receiver=$!
    eventually [ -S agent ]
    out create --bundle b t-1
    out start t-1
    wait $receiver
    rm -f agent
    grep -q 'link: anon_inode:seccomp notify' received
    sed -n 's/^message: //p' received | jq -e '.fds == ["seccompFd"] and
        .metadata == "meta" and .state.id == "t-1" and .pid > 0'
}

@test "the group's place: as asked, and the id where nothing is" {
    sleeper t-1 '.linux.cgroupsPath = "/t-a/b"'
    grep -q ':pids:/t-a/b$' "/proc/$(pid_in t-1)/cgroup" ||
        grep -q '^0::/t-a/b$' "/proc/$(pid_in t-1)/cgroup"
    rc delete -f t-1
    find /sys/fs/cgroup -type d -name t-a -exec rmdir {} +
    sleeper t-1
    grep -q ':/t-1$' "/proc/$(pid_in t-1)/cgroup"
}

@test "a group that is there is used if nobody is in it, and nobody's is taken" {
    local cg=/sys/fs/cgroup
    [ -d $cg/pids ] && cg=$cg/pids
    mkdir $cg/t-a
    sleeper t-1 '.linux.cgroupsPath = "/t-a"'
    grep -q "$(pid_in t-1)" $cg/t-a/cgroup.procs
    config '.process.args = ["true"] | .linux.cgroupsPath = "/t-a"'
    says_no 1 't-a is not empty' create --bundle b t-2
    out delete --force t-2
    [ "$(status_of t-1)" = running ]
}
