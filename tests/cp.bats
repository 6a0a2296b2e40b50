# cp: files into a container and out of it, with docker cp's rules.
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p src/sub && echo one >src/one && echo two >src/sub/two && ln -s one src/link
    chmod 640 src/one
    touch -d '2001-02-03 04:05:06.123456789' src/one
    md run --name web --network none -v "$PWD:/vol" busybox sh -c '
        mkdir -p /data/dir; echo in >/data/file; ln -s dir /data/link; ln -s /data/file /data/abs
        ln -s /etc /data/out; ln -s ../../../../../../../../etc/passwd /data/up; ln -s later /data/dangling'
}
teardown() {
    remove_all_containers
    assert_clean
}

upper() { echo "$MINI_DOCKER_ROOT/containers/$(md ps -aq --no-trunc)/diff"; }

@test "cp: a file goes into a directory, beside it or over it" {
    md cp src/one web:/data
    md cp src/one web:/data/new
    md cp src/one web:/data/file
    md cp src/one web:data/dir/
    local d=$(upper)/data
    cmp src/one "$d/one" && cmp src/one "$d/new" && cmp src/one "$d/file" && cmp src/one "$d/dir/one"
    [ "$(stat -c '%a %u:%g %y' "$d/one")" = "$(stat -c '%a 0:0 %y' src/one)" ]
    run md cp src/one web:/data/none/
    refused 1 "no such directory"
    run md cp src/one web:/nowhere/x
    refused 1 "Could not find the file /nowhere in container web"
}

@test "cp: a directory goes in as itself, as its content, under a new name" {
    md cp src web:/data
    md cp src/. web:/data/dir
    md cp src web:/data/fresh
    md cp src/. web:/data/fresh2
    local d=$(upper)/data
    for at in src dir fresh fresh2; do
        [ "$(cat "$d/$at/sub/two")" = two ] && [ "$(readlink "$d/$at/link")" = one ]
    done
    run md cp src web:/data/file
    refused 1 "cannot copy directory"
    mkdir -p as && mkdir as/file
    run md cp as/. web:/data
    refused 1 'cannot overwrite non-directory "file" with directory'
    rmdir as/file && echo x >as/dir
    run md cp as/. web:/data
    refused 1 'cannot overwrite directory "dir" with non-directory'
    [ "$(cat "$d/file")" = in ]
}

@test "cp: out of a container: the same rules the other way" {
    md cp web:/data/file .
    md cp web:/data/file renamed
    md cp web:/data all
    md cp web:/data/. into
    [ "$(cat file renamed all/file into/file)" = $'in\nin\nin\nin' ]
    [ "$(readlink all/link)" = dir ]
    mkdir there && md cp web:/data there
    [ -d there/data/dir ]
    run md cp web:/data file
    refused 1 "cannot copy directory"
    run md cp web:/none .
    refused 1 "Could not find the file /none in container web"
    run md cp web:/data/file no/where
    refused 1 'invalid output path: directory "no" does not exist'
    run md cp web:/data/file/ .
    refused 1 "Could not find the file /data/file/ in container web"
    run md cp web:/data/file /dev/null
    refused 1 'invalid output path: "/dev/null" must be a directory or a regular file'
}

@test "cp: links are copied as links, followed with -L, written through at the end" {
    md cp web:/data/link . && [ "$(readlink link)" = dir ]
    md cp -L web:/data/abs followed && [ "$(cat followed)" = in ]
    md cp web:/data/link/ asdir && [ -d asdir ]
    md cp src/link web:/data/l2
    [ "$(readlink "$(upper)/data/l2")" = one ]
    md cp -L src/link web:/data/l3
    cmp src/one "$(upper)/data/l3"
    md cp src/one web:/data/abs
    cmp src/one "$(upper)/data/file" && [ -L "$(upper)/data/abs" ]
    md cp src/one web:/data/dangling
    cmp src/one "$(upper)/data/later"
}

@test "cp: no link of a container leads out of it" {
    echo host >host-file
    md cp -L web:/data/up passwd
    ! cmp -s passwd /etc/passwd
    md cp src/one web:/data/out/planted
    [ -e "$(upper)/etc/planted" ] && [ ! -e /etc/planted ]
    # Nor does an archive that a container made lead out of where it is unpacked.
    ln -s "$PWD" evil && tar cf evil.tar evil && rm evil
    mkdir evil && echo bad >evil/host-file && tar rf evil.tar evil/host-file && rm -r evil
    md cp - web:/data <evil.tar || true
    [ "$(cat host-file)" = host ]
}

@test "cp: archives on standard input and output" {
    tar c -C src --owner=7 --group=8 one sub | md cp - web:/data/dir
    [ "$(stat -c %u:%g "$(upper)/data/dir/one")" = 7:8 ]
    md cp web:/data/dir - | tar t >names
    [ "$(cat names | xargs)" = "dir/ dir/one dir/sub/ dir/sub/two" ]
    md cp web:/data/file - | tar xO | grep -qx in
    run sh -c "tar c -C src one | '$MINI_DOCKER' cp - web:/data/file"
    refused 1 'destination "web:/data/file" must be a directory'
    run sh -c "tar c -C src one | '$MINI_DOCKER' cp - web:/none"
    refused 1 'destination "web:/none" must be a directory'
    md cp - web:/data </dev/null # not a byte: an archive without files
    run sh -c "head -c 700 /dev/urandom | '$MINI_DOCKER' cp - web:/data"
    [ "$status" = 1 ] && [ "${#lines[@]}" = 1 ]
}

@test "cp: with -a owners stay, without they are who copies" {
    chown 1234:5678 src/one
    md cp src/one web:/data/mine && md cp -a src/one web:/data/theirs
    [ "$(stat -c %u:%g "$(upper)/data/mine" "$(upper)/data/theirs" | xargs)" = "0:0 1234:5678" ]
    md cp web:/data/theirs mine && md cp -a web:/data/theirs theirs
    [ "$(stat -c %u:%g mine theirs | xargs)" = "0:0 1234:5678" ]
}

@test "cp: a running container, with what is mounted in it" {
    remove_all_containers
    mkdir -p vol && echo volume >vol/f
    start_background --name run --network none -v "$PWD/vol:/vol" -v "$PWD/src:/ro:ro" --tmpfs /tmp busybox sh -c ': >/up; sleep 100'
    md cp run:/vol/f got && [ "$(cat got)" = volume ]
    md cp src/one run:/vol/new && cmp src/one vol/new
    md cp src/one run:/tmp/ && md cp run:/tmp/one back && cmp src/one back
    run md cp src/one run:/ro/x
    refused 1 "read-only"
    # The whole of it, but not what the kernel shows of itself.
    md cp run:/ - | tar t >names
    grep -qx ./vol/f names && grep -qx ./proc/ names && ! grep -q ./proc/. names
    stop_background
}

@test "cp: a read-only root, and what cannot be asked for" {
    remove_all_containers
    md run --name ro --network none --read-only busybox true
    run md cp src/one ro:/x
    refused 1 "container rootfs is marked read-only"
    md cp ro:/etc/passwd p && [ -s p ]
    run md cp ro:/x ro:/y
    refused 1 "copying between containers is not supported"
    run md cp x y
    refused 1 "must specify at least one container source"
    run md cp none:/x .
    refused 1 "No such container: none"
    md run --name rw --network none busybox true
    run md cp no-such-file rw:/
    refused 1 "lstat no-such-file: No such file or directory"
}

@test "cp: on a terminal it says how much, in Docker's count" {
    run script -qec "$MINI_DOCKER cp src/one web:/data/x" /dev/null
    [[ $output == *"Successfully copied 2.05kB to web:/data/x"* ]]
    run script -qec "$MINI_DOCKER cp -q src/one web:/data/x" /dev/null
    [ -z "$output" ]
    [ -z "$(md cp src/one web:/data/x 2>&1)" ]
    # As it was: no lock and no directory is left of having been looked into.
    [ ! -e "$(run_dir)/$(md ps -aq --no-trunc)" ]
    md rm web >/dev/null
}
