# The product without root: an ordinary user, with and without other ids.
load lib/product
load lib/options
load lib/ann

setup_file() {
    ann_setup || return 0
    product_setup
    unset MINI_DOCKER_ROOT
    export RUNC=${MINI_DOCKER%/*}/mini-runc
    as_ann "$MINI_DOCKER" import "$IMAGES/busybox.tar" busybox >/dev/null
}

teardown() { rm -rf "${SANDBOX_TMP:-$BATS_TEST_TMPDIR}/apart"; }
teardown_file() { ann_done; }

ann() {
    as_ann "$MINI_DOCKER" "$@"
}
# With nothing granted: the file is empty while the command runs.
alone() {
    : >"$HOUSE/etc/none"
    mount --bind "$HOUSE/etc/none" /etc/subuid
    local status=0
    "$@" || status=$?
    umount /etc/subuid
    return $status
}

@test "state lies in her own directories" {
    [ -d "$HOUSE/data/mini-docker/layers" ]
    [ -d "$HOUSE/run/mini-docker" ]
    [ "$(find "$HOUSE/data" ! -uid $ANN ! -uid +99999 | wc -l)" = 0 ]
    run -0 ann info
    [[ $output = *"Docker Root Dir: $HOUSE/data/mini-docker"* ]]
}

# Shell commands where /tmp is empty; `bare` is the program, for her and without
# XDG's variables, in a home that only /etc/passwd names.
apart() { # COMMANDS
    export ANN PLACE=${SANDBOX_TMP:-$BATS_TEST_TMPDIR}/apart
    rm -rf "$PLACE"
    unshare --mount --propagation private bash -ec '
        mkdir -p "$PLACE/home"
        chown $ANN:$ANN "$PLACE/home"
        cp "$MINI_DOCKER" "$IMAGES/busybox.tar" "$PLACE"
        sed "s|^ann:.*|ann:x:$ANN:$ANN::$PLACE/home:/bin/sh|" /etc/passwd >"$PLACE/passwd"
        mount --bind "$PLACE/passwd" /etc/passwd
        mount -t tmpfs -o mode=1777 tmpfs /tmp
        cd "$PLACE/home"
        bare() {
            env -u MINI_DOCKER_ROOT -u HOME -u XDG_DATA_HOME -u XDG_RUNTIME_DIR \
                setpriv --reuid $ANN --regid $ANN --clear-groups env "$@"
        }
        md=$PLACE/mini-docker run=/tmp/mini-docker-$ANN
        '"$1"
}

@test "without a variable of XDG: in her home, and in a directory of hers in /tmp" {
    run -0 apart 'bare $md import ../busybox.tar bb
        bare XDG_RUNTIME_DIR=there XDG_DATA_HOME=here HOME= $md run --rm bb id -u
        bare HOME=$PWD/other $md images -q
        ls; stat -c "%u %a" $run; ls .local/share/mini-docker/layers | wc -l'
    [ "${lines[*]:1}" = "0 other $ANN 700 1" ]
}

@test "a directory in /tmp that somebody else made is not used" {
    local made
    for made in 'mkdir $run' 'ln -s /run $run' 'bare mkdir $run; chmod 777 $run' \
        'bare touch $run'; do
        run -1 apart "$made"'; bare $md images'
        refused 1 "is not a directory of yours alone; remove it, or set XDG_RUNTIME_DIR"
    done
}

@test "a home or a run directory that she may not write is named" {
    run -1 apart 'bare HOME=/root $md images'
    refused 1 "state root /root/.local/share/mini-docker: mkdir /root"
    run -125 apart 'bare XDG_RUNTIME_DIR=/none $md run --rm bb true'
    refused 125 "run directory /none/mini-docker/"
}

@test "root inside is she outside; the granted ids follow" {
    run -0 ann run --rm busybox sh -c 'id -u; cat /proc/self/uid_map'
    [ "${lines[0]}" = 0 ]
    [[ ${lines[1]} =~ ^\ *0\ +$ANN\ +1$ ]]
    [[ ${lines[2]} =~ ^\ *1\ +100000\ +65536$ ]]
}

@test "another user inside has another id outside" {
    local owner
    ann run --rm --name other -u 7:8 busybox sleep 20 &
    for _ in $(seq 100); do
        owner=$(pgrep -f -x 'sleep 20') && break
        sleep 0.05
    done
    run -0 sed -n 's/^[UG]id:\t\([0-9]*\).*/\1/p' "/proc/$owner/status"
    [ "${lines[0]}" = 100006 ]
    [ "${lines[1]}" = 100007 ]
    ann rm -f other
    wait
}

@test "files keep their owners, and go with the container" {
    run -0 ann run --name files busybox sh -c 'touch /f; chown 5:6 /f; ls -ln /f'
    [[ $output = *" 5 "*" 6 "* ]]
    run -0 find "$HOUSE/data/mini-docker/containers" -name f -printf '%U %G'
    [ "$output" = "100004 100005" ]
    run -0 ann rm files
    [ -z "$(ls "$HOUSE/data/mini-docker/containers")" ]
}

@test "Docker's isolation holds without root, too" {
    run -0 ann run --rm busybox sh -c \
        'grep -E "^(CapBnd|Seccomp):" /proc/self/status; ls /proc/kcore -l
         cat /proc/sysrq-trigger; echo x >/proc/sys/kernel/hostname; ls /sys | wc -l
         hostname; ip -o link 2>/dev/null | wc -l'
    [[ $output = *"CapBnd:"*"00000000a80425fb"* ]]
    [[ $output = *"Seccomp:"*2* ]]
    [[ $output = *"Read-only file system"* ]]
}

@test "without a grant there is one id, and it suffices" {
    run -0 alone ann run --rm busybox sh -c 'id; wc -l </proc/self/uid_map'
    [[ ${lines[0]} = "uid=0(root) gid=0(root)"* ]]
    [ "${lines[1]}" = 1 ]
    run -125 alone ann run --rm -u 7 busybox true
    [[ $output = *"user 7: this user may map a single id"* ]]
    run -125 alone ann run --rm --group-add 7 busybox true
    [[ $output = *"group 7: this user may map a single id"* ]]
    run -0 --separate-stderr alone ann info
    [[ $stderr = *"WARNING: subordinate ids: none are granted in /etc/subuid"*usermod* ]]
    run -0 --separate-stderr ann info
    [[ $stderr != *"subordinate ids"* ]]
}

@test "one of newuidmap and newgidmap alone is as good as none" {
    local helper
    for helper in newuidmap newgidmap; do
        mount --bind "$HOUSE/etc/subuid" /usr/bin/$helper
        run ann run --rm busybox sh -c 'id -u; wc -l </proc/self/uid_map'
        umount /usr/bin/$helper
        [ "$status" = 0 ] || { echo "$output"; return 1; }
        [ "${lines[*]}" = "0 1" ]
    done
}

@test "an image with many owners needs the grant, or loses them" {
    mkdir -p "$HOUSE/tree/bin"
    echo x >"$HOUSE/tree/f"
    tar -C "$HOUSE/tree" --owner 42 --group 43 -cf "$HOUSE/owners.tar" .
    run -0 ann import "$HOUSE/owners.tar" owners
    run -0 alone ann import "$HOUSE/owners.tar" squashed
    run -0 ann images -q
    [ "${#lines[@]}" = 3 ]
    run -0 find "$HOUSE/data/mini-docker/layers" -name f -printf '%U\n'
    [[ $output = *100041* ]]
    ann rmi owners squashed
}

# Her archive of two layers: a file with an owner, and what hides another one.
make_archive() {
    local tree=$HOUSE/layers
    mkdir -p "$tree"/{a/d,b/d}
    cd "$tree"
    echo 1 >a/f
    echo 1 >a/d/below
    echo 2 >b/d/.wh..wh..opq
    : >b/.wh.f
    echo 2 >b/g
    for name in a b; do
        tar -C $name --owner 42 --group 43 -cf $name.tar .
        sha256sum <$name.tar
    done | jq -Rsc '{os: "linux", rootfs: {type: "layers",
        diff_ids: (split("\n")[:2] | map("sha256:" + .[:64]))}}' >c.json
    echo '[{"Config":"c.json","RepoTags":["two"],"Layers":["a.tar","b.tar"]}]' >manifest.json
    tar -czf two.tar.gz a.tar b.tar c.json manifest.json
}

@test "an archive of images loads, with and without other ids" {
    make_archive
    # In her namespace root sees what the layers are together.
    look() {
        "$@" create --name seen two x
        "$@" export seen | tar -tv --numeric-owner | awk '{ print $2, $6 }' |
            grep -E ' (\./)?(f|g|d/.+)$' || true
        "$@" rm seen
    }
    run -0 ann load -i two.tar.gz
    [ "$output" = "Loaded image: two:latest" ]
    run -0 look ann
    [ "${#lines[@]}" = 3 ] && [[ ${lines[1]} == "42/43 "*g ]]
    ann rmi two
    run -0 alone ann load -i two.tar.gz
    run -0 look alone ann
    [ "${#lines[@]}" = 3 ] && [[ ${lines[1]} == "0/0 "*g ]]
    run -0 ann save -o "$HOUSE/again.tar" two
    ann rmi two
    run -0 ann load -i "$HOUSE/again.tar"
    ann rmi two
    truncate -s -400 two.tar.gz
    run ann load -i two.tar.gz
    refused 1 "gzip"
    run -0 ann images -q
    [ "${#lines[@]}" = 1 ]
}

@test "limits that nobody may set are told of, not refused" {
    run -0 --separate-stderr ann run --rm -m 64m busybox echo ran
    [ "$output" = ran ]
    [[ $stderr = *"WARNING: limits are not applied:"*Delegate=yes* ]]
    run -0 --separate-stderr ann run --rm busybox true
    [ -z "$stderr" ]
}

@test "what nobody counts has no number in stats" {
    ann run -d --name held --network none busybox sleep 1000 >/dev/null
    run -0 ann stats --no-stream --format 'table {{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.MemPerc}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}'
    [ "${lines[1]}" = "held -- -- / -- -- 0B / 0B -- --" ] || { echo "$output"; false; }
    ann rm -f held
}

@test "the host's namespaces can be shared" {
    run -0 ann run --rm --network host --pid host --ipc host --uts host \
        busybox sh -c 'readlink /proc/self/ns/net; ls /sys/class/net; ls -d /proc/1'
    [ "${lines[0]}" = "$(readlink /proc/self/ns/net)" ]
}

@test "killed, she leaves nothing that her next command does not clean" {
    ann run --rm --name doomed busybox sleep 30 &
    local job=$!
    for _ in $(seq 100); do
        [ -n "$(ann ps -q)" ] && break
        sleep 0.05
    done
    # The one who sits in front of it, and its monitor.
    pkill -KILL -f 'run --rm --name doomed'
    wait $job || true
    run -0 ann ps -aq
    [ -z "$output" ]
    [ -z "$(ls "$HOUSE/data/mini-docker/containers")" ]
    [ "$(ls "$HOUSE"/run/mini-docker/*/names | wc -l)" = 0 ]
}

# A bundle of hers, in the current directory, that runs `$1`.
make_bundle() {
    mkdir -p "$HOUSE/bundle/rootfs"
    tar -C "$HOUSE/bundle/rootfs" -xf "$IMAGES/busybox.tar"
    chown -R $ANN:$ANN "$HOUSE/bundle"
    cd "$HOUSE/bundle"
    rm -f config.json
    as_ann "$RUNC" spec --rootless
    sed -i 's/"terminal": true/"terminal": false/; s/"sh"/'"$1"'/' config.json
}
runc() {
    as_ann "$RUNC" "$@"
}

@test "mini-runc runs her bundles" {
    make_bundle '"id"'
    run -0 runc run bundled
    [[ $output = "uid=0(root) gid=0(root)"* ]]
    run -0 runc list -q
    [ -z "$output" ]
}

@test "mini-runc: a life in the background, without control groups" {
    make_bundle '"sleep", "77"'
    runc create --pid-file pid box </dev/null >/dev/null 2>&1 3>&-
    run -0 runc start box
    run -0 runc exec box id -u
    [ "$output" = 0 ]
    [ "$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$(<pid)/status")" = $ANN ]
    for command in "ps" "pause" "events --stats" "update --memory 9000000"; do
        run -1 runc $command box
        refused 1 'container "box" has no control group'
    done
    run -0 runc kill box KILL
    eventually eval 'runc state box | grep -q stopped'
    run -0 runc delete box
    [ -z "$(ls "$HOUSE/run/mini-runc")" ]
}

@test "mini-runc tells of limits that nobody may set, and runs" {
    make_bundle '"true"'
    run -0 --separate-stderr runc run plain
    [ -z "$stderr" ]
    jq '.linux.resources += {memory: {limit: 50000000}}' config.json >limited
    mv limited config.json
    run -0 --separate-stderr runc run limited
    [[ $stderr = "mini-runc: warning: limits are not applied: "*Delegate=yes* ]]
}

@test "volumes are hers, and filled with the image's owners" {
    run -0 ann run --rm -v data:/x -v filled:/etc busybox sh -c \
        'touch /x/mine /x/other; chown 5:6 /x/other; stat -c %u /etc/passwd'
    [ "$output" = 0 ]
    local volumes=$HOUSE/data/mini-docker/volumes
    [ "$(stat -c %u "$volumes/data/_data/mine")" = $ANN ]
    [ "$(stat -c %u:%g "$volumes/data/_data/other")" = 100004:100005 ]
    [ "$(stat -c %u "$volumes/filled/_data/passwd")" = $ANN ]
    run -0 ann run --rm -v data:/y busybox stat -c %u:%g /y/other
    [ "$output" = 5:6 ]
    ann volume rm data
    run -0 ann volume prune -af
    [[ $output = *filled* ]]
    [ "$(ls "$volumes")" = "" ]
}

@test "health is probed from inside, and the container may be entered" {
    ann run -d --name web --health-cmd 'test $(id -u) = 0' \
        --health-interval 50ms busybox sleep 1000 >/dev/null
    eventually eval '[ "$(ann inspect -f "{{.State.Health.Status}}" web)" = healthy ]'
    run -0 ann exec web echo in
    [ "$output" = in ]
    ann rm -f web >/dev/null
}

# --- networks ----------------------------------------------------------------

@test "network create, connect, disconnect and rm need root, and say so" {
    needs_root() { # COMMAND ARG...
        run ann network "$@"
        refused 1 "network $1 ${!#} needs root: without, there are bridge, host and none"
    }
    needs_root create n1
    needs_root create -d macvlan -o parent=eth0 n1
    same "bridge host none" "$(ann network ls --format '{{.Name}}' | xargs)"
    ann run -d --name web --network none busybox sleep 1000 >/dev/null
    for command in connect disconnect; do
        run ann network $command none web
        refused 1 "network $command none needs root"
        run ann network $command nosuch web
        refused 1 "network nosuch not found"
    done
    same '["none"]' "$(ann inspect -f '{{json .NetworkSettings.Networks}}' web | jq -c keys)"
    ann rm -f web >/dev/null
    # One that came here from elsewhere.
    ann network inspect bridge | jq -c '.[0] + {Name: "n1", Id: ("0" * 64)}' >"$BATS_TEST_TMPDIR/n1"
    install -D -o $ANN -g $ANN -m 600 "$BATS_TEST_TMPDIR/n1" "$HOUSE/data/mini-docker/networks/n1.json"
    needs_root rm n1
    rm -r "$HOUSE/data/mini-docker/networks"
}

@test "a network without root: by pasta, with ports; or none, which is told" {
    [ -c /dev/net/tun ] || skip "no /dev/net/tun"
    # As it is everywhere, anybody's to open; and a host that is connected.
    mknod -m 666 "$BATS_TEST_TMPDIR/tun" c 10 200
    mount --bind "$BATS_TEST_TMPDIR/tun" /dev/net/tun
    ip link add out0 type veth peer name out1
    ip addr add 192.0.2.2/24 dev out0
    ip link set out1 up
    ip link set out0 up
    ip route add default via 192.0.2.1
    run -0 ann run --rm busybox ls /sys/class/net
    [[ ${lines[*]} == *lo* && ${#lines[@]} -ge 2 ]]
    ann run -d --name web -p 127.0.0.1:18080:80 busybox sh -c 'mkdir /w
        echo her page >/w/index.html; exec httpd -f -h /w' >/dev/null
    eventually eval '[ "$(page 127.0.0.1 18080)" = "her page" ]'
    same "127.0.0.1:18080->80/tcp" "$(ann ps --format '{{.Ports}}')"
    ann rm -f web >/dev/null
    eventually eval '! pgrep -u ann pasta'
    run ann run --rm --network n1 busybox true
    refused 125 "network n1 not found"
    mkdir "$HOUSE/empty"
    run -0 --separate-stderr as_ann env PATH="$HOUSE/empty" "$MINI_DOCKER" run --rm busybox ls /sys/class/net
    same "lo" "$output"
    [[ $stderr == *"neither pasta nor slirp4netns is installed (apt install passt)"* ]]
    run as_ann env PATH="$HOUSE/empty" "$MINI_DOCKER" run --rm -p 80 busybox true
    [ "$status" = 125 ]
    ip link delete out0
    umount /dev/net/tun
    same lo "$(ann run --rm busybox ls /sys/class/net)"
    run ann run --rm -p 80 busybox true
    refused 125 "pasta: "
}
