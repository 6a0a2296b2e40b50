# Images that commit makes, read by others: skopeo, umoci, podman and buildah.
load lib/product
load lib/trees

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    restore_images -c 'CMD ["sh"]'
    assert_clean
}

# A container with what is hard about layers, committed as "odd".
make_odd() {
    md run --name web --network none --cap-add MKNOD busybox sh -c '
        mkdir -p /srv/d/e; echo 1 >/srv/d/f; ln /srv/d/f /srv/g; ln -s ../nowhere /srv/l
        mkfifo /srv/p; mknod /srv/c c 1 3; chown 70000:80000 /srv/g; chmod 6755 /srv/g
        dd if=/dev/zero of=/srv/sparse bs=1 count=1 seek=3000000 2>/dev/null
        touch -d "2001-02-03 04:05:06" /srv/d/e
        rm /bin/ls; rm -r /var/spool; mkdir /var/spool; echo n >"/var/spool/$(printf "\303\244")"'
    python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.note", b"here")' \
        "$MINI_DOCKER_ROOT/containers/$(md ps -aq --no-trunc)/diff/srv/d/f" || true
    md commit web odd >id
    md save -o odd.tar odd
    mkdir seen && md export web | tar xp --xattrs --xattrs-include='*' -C seen
}

@test "write: skopeo reads a committed image, and its digests are ours" {
    need skopeo
    make_odd
    skopeo inspect --raw oci-archive:odd.tar >manifest.json
    [ "sha256:$(sha256sum manifest.json | cut -d' ' -f1)" = "$(md images --digests --format '{{.Digest}}' odd)" ]
    [ "$(jq -r .config.digest manifest.json)" = "$(cat id)" ]
    skopeo inspect oci-archive:odd.tar | jq -e '.Layers | length == 2' >/dev/null
    # Whoever copies an image verifies each blob and each diff id.
    copy oci-archive:odd.tar oci:copied:odd
    copy oci-archive:odd.tar dir:flat
}

@test "write: umoci unpacks a committed image to what the container saw" {
    need umoci
    make_odd
    mkdir layout && tar xf odd.tar -C layout
    umoci unpack --image "layout:$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' layout/index.json)" bundle
    entries seen >ours
    entries bundle/rootfs >theirs
    diff ours theirs
    grep -q './srv/g f 6755 70000:80000' theirs
    [ ! -e bundle/rootfs/bin/ls ] && [ ! -e bundle/rootfs/var/spool/mail ]
}

@test "write: podman and buildah have the same image of it, and the same tree" {
    need podman
    need buildah
    make_odd
    entries seen >ours
    podman load -q -i odd.tar
    [ "$(podman images -q --no-trunc odd)" = "$(cat id)" ]
    podman image mount odd >mounted
    entries "$(<mounted)" >theirs
    diff ours theirs
    podman image umount odd
    podman rmi -f odd
    [ "$(buildah pull -q oci-archive:odd.tar)" = "$(cut -d: -f2 id)" ]
    buildah from --name c "$(cut -d: -f2 id)"
    entries "$(buildah mount c)" >theirs
    diff ours theirs
    buildah rm c
}
