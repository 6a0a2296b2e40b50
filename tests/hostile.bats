# Images made to harm whoever looks at them: what the runtime itself reads of an
# image, before there is a container, must not hang it or eat its memory.
load lib/product

setup_file() { product_setup; }
teardown() { assert_clean; }

# Import an image like busybox, but with /etc/NAME made by the command.
image_with() { # NAME COMMAND...
    local name=$1 root=$BATS_TEST_TMPDIR/root
    shift
    mkdir "$root"
    tar -C "$root" -xf "$IMAGES/busybox.tar"
    rm -f "$root/etc/$name"
    (cd "$root/etc" && "$@")
    tar -C "$root" -S -c . | md import - hostile >/dev/null
}
# In little memory, and not for long.
short_run() {
    timeout -k 1 10 bash -c 'ulimit -v 1000000; exec "$@"' - \
        "$MINI_DOCKER" run --rm --network none "$@"
}

@test "passwd is a device without an end: it is not read" {
    image_with passwd mknod passwd c 1 5
    # (What the container's own programs make of it is another matter.)
    run -7 short_run hostile sh -c 'exit 7'
    run -125 short_run -u nobody hostile true
    [[ $output == *"unable to find user nobody"* ]]
}

@test "group is a pipe that nobody writes: it is not waited for" {
    image_with group mkfifo group
    run -125 short_run -u nobody:users hostile true
    [[ $output == *"unable to find group users"* ]]
    run -7 short_run -u nobody hostile sh -c 'exit 7'
}

@test "passwd is far too large: it is not read" {
    image_with passwd truncate -s 20G passwd
    run -125 short_run -u nobody hostile true
    [[ $output == *"unable to find user nobody"* ]]
}
