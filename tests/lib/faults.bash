# faults.bash - the fault walk: at each system call of a command, in turn, the
# call fails or the process is killed. The command ends, says why in one line,
# and the next command finds nothing left behind and works: faults/walk.c.
# Thousands of containers: not in the lab kernel.
#
# Four faults at each point are many minutes. `make test` has one of them, in
# turn, strike each point, or of a long command each second or fourth;
# `make faults` (WALK_STEP=1) has all.

faults_setup() {
    make -s -C "$BATS_TEST_DIRNAME/faults"
}

# All four faults at once, each in a sandbox of its own: most of the time goes
# by in waiting for the kernel, which takes namespaces apart at its leisure.
walk() { # [--user] NAME
    local run=$BATS_TEST_DIRNAME/faults/run status=0 fault walker walkers=()
    local step=${WALK_STEP:-${STEP:-4}} turn=0
    for fault in EIO ENOMEM EPERM kill; do
        WALK_STEP=$step WALK_FIRST=$((turn++ * step / 4 + 1)) \
            "$run" "$@" $fault >"$BATS_TEST_TMPDIR/$fault" 2>&1 3>&- &
        walkers+=($!)
    done
    for walker in "${walkers[@]}"; do
        wait "$walker" || status=1
    done
    sed 's/^/# /' "$BATS_TEST_TMPDIR"/{EIO,ENOMEM,EPERM,kill} >&3
    return $status
}
