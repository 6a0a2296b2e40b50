# scripts/lab-kernel: what it runs is in a kernel of its own, as who and with
# what was asked for, and comes back with its output and status.
#
# lab_kernel_qemu.bats is a link to this file: the same holds for both machines.
bats_require_minimum_version 1.5.0

setup_file() {
    export LAB=${BATS_TEST_DIRNAME%/tests*}/scripts/lab-kernel
    export LAB_MACHINE=uml FILES=hostfs
    export CONTROLLERS="cpu io memory pids" BOOT_S=30
    export SEEN=$BATS_FILE_TMPDIR/seen HANGS=$BATS_FILE_TMPDIR/hangs HANGER=
    if [[ ${BATS_TEST_FILENAME##*/} == *qemu* ]]; then
        LAB_MACHINE=qemu FILES=9p BOOT_S=40
        CONTROLLERS="cpuset cpu io memory hugetlb pids rdma misc"
    fi
    cd "$BATS_TEST_DIRNAME/.."
    has_kernel || return 0
    mkdir "$SEEN" "$HANGS"
    hang 3>&- &
    HANGER=$!
    look
}
teardown_file() {
    [ -z "$HANGER" ] || kill "$HANGER" 2>/dev/null || true
    wait
}
# A directory of its own for each test's guests, so that traces() finds theirs.
setup() {
    cd "$BATS_TEST_DIRNAME/.."
    has_kernel || skip "no kernel for $LAB_MACHINE"
    export TMPDIR=$BATS_TEST_TMPDIR
}

has_kernel() {
    local top=$PWD modules kernel
    has() { command -v "$1" >/dev/null; }
    . "$LAB-$LAB_MACHINE"
    find_kernel
}
qemu_only() {
    [ "$LAB_MACHINE" = qemu ] || skip "only qemu has this"
}

# Directories, processes and memory of the guests that are in TMPDIR.
traces() {
    ls -d "$TMPDIR"/lab-kernel.* 2>/dev/null || true
    pgrep -a -f "$TMPDIR/lab-kernel[.]" || true
}

# What a guest sees, for all tests that only look: a boot takes seconds.
look() {
    echo mine >"$BATS_FILE_TMPDIR/file"
    "$LAB" --write "$SEEN" -- bash -c 'seen=$1
        (uname -r; id -u; ! touch /etc/x VERSION; mkdir /tmp/x; cat VERSION
            grep " / " /proc/self/mountinfo; ls /run /tmp) >"$seen/kernel" 2>&1
        (cat /proc/self/cgroup; stat -f -c %T /sys/fs/cgroup
            cat /sys/fs/cgroup/lab/cgroup.controllers) >"$seen/groups" 2>&1
        (set -e; grep -o overlay /proc/filesystems; ls -1 /dev/fuse /dev/net/tun
            ip link add left type veth peer name right
            ip link add middle type bridge; ip -o link show up |
            cut -d " " -f 2) >"$seen/devices" 2>&1
        [ "$EUID" != 0 ] || (mount -o remount,rw /; mkdir /run/again
            if [ "$2" = uml ]; then mount -t hostfs -o / again /run/again
            else mount --bind / /run/again; fi && cat "/run/again/$3"
            echo yours >"/run/again/$3"
            echo 1 >/run/again/proc/sys/vm/swappiness
            mkdir /run/again/sys/fs/cgroup/x /run/again/dev/shm/x \
                /run/again/etc/x) >"$seen/host" 2>&1
        true' - "$SEEN" "$LAB_MACHINE" "$BATS_FILE_TMPDIR/file"
}
# What it saw of one thing, as `run` would leave it.
saw() {
    output=$(<"$SEEN/$1")
    mapfile -t lines <<<"$output"
}

# A guest that hangs, while the other tests go on: how it ended, after how long.
hang() {
    local status=0
    export TMPDIR=$HANGS
    SECONDS=0
    "$LAB" --time-out $((BOOT_S + 5)) -- sh -c 'echo begin; sleep 1000' \
        >"$HANGS/out" 2>&1 || status=$?
    echo "$status $SECONDS" >"$HANGS/ended"
}

@test "output, errors, arguments and exit status arrive as they are" {
    local status=0
    "$LAB" -- bash -c 'printf "%s|" "$@"; pwd; echo oops >&2; seq 200000
        printf end; exit 7' - "a  b" '$x' "'" '' >"$TMPDIR/out" \
        2>"$TMPDIR/err" || status=$?
    [ "$status" = 7 ]
    # A lot of it, whole, and the last line has no end.
    { echo "a  b|\$x|'||$PWD"; seq 200000; printf end; } | cmp - "$TMPDIR/out"
    [ "$(<"$TMPDIR/err")" = oops ]
}

@test "two at once, from a directory with blanks in its name" {
    local top="$BATS_TEST_TMPDIR/a b" one
    mkdir -p "$top/t m p"
    cp -r scripts "$top"
    cd "$top"
    for one in 1 2; do
        TMPDIR="$top/t m p" scripts/lab-kernel --write "$top" -- \
            sh -c 'echo "$0" >"made $0"; echo "I am $0"; pwd' $one >out$one 3>&- &
    done
    wait
    for one in 1 2; do
        [ "$(<"made $one")" = $one ]
        [ "$(<out$one)" = "I am $one"$'\n'"$top" ]
    done
    [ -z "$(ls "t m p")" ]
}

@test "it is another kernel, root is read-only, /tmp is its own" {
    saw kernel
    [ "${lines[0]}" != "$(uname -r)" ]
    [ "${lines[1]}" = 0 ]
    [[ $output == *"Read-only file system"*"Read-only file system"* ]]
    [[ $output == *$'\n'"$(<VERSION)"$'\n'* ]]
    [[ $output =~ "- $FILES root ro" ]]
    ! [ -e /tmp/x ]
}

@test "cgroup v2 with every controller the kernel has, unless told otherwise" {
    saw groups
    [ "${lines[0]}" = 0::/lab ]
    [ "${lines[1]}" = cgroup2fs ]
    [ "${lines[2]}" = "$CONTROLLERS" ]
}

@test "cgroup v1, and both" {
    run -0 "$LAB" --cgroup v1 sh -c 'cat /proc/self/cgroup /proc/self/mounts'
    [[ $output == *:memory:* && $output == *:devices:* ]]
    [[ $output != *cgroup2* ]]
    run -0 "$LAB" --cgroup hybrid sh -c \
        'ls /sys/fs/cgroup /sys/fs/cgroup/unified; cat /proc/self/cgroup'
    [[ $output == *:memory:* && $output == *cgroup.procs* && $output == *0::/lab* ]]
}

@test "an ordinary user has a home, ids to give away, a group to divide" {
    run -0 "$LAB" --user 1234 -- bash -ec 'id -u; id -un
        grep CapEff /proc/self/status
        touch "$HOME/x" "$XDG_RUNTIME_DIR/x" "$XDG_DATA_HOME/x" /tmp/x
        mkdir /sys/fs/cgroup/lab/mine
        echo "+memory +pids" >/sys/fs/cgroup/lab/cgroup.subtree_control
        echo 5 >/sys/fs/cgroup/lab/mine/pids.max
        unshare --user --map-root-user --map-auto sh -c "cat /proc/self/uid_map"
        ! mkdir /sys/fs/cgroup/other 2>/dev/null'
    [ "${lines[0]}" = 1234 ]
    [ "${lines[1]}" = lab ]
    [[ ${lines[2]} =~ CapEff:.*0000000000000000 ]]
    [[ ${lines[3]} =~ ^\ +0\ +1234\ +1$ ]]
    [[ ${lines[4]} =~ ^\ +1\ +100000\ +6553[56]$ ]]
}

@test "overlay, veth, bridge, tun and fuse are there" {
    saw devices
    [ "${lines[*]}" = "overlay /dev/fuse /dev/net/tun lo:" ]
}

@test "cpuset binds, and what nftables misses is loaded" {
    qemu_only
    run -0 "$LAB" bash -ec 'cd /sys/fs/cgroup; mkdir one; echo 0 >one/cpuset.cpus
        cat one/cpuset.cpus.effective; ! grep -q ^nf_tables /proc/modules
        iptables-nft -t nat -A POSTROUTING -j MASQUERADE
        grep -o ^nf_tables /proc/modules'
    [ "${lines[*]}" = "0 nf_tables" ]
}

@test "--write lets it write there and nowhere else, whatever root in it mounts" {
    [ "$EUID" = 0 ] || skip "root"
    saw host
    [ "${lines[0]}" = mine ]
    [ "$(grep -c "Read-only file system" <<<"$output")" = 5 ]
    [ "$(<"$BATS_FILE_TMPDIR/file")" = mine ]
}

@test "told to end, even twice, it takes everything with it" {
    "$LAB" sh -c 'echo up; sleep 1000' >"$BATS_TEST_TMPDIR/out" 3>&- &
    for _ in {1..300}; do
        [ -s "$BATS_TEST_TMPDIR/out" ] && break
        sleep 0.1
    done
    [ -n "$(traces)" ]
    kill $!
    kill $! || true
    wait $! || status=$?
    [ "$status" = 143 ]
    [ -z "$(traces)" ]
}

@test "a guest that dies is told, with status 125" {
    run -125 "$LAB" -- sh -c 'echo c >/proc/sysrq-trigger; sleep 100'
    [[ $output == *"ended without a status"*sysrq* ]]
}

@test "killed by a signal: 128 and its number" {
    run -137 "$LAB" -- sh -c 'kill -KILL $$'
    [ -z "$output" ]
}

@test "no privilege is needed" {
    [ "$EUID" = 0 ] || skip "root"
    run -0 env TMPDIR=/tmp setpriv --reuid 65534 --regid 65534 --clear-groups \
        --bounding-set -all --no-new-privs "$LAB" id -u
    [ "$output" = 0 ]
}

@test "no kernel: one line says what to install" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    for tool in bash dirname realpath; do
        ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin"
    done
    cp "$LAB" "$LAB-$LAB_MACHINE" "$BATS_TEST_TMPDIR"
    sed -i '/^PATH=/d' "$BATS_TEST_TMPDIR/lab-kernel"
    run -125 env PATH="$BATS_TEST_TMPDIR/bin" bash "$BATS_TEST_TMPDIR/lab-kernel" true
    [ ${#lines[@]} = 1 ]
    [[ $output == *"apt-get install "*busybox-static* ]]
    [[ $output == *user-mode-linux* || $output == *qemu-system-x86\ linux-image* ]]
}

@test "options that make no sense are refused" {
    run -125 "$LAB" --cgroup v3 true
    [[ $output == *"--cgroup v3: v1, v2 or hybrid"* ]]
    run -125 "$LAB" --user root true
    [[ $output == *"--user root: not a number"* ]]
    run -125 "$LAB" --machine abacus true
    [[ $output == *"--machine abacus: uml or qemu"* ]]
    run -125 "$LAB" --colour blue true
    [[ $output == *--time-out* ]]
    run -125 "$LAB"
}

@test "a guest that hangs is ended in time, with status 124, and nothing is left" {
    tail --pid="$HANGER" -s 0.1 -f /dev/null
    read -r status seconds <"$HANGS/ended"
    [ "$status" = 124 ]
    [ "$seconds" -lt $((BOOT_S + 20)) ]
    mapfile -t lines <"$HANGS/out"
    [ "${lines[0]}" = begin ]
    [ "${lines[1]}" = "lab-kernel: time-out after $((BOOT_S + 5)) s" ]
    TMPDIR=$HANGS
    [ -z "$(traces)" ]
}
