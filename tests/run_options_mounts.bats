# The options of run that mount: what the container's mountinfo says, and what
# is found and can be written there.
load lib/options

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p dir/sub
    echo ours >dir/file
}
teardown() {
    mountpoint -q "$BATS_TEST_TMPDIR/dir/sub" && eventually umount "$BATS_TEST_TMPDIR/dir/sub"
    assert_clean
}

# What lies at /x, and whether it can be written.
try_x='cat /x/file; touch /x/new 2>/dev/null && echo writable || echo not'

@test "-v: absolute, relative, a file; what is written inside is outside" {
    same $'ours\nwritable' "$(inside -v "$PWD/dir:/x" -- sh -c "$try_x")"
    [ -e dir/new ]
    same $'ours\nwritable' "$(inside --volume=./dir:/x -- sh -c "$try_x")"
    same ours "$(inside -v ./dir/file:/etc/motd -- cat /etc/motd)"
    (cd dir && same sub "$(inside -v ..:/x -- ls /x/dir | tail -1)")
    same ours "$(inside -v "$PWD/dir/:/x/" -- cat /x/file)"
    # Where the image has nothing, the directories on the way are made.
    same ours "$(inside -v "$PWD/dir:/a/b/c" -- cat /a/b/c/file)"
}

@test "-v: options ro, rw, and those that mean nothing here" {
    for words in ro ro,z Z,ro ro,cached; do
        same $'ours\nnot' "$(inside -v ./dir:/x:$words -- sh -c "$try_x")"
        [[ $(mounted /x -v ./dir:/x:$words) == *" ro,"* ]]
    done
    for words in rw z nocopy delegated rw,Z,consistent default; do
        same $'ours\nwritable' "$(inside -v ./dir:/x:$words -- sh -c "$try_x")"
    done
}

@test "-v: a source that is missing becomes a directory of root's, as Docker has it" {
    same 'drwxr-xr-x 0' "$(inside -v ./new/deep:/x -- stat -c '%A %u' /x)"
    [ -d new/deep ]
    # But where something else is refused, nothing is made.
    run md run --rm -v ./other:/x --cap-add NOSUCH busybox true
    said 'unknown capability: "CAP_NOSUCH"'
    [ ! -e other ]
    run md run --rm -v ./dir/file/below:/x busybox true
    said "error while creating mount source path '$PWD/dir/file/below': mkdir"
}

# A mount below the directory, made by the host beforehand or while the
# container runs: does /x/sub show it?
@test "-v and --mount: trees are bound with what is mounted in them, or without" {
    mount -t tmpfs below dir/sub
    touch dir/sub/seen
    for option in "-v ./dir:/x" "--mount type=bind,src=$PWD/dir,dst=/x" \
        "--mount type=bind,src=$PWD/dir,dst=/x,bind-recursive=enabled"; do
        same seen "$(inside $option -- ls /x/sub)"
    done
    for option in "-v ./dir:/x:bind-nonrecursive" \
        "--mount type=bind,src=$PWD/dir,dst=/x,bind-nonrecursive" \
        "--mount type=bind,src=$PWD/dir,dst=/x,bind-recursive=disabled"; do
        same "" "$(inside $option -- ls /x/sub)"
    done
}

@test "-v and --mount: propagation" {
    # As in mountinfo(5): shared:N, master:N, or neither.
    mount --bind dir dir
    mount --make-shared dir
    for word in '' private rprivate; do
        got=$(mounted /x -v ./dir:/x${word:+:$word})
        [[ $got != *shared:* && $got != *master:* ]]
    done
    for word in slave rslave; do
        [[ $(mounted /x -v ./dir:/x:$word) == *master:* ]]
    done
    for word in shared rshared; do
        [[ $(mounted /x -v ./dir:/x:$word) == *shared:* ]]
    done
    [[ $(mounted /x --mount type=bind,src="$PWD/dir",dst=/x,bind-propagation=rslave) == *master:* ]]
    # A slave sees what the host mounts there later, and the others do not.
    for word in rslave rprivate; do
        start_background --rm -v "$PWD/dir:/x:$word" busybox sleep 1000
        mount -t tmpfs below dir/sub
        grep -q ' /x/sub ' "/proc/$PID/mountinfo" && seen=yes || seen=no
        eventually umount dir/sub
        stop_background
        [ $word-$seen = rslave-yes ] || [ $word-$seen = rprivate-no ]
    done
    eventually umount dir
}

@test "--mount type=bind" {
    for spec in "type=bind,src=$PWD/dir,dst=/x" "source=$PWD/dir,target=/x,type=bind" \
        "TYPE=bind,src=$PWD/dir,destination=/x,readonly=false,consistency=cached"; do
        same $'ours\nwritable' "$(inside --mount "$spec" -- sh -c "$try_x")"
    done
    for flag in readonly ro readonly=true ro=1; do
        same $'ours\nnot' \
            "$(inside --mount "type=bind,src=$PWD/dir,dst=/x,$flag" -- sh -c "$try_x")"
    done
    mkdir 'a,b' && echo comma >'a,b/file'
    same comma "$(inside --mount "type=bind,\"src=$PWD/a,b\",dst=/x" -- cat /x/file)"
}

@test "--mount type=tmpfs, and --tmpfs" {
    plain=nosuid,nodev,noexec
    [[ $(mounted /x --tmpfs /x) == "tmpfs rw,$plain,relatime "* ]]
    [[ $(mounted /x --mount type=tmpfs,dst=/x) == "tmpfs rw,$plain,relatime "* ]]
    [[ $(mounted /x --tmpfs /x:exec,suid,dev) == "tmpfs rw,relatime "* ]]
    [[ $(mounted /x --tmpfs /x:ro) == "tmpfs ro,"* ]]
    [[ $(mounted /x --mount type=tmpfs,dst=/x,readonly) == "tmpfs ro,"* ]]
    [[ $(mounted /x --tmpfs /x:size=64m,mode=700,uid=5,nr_inodes=99) == *"size=65536k,nr_inodes=99,mode=700,uid=5"* ]]
    [[ $(mounted /x --mount type=tmpfs,dst=/x,tmpfs-size=1m,tmpfs-mode=1770) == *"size=1024k,mode=1770"* ]]
    same 1777 "$(inside --tmpfs /x -- stat -c %a /x)"
    same 1777 "$(inside --tmpfs /x:size=64m,mode=1777 -- stat -c %a /x)"
    # What does not fit is refused by the kernel.
    run inside --tmpfs /x:size=64k -- dd if=/dev/zero of=/x/big bs=128k count=1
    [[ $output == *"No space left on device"* ]]
}

@test "--shm-size" {
    [[ $(mounted /dev/shm --shm-size 1m) == *size=1024k* ]]
    [[ $(mounted /dev/shm --shm-size 1048576) == *size=1024k* ]]
    [[ $(mounted /dev/shm --shm-size 0) == *size=65536k* ]]
    # What is mounted by name wins over what is there by default.
    [[ $(mounted /dev/shm --tmpfs /dev/shm:size=2m) == *size=2048k* ]]
}

@test "--read-only: the root and our files in /etc, but not what is mounted" {
    run -0 inside --read-only --tmpfs /tmp -v ./dir:/x -- sh -c '
        for f in /new /root/new /etc/new /etc/hosts /etc/hostname /etc/resolv.conf \
            /tmp/new /x/new /dev/new /dev/shm/new; do
            (: >>$f) 2>/dev/null && echo $f
        done; true'
    same "/tmp/new /x/new /dev/new /dev/shm/new" "$(echo $output)"
    [[ $(mounted / --read-only) == "overlay ro,"* ]]
    [[ $(mounted / --read-only=false) == "overlay rw,"* ]]
}

@test "a mount over another comes after it, whatever the order of words" {
    run -0 inside -v ./dir:/x/y/sub -v ./dir/file:/x/file --tmpfs /x \
        --mount type=tmpfs,dst=/x/y -- sh -c 'ls /x /x/y; cat /x/y/sub/file'
    same "/x: file y /x/y: sub ours" "$(echo $output)"
}

@test "wrong mounts" {
    all_refused <<END
-v ''                                 | invalid empty volume spec
-v :/x                                | empty section between colons
-v ./dir:                             | empty section between colons
-v ./dir:x                            | invalid mount path: 'x' mount path must be absolute
-v ./dir:/                            | destination can't be '/'
-v ./dir:/x:foo                       | invalid mode: foo
-v ./dir:/x:ro,rw                     | invalid mode: ro,rw
-v ./dir:/x:ro:z                      | invalid volume specification
-v '~/dir:/x'                         | includes invalid characters for a local volume name
-v ./dir:/x -v ./dir:/x               | Duplicate mount point: /x
-v ./dir:/x --tmpfs /x/               | Duplicate mount point: /x
-v ./dir/file:/tmp                    | mount /tmp
-v ./dir:/etc/passwd                  | mount /etc/passwd
--mount x                             | invalid field 'x' must be a key=value pair
--mount ''                            | target is required
--mount type=bind,src=$PWD            | target is required
--mount type=bind,dst=/x              | field Source must not be empty
--mount type=bind,src=dir,dst=/x      | 'dir' mount path must be absolute
--mount type=bind,src=$PWD/no,dst=/x  | bind source path does not exist: $PWD/no
--mount type=bind,src=$PWD,dst=x      | 'x' mount path must be absolute
--mount type=bind,src=$PWD,dst=/x,bind-propagation=foo | invalid propagation mode: foo
--mount type=bind,src=$PWD,dst=/x,foo=bar | unexpected key 'foo'
--mount type=bind,src=$PWD,dst=/x,tmpfs-size=1m | cannot mix 'tmpfs-*' options with mount type 'bind'
--mount type=foo,dst=/x               | mount type unknown: "foo"
--mount type=tmpfs,dst=/x,tmpfs-size=x  | invalid value for tmpfs-size: x
--mount type=tmpfs,dst=/x,tmpfs-mode=9  | invalid value for tmpfs-mode: 9
--mount type=tmpfs,src=/a,dst=/x      | field Source must not be specified
--tmpfs x                             | invalid mount path: 'x' mount path must be absolute
--tmpfs /                             | destination can't be '/'
--tmpfs /x:foo                        | Invalid tmpfs option "foo"
--tmpfs /x:size=64q                   | mount /x: file system tmpfs (size=64q): Invalid argument
--tmpfs /etc/passwd                   | mount /etc/passwd
--shm-size x                          | invalid size: 'x'
--shm-size -1                         | invalid size: '-1'
--read-only=maybe                     | strconv.ParseBool: parsing "maybe"
END
}

@test "what is not built yet is refused by name" {
    all_refused <<END
--mount type=volume,src=data,dst=/x,volume-subpath=a | --mount volume-subpath is not built yet
--mount type=bind,src=$PWD,dst=/x,bind-recursive=readonly | --mount bind-recursive=readonly is not built yet
END
}
