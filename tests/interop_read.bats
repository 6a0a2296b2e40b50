# Images that others write, loaded: skopeo, umoci, podman and buildah. Digests are
# those that they say, and the files are those that they unpack.
load lib/product
load lib/trees

# Three layers with what is hard about them, in an OCI layout of umoci's: "work".
setup_file() {
    command -v umoci || { lacks "umoci is not installed"; return; }
    command -v skopeo || { lacks "skopeo is not installed"; return; }
    product_setup
    export HOME=$PWD
    {
        umoci init --layout work
        umoci new --image work:odd
        umoci unpack --image work:odd b
        mkdir -p b/rootfs/bin b/rootfs/etc
        echo here >b/rootfs/bin/ls
        echo root:x:0:0:::/bin/sh >b/rootfs/etc/passwd
        whole_seconds
        umoci repack --image work:odd --refresh-bundle b
        (cd b/rootfs && make_odd)
        whole_seconds
        umoci repack --image work:odd --refresh-bundle b
        rm -r b/rootfs/gone b/rootfs/srv/d b/rootfs/bin/ls
        mkdir b/rootfs/srv/d
        echo 2 >b/rootfs/srv/d/new
        whole_seconds
        umoci repack --image work:odd --refresh-bundle b
        umoci config --image work:odd --config.cmd ls --author me
        umoci unpack --image work:odd seen
    } >umoci.out 2>&1
    entries seen/rootfs times >theirs
}
setup() {
    skip_lacking
    cd "$BATS_FILE_TMPDIR"
}
teardown() {
    [ -z "${LACKS-}" ] || return 0
    restore_images
    assert_clean
}

# Some round the times of directories, some cut them off. With the same time each
# round, a layer names only those directories that are new in it.
whole_seconds() {
    find b/rootfs -type d -exec touch -d "2002-02-03 04:05:06" {} +
}

make_odd() {
    local long
    long=$(printf '%0120d' 7)
    mkdir -p srv/d/e gone/x "srv/$long/$long"
    echo 1 >srv/d/f
    echo 1 >srv/f
    ln srv/f srv/g
    ln -s ../nowhere srv/l
    ln -s loop srv/loop
    mkfifo srv/p
    mknod srv/c c 1 3
    mknod srv/b b 7 300
    echo a >"srv/$long/$long/$long"
    echo b >"srv/"$'\xff\xc3'
    truncate -s 3M srv/sparse
    echo end >>srv/sparse
    chown 70000:80000 srv/f
    chown -h 3:4 srv/l
    chmod 6755 srv/f
    chmod 1777 srv/d
    python3 -c 'import os
os.setxattr("srv/f", "user.note", b"here\0")
os.setxattr("srv/f", "security.capability", bytes.fromhex("01000002002000000000000000000000" + "00" * 4))'
    touch -h -d "2001-02-03 04:05:06.789" srv/l srv/f srv/d/e srv/sparse
    touch -d "1969-02-03" srv/b
}

# The tree of an image as overlayfs shows it, compared with umoci's.
same_tree() { # IMAGE [THEIRS]
    local lower
    lower=$(md inspect -f '{{.GraphDriver.Data.UpperDir}}:{{.GraphDriver.Data.LowerDir}}' "$1")
    mkdir -p tree
    mount -t overlay -o "ro,lowerdir=$lower" overlay tree
    entries tree times >ours
    umount tree
    diff ours "${2:-theirs}"
}
id_of() { md inspect -f '{{.Id}}' "$1"; }
digest_of() { md images --digests --format '{{.Digest}}' "$1"; }
config_digest() { skopeo inspect --raw "$1" | jq -r .config.digest; }

@test "read: umoci's layout" {
    tar -C work -cf u.tar .
    run -0 md load -i u.tar
    [ "${lines[*]}" = "Loaded image: odd:latest" ]
    [ "$(digest_of odd)" = "$(skopeo inspect oci:work:odd | jq -r .Digest)" ]
    [ "$(id_of odd)" = "$(config_digest oci:work:odd)" ]
    same_tree odd
    grep -q '^./srv/f f 6755 70000:80000 2 981173107' ours
    grep -q '^f security.capability ' ours
    [ "$(md inspect -f '{{json .Config.Cmd}} {{.Author}}' odd)" = '["ls"] me' ]
}

@test "read: what skopeo copies, gzip and zstd, OCI and Docker's archive" {
    local to
    for to in oci-archive:g.tar:g:1 "--dest-compress-format zstd oci-archive:z.tar:z:1" \
        docker-archive:d.tar:d:1; do
        copy oci:work:odd $to
        local name=${to#*archive:} source=${to##* }
        local tar=${name%%:*}
        run -0 md load -i "$tar"
        [ "${lines[*]}" = "Loaded image: ${name#*:}" ]
        [ "$(id_of "${name#*:}")" = "$(config_digest "$source")" ]
        [[ $source == docker* ]] ||
            [ "$(digest_of "${name#*:}")" = "$(skopeo inspect "$source" | jq -r .Digest)" ]
        same_tree "${name#*:}"
    done
    # It was zstd, and each layer is unpacked once however it was packed.
    tar xOf z.tar "blobs/sha256/$(skopeo inspect --raw oci-archive:z.tar | jq -r '.layers[0].digest[7:]')" |
        zstd -tq
    [ "$(ls "$MINI_DOCKER_ROOT"/layers/*/size | wc -l)" = 4 ]
    # And what we save, skopeo finds equal.
    md save -o s.tar z:1
    [ "$(skopeo inspect --raw oci-archive:s.tar)" = "$(skopeo inspect --raw oci-archive:z.tar)" ]
}

# podman removes what a layer hides in place, and so changes the times of the
# directories where it was. The layers it saves are those that umoci wrote.
without_directory_times() { sed -E 's/^(.* d [0-7]+ [0-9]+:[0-9]+) [0-9.]+$/\1/' "$1"; }
same_as_podmans() { # IMAGE
    same_tree "$1"
    diff <(without_directory_times ours) <(without_directory_times podmans)
}

@test "read: what podman saves, one image and several" {
    need podman
    copy oci:work:odd docker-archive:p.tar:odd:1
    podman load -q -i p.tar
    id=sha256:$(podman images -q --no-trunc odd:1 | sed s/^sha256://)
    podman tag odd:1 other:2
    podman image mount odd:1 >mounted
    # Time begins in 1970 for podman.
    entries "$(<mounted)" times |
        sed "s|^\(./srv/b .*\) 0.0000000000 |\1 $(date -d 1969-02-03 +%s).0000000000 |" >podmans
    podman save -q -m -o m.tar odd:1 other:2
    podman save -q --format oci-archive -o o.tar odd:1
    [ "$(md load -i m.tar | sort | xargs)" = "Loaded image: localhost/other:2 Loaded image: odd:1" ]
    [ "$(id_of odd:1)" = "$id" ]
    same_as_podmans odd:1
    md rmi odd:1 localhost/other:2 >/dev/null
    [ "$(md load -i o.tar)" = "Loaded image: odd:1" ]
    # podman writes the configuration anew when it converts one form to another.
    [ "$(id_of odd:1)" = "$(config_digest oci-archive:o.tar)" ]
    [ "$(digest_of odd:1)" = "$(skopeo inspect oci-archive:o.tar | jq -r .Digest)" ]
    same_as_podmans odd:1
}

@test "read: what buildah commits and pushes" {
    need buildah
    # A whole second: buildah rounds times, tar cuts them off.
    touch -d @1000000000 b/rootfs/etc/passwd
    buildah from --name c scratch
    buildah copy -q c b/rootfs/etc /etc
    buildah config --cmd sh --env A=b --label l=m --author me c
    buildah commit -q c made:1
    buildah push -q made:1 docker-archive:bd.tar:made:1
    buildah push -q --compression-format zstd made:1 oci-archive:bz.tar:made:1
    id=$(buildah images --json --no-trunc | jq -r '.[] | select(.names[]? == "localhost/made:1").id')
    for tar in bd bz; do
        run -0 md load -i $tar.tar
        [[ ${lines[-1]} == "Loaded image: "*"made:1" ]]
        [ "$(id_of made:1)" = "sha256:${id#sha256:}" ]
        [ "$(md inspect -f '{{json .Config.Env}} {{.Config.Labels.l}} {{.Author}}' made:1)" = '["A=b"] m me' ]
        [ "$(tar -C b/rootfs -c etc/passwd | sha256sum)" = \
            "$(tar -C "$(md inspect -f '{{.GraphDriver.Data.UpperDir}}' made:1)" -c etc/passwd | sha256sum)" ]
        md rmi made:1 >/dev/null
    done
}
