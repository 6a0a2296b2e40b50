# product.bash - what the black-box tests share. A file begins with
#
#     load lib/product
#     setup_file() { product_setup; }
#
# and then has `md` (the program, on a state root of the file's own, with the
# image busybox in it) and bats' own `run`. MINI_DOCKER and IMAGES come from
# scripts/run-tests; by hand: scripts/sandbox -- bats tests/FILE.bats

bats_require_minimum_version 1.5.0

# What has not come by then does not come: also on a machine that does much else.
PATIENCE_S=30

product_setup() {
    local top=${BATS_TEST_DIRNAME%/tests*}
    export MINI_DOCKER=${MINI_DOCKER:-$top/build/mini-docker}
    export IMAGES=${IMAGES:-$top/build/images}
    export MINI_DOCKER_ROOT=$BATS_FILE_TMPDIR/root
    [ -e "$IMAGES/busybox.tar" ] || "$top/scripts/image-busybox" "$IMAGES/busybox.tar"
    "$MINI_DOCKER" import "$IMAGES/busybox.tar" busybox >/dev/null
    cd "$BATS_FILE_TMPDIR" || return
}

# A file that cannot run here says so in setup_file: `{ lacks REASON; return; }`.
# Then its tests are skipped by setup: this one, or the file's own, which begins
# with skip_lacking. A skip in setup_file itself is a failure to bats 1.8.
lacks() { export LACKS=$1; }
skip_lacking() { [ -z "${LACKS-}" ] || skip "$LACKS"; }
setup() { skip_lacking; }

md() {
    "$MINI_DOCKER" "$@"
}

# The same for what might hang. SIGKILL, because all else is passed on.
quick() {
    timeout -s KILL 10 "$MINI_DOCKER" "$@"
}

# Run a command of it and kill that after so many microseconds. The status is
# 137, or its own if it was faster.
struck_after() {
    "$MINI_DOCKER" "${@:2}" </dev/null >struck.out 2>&1 3>&- &
    local pid=$!
    sleep "$(printf %d.%06d $(($1 / 1000000)) $(($1 % 1000000)))"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
}

# None of its processes is there any more, nor the program for registries: those
# of one who was killed end a moment after him, and hold what is theirs till then.
all_ended() {
    eventually eval '! pgrep "^mini-docker"'
}

# How long a run of it takes, in microseconds.
time_of() {
    local began=${EPOCHREALTIME/./}
    "$MINI_DOCKER" "$@" >/dev/null 2>&1 </dev/null
    echo $((${EPOCHREALTIME/./} - began))
}
# So many moments of a time, evenly; fewer, but three at least, where WALK_STEP
# asks for it (tests/lib/contract.h).
moments() { # COUNT MICROSECONDS
    local count=$(($1 / ${WALK_STEP:-1})) i
    [ "$count" -ge 3 ] || count=3
    for ((i = 0; i < count; i++)); do echo $(($2 * i / count)); done
}

# The run directory of this state root, and the control groups of a container.
run_dir() {
    local hash=$((0xcbf29ce484222325)) i byte
    for ((i = 0; i < ${#MINI_DOCKER_ROOT}; i++)); do
        printf -v byte %d "'${MINI_DOCKER_ROOT:i:1}"
        hash=$(((hash ^ byte) * 0x100000001b3))
    done
    printf '/run/mini-docker/%016x\n' $hash
}
groups_of() {
    find /sys/fs/cgroup -type d -path "*/mini-docker/$1*"
}

# Start a container in the background, with the given options and command, and
# wait until its program runs. Sets ID, the pid of its first process as PID, that
# of its monitor as MONITOR, and of who sits in front of it as OWNER. End it
# with stop_background.
start_background() {
    rm -f cid
    "$MINI_DOCKER" run --cidfile cid "$@" </dev/null >background.out 2>&1 3>&- &
    OWNER=$!
    local end=$((SECONDS + PATIENCE_S))
    until [ -s cid ] && ID=$(<cid) && PID=$(pid_of "$ID"); do
        kill -0 $OWNER 2>/dev/null || { cat background.out; return 1; }
        [ $SECONDS -lt $end ] || return 1
        sleep 0.01
    done
    MONITOR=$(ps -o ppid= -p "$PID" | tr -d ' ')
}
stop_background() {
    kill -KILL "$PID" 2>/dev/null || true
    wait "$OWNER" || true
}

# The first process of a container, once it has executed its program. Asked over
# and over, so it starts no process of its own.
pid_of() {
    local pid comm file
    for file in /run/mini-docker/*/"$1"/state; do
        read -r pid _ <"$file" || return
    done 2>/dev/null
    # Not by its file: the runtime's may be a copy (shield.h).
    [ -n "$pid" ] && read -r comm <"/proc/$pid/comm" || return
    [ "$comm" != "${MINI_DOCKER##*/}" ] && echo "$pid"
} 2>/dev/null

# Wait until the command succeeds. (In a trap, and the teardown of a test that
# failed is one, a `return` alone returns what failed before.)
eventually() {
    local end=$((SECONDS + PATIENCE_S))
    while [ $SECONDS -lt $end ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.01
    done
    echo "never: $*"
    return 1
}

# What a web server of the host, or published there, says. It starts no program
# of which nobody knows whether it is there.
page() ( # HOST PORT; apart, as SIGPIPE ends who writes to nobody
    { exec 7<>"/dev/tcp/$1/$2"; } 2>/dev/null || exit
    printf 'GET / HTTP/1.0\r\n\r\n' >&7 2>/dev/null || exit
    sed '1,/^\r$/d' <&7
    exec 7>&-
)

# Has a process ended? It may wait for its parent to ask how.
running() {
    [ -e "/proc/$1" ] && ! grep -q '^State:.*zombie' "/proc/$1/status"
}
ended() {
    ! running "$1"
}

# Is this one of the file's lines?
says() {
    grep -q -x -F -e "$2" "$1"
}

remove_all_containers() {
    local ids
    ids=$(md ps -aq) || return
    [ -z "$ids" ] || md rm -f $ids >/dev/null
}

# The last command failed with this status and said exactly one line, which
# contains the words.
refused() {
    [ "$status" = "$1" ] || { echo "status $status: $output"; return 1; }
    [ "${#lines[@]}" = 1 ] || { echo "not one line: $output"; return 1; }
    [[ $output == *"$2"* ]] || { echo "said: $output"; return 1; }
}

remove_all_images() {
    md rmi -f $(md images -q --no-trunc | sort -u) >/dev/null 2>&1 || true
}
# Images as product_setup makes them, or with an OPTION of import.
restore_images() { # OPTION...
    remove_all_images
    md import "$@" "$IMAGES/busybox.tar" busybox >/dev/null
}

no_cables() {
    local line
    while read -r line; do
        [[ $line != veth* ]] || return 1
    done </proc/net/dev
}

# Nothing of any container is left: documents, directories, names, processes,
# groups, mounts, addresses, links. Asked hundreds of times, so it starts one
# process. Prints what is left, as `leaks` does.
is_clean() {
    local left mounts line leases root=$MINI_DOCKER_ROOT
    left=$(find "$root/containers" "$root/tmp" /run/mini-docker /sys/fs/cgroup \
        -path "$root/*/*" -prune ! -name lock -printf 'file %p\n' -o \
        -path '/run/mini-docker/*/networks' -prune -o \
        -path '/run/mini-docker/*/*' \( -type d -name '[0-9a-f]*' -o \
        -path '*/names/*' \) -printf 'file %p\n' -o \
        -path '/sys/fs/cgroup*/mini-docker/*' -type d -printf 'cgroup %p\n' \
        2>/dev/null) || true # not all of these directories need be there
    mapfile -t mounts </proc/self/mountinfo
    for line in "${mounts[@]}"; do
        [[ $line != *overlay* || $line != *"$root"* ]] ||
            left+=$'\n'"mount ${line#* * }"
    done
    for leases in /run/mini-docker/*/networks/*/leases; do
        { mapfile -t mounts <"$leases"; } 2>/dev/null || continue
        [ ${#mounts[@]} -le 1 ] || left+=$'\n'"lease $leases: ${mounts[*]:1}"
    done
    # The kernel takes them with the namespace, in its own time.
    eventually no_cables ||
        left+=$'\n'$(sed -n 's/^ *\(veth[^:]*\):.*/link \1/p' /proc/net/dev)
    [ -z "$left" ] || { echo "${left#$'\n'}"; return 1; }
}

# For the end of a test, as the last command of its teardown: no other counts for
# bats. What is left fails this test, and is taken away for the next one.
assert_clean() {
    local left
    left=$(is_clean) || {
        echo "left behind: $left"
        "${BATS_TEST_DIRNAME%/escape}/lib/take-away" <<<"$left"
        return 1
    }
}
