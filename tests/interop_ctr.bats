# containerd with mini-runc as its runtime, driven by ctr: a daemon of the
# test's own, in the sandbox, with its own directories.
load lib/product

setup_file() {
    # containerd uses /run/containerd whatever it is told; it must not be the
    # machine's.
    [ -n "${SANDBOX_TMP-}" ] || { lacks "runs in scripts/sandbox alone"; return; }
    command -v containerd && command -v ctr ||
        { lacks "containerd is not installed"; return; }
    local top=${BATS_TEST_DIRNAME%/tests*} daemon
    export MINI_DOCKER=${MINI_DOCKER:-$top/build/mini-docker}
    export IMAGES=${IMAGES:-$top/build/images}
    # A socket's path is short.
    export DIR=/run/mini-ctr.$$
    mkdir "$DIR" || return
    cd "$DIR" || return
    image_tar
    settings >config.toml
    containerd --config config.toml >daemon.log 2>&1 3>&- &
    echo $! >daemon.pid
    eventually on version || { cat daemon.log; return 1; }
    expect 0 images import image.tar
}
teardown_file() {
    [ -n "${DIR-}" ] || return 0
    kill "$(<"$DIR/daemon.pid")"
    eventually ended "$(<"$DIR/daemon.pid")"
    umount "$DIR"/state/*/*/*/* 2>/dev/null
    rm -rf "$DIR" /run/mini-runc /run/containerd
    rmdir /sys/fs/cgroup/*/default 2>/dev/null || true
}
setup() {
    skip_lacking
    cd "$DIR"
}
teardown() {
    [ -n "${DIR-}" ] || return 0
    local id left
    for id in $(ctr -a "$DIR/sock" containers ls -q); do
        on tasks kill -s KILL "$id" || true
        ! task_is "$id" . || eventually on tasks delete "$id"
        on containers rm "$id"
    done
    left=$(find /sys/fs/cgroup -type d -path '*/default/*')
    [ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

# What `docker save` writes, by hand: one layer, a config, a list.
image_tar() {
    mkdir image
    cp "$IMAGES/busybox.tar" image/layer.tar
    jq -n --arg id "sha256:$(sha256sum <image/layer.tar | cut -d' ' -f1)" \
        '{architecture: "amd64", os: "linux",
          config: {Cmd: ["sh"], Env: ["PATH=/usr/bin:/bin"]},
          rootfs: {type: "layers", diff_ids: [$id]}}' >image/config.json
    echo '[{"Config": "config.json", "RepoTags": ["local/bb:1"],
        "Layers": ["layer.tar"]}]' >image/manifest.json
    tar -C image -cf image.tar .
}
settings() {
    cat <<END
version = 2
root = "$DIR/root"
state = "$DIR/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$DIR/sock"
END
}

# ctr, whose shims keep descriptors: output to a file.
on() {
    timeout -k 1 30 ctr -a "$DIR/sock" "$@" </dev/null >"$DIR/out.txt" 2>&1 3>&-
}
expect() { # STATUS ARG...
    local status=0
    on "${@:2}" || status=$?
    output=$(<"$DIR/out.txt")
    [ "$status" = "$1" ] || { echo "status $status: $output"; return 1; }
}
# ctr run with our runtime. STATUS OPTION... ID COMMAND...: IMAGE goes before ID.
start() { # STATUS "OPTIONS" ID COMMAND...
    expect "$1" run --runc-binary "${MINI_DOCKER%/*}/mini-runc" \
        --snapshotter native $2 docker.io/local/bb:1 "${@:3}"
}
server() { # ID OPTIONS
    start 0 "-d ${2-}" "$1" sh -c 'trap "exit 5" TERM; while :; do sleep 0.1; done'
}
task_is() { # ID STATUS
    ctr -a "$DIR/sock" tasks ls | grep -q "^$1 .*$2"
}

@test "run: output, exit status, what cannot be executed" {
    start 0 --rm t echo hello
    [ "$output" = hello ]
    start 4 --rm t sh -c 'exit 4'
    start 1 --rm t nonexist
    [[ $output == *'executable file not found in $PATH'* ]]
    start 1 --rm t /etc/passwd
    [[ $output == *'permission denied'* ]]
}

@test "run: a terminal" {
    script -qec "ctr -a $DIR/sock run --runc-binary ${MINI_DOCKER%/*}/mini-runc \
        --snapshotter native --rm -t docker.io/local/bb:1 t tty" /dev/null \
        </dev/null >out.txt 2>&1 3>&-
    grep -q /dev/pts/0 out.txt
}

# ctr closes its ends of the pipes as soon as it hears of the exit, whether what
# was said is read or not: ask again where it said nothing.
says() { # ID COMMAND...
    local try
    for try in 1 2 3 4 5 6 7 8; do
        expect 0 tasks exec --exec-id "$1$try" "${@:2}"
        [ -z "$output" ] || return 0
    done
}

@test "exec: output, exit status, what cannot be executed" {
    server t
    says e1 t echo in
    [ "$output" = in ]
    expect 6 tasks exec --exec-id e2 t sh -c 'exit 6'
    expect 1 tasks exec --exec-id e3 t nonexist
    [[ $output == *'executable file not found in $PATH'* ]]
    says e4 --cwd /etc t pwd
    [ "$output" = /etc ]
}

@test "pause and resume; the list of tasks knows" {
    server t
    expect 0 tasks pause t
    task_is t PAUSED
    expect 0 tasks resume t
    task_is t RUNNING
}

@test "kill, its status, and a kill that comes too late" {
    server t
    expect 0 tasks kill -s TERM t
    eventually task_is t STOPPED
    expect 1 tasks kill -s TERM t
    [[ $output == *"not found"* || $output == *"already finished"* ]]
    expect 0 tasks delete t
    [[ $output == *"exit code 5"* ]]
}

@test "metrics, processes" {
    server t
    expect 0 tasks metrics t
    grep -q '^pids.current  *[12] ' out.txt
    expect 0 tasks ps t
    [ "$(grep -c '^[0-9]' out.txt)" -ge 1 ]
}

@test "limits" {
    server t '--memory-limit 67108864 --read-only'
    local pid group
    pid=$(ctr -a "$DIR/sock" tasks ls | awk '$1 == "t" { print $2 }')
    group=$(sed -n 's/^[0-9]*:memory://p' "/proc/$pid/cgroup")
    [ -z "$group" ] ||
        [ "$(<"/sys/fs/cgroup/memory$group/memory.limit_in_bytes")" = 67108864 ]
    expect 1 tasks exec --exec-id e t touch /x
    [[ $output == *"Read-only file system"* ]]
}

@test "privileged" {
    start 0 "--rm --privileged" t readlink /dev/ptmx
    [[ $output == *pts/ptmx ]]
}
