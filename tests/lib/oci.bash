# oci.bash - what the tests of mini-runc share, after lib/product:
#
#     setup_file() { oci_setup; }
#     config '.process.args = ["true"]'     # b/config.json: Docker's, changed
#     rc run --bundle b web                 # mini-runc on a root of our own
#
# Containers are named as the test likes; teardown is oci_clean.

oci_setup() {
    local top=${BATS_TEST_DIRNAME%/tests*}
    export MINI_DOCKER=${MINI_DOCKER:-$top/build/mini-docker}
    export IMAGES=${IMAGES:-$top/build/images}
    export RUNTIME=${MINI_DOCKER%/*}/mini-runc OCI_ROOT=$BATS_FILE_TMPDIR/state
    cd "$BATS_FILE_TMPDIR" || return
    [ -e "$IMAGES/busybox.tar" ] || "$top/scripts/image-busybox" "$IMAGES/busybox.tar"
    # Root of a user namespace has to find its way there.
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/file "$BATS_FILE_TMPDIR"
    mkdir -p b/rootfs
    tar -C b/rootfs -xf "$IMAGES/busybox.tar"
    mkdir -p b/rootfs/{proc,dev,sys}
    "$top/tests/bench/docker-config" rootfs >docker.json
}

# b/config.json by a jq filter; $2: the bundle's directory.
config() {
    mkdir -p "${2:-b}"
    jq "$1" docker.json >"${2:-b}/config.json"
}

# Its output may end up with the container, so nobody waits for an end of file:
# output goes through a file. Use `out rc ...` for what creates containers.
rc() {
    "$RUNTIME" --root "$OCI_ROOT" "$@" 3>&-
}
# As bats' run, for what leaves processes behind that hold our output.
out() {
    local expected=0
    [[ $1 == -[0-9]* ]] && expected=${1#-} && shift
    status=0
    timeout -k 1 20 "$RUNTIME" --root "$OCI_ROOT" "$@" </dev/null >out.txt 2>&1 \
        3>&- || status=$?
    output=$(<out.txt)
    mapfile -t lines <out.txt
    [ "$status" = "$expected" ] || { echo "status $status: $output"; return 1; }
}
# out, and that it said exactly one line with these words. STATUS WORDS ARG...
says_no() {
    out "-$1" "${@:3}" || return
    refused "$1" "$2"
}

status_of() { rc state "$1" | jq -r .status; }
pid_in() { rc state "$1" | jq .pid; }
# A container that sleeps. NAME [FILTER]
sleeper() {
    config ".process.args = [\"sleep\", \"1000\"] | ${2-.}"
    out run -d --bundle b "$1"
}

oci_clean() {
    local id left
    for id in $(rc list -q); do rc delete -f "$id"; done
    left=$(ls "$OCI_ROOT"; find /sys/fs/cgroup -type d -name 't-*')
    [ -z "$left" ] || { echo "left behind: $left"; return 1; }
}
