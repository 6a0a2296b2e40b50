# Bad input and bad luck: one clear line, the right exit code, and nothing left
# behind. The options' wrong values are in run_options*.bats.
load lib/options

setup_file() {
    product_setup
    # busybox alone, without a directory: BARE/sh is all there is.
    mkdir tree
    cp /bin/busybox tree/sh
    export -f image_of
    image_of bare sh
}
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    local dir
    for dir in ro full small; do # where a test failed half-way
        ! mountpoint -q "$BATS_TEST_TMPDIR/$dir" ||
            eventually umount "$BATS_TEST_TMPDIR/$dir"
    done
    assert_clean
}

# image_of NAME FILE...: make an image of ./tree's files.
image_of() {
    tar -C tree -cf "$1.tar" "${@:2}"
    "$MINI_DOCKER" import "$1.tar" "$1" >/dev/null
}

# A state root of its own at DIR, with the image in it.
new_root() {
    md --root "$1" import "$IMAGES/busybox.tar" busybox >/dev/null
}
# A container of that root runs, and nothing of it stays.
still_works() {
    same works "$(md --root "$1" run --rm busybox echo works)"
    same "" "$(md --root "$1" ps -aq)"
    same "" "$(find "$1/containers" "$1/tmp" -mindepth 1 ! -name lock)"
}

@test "an image that is not there, and names that cannot be one's" {
    run md run --rm --pull never nosuch true
    refused 125 "No such image: nosuch:latest"
    run md run --rm --pull never busybox:nosuch true
    refused 125 "No such image: busybox:nosuch"
    run md run --rm "$(printf 'a%.0s' {1..64})" true
    refused 125 "No such image"
    for name in UPPER a_b/-c '' :tag 'a b'; do
        run md run --rm "$name" true
        said "invalid reference format"
    done
}

@test "a command that is missing: 127; that cannot be executed: 126" {
    while IFS='|' read -r code command words; do
        run md run --rm busybox $command
        refused $code "exec: \"$command\": $words"
    done <<'END'
127|nosuch|executable file not found in $PATH
127|/nosuch|no such file or directory
127|./nosuch|no such file or directory
126|/etc/passwd|permission denied
126|/etc|permission denied
END
    # A user who may not, a script without its interpreter, and no program.
    run md run --rm -u nobody -v /bin/busybox:/root/tool busybox /root/tool true
    refused 126 "permission denied"
    printf '#!/nosuch\n' >script
    printf 'no program\n' >text
    chmod 755 script text
    run md run --rm -v ./script:/script busybox /script
    refused 127 'exec: "/script": no such file or directory'
    run md run --rm -v ./text:/text busybox /text
    refused 126 'exec: "/text": Exec format error'
}

@test "the program's own codes are not ours" {
    for code in 0 1 124 125 126 127 128 200 255; do
        run -$code inside -- sh -c "exit $code"
        same "" "$output"
    done
    run -143 inside --init -- sh -c 'kill -TERM $$'
}

@test "an image without /proc, /dev, /etc or anything" {
    run -0 md run --rm bare /sh -c '[ -r /proc/self/status ] && [ -c /dev/null ] &&
        [ -d /sys/fs/cgroup ] && : </etc/hosts && echo /*'
    same "/dev /etc /proc /sh /sys" "$output"
    run md run --rm bare sh
    refused 127 'exec: "sh": executable file not found in $PATH'
    run md run --rm -u nobody bare /sh
    refused 125 "unable to find user nobody: no matching entries in passwd file"
    run -0 md run --rm -u 7:8 bare /sh -c 'exit 0'
}

@test "an image with something else where /proc, /dev or /sys must be" {
    mkdir tree
    cp /bin/busybox tree/sh
    for name in proc sys dev; do
        rm -rf "tree/$name"
        touch "tree/$name"
        image_of "file$name" sh $name
        run md run --rm "file$name" /sh -c true
        refused 125 "/$name: "
        [[ $output == *"Not a directory"* ]]
    done
    # Links to elsewhere: refused where the kernel's own view belongs, and
    # followed below the root at most elsewhere.
    for name in proc sys dev; do
        rm -rf "tree/$name"
        ln -s /tmp "tree/$name"
        image_of "link$name" sh $name
        run md run --rm "link$name" /sh -c true
        [ $name = dev ] || refused 125 "mount /$name: the image has a symbolic link there"
    done
    run ! grep -E ' /tmp (proc|sysfs|tmpfs rw,nosuid,size=65536k)' /proc/self/mounts
}

@test "ten thousand files in an image, and a long path" {
    mkdir -p tree/many
    cp /bin/busybox tree/sh
    (cd tree/many && touch $(seq 10000))
    deep=tree/$(printf 'd%.0s/' {1..200})
    mkdir -p "$deep"
    echo deep >"$deep/file"
    image_of many .
    run -0 md run --rm many /sh -c 'ls /many | wc -l; cat /d/*/*/*/../../../d/d/d/file 2>/dev/null
        cd /; while cd d 2>/dev/null; do :; done; cat file; rm -r /many; ls / | wc -l'
    same "10000 deep" "${lines[0]} ${lines[1]}"
    # Removing them was the container's own matter.
    same 10000 "$(md run --rm many /sh -c 'ls /many | wc -l')"
    md rmi many >/dev/null
}

@test "a working directory of ours that is gone, and one that cannot be read" {
    mkdir gone
    cd gone
    rmdir ../gone
    same works "$(md run --rm busybox echo works)"
    run md run --rm -v ./x:/x busybox true
    [ "$status" = 125 ] || same "" "$output"
    cd ..
}

@test "a root that is a file, lies below one, or has no name" {
    touch file
    run md --root "$PWD/file" run --rm busybox true
    refused 125 "state root $PWD/file: mkdir $PWD/file: File exists"
    run md --root "$PWD/file/x" run --rm busybox true
    refused 125 "state root $PWD/file/x: mkdir $PWD/file/x: Not a directory"
    run md --root /proc/x run --rm busybox true
    refused 125 "state root /proc/x: mkdir /proc/x: "
    mkdir other && touch other/containers
    run md --root "$PWD/other" run --rm busybox true
    refused 125 "other"
}

@test "a state root that is read-only, or becomes it" {
    mkdir ro
    mount -t tmpfs ro ro
    new_root "$PWD/ro/root"
    mount -o remount,ro ro
    for rm in --rm ''; do
        run md --root "$PWD/ro/root" run $rm busybox true
        refused 125 "Read-only file system"
    done
    run md --root "$PWD/ro/new" run --rm busybox true
    refused 125 "mkdir $PWD/ro/new: Read-only file system"
    # Looking is not forbidden.
    run -0 md --root "$PWD/ro/root" ps -aq
    same "" "$output"
    mount -o remount,rw ro
    still_works "$PWD/ro/root"
    eventually umount ro # its monitor may still be taking cables away
}

@test "a state root that is full" {
    mkdir full
    mount -t tmpfs -o size=6m full full
    new_root "$PWD/full"
    dd if=/dev/zero of=full/fill bs=4k 2>/dev/null || true
    # Its files would lie there, and so would its record.
    run md --root "$PWD/full" run --name kept busybox true
    refused 125 "No space left on device"
    same "" "$(md --root "$PWD/full" ps -aq)"
    # A container that writes nothing, and whose record is in memory, runs.
    same fine "$(md --root "$PWD/full" run --rm busybox echo fine)"
    run md --root "$PWD/full" run --rm busybox dd if=/dev/zero of=/big bs=1M count=1
    [[ $status = 1 && $output == *"No space left on device"* ]]
    rm full/fill
    still_works "$PWD/full"
    run md --root "$PWD/full" run --rm busybox dd if=/dev/zero of=/big bs=1M count=99
    [[ $status = 1 && $output == *"No space left on device"* ]]
    still_works "$PWD/full"
    eventually umount full
}

@test "an image for which there is no room" {
    mkdir small
    mount -t tmpfs -o size=1m small small
    run md --root "$PWD/small" import "$IMAGES/busybox.tar" busybox
    refused 1 "No space left on device"
    same "" "$(md --root "$PWD/small" images -q)"
    run md --root "$PWD/small" run --rm --pull never busybox true
    refused 125 "No such image: busybox:latest"
    same "" "$(find small/layers small/images/blobs small/tmp -type f ! -name lock)"
    umount small
}

@test "two runs with the same name at once: one has it" {
    for i in 1 2 3 4; do
        (
            code=0
            md run --rm --name same busybox sleep 1000 >out.$i 2>&1 || code=$?
            echo $code >code.$i
        ) </dev/null 3>&- &
    done
    losers_told() { [ "$(cat code.* | xargs)" = "125 125 125" ]; }
    eventually losers_told
    eventually eval '[ "$(md ps --format "{{.Names}}")" = same ]'
    md rm -f same
    wait
    same "125 125 125 137" "$(cat code.* | sort | xargs)"
    same 3 "$(cat out.* | grep -c 'Conflict. The container name "/same" is already in use by container')"
    inside --name same -- true
}

@test "a record that is empty or damaged is told of, and can be removed" {
    for damage in '' '{"Id": ' '[]' 'null'; do
        md run --name good busybox true
        md run --name bad busybox true
        id=$(md ps -aq --no-trunc --filter name=bad)
        printf %s "$damage" >"$MINI_DOCKER_ROOT/containers/$id/config.json"
        run -0 --separate-stderr md ps -a --format '{{.Names}}'
        same good "$output"
        [[ $stderr == "mini-docker: container ${id:0:12}: damaged record"* ]] || { echo "$stderr"; false; }
        # Nobody else is disturbed, and its name is not given away.
        inside -- true
        run md run --rm --name bad busybox true
        refused 125 "Conflict."
        run -0 md rm bad
        same bad "$output"
        md rm good
        assert_clean
    done
}

@test "a list of images that is empty or damaged" {
    names=$MINI_DOCKER_ROOT/images/names.json
    cp "$names" kept
    for damage in '' '{' '[]'; do
        printf %s "$damage" >"$names"
        run md run --rm busybox true
        refused 125 "images/names.json is damaged"
    done
    # Blobs that are gone, or are not what they were.
    cp kept "$names"
    cp -a "$MINI_DOCKER_ROOT/images/blobs" blobs
    for blob in "$MINI_DOCKER_ROOT"/images/blobs/sha256/*; do
        [ "$(stat -c %s "$blob")" -lt 10000 ] || continue
        for damage in remove empty; do
            if [ $damage = remove ]; then rm "$blob"; else : >"$blob"; fi
            run md run --rm busybox true
            [ "$status" = 0 ] || refused 125 "${blob##*/}" || refused 125 "busybox"
            cp -a "blobs/sha256/${blob##*/}" "$blob"
        done
    done
    inside -- true
}

# An ordinary user, with a state root of his own outside of bats' directories,
# which are root's alone.
nobodys_root() {
    place=$(mktemp -d /run/nobody.XXXXXX)
    chown 65534:65534 "$place"
}
as_nobody() {
    "${around[@]}" setpriv --reuid 65534 --regid 65534 --clear-groups env \
        HOME="$place" XDG_RUNTIME_DIR="$place" \
        "$MINI_DOCKER" --root "$place/root" "$@"
}

# A command in a user namespace in which all ids are as outside, and in which no
# more can be made.
in_last_namespace() {
    rm -f go
    mkfifo go
    # The second sh is executed when ids have a meaning: so it is root.
    unshare --user sh -c 'read -r _ <go; exec sh -c "$0" sh "$@"' \
        'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' "$@" &
    until [ "$(readlink /proc/$!/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do
        sleep 0.01
    done
    echo 0 0 65536 >/proc/$!/uid_map
    echo 0 0 65536 >/proc/$!/gid_map
    echo >go
    wait $!
}

@test "an ordinary user, for whom nothing was prepared" {
    around=()
    nobodys_root
    as_nobody import "$IMAGES/busybox.tar" busybox >/dev/null
    same 0 "$(as_nobody run --rm busybox id -u)"
    rm -r "$place"
}

@test "no root and no user namespaces" {
    nobodys_root
    around=(in_last_namespace)
    run as_nobody import "$IMAGES/busybox.tar" busybox
    refused 1 "cannot make a user namespace: " "max_user_namespaces="
    run as_nobody run --rm busybox true
    refused 125 "cannot make a user namespace: " "max_user_namespaces="
    same "" "$(as_nobody ps -aq)"
    same "" "$(find "$place/root/containers" "$place/root/tmp" -mindepth 1 ! -name lock)"
    rm -r "$place"
}
