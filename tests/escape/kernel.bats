# What of the kernel itself is in reach: calls, files, mounts, devices.
# Some also in the lab kernel: device rules of v2, and an older kernel's answers.
load escape

setup_file() { escape_setup; }
setup() { cd "$BATS_FILE_TMPDIR"; }
teardown() { escape_clean; }

# --- calls ------------------------------------------------------------------

# "NAME: EPERM" lines -> "NAME n", and y for any other answer: the kernel has
# looked at the call. One that Docker answers with ENOSYS was not looked at.
verdicts() {
    "$@" | sed 's/: EPERM$/ n/; s/^clone3: ENOSYS$/clone3 n/; s/: .*/ y/'
}

# Columns: Docker's defaults | no filter | all capabilities, and the filter as
# --cap-add opens it | neither. What only one of the two stops would be open to
# whoever gets past that one; a "?" depends on what the kernel is built with.
CALLS='
    unshare           n y y y
    clone             n y y y
    clone3            n y y y
    setns             n y y y
    mount             n y y y
    umount2           n y y y
    fsopen            n n y y
    open_tree         n n y y
    pivot_root        n n n y
    open_by_handle_at n ? y y
    bpf               n y y y
    perf_event_open   n y y y
    userfaultfd       n y n y
    io_uring_setup    n y n y
    add_key           n y n y
    keyctl            n y n y
    init_module       n ? y y
    finit_module      n ? y y
    kexec_load        n ? n y
    reboot            n n y y
    swapon            n n n ?
    acct              n ? y y
    syslog            n ? y y
    settimeofday      n y y y
    vsock             n y n y'

@test "calls: refused by the filter, by missing capabilities, or by both" {
    for way in ${WAYS% in_bundle*}; do
        verdicts $way - /a/calls >1
        verdicts $way unfiltered /a/calls >2
        verdicts $way ALL /a/calls >3
        verdicts $way ALL+unfiltered /a/calls >4
        join 1 2 | join - 3 | join - 4 >got 2>join.err
        run ! grep -v -f <(sed 's/^ *//; s/  */ /g; s/?/./g; /^$/d' <<<"$CALLS") got
        [ -z "$output" ] || { echo "$way, otherwise: $output"; false; }
        [ "$(wc -l <got)" = "$(grep -c . <<<"$CALLS")" ]
    done
}

@test "calls: Docker's filter alone stops them, whatever the capabilities" {
    not_in_lab_kernel
    for way in in_bundle in_box; do
        verdicts $way all-capabilities /a/calls >got
        run ! grep -v ' n$' got
        verdicts $way all-capabilities+unfiltered /a/calls >got
        run -0 grep -c ' y$' got
        [ "$output" -ge 24 ] || { cat got; false; } # but for swapon, perhaps
    done
}

# A filter decides before the kernel looks whether it has x32 programs at all.
# Where there is no gate for 32-bit ones (SIGSEGV), or where it takes the number
# for its own (ENOSYS), there is no such way, with or without a filter.
i386_answers() { # IF-OPEN: what mount and unshare get
    case $gate in
    worked) echo "i386 mount: $1, i386 unshare: $1" ;;
    SIGSEGV) echo "i386 mount: $gate, i386 unshare: $gate" ;;
    ENOSYS) echo "i386 mount: *, i386 unshare: *" ;;
    esac
}

@test "calls: by the numbers of 32-bit and of x32 programs" {
    [ "$(uname -m)" = x86_64 ] || skip "not an x86-64"
    for way in $WAYS; do
        run $way unfiltered /a/abi
        gate=$(sed -n 's/i386 getpid: //p' <<<"$output")
        [ "$gate" != worked ] || [[ $output == *"i386 unshare: worked"* ]]
        [[ $output != *": EPERM"* && $output != *": SIGSYS"* ]]
        run $way - /a/abi
        answers "i386 getpid: $gate, $(i386_answers EPERM), x32 getpid: *
x32 mount: EPERM, x32 unshare: EPERM" "$way"
    done
}

@test "calls: a filter that knows one architecture kills whoever uses another" {
    not_in_lab_kernel
    [ "$(uname -m)" = x86_64 ] || skip "not an x86-64"
    for way in in_bundle in_box; do
        run $way unfiltered /a/abi
        gate=$(sed -n 's/i386 getpid: //p' <<<"$output")
        run $way x86-64-alone /a/abi
        answers "i386 getpid: ${gate/worked/SIGSYS}, $(i386_answers SIGSYS)
x32 getpid: SIGSYS, x32 mount: SIGSYS, x32 unshare: SIGSYS" "$way"
    done
}

# --- files ------------------------------------------------------------------

# Those that this kernel has, of the words on the input, beginning with $1.
there() {
    local file
    while read -r file; do
        ! [ -e "$file" ] || echo "$1 $file"
    done
}

@test "files: what is masked tells nothing" {
    # (SYS_RAWIO for kcore, the others for the rest: only the mask is left.)
    there "/a/open r" >rows <<'END'
/proc/acpi
/proc/asound
/proc/interrupts
/proc/kcore
/proc/keys
/proc/latency_stats
/proc/sched_debug
/proc/scsi
/proc/timer_list
/sys/firmware
/sys/devices/virtual/powercap
END
    [ "$(wc -l <rows)" -ge 3 ]
    sed 's/$/ | SYS_RAWIO+SYSLOG | *: empty | unmasked | *: told/' rows >table
    # What has nothing to tell anyway is no control.
    while read -r _ _ file _; do
        "$ATTACKS/open" r "$file" | grep -q told || sed -i "\\, $file ,d" table
    done <rows
    [ -s table ]
    withstood <table
}

@test "files: what would change the machine is read-only" {
    # core_pattern: a program that the kernel runs as root of the host.
    there "/a/open w" >rows <<'END'
/proc/sys/kernel/core_pattern
/proc/sys/kernel/panic
/proc/sys/vm/drop_caches
/proc/sysrq-trigger
/proc/irq/default_smp_affinity
END
    [ "$(wc -l <rows)" -ge 2 ]
    sed 's/$/ | - | *: EROFS | unmasked | *: worked/' rows | withstood
    there "/a/open w" >rows <<'END'
/sys/kernel/uevent_helper
/sys/kernel/mm/transparent_hugepage/enabled
/sys/kernel/profiling
END
    sed 's/$/ | - | *: EROFS | privileged | *: worked/' rows | withstood
}

# bats test_tags=lab-kernel
@test "files: control groups cannot be changed, nor their release_agent named" {
    # CVE-2022-0492. The group's own files: it could give itself more memory.
    file=/sys/fs/cgroup/cgroup.procs
    [ -e $file ] || file=/sys/fs/cgroup/memory/cgroup.procs
    withstood <<END
/a/open w $file | - | *: EROFS | privileged | *: worked
END
    # release_agent is a file of the top group alone, which is not ours.
    for way in $WAYS; do
        run -0 $way privileged find /sys/fs/cgroup -name release_agent
        [ -z "$output" ]
    done
}

# --- mounts -----------------------------------------------------------------

# bats test_tags=lab-kernel
@test "mounts: masks do not come off, nothing is mounted anew" {
    withstood <<'END'
/a/mounts new proc                  | - | proc: EPERM                        | SYS_ADMIN | proc: worked
/a/mounts new sysfs                 | - | sysfs: EPERM                       | SYS_ADMIN | sysfs: worked
/a/mounts new cgroup2               | - | cgroup2: EPERM                     | SYS_ADMIN | cgroup2: worked
/a/mounts off /proc/keys /proc/sys  | - | /proc/keys: EPERM, /proc/sys: EPERM | SYS_ADMIN | /proc/keys: worked, /proc/sys: worked
/a/mounts rw /proc/sys              | - | /proc/sys: EPERM                   | SYS_ADMIN | /proc/sys: worked
END
}

# With the filter away everybody is root of a user namespace. What remains are
# the kernel's own locks on mounts that came from outside of it.
@test "mounts: not by root of a user namespace either" {
    withstood <<'END'
/a/mounts user new tmpfs            | -          | user namespace: EPERM  | unfiltered | tmpfs: worked
/a/mounts user new proc             | unfiltered | proc: EPERM            | unmasked   | proc: worked
/a/mounts user off /proc/keys       | unfiltered | /proc/keys: EINVAL     | -          | /proc/keys: EINVAL
/a/mounts user rw /proc/sys         | unfiltered | /proc/sys: EPERM       | -          | /proc/sys: EPERM
END
}

# --- devices, and files by number -------------------------------------------

# bats test_tags=lab-kernel
@test "devices: neither making the node nor opening it leads to a disk" {
    # 240 is for experiments: the control gets as far as asking for a driver.
    withstood <<'END'
/a/device c 240 7 | -             | mknod: worked, open: EPERM | rule  | mknod: worked, open: ENXIO
/a/device c 240 7 | rule+no-mknod | mknod: EPERM               | MKNOD | mknod: worked, open: ENXIO
END
    # The real ones, where a control would be an open disk: no attempt more.
    lsblk -nr -o MAJ:MIN 2>/dev/null | tr : ' ' | while read -r number; do
        run in_docker - /a/device b $number
        answers "mknod: worked, open: EPERM" "disk $number"
    done
}

@test "files by number: a volume is not all of the disk it lies on" {
    mkdir volume
    echo secret >canary
    handle=$("$ATTACKS/handle" of canary) || skip "no handles on this file system"
    OPTIONS[volume]="-v $PWD/volume:/volume"
    CHANGES[volume]=".mounts += [{destination: \"/volume\", type: \"bind\",
        source: \"$PWD/volume\", options: [\"bind\"]}]"
    withstood <<END
/a/handle open /volume $handle | volume | open_by_handle_at: EPERM | DAC_READ_SEARCH | open_by_handle_at: worked, read: secret
END
    # Nor with the filter away: the capability is missing.
    for way in $WAYS; do
        run $way volume+unfiltered /a/handle open /volume "$handle"
        answers "open_by_handle_at: EPERM" "without the filter: $way"
    done
}
