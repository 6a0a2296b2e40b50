# What a process in a container sees with no options at all, point by point
# against Docker's defaults.
load lib/product

setup_file() { product_setup; }
teardown() { assert_clean; }

inside() {
    md run --rm busybox "$@"
}
field() {
    inside sh -c "sed -n 's/^$1:[[:space:]]*//p' /proc/self/status"
}

@test "the fourteen capabilities are bounding, permitted and effective" {
    # CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, KILL 5, SETGID 6, SETUID 7,
    # SETPCAP 8, NET_BIND_SERVICE 10, NET_RAW 13, SYS_CHROOT 18, MKNOD 27,
    # AUDIT_WRITE 29, SETFCAP 31
    want=0
    for bit in 0 1 3 4 5 6 7 8 10 13 18 27 29 31; do
        want=$((want | 1 << bit))
    done
    want=$(printf %016x $want)
    for set in CapBnd CapPrm CapEff; do
        [ "$(field $set)" = "$want" ]
    done
}

@test "no capability is inheritable or ambient" {
    [ "$(field CapInh)" = 0000000000000000 ]
    [ "$(field CapAmb)" = 0000000000000000 ]
}

@test "another user has an empty effective and permitted set" {
    run md run --rm -u 1000 busybox sh -c \
        'sed -n "s/^Cap\(Prm\|Eff\):[[:space:]]*//p" /proc/self/status'
    [ "$output" = "0000000000000000
0000000000000000" ]
}

@test "the seccomp filter is on and no_new_privs is off" {
    [ "$(field Seccomp)" = 2 ]
    [ "$(field NoNewPrivs)" = 0 ]
}

@test "the filter refuses mount, unshare and setting the host name" {
    run -1 md run --rm --cap-add SYS_CHROOT busybox unshare -m true
    [[ $output == *"Operation not permitted"* ]]
    run -1 inside mount -t tmpfs none /tmp
    run -1 inside hostname other
}

@test "ids: root, its group, and the groups that list it" {
    [ "$(inside id)" = "uid=0(root) gid=0(root) groups=0(root),10(wheel)" ]
}

# Mount points with type and options (fields 5, 6 and the first after " - ").
mounts_inside() {
    inside cat /proc/self/mountinfo |
        sed 's/^\([^ ]* \)\{4\}\([^ ]*\) \([^ ]*\) .*- \([^ ]*\) .*/\2 \4 \3/' |
        sort
}

# bats test_tags=lab-kernel
@test "mounts and their options" {
    run mounts_inside
    echo "$output"
    while read -r line; do
        grep -q -x -F "$line" <<<"$output" || { echo "missing: $line"; false; }
    done <<'END'
/ overlay rw,relatime
/dev tmpfs rw,nosuid
/dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime
/dev/pts devpts rw,nosuid,noexec,relatime
/dev/shm tmpfs rw,nosuid,nodev,noexec,relatime
/proc proc rw,nosuid,nodev,noexec,relatime
/proc/bus proc ro,nosuid,nodev,noexec,relatime
/proc/fs proc ro,nosuid,nodev,noexec,relatime
/proc/irq proc ro,nosuid,nodev,noexec,relatime
/proc/sys proc ro,nosuid,nodev,noexec,relatime
/sys sysfs ro,nosuid,nodev,noexec,relatime
END
    # Whatever is below /sys/fs/cgroup is read-only.
    [ -z "$(grep '^/sys/fs/cgroup' <<<"$output" | grep ' rw,')" ]
    grep -q '^/sys/fs/cgroup' <<<"$output"
    # And there is nothing else.
    run ! grep -v -E '^/( |dev|proc|sys|etc/(hosts|hostname|resolv.conf) )' \
        <<<"$output"
}

@test "sizes and modes of the file systems in /dev" {
    run inside grep -E ' /dev(/shm|/pts)? ' /proc/mounts
    [[ $output == *"tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755"* ]]
    [[ $output == *"shm /dev/shm tmpfs "*"size=65536k"* ]]
    [[ $output == *"devpts /dev/pts devpts "*"gid=5,mode=620,ptmxmode=666"* ]]
    [ "$(inside stat -c %a /dev/shm)" = 1777 ]
}

@test "nothing propagates to or from the host" {
    run inside grep -E 'shared:|master:' /proc/self/mountinfo
    [ "$status" = 1 ]
}

@test "devices: six nodes, five links, no disk" {
    run inside sh -c 'cd /dev; for f in *; do
        [ -L $f ] && echo "$f -> $(readlink $f)" && continue
        [ -c $f ] && echo "$f $(stat -c "%a %t:%T" $f)"
        [ -b $f ] && echo "$f is a disk"
    done; true'
    [ "$output" = "core -> /proc/kcore
fd -> /proc/self/fd
full 666 1:7
null 666 1:3
ptmx -> pts/ptmx
random 666 1:8
stderr -> /proc/self/fd/2
stdin -> /proc/self/fd/0
stdout -> /proc/self/fd/1
tty 666 5:0
urandom 666 1:9
zero 666 1:5" ]
}

# bats test_tags=lab-kernel
@test "a device node of a disk can be made and not opened" {
    run inside sh -c 'mknod /disk b 254 0 && cat /disk'
    [ "$status" != 0 ]
    [[ $output == *"Operation not permitted"* ]]
    run inside sh -c 'mknod /null2 c 1 3 && echo x >/null2'
    [ "$status" = 0 ]
}

@test "masked files are empty and masked directories too" {
    run inside sh -c 'for f in /proc/kcore /proc/keys /proc/latency_stats \
            /proc/timer_list /proc/interrupts /proc/sched_debug; do
            [ ! -e $f ] || [ "$(head -c 1 $f | wc -c)" = 0 ] || echo "$f tells"
        done
        for d in /proc/asound /proc/acpi /proc/scsi /sys/firmware \
            /sys/devices/virtual/powercap; do
            [ ! -e $d ] || [ -z "$(ls -A $d)" ] || echo "$d tells"
        done'
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "read-only paths of /proc refuse writing" {
    run inside sh -c 'echo 1 >/proc/sys/kernel/domainname'
    [[ $output == *"Read-only file system"* ]]
    run inside sh -c 'echo h >/proc/sysrq-trigger'
    [[ $output == *"Read-only file system"* || $output == *"nonexistent"* ]]
}

@test "namespaces are its own: all but user and time" {
    start_background --rm busybox sleep 1000
    for ns in mnt pid uts ipc net cgroup; do
        [ "$(readlink /proc/$PID/ns/$ns)" != "$(readlink /proc/self/ns/$ns)" ]
    done
    for ns in user time; do
        [ "$(readlink /proc/$PID/ns/$ns)" = "$(readlink /proc/self/ns/$ns)" ]
    done
    stop_background
}

# bats test_tags=lab-kernel
@test "its control group is the root it sees, and not the root there is" {
    start_background --rm busybox sleep 1000
    grep -q "/mini-docker/$ID" "/proc/$PID/cgroup"
    [ -z "$(grep -v -E ":/.*mini-docker/$ID$" "/proc/$PID/cgroup" |
        grep -v '^0::')" ]
    stop_background
    run inside cat /proc/self/cgroup
    ! grep -v ':/$' <<<"$output"
}

@test "lo, and one end of a cable: both up" {
    run inside ip -o link
    [ "${#lines[@]}" = 2 ]
    [[ $output == *"lo: <LOOPBACK,UP,LOWER_UP>"* ]]
    [[ $output == *"eth0@if"*": <BROADCAST,MULTICAST,UP,LOWER_UP"* ]]
}

@test "--network none: only lo, and it is up" {
    run md run --rm --network none busybox ip -o link
    [ "${#lines[@]}" = 1 ]
    [[ $output == *"lo: <LOOPBACK,UP,LOWER_UP>"* ]]
}

@test "pid 1 is the command; only its own processes are seen" {
    run inside sh -c 'echo $$; ls -d /proc/[0-9]* | wc -l'
    [ "${lines[0]}" = 1 ]
    [ "${lines[1]}" -le 3 ]
}

@test "environment: PATH, HOSTNAME, HOME" {
    run inside env
    [ "${lines[0]}" = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" ]
    [[ ${lines[1]} =~ ^HOSTNAME=[0-9a-f]{12}$ ]]
    [[ $output == *"HOME=/root"* ]]
}

@test "no descriptor of ours but its standard streams" {
    run inside ls /proc/self/fd
    # 3 is ls's own, reading the directory.
    [ "$output" = "0
1
2
3" ]
    run inside sh -c 'readlink /proc/self/fd/0; readlink /proc/1/fd/1'
    [ "${lines[0]}" = /dev/null ]
    [[ ${lines[1]} == pipe:* ]]
}

@test "a session keyring of its own, an empty environment of ours, umask 0022" {
    SECRET=x run inside sh -c 'echo "${SECRET-none}"; umask'
    [ "$output" = "none
0022" ]
}

@test "oom_score_adj is 0 and core limits are the caller's" {
    [ "$(inside cat /proc/self/oom_score_adj)" = 0 ]
}
