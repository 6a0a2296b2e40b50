# podman of an ordinary user with mini-runc as its runtime: podman has made a user
# namespace already, and calls us as root in there.
load lib/product
load lib/podman
load lib/ann

setup_file() {
    ann_setup || return 0
    podman_setup "$HOUSE" as_ann
}
# The last call ends the process that keeps her namespace.
teardown_file() {
    [ "${LACKS-}" ] || { podman_clean "$HOUSE/run/mini-runc" && pm system migrate; }
    ann_done
}

@test "run: output, exit status, whom it runs as, and a terminal" {
    expect 3 run --rm --network none -t bb sh -c 'tty; cat /proc/self/uid_map; exit 3'
    [[ $output == /dev/pts/0* ]]
    [[ $(sed -n 2p pm.txt) =~ ^\ +0\ +$ANN\ +1.$ ]]
    expect 127 run --rm --network none bb nonexist
}

@test "a life in the background: exec, stop, start, kill" {
    server c
    expect 7 exec -t -u 5:6 c sh -c 'tty; id -u; exit 7'
    [[ $output == /dev/pts/*5* ]]
    expect 0 stop c
    expect 0 inspect -f '{{.State.ExitCode}} {{.State.Status}}' c
    [ "$output" = "5 exited" ]
    expect 0 start c
    expect 0 inspect -f '{{.State.Pid}}' c
    grep -q "^Uid:.$ANN.$ANN.$ANN.$ANN$" "/proc/$output/status"
    expect 0 kill c
    expect 0 wait c
    [ "$output" = 137 ]
}

@test "volumes, of which one maps her to herself" {
    as_ann mkdir shared
    expect 0 run --rm --network none --userns keep-id -v "$PWD/shared:/w" bb \
        touch /w/made
    [ "$(stat -c %u shared/made)" = $ANN ]
    expect 1 run --rm --network none -v v:/data -v "$PWD/shared:/w:ro" bb sh -c \
        'echo kept >/data/f; cat /data/f; touch /w/g'
    [[ $output == kept*"Read-only file system" ]]
    expect 0 volume rm v
}

@test "--init, and a pod that stops as one" {
    command -v catatonit >/dev/null || skip "podman has no catatonit for pods"
    expect 0 pod create --name p --network none
    expect 0 run -d --pod p --name q bb sleep 1000
    expect 0 inspect -f '{{.State.Pid}}' q
    local pid=$output
    expect 4 run --rm --pod p --init bb sh -c \
        'readlink /proc/self/ns/net; tr "\\0" " " </proc/1/cmdline; exit 4'
    [ "$(head -n 1 pm.txt)" = "$(readlink "/proc/$pid/ns/net")" ]
    [[ $output == */run/podman-init\ --\ sh* ]]
    expect 0 pod rm -f -t 0 p
    eventually ended "$pid"
}
