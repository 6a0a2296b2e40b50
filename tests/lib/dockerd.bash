# dockerd.bash - dockerd itself, to be asked the same as our daemon. It is the
# machine's, or what lies unpacked below DOCKERD_ROOT (Debian's packages
# docker.io, containerd and runc). A file begins with
#
#     load lib/product
#     load lib/dockerd
#     setup_file() { dockerd_start && product_setup; }
#     teardown_file() { dockerd_stop; }
#
# Everything of it is in the sandbox, and its bridge in a network of its own;
# its data are below DOCKERD_DATA, if that is said.

dockerd_start() {
    [ -n "${SANDBOX_TMP-}" ] || { lacks "runs in scripts/sandbox alone"; return 1; }
    local root=${DOCKERD_ROOT-} name
    [ -z "$root" ] || PATH=$PATH:$root/usr/bin:$root/usr/sbin
    for name in docker dockerd containerd runc; do
        command -v $name >/dev/null || { lacks "$name is not installed"; return 1; }
    done
    # A socket's path is short.
    export DOCKERD=/run/dockerd
    mkdir -p "$DOCKERD"
    containerd --root "$DOCKERD/ctd" --state "$DOCKERD/ctd-run" \
        -a "$DOCKERD/ctd.sock" >"$DOCKERD/ctd.log" 2>&1 3>&- &
    echo $! >"$DOCKERD/ctd.pid"
    eventually test -S "$DOCKERD/ctd.sock"
    unshare --net bash -c 'ip link set lo up && exec "$@"' - \
        dockerd --containerd "$DOCKERD/ctd.sock" --data-root "${DOCKERD_DATA:-$DOCKERD/data}" \
        --exec-root "$DOCKERD/exec" -p "$DOCKERD/pid" -H "unix://$DOCKERD/sock" \
        --iptables=false --ip6tables=false --userland-proxy=false \
        >"$DOCKERD/log" 2>&1 3>&- &
    eventually curl -sf --unix-socket "$DOCKERD/sock" http://x/_ping ||
        { tail -n 5 "$DOCKERD/log"; return 1; }
}

dockerd_stop() {
    local file pid
    for file in pid ctd.pid; do
        pid=$(cat "$DOCKERD/$file" 2>/dev/null) || continue
        kill "$pid"
        eventually ended "$pid"
    done
    umount $(findmnt -rn -o TARGET | grep -F -e "$DOCKERD/" -e "${DOCKERD_DATA:-$DOCKERD}/") 2>/dev/null ||
        true # nothing was mounted
    rm -rf "$DOCKERD" /run/docker /run/containerd
    rmdir /sys/fs/cgroup/*/docker 2>/dev/null || true
}
