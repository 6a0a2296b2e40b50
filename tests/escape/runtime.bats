# What the runtime itself could be talked into, on its way into a container.
load escape

setup_file() {
    escape_setup
    chmod 755 "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" # for other users' ids
}
setup() {
    cd "$BATS_FILE_TMPDIR"
    echo secret >canary
    mkdir -p outside
}
teardown() {
    [ -z "${HELPER-}" ] || kill "$HELPER"
    runc delete -f box 2>/dev/null || true # of a test that failed
    md rm -f box 2>/dev/null || true
    [ -z "$(ls outside)" ] && says canary secret && escape_clean
}

# What a container of the engine has written.
upper() {
    echo "$MINI_DOCKER_ROOT/containers/$(md inspect -f '{{.Id}}' "$1")/diff"
}

# --- its own program, its descriptors ---------------------------------------

# A copy of PROGRAM as victim/NAME, which nobody else executes.
victim() { # PROGRAM NAME
    rm -rf victim
    mkdir victim
    cp "$1" "victim/$2"
    cp "$1" before
}

# Enter the container, and execute what enters, until the thief in there has met
# it: as long as somebody executes it, it is busy. Then the thief has its turn,
# and the file is what it was.
unharmed() { # ERROR ANSWER FILE COMMAND...
    local try
    for try in {1..100}; do
        [ ! -e "$2" ] && [ ! -e "$2.new" ] || break
        "${@:4}" </dev/null >entered.out 2>&1 || true
    done
    eventually test -e "$2"
    run cat "$2"
    answers "write: $1, mount: read-only" "$3"
    cmp before "$3"
    rm "$2"
}

# In an environment that has no room for early.c's short cut.
crowded() {
    (
        for i in {1..1030}; do
            export "CROWD_$i="
        done
        "$@"
    )
}

@test "CVE-2019-5736: an image that executes mini-runc cannot overwrite it" {
    victim "$ATTACKS/naive" naive
    start_box all-capabilities /a/thief naive
    victim/naive exec "$(runc state box | jq .pid)" /bin/true
    eventually test -e bundle/rootfs/answer
    run cat bundle/rootfs/answer
    answers "write: worked, mount: writable" control
    run ! cmp -s before victim/naive
    runc delete -f box
    rm bundle/rootfs/answer
    victim "$RUNC" mini-runc
    RUNC=$PWD/victim/mini-runc
    echo '#!/proc/self/exe' >bundle/rootfs/script
    chmod 755 bundle/rootfs/script
    for program in exe script; do
        path=/proc/self/exe
        [ $program = exe ] || path=/script
        start_box - /a/thief $program
        unharmed EROFS bundle/rootfs/answer victim/mini-runc \
            runc exec box $path features
        runc delete -f box
    done
    start_box - /a/thief exe
    unharmed EROFS bundle/rootfs/answer victim/mini-runc \
        crowded runc exec box /proc/self/exe features
    runc delete -f box
}

@test "CVE-2019-5736: an image that executes mini-docker cannot overwrite it" {
    victim "$MINI_DOCKER" mini-docker
    MINI_DOCKER=$PWD/victim/mini-docker
    image_made_by 'echo "#!/proc/self/exe" >script; chmod 755 script'
    for program in exe script; do
        path=/proc/self/exe
        [ $program = exe ] || path=/script
        # (The monitor executes it as long as the container lives: no use to wait.)
        md run -d --name box -v "$ATTACKS:/a:ro" -e PATIENCE=5 hostile \
            /a/thief $program >/dev/null 3>&-
        md create --name now --pid container:box hostile $path help >/dev/null
        for enter in "exec box $path help" "start -a now"; do
            md restart -t 0 box >/dev/null 3>&-
            unharmed ETXTBSY "$(upper box)/answer" victim/mini-docker \
                md $enter
        done
        md rm -f now box >/dev/null
    done
}

@test "CVE-2024-21626: the working directory is no descriptor of the runtime's" {
    exec 5<.
    run "$ATTACKS/naive" run bundle/rootfs /proc/self/fd/5 /a/open r canary
    answers "canary: told" control
    run -0 in_exec - true
    run -0 in_box - true
    make_bundle - /a/open r canary
    jq '.process.cwd = "@CWD@"' bundle/config.json >cwd.json
    for n in {3..20}; do
        cwd=/proc/self/fd/$n
        run md run --rm -v "$ATTACKS:/a" -w $cwd busybox /a/open r canary
        [[ $status = 125 || $output == *ENOENT ]] || { echo "$n: $output"; false; }
        [ "$n" != 5 ] || [[ $output == *"leads out of the container"* ]]
        run md exec -w $cwd exec.- /a/open r canary
        [[ $status != 0 || $output == *ENOENT ]] || { echo "$n: $output"; false; }
        config=$(<cwd.json)
        echo "${config/@CWD@/$cwd}" >bundle/config.json
        run runc run -b bundle escape
        [[ $status != 0 || $output == *ENOENT ]] || { echo "$n: $output"; false; }
        run runc exec --cwd $cwd box.- /a/open r canary
        [[ $status != 0 || $output == *ENOENT ]] || { echo "$n: $output"; false; }
    done
    exec 5<&-
}

# Who enters, ten times and until the stalker has met one from its first question
# to its last; not once has anything worked.
enter_stalked() { # OUTPUT COMMAND...
    for try in {1..200}; do
        [ "$try" -le 10 ] || ! grep -q ptrace "$1" || break
        timeout 5 "${@:2}" </dev/null
    done
    grep -q ptrace "$1"
    run cat "$1"
    answers "fd/0: E*, root: E*, exe: E*, mem: E*, ptrace: E*" "${*:2}"
    [[ $output == *EACCES* ]]
}

@test "CVE-2016-9962: who enters a container cannot be traced on the way" {
    # Root of a user namespace may trace what is in there, but for what is not
    # dumpable. Without one, the runtime's capabilities forbid it already.
    start_box user-namespace+all-capabilities /a/stalk naive
    "$ATTACKS/naive" exec "$(runc state box | jq .pid)" /bin/true
    eventually grep -q ptrace box.out
    run head -n 5 box.out
    answers "fd/0: worked, root: worked, exe: worked, mem: worked, ptrace: worked" control
    runc delete -f box
    for with in user-namespace+all-capabilities -; do
        start_box $with /a/stalk mini-runc
        enter_stalked box.out "$RUNC" --root state exec box /bin/true
        runc delete -f box
    done
    md run -d --name box -v "$ATTACKS:/a:ro" busybox sh -c \
        'exec /a/stalk mini-docker >/out' >/dev/null 3>&-
    enter_stalked "$(upper box)/out" "$MINI_DOCKER" exec box /bin/true
    md rm -f box >/dev/null
}

# --- links in images ---------------------------------------------------------

@test "links at the places of mounts lead nowhere but into the container" {
    # What a mount by path does: it covers the host's file.
    image_made_by "ln -sf $PWD/canary etc/hostname"
    run unshare -m --propagation private sh -c \
        'mount --bind /proc/version image/etc/hostname && cat canary'
    [[ $output == "Linux version"* ]]
    run -0 md run --rm -h inside hostile sh -c "cat $PWD/canary"
    [ "$output" = inside ]
    for link in "etc/hosts" "etc/resolv.conf" "etc/hostname"; do
        for where in "$PWD/outside/x" "../../../../../..$PWD/outside/x"; do
            image_made_by "ln -sf $where $link"
            run -0 md run --rm hostile sh -c "cat /$link >/dev/null; readlink /$link"
            [ "$output" = "$where" ]
        done
    done
}

@test "volumes are mounted inside, whatever links the image has on the way" {
    mkdir -p volume
    echo payload >volume/file
    image_made_by "ln -s $PWD/outside way; ln -s ../../../../..$PWD/outside up"
    mkdir -p image/way/made # by path, this is the host's directory
    rmdir outside/made
    for way in way up; do
        run -0 md run --rm -v "$PWD/volume:/$way/made" hostile cat \
            "$PWD/outside/made/file"
        [ "$output" = payload ]
    done
}

@test "CVE-2019-19921, CVE-2023-27561: /proc, /sys and /dev that are links" {
    # Masks are looked for where the kernel's files are, or nothing runs.
    for name in proc sys dev; do
        image_made_by "rm -rf $name; ln -s $PWD/outside $name; mkdir -p .$PWD/outside"
        run md run --rm -v "$ATTACKS:/a" hostile /a/open r /proc/keys /proc/interrupts
        [ "$status" = 125 ] || answers "*: empty, *: empty" "image: $name"
        rm -rf bundle/linked
        cp -a image bundle/linked
        make_bundle - /a/open r /proc/keys /proc/interrupts
        jq '.root.path = "linked"' bundle/config.json >new
        mv new bundle/config.json
        run runc run -b bundle escape
        [[ $status != 0 && $output == mini-runc:* ]] ||
            answers "*: empty, *: empty" "bundle: $name"
    done
}

@test "CVE-2025-31133: what is no null device masks nothing" {
    # A bundle without a /dev of its own takes the image's.
    mkdir -p bundle/rootfs/dev
    touch bundle/rootfs/dev/file
    ln -sf file bundle/rootfs/dev/null
    make_bundle - cat /proc/interrupts
    jq '.mounts |= map(select(.destination | startswith("/dev") | not))' \
        bundle/config.json >new
    mv new bundle/config.json
    run ! runc run -b bundle escape
    [[ $output == *"/dev/null"* ]] || { echo "$output"; false; }
    # The control: with the kernel's own /dev/null in place all is well.
    rm bundle/rootfs/dev/null
    make_bundle - cat /proc/interrupts
    run -0 runc run -b bundle escape
    [ -z "$output" ]
}

@test "CVE-2025-52881: a sysctl is written to the kernel's /proc or nowhere" {
    ip link show lo >/dev/null
    mkdir -p bundle/rootfs/proc/sys/net/ipv4
    ln -sf "$PWD/canary" bundle/rootfs/proc/sys/net/ipv4/ip_forward
    make_bundle - cat /proc/sys/net/ipv4/ip_forward
    jq '.linux.sysctl = {"net.ipv4.ip_forward": "1"}' bundle/config.json >with
    cp with bundle/config.json
    run -0 runc run -b bundle escape
    [ "$output" = 1 ]
    jq '.mounts |= map(select(.destination != "/proc")) |
        .linux.maskedPaths = [] | .linux.readonlyPaths = []' with >bundle/config.json
    run ! runc run -b bundle escape
    rm -r bundle/rootfs/proc/sys
}

@test "accounts are looked up inside: links of passwd lead nowhere" {
    echo 'mole:x:4242:4242::/:/bin/sh' >"$BATS_TEST_TMPDIR/accounts"
    image_made_by "ln -sf $BATS_TEST_TMPDIR/accounts etc/passwd"
    run -125 md run --rm -u mole hostile id -u
    [[ $output == *"unable to find user mole"* ]]
    # The control: the same file where the link leads, inside.
    image_made_by "ln -sf $BATS_TEST_TMPDIR/accounts etc/passwd
        mkdir -p .$BATS_TEST_TMPDIR; cp $BATS_TEST_TMPDIR/accounts .$BATS_TEST_TMPDIR"
    run -0 md run --rm -u mole hostile id -u
    [ "$output" = 4242 ]
}

@test "hostile group files make nobody a member of more than they say" {
    image_made_by 'yes "x:x:0:other" | head -n 50000 >etc/group
        printf "%s\n" "::::" "wheel:x:99999999999999999999:nobody" "a:x:-1:nobody" \
            "docker:x:17:nobody" >>etc/group
        echo nobody:x:65534:65534:::/bin/sh >>etc/passwd'
    run -0 md run --rm -u nobody hostile grep Groups: /proc/self/status
    [ "$(echo $output)" = "Groups: 17 65534" ] || { echo "$output"; false; }
}

# --- races -------------------------------------------------------------------

@test "CVE-2021-30465: a mount target that is swapped for a link, 20 times" {
    mkdir -p volume/dir payload
    ln -sfn "$PWD/outside" volume/link
    echo payload >payload/file
    "$ATTACKS/swap" volume/dir volume/link 3>&- &
    HELPER=$!
    # The control: by path, sooner or later it is made on the host.
    eventually sh -c 'mkdir -p volume/dir/made; rmdir outside/made'
    OPTIONS[swapped]="-v $PWD/volume:/v -v $PWD/payload:/v/dir/made"
    CHANGES[swapped]=".mounts += [[\"volume\", \"/v\"], [\"payload\", \"/v/dir/made\"] |
        {source: \"$PWD/\(.[0])\", destination: .[1], options: [\"rbind\"]}]"
    for way in in_docker in_bundle; do
        good=0
        for try in {1..10}; do
            rmdir volume/*/made 2>/dev/null || true
            run $way swapped cat /v/dir/made/file /v/link/made/file
            [ -z "$(ls outside)" ] || { echo "try $try: made outside"; false; }
            [[ $output != *payload* ]] || good=$((good + 1))
        done
        [ $good -gt 0 ]
    done
}
