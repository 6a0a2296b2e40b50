# podman with mini-runc as its runtime: it starts, watches and ends containers,
# and draws the right conclusions from what mini-runc says.
load lib/product
load lib/podman

setup_file() { podman_setup "$BATS_FILE_TMPDIR"; }
teardown() { [ "${LACKS-}" ] || podman_clean /run/mini-runc; }
teardown_file() {
    rm -rf /run/mini-runc/.cache
    rmdir /run/mini-runc 2>/dev/null || true
    find /sys/fs/cgroup -depth -type d -path '*/libpod_parent*' \
        -exec rmdir {} + 2>/dev/null || true
}

@test "run: output, exit status, and what could not be executed" {
    expect 0 run --rm --network none bb echo hello
    [ "$output" = hello ]
    expect 3 run --rm --network none bb sh -c 'exit 3'
    expect 127 run --rm --network none bb nonexist
    [[ $output == *"command that was not found"* ]]
    expect 126 run --rm --network none bb /etc/passwd
    [[ $output == *"permission denied"* ]]
    expect 125 run --rm --network none bb:none true
}

@test "run: a terminal" {
    expect 0 run --rm --network none -t bb sh -c 'tty; stty size'
    [[ $output == /dev/pts/0* ]]
}

@test "exec: in the background's container, with its own status and terminal" {
    server c
    expect 0 exec c echo in
    [ "$output" = in ]
    expect 7 exec c sh -c 'exit 7'
    expect 127 exec c nonexist
    expect 126 exec c /etc/passwd
    expect 0 exec -t c tty
    [[ $output == /dev/pts/* ]]
    expect 0 exec -u 5:6 -w /etc -e A=b c sh -c 'id -u; pwd; echo $A'
    [ "$(echo $output)" = "5 /etc b" ]
}

@test "stop, logs, start, kill, wait, rm" {
    server c
    expect 0 stop c
    expect 0 logs c
    [ "$output" = started ]
    expect 0 inspect -f '{{.State.ExitCode}} {{.State.Status}}' c
    [ "$output" = "5 exited" ]
    expect 0 start c
    expect 0 kill c
    expect 0 wait c
    [ "$output" = 137 ]
    expect 0 rm c
    expect 1 container exists c
}

@test "pause and unpause; top; stats" {
    server c
    expect 0 pause c
    expect 0 ps -a --format '{{.Names}} {{.Status}}'
    [ "$output" = "c Paused" ]
    expect 0 unpause c
    expect 0 top c
    [[ $output == *"sh -c echo started"* ]]
    expect 0 stats --no-stream --format '{{.Name}} {{.PIDs}}' c
    [[ $output =~ ^c\ [12]$ ]]
}

@test "limits, capabilities, mounts, users: podman's options take effect" {
    server c --memory 64m --pids-limit 30 --cap-drop all --read-only \
        --tmpfs /x -v "$PWD:/w:ro" --sysctl kernel.shm_rmid_forced=1 \
        --user 5:6 --hostname h --ulimit nofile=100:200 --ulimit nproc=500:600
    expect 0 inspect -f '{{.State.Pid}}' c
    local pid=$output group
    group=$(sed -n 's/^[0-9]*:memory://p' "/proc/$pid/cgroup")
    [ -z "$group" ] ||
        [ "$(<"/sys/fs/cgroup/memory$group/memory.limit_in_bytes")" = 67108864 ]
    grep -q 'CapEff:.0000000000000000' "/proc/$pid/status"
    grep -q '^Uid:.5.5.5.5$' "/proc/$pid/status"
    grep -q '^Max open files *100 *200' "/proc/$pid/limits"
    expect 0 exec c sh -c 'hostname; touch /y; cat /proc/sys/kernel/shm_rmid_forced;
        grep " / ro,\| /x \| /w ro" /proc/mounts | wc -l' || true
    [[ $output == h* && $output == *"Read-only file system"* ]]
}

@test "a group of its own, as the container sees it" {
    server c --memory 64m
    expect 0 exec c cat /sys/fs/cgroup/memory/memory.limit_in_bytes ||
        expect 0 exec c cat /sys/fs/cgroup/memory.max
    [ "$output" = 67108864 ]
}

@test "privileged: all devices of the host, its own terminals" {
    expect 0 run --rm --network none --privileged bb sh -c \
        'grep CapEff /proc/self/status; readlink /dev/ptmx'
    [[ $output == *$'\n'*pts/ptmx ]]
}

@test "the host's network; one that podman joins by its path" {
    expect 0 run --rm --network host bb readlink /proc/self/ns/net
    [ "$output" = "$(readlink /proc/self/ns/net)" ]
    server c
    expect 0 inspect -f '{{.State.Pid}}' c
    local net
    net=$(readlink "/proc/$output/ns/net")
    expect 0 run --rm --network container:c bb readlink /proc/self/ns/net
    [ "$output" = "$net" ]
}

@test "maps of ids" {
    local namespace
    for namespace in private host; do
        expect 0 run --rm --network none --uidmap 0:100000:65536 \
            --cgroupns $namespace bb cat /proc/self/uid_map
        [ "$(echo $output)" = "0 100000 65536" ]
    done
}

@test "--init: podman's own, which it binds in, is pid 1" {
    command -v catatonit >/dev/null || skip "catatonit is not installed"
    expect 4 run --rm --network none --init bb sh -c \
        'tr "\\0" " " </proc/1/cmdline; exit 4'
    [[ $output == /run/podman-init\ --\ sh* ]]
}

@test "volumes: one with a name keeps what is written, directories, read-only" {
    expect 0 volume create v
    expect 0 run --rm --network none -v v:/data bb sh -c 'echo kept >/data/f'
    expect 1 run --rm --network none -v v:/data:ro bb sh -c \
        'cat /data/f; touch /data/g'
    [[ $output == kept*"Read-only file system" ]]
    mkdir -p shared
    expect 0 run --rm --network none -v "$PWD/shared:/w" bb touch /w/made
    [ -e shared/made ]
    expect 0 volume rm v
}

@test "a pod shares namespaces, and stops as one" {
    command -v catatonit >/dev/null || skip "podman has no catatonit for pods"
    expect 0 pod create --name p --network none
    local kind seen
    expect 0 run -d --pod p --name q bb sleep 1000
    expect 0 inspect -f '{{.State.Pid}}' q
    local pid=$output
    for kind in net ipc uts; do
        seen=$(readlink "/proc/$pid/ns/$kind")
        expect 0 run --rm --pod p bb readlink "/proc/self/ns/$kind"
        [ "$output" = "$seen" ]
        [ "$output" != "$(readlink "/proc/self/ns/$kind")" ]
    done
    expect 0 run --rm --pod p bb readlink /proc/self/ns/mnt
    [ "$output" != "$(readlink "/proc/$pid/ns/mnt")" ]
    expect 0 pod stop -t 0 p
    expect 0 inspect -f '{{.State.Status}}' q
    [ "$output" = exited ]
    expect 0 pod rm -f p
}
