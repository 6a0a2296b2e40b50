# export: all that a container sees of its image and its own layer, as a tar.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

@test "export: what was changed, added and deleted is in it, mounts are not" {
    mkdir vol && echo secret >vol/f
    md run --name web --network none -v "$PWD/vol:/var/www" busybox sh -c '
        echo new >/root/f; rm /bin/ls; ln /root/f /root/g; ln -s /nowhere /root/l; mkfifo /root/p'
    md export web >a.tar
    mkdir x && tar xpf a.tar -C x
    [ "$(cat x/root/f)" = new ]
    [ "$(stat -c %i x/root/f)" = "$(stat -c %i x/root/g)" ]
    [ "$(readlink x/root/l)" = /nowhere ] && [ -p x/root/p ]
    [ ! -e x/bin/ls ] && [ -x x/bin/cat ]
    [ -z "$(ls -A x/var/www x/proc | grep -v : || true)" ]
    md export web | cmp - a.tar
    md container export -o b.tar web && cmp a.tar b.tar
    [ "$(stat -c %a b.tar)" = 600 ]
}

@test "export: a running container, and import makes the same of it" {
    start_background --name web --network none busybox sh -c 'mkdir /made; : >/made/f; sleep 100'
    eventually sh -c "'$MINI_DOCKER' diff web | grep -q /made/f"
    md export web | md import - copied >/dev/null
    stop_background
    md run --rm --network none copied ls -d /made/f
    md rmi copied >/dev/null
}

@test "export: refused and failed" {
    run md export nothing
    refused 1 "No such container: nothing"
    md run --name web --network none busybox true
    run md export -o /dev/null web
    refused 1 "must be a regular file"
    run script -qec "$MINI_DOCKER export web" /dev/null
    [ "$status" = 1 ]
    [[ $output == *"cowardly refusing to save to a terminal. Use the -o flag or redirect"* ]]
    run sh -c "'$MINI_DOCKER' export web >/dev/full"
    refused 1 "No space left on device"
    run md export -o nodir/a.tar web
    refused 1 "No such file or directory"
    [ -z "$(ls)" ]
}
