# ann.bash - an ordinary user for the tests that need one, after lib/product:
#
#     setup_file() { ann_setup || return 0; ... }   # root makes her
#     as_ann podman run ...
#
# Ann is a name for this uid, for newuidmap(1), and what /etc/subuid grants her
# is hers in this sandbox alone. Her house is $HOUSE; her state and what is in
# memory lie in its data and run.

ANN=1000

ann_setup() {
    [ "$(id -u)" = 0 ] || { lacks "root, to become an ordinary user"; return 1; }
    export HOUSE=$BATS_FILE_TMPDIR/ann
    mkdir -p "$HOUSE/data" "$HOUSE/run" "$HOUSE/etc"
    chmod 755 "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
    grep -v ":x:$ANN:" /etc/passwd >"$HOUSE/etc/passwd"
    echo "ann:x:$ANN:$ANN::$HOUSE:/bin/sh" >>"$HOUSE/etc/passwd"
    echo "ann:100000:65536" >"$HOUSE/etc/subuid"
    cp "$HOUSE/etc/subuid" "$HOUSE/etc/subgid"
    local file
    for file in passwd subuid subgid; do
        touch "/etc/$file"
        mount --bind "$HOUSE/etc/$file" "/etc/$file"
    done
    chown -R $ANN:$ANN "$HOUSE"
}

ann_done() {
    umount /etc/passwd /etc/subuid /etc/subgid 2>/dev/null || true
}

as_ann() {
    env -u MINI_DOCKER_ROOT HOME="$HOUSE" TMPDIR="$HOUSE" XDG_DATA_HOME="$HOUSE/data" \
        XDG_RUNTIME_DIR="$HOUSE/run" \
        setpriv --reuid $ANN --regid $ANN --clear-groups "$@"
}
