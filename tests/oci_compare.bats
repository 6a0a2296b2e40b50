# The same bundle run by mini-runc, runc and crun: what the kernel says of the
# three containers is the same, but for the differences that are listed here.
load lib/product

setup_file() {
    export RUNC=$(command -v runc) CRUN=$(command -v crun)
    export RUNTIME=${MINI_DOCKER%/*}/mini-runc
    cd "$BATS_FILE_TMPDIR" || return
    mkdir -p b/rootfs
    tar -C b/rootfs -xf "$IMAGES/busybox.tar"
    mkdir -p b/rootfs/{proc,dev,sys}
    "$BATS_TEST_DIRNAME/bench/docker-config" rootfs >docker.json
    jq "$(changes)" docker.json >b/config.json
    unshare --mount --propagation private bash -c "$(reports)" - \
        "$BATS_TEST_DIRNAME/lib/oci-report" "$RUNTIME" $RUNC $CRUN
}

# crun refuses a v2 tree that carries controllers beside v1 ones: so it is taken
# away for all of them, and for nobody else.
reports() {
    cat <<'END'
if ! grep -qs . /sys/fs/cgroup/cgroup.controllers &&
    grep -qs . /sys/fs/cgroup/unified/cgroup.controllers; then
    umount /sys/fs/cgroup/unified
fi
for name in "${@:2}"; do
    "$1" "$name" "$PWD/state" b "${name##*/}" "$PWD/report/${name##*/}" || exit
done
END
}

# crun leaves its group in a v2 tree without controllers.
teardown_file() {
    rmdir /sys/fs/cgroup/unified/crun 2>/dev/null || true
}

# Docker's isolation, and beyond it one of each kind.
changes() {
    cat <<'END'
.process += {args: ["sh", "/inside"], oomScoreAdj: 100, noNewPrivileges: true,
  user: {uid: 0, gid: 0, additionalGids: [7, 8], umask: 63},
  rlimits: [{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
            {type: "RLIMIT_CORE", soft: 0, hard: 0}]} |
.process.env += ["A=b=c", "TERM=x"] | .hostname = "box" |
.annotations = {"a": "b"} |
.mounts += [
  {destination: "/m1", type: "bind", source: "/etc",
   options: ["rbind", "ro", "nosuid"]},
  {destination: "/m2", type: "tmpfs", source: "t",
   options: ["size=1m", "mode=700", "noatime"]}] |
.linux.sysctl = {"kernel.shm_rmid_forced": "1"} |
.linux.devices = [{type: "c", path: "/dev/fuse", major: 10, minor: 229,
                   fileMode: 432, uid: 1, gid: 2}] |
.linux.resources += {
  memory: {limit: 67108864, reservation: 33554432},
  cpu: {shares: 512, quota: 50000, period: 100000, cpus: "0", mems: "0"},
  pids: {limit: 50}}
END
}

# Lines in which report $1 of ours and of runtime $2 differ, but for those that
# match one of the patterns $3... "<": ours alone, ">": theirs alone.
differences() {
    local name=$1 other=$2
    shift 2
    diff "report/mini-runc/$name" "report/$other/$name" | grep '^[<>]' |
        grep -v "${@/#/-e}" -e '^$' || true
}

same() { # REPORT PATTERN...
    local name=$1 other left
    shift
    [ -n "$RUNC$CRUN" ] || skip "neither runc nor crun is installed"
    [ -s "report/mini-runc/$name" ] || { echo "no report on $name"; return 1; }
    for other in $RUNC $CRUN; do
        left=$(differences "$name" "${other##*/}" "$@")
        [ -z "$left" ] || { echo "${other##*/}: $left"; return 1; }
    done
}

@test "namespaces: which are its own" { same namespaces; }
@test "ids, groups, capabilities, signals, filter, no_new_privs" { same status; }
@test "limits of the process" { same limits; }
@test "out-of-memory score and core filter" { same scores; }
@test "scheduling, of processor and disk" { same scheduler; }
@test "personality" { same personality; }
@test "session" { same session; }
@test "descriptors" { same descriptors; }
@test "environment, from outside and inside" {
    same environ
    same in_environment
}
@test "working directory, umask, ids as it sees them" { same in_directory; }

@test "values of its control groups, the list of devices too" {
    # runc allows every container /dev/net/tun, which Docker does not ask for.
    same groups '^> devices.list c 10:200 rwm$'
}

@test "its place in the control groups" { same paths; }
@test "its control groups as it sees them" { same in_cgroup; }

@test "hierarchies below /sys/fs/cgroup" {
    # crun adds names of hierarchies that are not there, as links to nothing.
    same in_cgroup_view '^> net_cls$' '^> net_prio$'
}

@test "devices, with modes and owners" {
    # /dev/core leads to /proc/kcore, which is masked; older runc has none.
    same in_dev '^< /dev/core symbolic link'
}

@test "terminals, shared memory, message queues" { same in_terminals; }

@test "mounts, with options and in order" {
    # The tmpfs that holds the hierarchies is read-only with us, as its
    # directories are. What is called the source of a mount is anybody's
    # choice, as is the size of the empty directory that masks another.
    local hidden='^[<>] / /\(sys/firmware\|proc/acpi\|proc/scsi\|proc/asound\) '
    local groups='^[<>] / /sys/fs/cgroup\( \|/systemd \)'
    [ -z "$RUNC" ] ||
        [ -z "$(differences in_mounts runc "$hidden" "$groups")" ]
    # crun mounts the hierarchies in another order and names them by paths; it
    # says "ro" of sysfs once, not twice; binds the host's /dev/null over what
    # is masked, where we bind the container's; and drops the options of /proc
    # from what it makes read-only there.
    local more='^[<>] \(/null\|/bus\|/fs\|/irq\|/sys\) /proc/'
    local sys='^[<>] / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs r[ow]$'
    [ -z "$CRUN" ] ||
        [ -z "$(differences in_mounts crun "$hidden" "$more" "$sys" \
            '^[<>] / /sys/fs/cgroup')" ]
}

@test "masked paths" {
    # Directories are hidden by an empty one: its mode is anybody's choice,
    # since it is read-only and root's.
    same in_masked '^[<>] /[^ ]* directory \(755\|1777\|555\) 40 0:0$'
}

@test "read-only paths" { same in_readonly; }
@test "host name" { same in_hostname; }
@test "network: lo alone, and up" { same in_links; }
@test "processes it sees: itself" { same in_proc; }
@test "keys it sees: none" { same in_keyring; }
@test "its files in /proc belong to root" { same proc_owner; }

@test "nothing is left of ours" {
    local left
    left=$(find /sys/fs/cgroup -type d -name mini-runc)
    [ -z "$left" ] || { echo "$left"; return 1; }
    [ -z "$(ls state)" ]
}
