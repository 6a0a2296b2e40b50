# Volumes with bad luck: many at once, killed, a full disk, links and damage.
load lib/volumes

@test "two containers at once fill a volume once, and both see it whole" {
    mkdir -p tree/many
    (cd tree/many && seq 500 | xargs touch)
    tar -xf "$IMAGES/busybox.tar" -C tree
    tar -C tree -cf - . | md import - many >/dev/null
    local round pids pid
    for round in 1 2 3; do
        pids=()
        for n in 1 2 3 4; do
            md run --rm -v "data$round:/many" many sh -c 'ls /many | wc -l' \
                </dev/null >"out$n" 2>&1 3>&- &
            pids+=($!)
        done
        for pid in "${pids[@]}"; do wait "$pid"; done
        same "500 500 500 500" "$(echo $(cat out?))"
    done
    md rmi many >/dev/null
}

@test "many make one volume, and one is left" {
    local pids=() pid n
    for n in 1 2 3 4 5 6 7 8; do
        md volume create --label "n=$n" data >"out$n" 2>&1 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    same data "$(sort -u out?)"
    same data "$(md volume ls -q)"
}

@test "run and volume rm at once: the volume is there, or it is refused" {
    local n pid
    for n in 1 2 3 4 5 6; do
        md volume create data >/dev/null
        md run --rm -v data:/x busybox sh -c 'touch /x/file && ls /x' \
            </dev/null >out 2>&1 3>&- &
        pid=$!
        sleep 0.00$n
        md volume rm data >rm.out 2>&1 || grep -q "volume is in use" rm.out
        wait $pid
        same file "$(<out)"
        md volume rm -f data
    done
}

@test "a killed run --rm leaves no volume, wherever it is struck" {
    local delay
    for delay in 1000 3000 5000 8000 12000 20000 40000; do
        struck_after $delay run --rm -v /x -v data:/data plain true || true
        # Its monitor may live, and then it is not done yet.
        eventually eval '[ -z "$(md ps -aq)" ]'
        same "" "$(md volume ls -q | grep -v -x data)"
        same "" "$(ls -A "$VOLUMES" | grep '^[.]gone')"
        # What it found half filled the next one sees whole.
        same "file same" "$(in_tree -v data:/data -- sh -c \
            'cd /data && echo $(ls file) $(ls sub)')"
        md volume rm data
    done
}

@test "a full disk: the volume is refused, and nothing of it stays" {
    mkdir small
    mount -t tmpfs -o size=6m,mode=755 small small
    (
        export MINI_DOCKER_ROOT=$PWD/small/root
        md import "$IMAGES/busybox.tar" busybox >/dev/null
        md volume create data >/dev/null
        dd if=/dev/zero of=small/filler bs=4k 2>/dev/null || true
        run md volume create more
        refused 1 "No space left on device"
        run md run --rm -v data:/bin busybox true
        [ "$status" = 125 ]
        rm small/filler
        same data "$(md volume ls -q)"
        same "" "$(ls -A small/root/volumes/data/_data)"
        same "" "$(find small/root/volumes -name '.mini-docker*' -o -name '.new*')"
        md run --rm -v data:/etc busybox true
        [ -e small/root/volumes/data/_data/passwd ]
    )
    eventually umount small # a monitor may still take its cables away
    rm -rf "/run/mini-docker/$(ls -t /run/mini-docker | head -1)"
}

@test "an image's link out of the volume's place leads nowhere" {
    mkdir -p tree
    tar -xf "$IMAGES/busybox.tar" -C tree
    ln -s ../../../../../../../etc tree/out
    tar -C tree -cf - . | md import - sly >/dev/null
    md run --rm -v data:/out sly true
    # What it got is the image's /etc and not the host's.
    cmp tree/etc/passwd "$VOLUMES/data/_data/passwd"
    [ -e /etc/os-release ]
    [ ! -e "$VOLUMES/data/_data/os-release" ]
    md rmi sly >/dev/null
}

@test "a link in a volume's place is not followed" {
    mkdir target
    touch target/precious
    md volume create one >/dev/null
    rmdir "$VOLUMES/one/_data"
    ln -s "$PWD/target" "$VOLUMES/one/_data"
    run md run --rm -v one:/x busybox true
    said "volume one: _data: Not a directory"
    md volume rm one
    md volume create two >/dev/null
    rm -r "$VOLUMES/two"
    ln -s "$PWD/target" "$VOLUMES/two"
    run md run --rm -v two:/x busybox true
    said "volume two: "
    run -0 --separate-stderr md volume ls -q
    same "" "$output"
    md volume rm two
    [ -e target/precious ]
    same "" "$(ls -A "$VOLUMES" | grep -v -x .lock)"
}

@test "a damaged record is told of, and the volume can be removed" {
    md volume create data >/dev/null
    echo '{' >"$VOLUMES/data/volume.json"
    run --separate-stderr -0 md volume ls
    [[ $stderr == "mini-docker: volume data: damaged record: "* ]]
    run md run --rm -v data:/x busybox true
    said "volume data: damaged record"
    same data "$(md volume rm data)"
}
