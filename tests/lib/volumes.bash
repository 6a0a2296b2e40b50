# volumes.bash - what the tests of volumes share: images with something in them
# to begin a volume with, and that nothing is left of any volume.
load lib/options

setup_file() {
    product_setup
    # An image with something in it to begin a volume with.
    mkdir -p tree/data/sub tree/empty
    echo first >tree/data/file
    ln tree/data/file tree/data/sub/same
    ln -s ../nowhere tree/data/link
    mkfifo tree/data/fifo
    chown -h 7:8 tree/data tree/data/link
    chown 7:8 tree/data/file
    chmod 4750 tree/data/file
    chmod 2711 tree/data/sub
    chmod 1770 tree/data
    chown 9:9 tree/empty
    touch -d @1000000000 tree/data/file
    ln -s data tree/alias
    tar -xf "$IMAGES/busybox.tar" -C tree
    tar --xattrs -C tree -cf tree.tar .
    md import -c 'VOLUME /data' -c 'VOLUME /made' tree.tar tree >/dev/null
    md import tree.tar plain >/dev/null
}
setup() {
    cd "$BATS_TEST_TMPDIR"
    VOLUMES=$MINI_DOCKER_ROOT/volumes
}
teardown() {
    remove_all_containers
    md volume prune -af >/dev/null
    same "" "$(ls -A "$VOLUMES" 2>/dev/null | grep -v -x .lock)" && assert_clean
}

# in_tree OPTION... -- COMMAND...: as inside, with the image that has content.
in_tree() {
    IMAGE=plain inside "$@"
}
# The directory that is mounted at TARGET: source_of TARGET OPTION...
source_of() {
    inside "${@:2}" -- cat /proc/self/mountinfo |
        awk -v target="$1" '$5 == target { print $4 }'
}
