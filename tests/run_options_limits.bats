# The options of run that limit: control groups of either version, rlimits, and
# how likely it is to be killed. What the kernel's files say in the container.
load lib/options

setup_file() { product_setup; }
teardown() { assert_clean; }

@test "--memory, --memory-swap, --memory-reservation" {
    need_controller memory
    all_limited <<'END'
-m 64m                    | memory.limit_in_bytes      | 67108864  | memory.max | 67108864
--memory 6291456          | memory.limit_in_bytes      | 6291456   | memory.max | 6291456
--memory=0.5g             | memory.limit_in_bytes      | 536870912 | memory.max | 536870912
--memory-reservation 32m  | memory.soft_limit_in_bytes | 33554432  | memory.low | 33554432
END
    # Without the kernel's count of swap there is no such limit.
    [ $VERSION = 1 ] && swap=memory.memsw.limit_in_bytes || swap=memory.swap.max
    inside -- test -e $GROUP/$swap || skip "this kernel does not count swap"
    all_limited <<'END'
-m 64m                    | memory.memsw.limit_in_bytes | 134217728 | memory.swap.max | 67108864
-m 64m --memory-swap 96m  | memory.memsw.limit_in_bytes | 100663296 | memory.swap.max | 33554432
-m 64m --memory-swap 64m  | memory.memsw.limit_in_bytes | 67108864  | memory.swap.max | 0
-m 64m --memory-swap -1   | memory.memsw.limit_in_bytes | 9223372036854771712 | memory.swap.max | max
END
}

@test "--memory kills above it, and 137 is said; below it nothing happens" {
    need_controller memory
    run -137 inside -m 16m --memory-swap 16m -- \
        sh -c 'x=$(dd if=/dev/zero bs=1M count=64 2>/dev/null | tr "\0" x)'
    run -0 inside -m 64m --memory-swap 64m -- \
        sh -c 'x=$(dd if=/dev/zero bs=1M count=4 2>/dev/null | tr "\0" x)'
}

@test "--memory-swappiness and --oom-kill-disable: v1 has them, v2 ignores them" {
    need_controller memory
    all_limited <<'END'
--memory-swappiness 10    | memory.swappiness  | 10 | -
--memory-swappiness 0     | memory.swappiness  | 0  | -
-m 64m --oom-kill-disable | memory.oom_control | oom_kill_disable 1 under_oom 0 oom_kill 0 | -
END
}

@test "--cpus, --cpu-period, --cpu-quota, --cpu-shares" {
    need_controller cpu
    all_limited <<'END'
--cpus 0.5                           | cpu.cfs_quota_us  | 50000  | cpu.max    | 50000 100000
--cpus .01                           | cpu.cfs_quota_us  | 1000   | cpu.max    | 1000 100000
--cpus 0.5                           | cpu.cfs_period_us | 100000 | cpu.max    | 50000 100000
--cpus 0                             | cpu.cfs_quota_us  | -1     | cpu.max    | max 100000
--cpu-quota 20000                    | cpu.cfs_quota_us  | 20000  | cpu.max    | 20000 100000
--cpu-quota -1                       | cpu.cfs_quota_us  | -1     | cpu.max    | max 100000
--cpu-period 50000                   | cpu.cfs_period_us | 50000  | cpu.max    | max 50000
--cpu-period 50000 --cpu-quota 20000 | cpu.cfs_quota_us  | 20000  | cpu.max    | 20000 50000
--cpu-shares 512                     | cpu.shares        | 512    | cpu.weight | 20
-c 1024                              | cpu.shares        | 1024   | cpu.weight | 39
END
}

# Version 1 alone has them, and shares out what the group above was given.
@test "--cpu-rt-period, --cpu-rt-runtime" {
    need_controller cpu
    run md run --rm --cpu-rt-period 1000 --cpu-rt-runtime 1001 busybox true
    if [ ! -e "$GROUP/cpu.rt_period_us" ]; then
        refused 125 "Your kernel does not support CPU real-time scheduler"
        md create --name web busybox true
        run md update --cpu-rt-runtime 1000 web
        refused 1 "Your kernel does not support CPU real-time scheduler"
        md rm web
        return
    fi
    refused 125 "cpu real-time runtime cannot be higher than cpu real-time period"
    run md run --rm --cpu-rt-runtime 20000 busybox true
    refused 125 "cpu.rt_runtime_us: Invalid argument"
    echo 100000 >"$GROUP/cpu.rt_runtime_us"
    # More than two need: a group that is removed counts for a moment longer.
    echo 90000 >"$GROUP/mini-docker/cpu.rt_runtime_us"
    all_limited <<'END'
--cpu-rt-runtime 20000                         | cpu.rt_runtime_us | 20000  | - | -
--cpu-rt-period 500000                         | cpu.rt_period_us  | 500000 | - | -
--cpu-rt-period 500000 --cpu-rt-runtime 20000  | cpu.rt_runtime_us | 20000  | - | -
END
    start_background --name web busybox sleep 1000
    md update --cpu-rt-runtime 10000 web
    [ "$(<"$GROUP/mini-docker/$ID/cpu.rt_runtime_us")" = 10000 ]
    stop_background
    md rm web
    eventually eval 'echo 0 >"$GROUP/mini-docker/cpu.rt_runtime_us"'
    echo 0 >"$GROUP/cpu.rt_runtime_us"
}

@test "--cpus holds: who spins is throttled, and not without it" {
    need_controller cpu
    spin='i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done
        sed -n "s/^nr_throttled //p" '$GROUP/cpu.stat
    [ "$(inside --cpus 0.1 -- sh -c "$spin")" -gt 0 ]
    [ "$(inside -- sh -c "$spin")" = 0 ]
}

@test "--cpuset-cpus, --cpuset-mems" {
    need_controller cpuset
    all_limited <<'END'
--cpuset-cpus 0   | cpuset.cpus | 0 | cpuset.cpus | 0
--cpuset-mems 0   | cpuset.mems | 0 | cpuset.mems | 0
END
    same 0 "$(status_of Cpus_allowed_list --cpuset-cpus 0 --cpuset-mems 0)"
}

@test "--pids-limit" {
    need_controller pids
    all_limited <<'END'
--pids-limit 20   | pids.max | 20  | pids.max | 20
--pids-limit -1   | pids.max | max | pids.max | max
--pids-limit 0    | pids.max | max | pids.max | max
END
    run inside --pids-limit 3 -- sh -c 'for i in 1 2 3 4 5; do sleep 10 & done; true'
    [[ $output == *"can't fork"* ]]
    run -0 inside --pids-limit 8 -- sh -c 'for i in 1 2 3 4 5; do true & done; wait'
    same "" "$output"
}

# The first disk that the kernel lets us limit.
a_disk() {
    local dev
    for dev in /sys/block/*; do
        NODE=/dev/${dev##*/}
        [ -b "$NODE" ] && [ "$(<"$dev/size")" != 0 ] && DISK=$(<"$dev/dev") && return
    done
    skip "this machine has no disk"
}

@test "--device-read-bps and its three sisters" {
    need_controller blkio
    a_disk
    run -0 inside --device-read-bps $NODE:1mb --device-write-bps $NODE:2mb \
        --device-read-iops $NODE:10 --device-write-iops $NODE:20 -- \
        sh -c "cd $GROUP; cat io.max 2>/dev/null || cat blkio.throttle.*_device"
    if [ $VERSION = 2 ]; then
        same "$DISK rbps=1048576 wbps=2097152 riops=10 wiops=20" "$output"
    else
        same "$DISK 1048576 $DISK 10 $DISK 2097152 $DISK 20" "$(echo $output)"
    fi
}

@test "--blkio-weight" {
    need_controller blkio
    run -0 inside --blkio-weight 300 -- sh -c "cd $GROUP
        cat io.bfq.weight io.weight blkio.bfq.weight blkio.weight 2>/dev/null; true"
    [ -n "$output" ] || skip "this kernel has no weights for disks"
    [[ $output == *300* || $output == *"default 2930"* ]] || { echo "$output"; false; }
}

@test "--cgroup-parent: its group lies below that one" {
    parent=/options-$$
    start_background --rm --cgroup-parent $parent/x busybox sleep 1000
    groups=$(cat "/proc/$PID/cgroup")
    stop_background
    find /sys/fs/cgroup -depth -type d -path "*$parent*" -exec rmdir {} +
    [ -n "$groups" ]
    same "" "$(grep -v "$parent/x/$ID$" <<<"$groups" | grep -v '^0::/$')"
}

@test "--ulimit: soft and hard, one number for both, -1 for none" {
    run -0 inside --ulimit nofile=1024:2048 --ulimit nproc=50 --ulimit core=0 \
        --ulimit fsize=-1 --ulimit RLIMIT_STACK=1048576:-1 \
        --ulimit cpu=9 --ulimit cpu=7 -- cat /proc/self/limits
    limits=$(sed -E 's/ {2,}/|/g' <<<"$output")
    while read -r line; do
        grep -q -F "$line" <<<"$limits" || { echo "$output"; false; }
    done <<'END'
Max open files|1024|2048|
Max processes|50|50|
Max core file size|0|0|
Max file size|unlimited|unlimited|
Max stack size|1048576|unlimited|
Max cpu time|7|7|
END
}

@test "--ulimit: few descriptors are enough to start and to enter" {
    for limit in 0 1 10; do
        same "$limit" "$(inside --ulimit nofile=$limit -- sh -c 'ulimit -n')"
    done
    start_background --name few --ulimit nofile=10:20 busybox sleep 1000
    same "10 20" "$(md exec few sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)')"
    md rm -f few >/dev/null
    wait $OWNER || same 137 $?
}

@test "--oom-score-adj" {
    same 500 "$(inside --oom-score-adj 500 -- cat /proc/self/oom_score_adj)"
    run inside --oom-score-adj -500 -- cat /proc/self/oom_score_adj
    # Below what it is asks for a capability that even root may lack here.
    if [ "$status" != 0 ] && ! capsh --has-p=cap_sys_resource 2>/dev/null; then
        said 'oom_score_adj: Permission denied'
    else
        same -500 "$output"
    fi
}

@test "wrong sizes and numbers" {
    all_refused <<'END'
-m 5m                         | Minimum memory limit allowed is 6MB
-m 64mm                       | invalid argument "64mm" for "-m, --memory" flag: invalid suffix: 'mm'
-m x                          | invalid size: 'x'
-m ''                         | invalid size: ''
--memory=-1                   | invalid size: '-1'
-m 99999999999999999999g      | invalid size
-m 64m --memory-swap 32m      | Minimum memoryswap limit should be larger than memory limit, see usage
--memory-swap 64m             | You should always set the Memory limit when using Memoryswap limit
--memory-reservation 1m       | Minimum memory reservation allowed is 6MB
--memory-swappiness 101       | invalid value: 101. Valid memory swappiness range is 0-100
--oom-kill-disable=x          | parsing "x": invalid syntax
--cpus x                      | failed to parse x as a rational number
--cpus 10000                  | range of CPUs is from 0.01 to
--cpus 1 --cpu-quota 5000     | Conflicting options: Nano CPUs and CPU Quota cannot both be set
--cpu-period 1                | CPU cfs period can not be less than 1ms
--cpu-quota 1                 | CPU cfs quota can not be less than 1ms
--cpu-shares -1               | shares can not be less than 0
-c x                          | parsing "x": invalid syntax
--cpuset-cpus x               | Invalid value x for cpuset cpus
--cpuset-cpus 3-1             | Invalid value 3-1 for cpuset cpus
--cpuset-cpus 0-              | Invalid value 0- for cpuset cpus
--cpuset-cpus 0,4000          | Requested CPUs are not available - requested 0,4000, available: 0
--cpuset-mems 1,,2            | Invalid value 1,,2 for cpuset mems
--cpuset-mems 900             | Requested memory nodes are not available - requested 900, available: 0
--pids-limit x                | parsing "x": invalid syntax
--blkio-weight 5              | Range of blkio weight is from 10 to 1000
--blkio-weight 70000          | value out of range
--cgroup-parent ../../x       | ..
--ulimit nofile               | invalid ulimit argument: nofile
--ulimit nofile=x             | invalid ulimit argument: nofile=x
--ulimit foo=1                | invalid ulimit type: foo
--ulimit nofile=2:1           | ulimit soft limit must be less than or equal to hard limit: 2 > 1
--ulimit nofile=1:2:3         | too many limit value arguments
--ulimit nofile=1:99999999999 | Operation not permitted
--oom-score-adj 1001          | Invalid value 1001, range for oom score adj is [-1000, 1000]
--device-read-bps x           | bad format: x
--device-read-bps /dev/null:x | The correct format is <device-path>:<number>[<unit>]
--device-write-bps /dev/a:-1  | The correct format is <device-path>:<number>[<unit>]
--device-read-iops /dev/a:1k  | The correct format is <device-path>:<number>
--device-write-iops a:1       | bad format for device path: a:1
--device-read-bps /dev/none:1 | /dev/none: No such file or directory
END
}
