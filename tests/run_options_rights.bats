# The options of run about rights: capabilities, seccomp, devices, privileged.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() { assert_clean; }

DEFAULT=0xa80425fb # tests/isolation.bats spells the fourteen out
NET_ADMIN=$((1 << 12)) CHOWN=$((1 << 0)) KILL=$((1 << 5)) NET_RAW=$((1 << 13))

caps() { # OPTION...: bounding, permitted and effective, which are the same
    local set
    set=$(inside "$@" -- sed -n 's/^Cap\(Prm\|Eff\|Bnd\):[[:space:]]*//p' /proc/self/status | uniq)
    echo $((16#$set))
}

@test "--cap-add, --cap-drop" {
    same $((DEFAULT | NET_ADMIN)) "$(caps --cap-add NET_ADMIN)"
    same $((DEFAULT | NET_ADMIN)) "$(caps --cap-add cap_net_admin)"
    same $((DEFAULT & ~CHOWN & ~KILL)) "$(caps --cap-drop CHOWN --cap-drop kill)"
    same $NET_RAW "$(caps --cap-drop ALL --cap-add NET_RAW)"
    same 0 "$(caps --cap-drop all)"
    # As much as we have ourselves; a sandbox may lack some.
    all=$((16#$(sed -n 's/^CapBnd:\t//p' /proc/self/status)))
    same $all "$(caps --cap-add ALL)"
    same $((all & ~CHOWN)) "$(caps --cap-add ALL --cap-drop CHOWN)"
    # And it makes the difference.
    run ! inside --cap-drop CHOWN -- chown 1 /tmp
    run -0 inside -- chown 1 /tmp
    run ! inside -- ip link set lo mtu 1000
    run -0 inside --cap-add NET_ADMIN -- ip link set lo mtu 1000
}

@test "--security-opt no-new-privileges" {
    for word in no-new-privileges no-new-privileges=true no-new-privileges:true; do
        same 1 "$(status_of NoNewPrivs --security-opt $word)"
    done
    same 0 "$(status_of NoNewPrivs --security-opt no-new-privileges=false)"
}

@test "--security-opt seccomp: unconfined, builtin, a profile of one's own" {
    same 0 "$(status_of Seccomp --security-opt seccomp=unconfined)"
    same 2 "$(status_of Seccomp --security-opt seccomp=builtin)"
    echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
        [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}' >profile.json
    same 2 "$(status_of Seccomp --security-opt seccomp=profile.json)"
    run inside --security-opt seccomp=profile.json -- mkdir /new
    [[ $output == *"Operation not permitted"* ]]
    run -0 inside -- mkdir /new
}

@test "--security-opt systempaths=unconfined; apparmor and label that are off" {
    same 0 "$(inside --security-opt systempaths=unconfined -- \
        grep -c -E ' /(proc|sys)/(kcore|sys|bus|firmware|acpi) ' /proc/self/mountinfo || true)"
    run -0 inside --security-opt apparmor=unconfined --security-opt label=disable -- true
}

# A device that no driver has (240 is for experiments): with the group's leave,
# opening it gives ENXIO, and without it EPERM, before a driver is looked for.
a_device() {
    mknod odd c 240 7
    chmod 640 odd
    chown 0:5 odd
}
# How does opening FILE end? try_open FILE >|<
reads='(: </dev/x) 2>&1 | sed "s/.*: //"'
writes='(: >/dev/x) 2>&1 | sed "s/.*: //"'
NO="Operation not permitted" YES="No such device or address"

@test "--device: the node, its owner, and how it may be opened" {
    a_device
    d=$PWD/odd
    same 'crw-r----- 0:5 f0:7' \
        "$(inside --device $d:/dev/x -- stat -c '%A %u:%g %t:%T' /dev/x)"
    same "$YES $YES" "$(echo $(inside --device $d:/dev/x -- sh -c "$reads; $writes"))"
    same "$YES $NO" "$(echo $(inside --device $d:/dev/x:r -- sh -c "$reads; $writes"))"
    same "$NO $YES" "$(echo $(inside --device $d:/dev/x:wm -- sh -c "$reads; $writes"))"
    # Under its own name, and with nothing but access.
    same f0:7 "$(inside --device $d -- stat -c %t:%T $d)"
    same f0:7 "$(inside --device $d:rw -- stat -c %t:%T $d)"
    # Without the option the node can be made, and not be opened.
    same "$NO" "$(inside -- sh -c "mknod /dev/x c 240 7; $reads")"
}

@test "--device: a symbolic link, a directory of devices" {
    a_device
    ln -s odd link
    same f0:7 "$(inside --device $PWD/link:/dev/x -- stat -c %t:%T /dev/x)"
    mkdir -p all/below
    mknod all/one c 240 1
    mknod all/below/two c 240 2
    touch all/file
    run -0 inside --device $PWD/all:/dev/all -- sh -c '
        cd /dev/all && find . -type c | sort; (: <below/two); true'
    same "./below/two ./one" "$(echo ${lines[@]:0:2})"
    [[ $output == *"$YES" ]]
}

@test "--device-cgroup-rule" {
    make='mknod /dev/x c 240 7'
    same "$YES $YES" "$(echo $(inside --device-cgroup-rule 'c 240:* rw' -- \
        sh -c "$make; $reads; $writes"))"
    same "$YES $NO" "$(echo $(inside --device-cgroup-rule 'c 240:7 r' -- \
        sh -c "$make; $reads; $writes"))"
    same "$NO $NO" "$(echo $(inside --device-cgroup-rule 'b *:* rwm' -- \
        sh -c "$make; $reads; $writes"))"
}

@test "--privileged: all capabilities, no filter, nothing hidden or read-only" {
    all=$(sed -n 's/^CapBnd:\t//p' /proc/self/status)
    run -0 inside --privileged -- cat /proc/self/status /proc/self/mountinfo
    for field in CapPrm:$all CapEff:$all CapBnd:$all Seccomp:0 NoNewPrivs:0; do
        [[ $output == *"${field/:/:$'\t'}"* ]] || { echo "no $field in $output"; false; }
    done
    mounts=$(grep -E ' /(proc|sys)[ /]' <<<"$output")
    for target in /proc /sys /sys/fs/cgroup; do
        [[ $mounts == *" $target rw,"* ]] || { echo "$mounts"; false; }
    done
    ! grep -E ' (/proc/[a-z]*|/sys/firmware) | ro,' <<<"$mounts" || { echo "$mounts"; false; }
    # A parameter of its own namespace can be written, and a group be made.
    run -0 inside --privileged -- sh -c 'echo other >/proc/sys/kernel/domainname &&
        cd /sys/fs/cgroup && { [ ! -d pids ] || cd pids; } && mkdir below &&
        hostname other && mount -t tmpfs none /tmp && echo done'
    same done "$output"
    # And a group that it leaves behind goes with its own.
    run ! inside -- mkdir /sys/fs/cgroup/below /sys/fs/cgroup/pids/below
}

@test "--privileged: every device of the host" {
    a_device
    # The terminals are its own.
    host=$(find /dev -xdev \( -type b -o -type c \) ! -path '/dev/pts/*' \
        ! -name console ! -name ptmx | sort)
    found=$(inside --privileged -- find /dev -xdev \( -type b -o -type c \) | sort)
    same "" "$(comm -23 <(echo "$host") <(echo "$found"))"
    same "$YES" "$(inside --privileged -- sh -c "mknod /dev/x c 240 7; $reads")"
    # What is asked for beside it still holds.
    same $((16#$(status_of CapBnd --privileged) & ~CHOWN)) \
        "$(caps --privileged --cap-drop CHOWN)"
    echo '{"defaultAction": "SCMP_ACT_ALLOW"}' >profile.json
    same 2 "$(status_of Seccomp --privileged --security-opt seccomp=profile.json)"
}

@test "wrong rights" {
    echo '{' >bad.json
    echo '{"defaultAction": "SCMP_ACT_WHAT"}' >worse.json
    touch file
    mkdir empty
    all_refused <<END
--cap-add FOO                        | invalid CapAdd: unknown capability: "CAP_FOO"
--cap-drop FOO                       | invalid CapDrop: unknown capability: "CAP_FOO"
--privileged=x                       | strconv.ParseBool: parsing "x"
--security-opt foo                   | Invalid --security-opt: "foo"
--security-opt foo=bar               | invalid --security-opt: "foo=bar"
--security-opt no-new-privileges=x   | invalid --security-opt: "no-new-privileges=x"
--security-opt seccomp=none.json     | opening seccomp profile (none.json) failed: No such file or directory
--security-opt seccomp=bad.json      | seccomp profile $PWD/bad.json: line
--security-opt seccomp=worse.json    | SCMP_ACT_WHAT
--security-opt systempaths=x         | invalid --security-opt: "systempaths=x"
--security-opt apparmor=mine         | --security-opt apparmor=mine: profiles are not built yet
--device x                           | x is not an absolute path
--device ''                          | bad format for path
--device /dev/none                   | error gathering device information while adding custom device "/dev/none": device /dev/none: No such file or directory
--device $PWD/file                   | $PWD/file is not a device
--device $PWD/empty                  | $PWD/empty is not a device
--device /dev/null:/dev/x:q          | bad mode specified: q
--device /dev/null:/dev/x:r:w        | bad format for path
--device-cgroup-rule 'x 1:1 r'       | invalid device cgroup format 'x 1:1 r'
--device-cgroup-rule a               | invalid device cgroup format 'a'
END
}
