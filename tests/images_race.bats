# Images: all that changes them at once, some of it killed: nothing is lost, nothing half.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    restore_images -c 'CMD ["sh"]'
    assert_clean
}

# worker NUMBER COMMANDS...: one after the other; every third is killed at one of
# its first hundreds of calls, whichever that is.
worker() {
    local i=$1 line status
    shift
    for line; do
        i=$((i + 1)) status=0
        MINI_DOCKER_FAULT=$([ $((i % 3)) != 0 ] || echo "*:$((i * 37 % 200)):kill") \
            "$MINI_DOCKER" $line >/dev/null 2>>said || status=$?
        # It did it, it said why not, or it was killed.
        echo $status >>ended
        case $status in 0 | 1 | 125 | 137) ;; *) echo "$line: $status" >>odd ;; esac
    done
}

# All that names lead to is there, and every blob is what it is called.
whole_store() {
    local blobs=$MINI_DOCKER_ROOT/images/blobs/sha256 manifest digest
    (cd "$blobs" && sha256sum -- * | awk '$1 != $2 { exit 1 }')
    for manifest in $(jq -r '.[] | sub("sha256:"; "")' "$MINI_DOCKER_ROOT/images/names.json" | sort -u); do
        for digest in $(jq -r '.config.digest, .layers[].digest | sub("sha256:"; "")' "$blobs/$manifest"); do
            [ -e "$blobs/$digest" ]
        done
        digest=$(jq -r '.config.digest | sub("sha256:"; "")' "$blobs/$manifest")
        for digest in $(jq -r '.rootfs.diff_ids[] | sub("sha256:"; "")' "$blobs/$digest"); do
            [ -d "$MINI_DOCKER_ROOT/layers/$digest/diff" ]
        done
    done
}

@test "load, commit, tag, save, run, rmi and prune of the same images at once" {
    local kept name
    kept=$(md inspect -f '{{.Id}}' busybox)
    md run --name web --network none busybox sh -c 'echo new >/f'
    md commit web app >/dev/null
    md save -o app.tar app
    worker 0 "load -q -i app.tar" "commit web app:1" "image prune -f" "rmi -f app" \
        "load -q -i app.tar" "commit -m a web app" &
    worker 1 "rmi -f app" "load -q -i app.tar" "save -o one.tar app" "image prune -a -f" \
        "run --rm --network none busybox true" "tag busybox app:1" &
    worker 2 "commit -m b web app" "rmi -f app:1" "load -q -i app.tar" "tag busybox app" \
        "image prune -f" "save -o two.tar busybox" &
    wait
    grep -q '^0$' ended && grep -q '^137$' ended
    [ ! -e odd ] || { cat odd; false; }
    [ "$(md inspect -f '{{.Id}}' busybox)" = "$kept" ] # a container uses it
    whole_store
    for name in one two; do [ ! -e $name.tar ] || tar -tf $name.tar >/dev/null; done
    md load -q -i app.tar >/dev/null
    [ "$(md run --rm --network none app cat /f)" = new ]
    [ "$(ls "$MINI_DOCKER_ROOT/tmp")" = lock ]
    [ "$(md ps -aq | wc -l)" = 1 ]
    md rm web >/dev/null
    md image prune -a -f >/dev/null
    [ -z "$(md images -q)" ]
    [ -z "$(ls "$MINI_DOCKER_ROOT/layers")$(ls "$MINI_DOCKER_ROOT/images/blobs/sha256")" ]
}
