# What `cp` could be talked into, by an image and by a container that runs.
load escape

setup_file() { escape_setup; }
setup() {
    cd "$BATS_FILE_TMPDIR"
    rm -rf outside image got
    mkdir outside
    echo secret >outside/canary
    echo planted >planted
}
teardown() {
    remove_all_containers
    escape_clean
}

# A container that swaps a directory of its own for a link to ours without an
# end. Sets PID.
start_swapping() {
    md run -d --name web -v "$ATTACKS:/a:ro" busybox sh -c "
        mkdir -p /race/dir; echo inside >/race/dir/canary
        ln -s $PWD/outside /race/link; : >/ready
        exec /a/swap /race/dir /race/link" >/dev/null 3>&-
    PID=$(md inspect -f '{{.State.Pid}}' web)
    eventually test -e "/proc/$PID/root/ready"
}

# Is it the host's? A link that was copied as one is not.
betrays() {
    [ ! -L "$1" ] && grep -rqsa secret "$1"
}

@test "CVE-2018-15664: what is copied out of a swapped directory is the container's" {
    start_swapping
    # The control: by path, sooner or later it is the host's.
    eventually grep -q secret "/proc/$PID/root/race/dir/canary"
    good=0
    for try in {1..60}; do # once at least it must have gone well
        [ $try -le 10 ] || [ $good = 0 ] || break
        rm -rf got
        md cp web:/race/dir/canary got 2>/dev/null || true
        run ! betrays got
        ! grep -qs inside got || good=$((good + 1))
        rm -rf got
        md cp -L web:/race/dir got 2>/dev/null || true
        run ! betrays got
        rm -rf got
        md cp web:/race/link/. - 2>/dev/null >got || true
        run ! betrays got
    done
    [ $good -gt 0 ]
}

@test "CVE-2018-15664: what is copied into a swapped directory stays inside" {
    start_swapping
    # (-T: else cp(1) says no to what has become a link meanwhile.)
    eventually sh -c "cp -T planted /proc/$PID/root/race/dir/planted
        rm outside/planted"
    mkdir -p tree/dir
    echo planted >tree/dir/canary
    good=0
    for try in {1..60}; do # once at least it must have gone well
        [ $try -le 10 ] || [ $good = 0 ] || break
        md cp planted web:/race/dir/planted 2>/dev/null && good=$((good + 1))
        md cp tree/dir web:/race 2>/dev/null || true
        md cp planted web:/race/link/canary 2>/dev/null || true
        [ "$(ls outside)" = canary ] || { echo "try $try: $(ls outside)"; false; }
        says outside/canary secret
    done
    [ $good -gt 0 ]
}

@test "CVE-2019-14271: no code of the image runs in who copies or enters" {
    image_made_by 'mkdir -p lib; cp "$ATTACKS/guest.so" lib/libnss_guest.so.2
        printf "%s: guest\n" passwd group shadow hosts >etc/nsswitch.conf'
    "$ATTACKS/lookup" image nobody || true
    [ -e image/loaded ] # the control
    rm image/loaded
    for user in 1234 nobody; do
        md run -d --name web -u $user hostile sleep 1000 >/dev/null 3>&-
        md exec -u $user web true
        md cp web:/etc/passwd got
        md cp -a planted web:/tmp
        md cp web:/etc - >got
        md stop -t 0 web >/dev/null
        md cp -a web:/etc/passwd got
        md cp -a planted web:/tmp
        md diff web >changes
        says changes "A /tmp/planted"
        run ! grep loaded changes
        md rm web >/dev/null
    done
    mv bundle/rootfs plain
    cp -a image bundle/rootfs
    run -0 in_box - true
    run -0 in_bundle - true
    [ ! -e bundle/rootfs/loaded ]
    leave_boxes
    rm -r bundle/rootfs
    mv plain bundle/rootfs
}
