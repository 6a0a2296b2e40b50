# podman.bash - podman with mini-runc as its runtime, after lib/product:
#
#     setup_file() { podman_setup "$BATS_FILE_TMPDIR" [AS]; }
#     expect 0 run --rm --network none bb true
#     teardown() { [ "${LACKS-}" ] || podman_clean; }
#
# Its storage is in a directory of the test's own, with the image bb in it. AS is
# a command before each: who podman is run by.

podman_setup() { # PLACE [AS]
    command -v podman || { lacks "podman is not installed"; return; }
    local top=${BATS_TEST_DIRNAME%/tests*}
    export MINI_DOCKER=${MINI_DOCKER:-$top/build/mini-docker}
    export IMAGES=${IMAGES:-$top/build/images}
    export PODMAN_PLACE=$1 PODMAN_AS=${2-}
    cd "$1" || return
    export HOME=$PWD
    expect 0 import "$IMAGES/busybox.tar" bb
}

# podman's conmon keeps descriptors: output goes to a file.
pm() {
    $PODMAN_AS timeout -k 1 30 podman --root "$PODMAN_PLACE/storage" \
        --runroot "$PODMAN_PLACE/runroot" --tmpdir "$PODMAN_PLACE/tmp" \
        --storage-driver vfs --cgroup-manager cgroupfs --events-backend file \
        --runtime "${MINI_DOCKER%/*}/mini-runc" "$@" </dev/null >pm.txt 2>&1 3>&-
}
# pm, with a status that is expected and the output in `output`.
expect() { # STATUS ARG...
    local status=0
    pm "${@:2}" || status=$?
    output=$(<pm.txt)
    [ "$status" = "$1" ] || { echo "status $status: $output"; return 1; }
}
# A container that runs until it is told to end.
server() { # NAME OPTION...
    expect 0 run -d --name "$1" --network none "${@:2}" bb sh -c \
        'echo started; trap "exit 5" TERM; while :; do sleep 0.1; done'
    eventually eval 'pm logs "'"$1"'" && grep -q started pm.txt'
}
# All containers go, and with them what mini-runc keeps in $1.
podman_clean() {
    local left
    expect 0 rm --all --force --time 0
    left=$(find /sys/fs/cgroup -type d -name 'libpod-*' ! -name '*conmon*'
        ls "$1" 2>/dev/null)
    [ -z "$left" ] || { echo "left behind: $left"; return 1; }
}
