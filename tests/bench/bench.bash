# bench.bash - what the benchmarks of containers share. After `cd` to the top:
#
#     . tests/bench/bench.bash
#     bench_enter build/bench-NAME "to start containers"
#
# The part before bench_enter runs twice: here, and then in a sandbox, with the
# state root on the disk, as in real use. Sets WORK, IMAGES, MD (the program)
# and MINI_DOCKER_ROOT; what is left of an earlier run is gone.

has() { command -v "$1" >/dev/null; }

bench_enter() { # DIRECTORY WHY
    WORK=$PWD/$1
    IMAGES=${IMAGES:-$PWD/build/images}
    MD=${MINI_DOCKER:-$PWD/build/mini-docker}
    if [ -z "${SANDBOX_TMP:-}" ]; then
        mkdir -p "$WORK"
        cc -O2 -Wall -Wextra -o "$WORK/race" tests/bench/race.c
        [ -e "$IMAGES/busybox.tar" ] || scripts/image-busybox "$IMAGES/busybox.tar"
        exec scripts/as-root "$2" scripts/sandbox -w "$WORK" -- "$(realpath "$0")"
    fi
    # crun refuses a v2 tree that carries controllers beside v1 ones: take it
    # away, here in the sandbox, for everybody.
    if grep -qs . /sys/fs/cgroup/unified/cgroup.controllers; then
        umount /sys/fs/cgroup/unified
    fi
    export MINI_DOCKER_ROOT=$WORK/state
    rm -rf "$MINI_DOCKER_ROOT"
    "$MD" import "$IMAGES/busybox.tar" busybox >/dev/null
}

# ROUNDS of race.c, and then what it measured.
race() { # as race.c; medians of it are asked for next
    "$WORK/race" "$ROUNDS" "$@" | tee "$WORK/last"
}
median() { # LABEL
    awk -v label="$1" 'substr($0, 1, 34) ~ "^" label " *$" {
        print substr($0, 35) + 0 }' "$WORK/last"
}
ratio() { # A B
    awk -v a="${1:-0}" -v b="${2:-0}" \
        'BEGIN { if (a * b) printf "%.2fx", a / b; else print "-" }'
}

# The same tree for runtimes that take a directory: ROOTFS.
bench_rootfs() {
    ROOTFS=$WORK/rootfs
    rm -rf "$ROOTFS"
    mkdir -p "$ROOTFS"/{proc,dev,sys}
    tar -C "$ROOTFS" -xf "$IMAGES/busybox.tar"
}
# Docker's defaults as an OCI bundle of ROOTFS, for crun and runc: WORK/bundle,
# with a jq filter over it.
bench_bundle() {
    mkdir -p "$WORK/bundle"
    tests/bench/docker-config "$ROOTFS" | jq "${1:-.}" >"$WORK/bundle/config.json"
}
