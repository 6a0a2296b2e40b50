# What doctor finds, and info warns of, on machines from which something was
# taken away. Nothing is left behind by looking.
load lib/product

ANN=1000

setup_file() {
    [ "$(id -u)" = 0 ] || { lacks "root, to take things away"; return; }
    product_setup
    export HOUSE=$BATS_FILE_TMPDIR/ann
    mkdir -p "$HOUSE/data" "$HOUSE/run"
    chown -R $ANN:$ANN "$HOUSE"
    chmod 755 "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
}

# A command as an ordinary user, who has a home and a run directory.
as_ann() {
    env -u MINI_DOCKER_ROOT HOME="$HOUSE" XDG_DATA_HOME="$HOUSE/data" \
        XDG_RUNTIME_DIR="$HOUSE/run" \
        setpriv --reuid $ANN --regid $ANN --clear-groups "$@"
}

# A shell's commands in a mount namespace that ends with them; $MD is ours.
apart() {
    MD=$MINI_DOCKER unshare --mount --propagation private sh -e -c "$1"
}

# The last command's output has a line with this status for this thing ...
finds() { # STATUS NAME
    grep -q -E "^$1 +$2  " <<<"$output" ||
        { echo "no '$1 $2' in: $output"; return 1; }
}
# ... and a remedy with these words below it, where one may stand for several.
mends() { # NAME WORDS
    awk -v name="$1" -v words="$2" '
        substr($0, 7, length(name)) == name { there = 1 }
        there && /^      -> / { good = index($0, words) > 0; exit }
        END { exit !good }' <<<"$output" ||
        { echo "'$2' does not mend '$1' in: $output"; return 1; }
}

# All that trying could leave.
traces() {
    find "$MINI_DOCKER_ROOT" "$HOUSE" | sort
    find /sys/fs/cgroup -type d | sort
    awk '{ print $5 }' /proc/self/mountinfo
    ip -o link | wc -l
}

# bats test_tags=lab-kernel
@test "root: containers can be run, each line has a status and a name" {
    run -0 md doctor
    [ "${lines[-1]}" = "Containers can be run." ]
    finds ok kernel
    finds ok "mount namespace"
    finds ok overlayfs
    finds "(ok|warn)" "state root" # there may be little room
    finds ok mini-docker-init
    finds ok mini-docker-web
    for line in "${lines[@]:0:${#lines[@]}-1}"; do
        [[ $line =~ ^(ok\ \ |warn|FAIL)\ \ [A-Za-z] || $line == "      -> "* ]]
    done
    [[ $output != *$'\033'* ]]
}

@test "every line that is not ok is followed by what mends it" {
    run md --root /proc/nothing doctor
    awk '/^(warn|FAIL)/ { open = $0 } /^ok/ && open != "" { exit 1 }
         /^      -> / { open = "" } END { exit open != "" }' <<<"$output"
}

@test "looking leaves nothing, and makes no state root" {
    local before
    before=$(traces)
    md doctor
    as_ann "$MINI_DOCKER" doctor >/dev/null
    [ "$(traces)" = "$before" ]
    md --root "$BATS_TEST_TMPDIR/not/yet" doctor
    [ ! -e "$BATS_TEST_TMPDIR/not" ]
}

@test "JSON has the same findings, with all members" {
    local findings
    findings=$(md doctor --format json)
    run -0 md doctor
    [ "$(jq length <<<"$findings")" = "$(grep -c -E '^(ok|warn|FAIL) ' <<<"$output")" ]
    jq -e 'all(.name and .why and .detail and (.remedy | type) == "string"
               and (.status | IN("ok", "warn", "fail")))' <<<"$findings"
    jq -e 'map(select(.name == "memory controller")) | length == 1' <<<"$findings"
    run -1 md --root /proc/nothing doctor --format json
    jq -e 'any(.status == "fail")' <<<"$output"
}

@test "colours on a terminal, unless they are unwanted" {
    run script -qec "env TERM=xterm $MINI_DOCKER doctor" /dev/null
    [[ $output == *$'\033[32mok'* ]]
    run script -qec "env TERM=xterm NO_COLOR=1 $MINI_DOCKER doctor" /dev/null
    [[ $output != *$'\033'* ]]
}

@test "an ordinary user: his own places, namespaces in a user namespace" {
    run -0 as_ann "$MINI_DOCKER" doctor
    finds ok "user namespace"
    finds ok "overlayfs for users"
    [[ $output == *"$HOUSE/data/mini-docker on "* ]]
    [[ $output == *"$HOUSE/run/mini-docker/"* ]]
}

# bats test_tags=lab-kernel
@test "an ordinary user without control groups: doctor warns, info has none" {
    local remedy=systemd.unified_cgroup_hierarchy=1
    [ ! -e /sys/fs/cgroup/cgroup.controllers ] || remedy=systemd-run
    run -0 as_ann "$MINI_DOCKER" doctor
    finds warn "control groups"
    mends "control groups" "$remedy"
    run -0 as_ann "$MINI_DOCKER" info
    [[ $output == *" name=rootless"* ]]
    [[ $output == *"Cgroup Driver: none"* ]]
    [[ $output == *"WARNING: Running in rootless-mode without cgroups."* ]]
    run -0 md info
    [[ $output != *rootless* ]]
    [[ $output == *"Cgroup Driver: cgroupfs"* ]]
}

@test "user namespaces are switched off: an ordinary user cannot, root can" {
    local off='echo 0 >/proc/sys/user/max_user_namespaces'
    run -1 env -u MINI_DOCKER_ROOT -u XDG_DATA_HOME HOME="$BATS_TEST_TMPDIR" \
        XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR" \
        unshare --user --map-user=$ANN --keep-caps sh -c \
        "$off; exec setpriv --ambient-caps=-all $MINI_DOCKER doctor"
    finds FAIL "user namespace"
    finds FAIL "unprivileged users"
    mends "unprivileged users" "sysctl -w user.max_user_namespaces=15000"
    run unshare --user --map-root-user sh -c "$off; exec $MINI_DOCKER doctor"
    finds warn "unprivileged users"
    mends "unprivileged users" "sysctl -w user.max_user_namespaces=15000"
    finds ok "mount namespace"
}

# bats test_tags=lab-kernel
@test "control groups are hidden: root's containers need them" {
    run -1 apart 'mount -t tmpfs t /sys/fs/cgroup; exec $MD doctor'
    finds FAIL "control groups"
    mends "control groups" "umount /sys/fs/cgroup"
    finds warn "memory controller"
    run -0 apart 'mount -t tmpfs t /sys/fs/cgroup; exec $MD info'
    [[ $output == *"WARNING: limits are not available"*umount* ]]
    [[ $output == *"Cgroup Driver: none"* ]]
}

@test "control groups are read-only, as in a container" {
    run -1 apart 'for dir in /sys/fs/cgroup /sys/fs/cgroup/*; do
            ! mountpoint -q $dir || mount -o remount,bind,ro $dir
        done; exec $MD doctor'
    finds FAIL "control groups"
    [[ $output == *read-only* ]]
    mends "control groups" "--privileged"
}

@test "one controller is missing: a warning here and there" {
    [ -d /sys/fs/cgroup/memory ] || skip "the memory controller of cgroup v1"
    run -0 apart 'umount /sys/fs/cgroup/memory; exec $MD doctor'
    finds warn "memory controller"
    mends "memory controller" "mount -t cgroup -o memory"
    finds warn "swap limits"
    run -0 apart 'umount /sys/fs/cgroup/memory; exec $MD info'
    [[ $output == *"WARNING: No memory limit support"* ]]
    [[ $output != *"No cpu shares"* ]]
}

@test "the state root is read-only" {
    run -1 apart 'mount --bind $MINI_DOCKER_ROOT $MINI_DOCKER_ROOT
        mount -o remount,bind,ro $MINI_DOCKER_ROOT; exec $MD doctor'
    finds FAIL "state root"
    mends "state root" "MINI_DOCKER_ROOT="
    finds FAIL overlayfs
    [[ $output == *"Read-only file system"* ]]
}

@test "newuidmap is there without its power, or not at all" {
    [ -u /usr/bin/newuidmap ] || skip "no newuidmap"
    run -0 apart 'mount --bind /bin/true /usr/bin/newuidmap; exec $MD doctor'
    finds warn newuidmap
    mends newuidmap "chmod u+s"
    touch plain
    run -0 apart 'mount --bind plain /usr/bin/newgidmap; exec $MD doctor'
    finds warn newuidmap
    [[ $output == *"newgidmap is not installed"* ]]
    mends newuidmap uidmap
}

@test "ids are granted, or not" {
    echo "1000:100000:65536" >granted
    : >none
    export MD=$MINI_DOCKER HOUSE ANN
    user='exec env -u MINI_DOCKER_ROOT HOME=$HOUSE XDG_RUNTIME_DIR=$HOUSE/run \
        setpriv --reuid 1000 --regid 1000 --clear-groups $MD doctor'
    [ -e /etc/subuid ] || touch /etc/subuid /etc/subgid
    run -0 apart "mount --bind granted /etc/subuid
        mount --bind granted /etc/subgid; $user"
    finds ok "subordinate ids"
    [[ $output == *"65536 user and 65536 group ids"* ]]
    run -0 apart "mount --bind none /etc/subuid; $user"
    finds warn "subordinate ids"
    mends "subordinate ids" "usermod --add-subuids"
}

@test "root without its capabilities, as in a container" {
    run -1 setpriv --bounding-set=-all --inh-caps=-all "$MINI_DOCKER" doctor
    finds FAIL "mount namespace"
    mends "mount namespace" "--privileged"
    [[ ${lines[-1]} == "Containers cannot be run: "*" of these are needed." ]]
}

@test "in a container" {
    program=$(dirname "$MINI_DOCKER")
    run md run --rm -v "$program:$program:ro" -v /usr:/usr:ro -v /lib:/lib:ro \
        -v /lib64:/lib64:ro --tmpfs /var busybox "$MINI_DOCKER" doctor
    [ "$status" = 1 ]
    finds ok kernel
    finds FAIL "control groups"
    mends "control groups" "--privileged"
}

@test "how long it takes" {
    local begin=${EPOCHREALTIME/./} took
    md doctor >/dev/null
    took=$(((${EPOCHREALTIME/./} - begin) / 1000))
    echo "# doctor took $took ms" >&3
    [ $took -lt 10000 ]
}

@test "it takes no arguments, and stands in the help" {
    run -1 md doctor now
    [[ ${lines[0]} == *"accepts no arguments"* ]]
    run -0 md --help
    [[ $output == *"  doctor "* ]]
    run -0 md help --completion bash
    [[ $output == *doctor* ]]
}

@test "networks: what is missing is named with the package or module that has it" {
    run -0 md doctor
    for thing in bridge veth nft nftables; do finds ok $thing; done
    run -0 apart 'mount --bind /dev/null "$(command -v nft)"; exec $MD doctor'
    finds warn nft
    mends nft "apt-get install nftables"
    finds warn nftables
    run -0 apart 'printf "#!/bin/sh\necho Error: Operation not supported >&2
        exit 1\n" >/run/no-nft; chmod +x /run/no-nft
        mount --bind /run/no-nft "$(command -v nft)"; rm /run/no-nft; exec $MD doctor'
    finds ok nft
    finds warn nftables
    mends nftables CONFIG_NF_TABLES
}

@test "networks of ordinary users: pasta and /dev/net/tun" {
    local hide='for p in pasta slirp4netns; do
        ! f=$(command -v $p) || mount --bind /dev/null "$f"; done
        mount -t tmpfs t /dev/net;'
    run -0 apart "$hide"' exec $MD doctor'
    finds ok pasta
    finds ok "tun device"
    run -0 apart "$hide"' exec env -u MINI_DOCKER_ROOT HOME=$HOUSE \
        XDG_DATA_HOME=$HOUSE/data XDG_RUNTIME_DIR=$HOUSE/run \
        setpriv --reuid 1000 --regid 1000 --clear-groups $MD doctor'
    finds ok nft
    finds warn pasta
    mends pasta "apt-get install passt"
    finds warn "tun device"
    mends "tun device" "modprobe tun"
}
