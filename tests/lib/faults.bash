# faults.bash - the fault walk: at each system call of a command, in turn, the
# call fails or the process is killed. The command ends, says why in one line,
# and the next command finds nothing left behind and works: faults/walk.c.
# Thousands of containers: not in the lab kernel.

faults_setup() {
    make -s -C "$BATS_TEST_DIRNAME/faults"
}

# All four faults, two at once, each in a sandbox of its own.
walk() { # [--user] NAME
    local run=$BATS_TEST_DIRNAME/faults/run status=0
    local first=$BATS_TEST_TMPDIR/first second=$BATS_TEST_TMPDIR/second
    "$run" "$@" EIO kill >"$first" 2>&1 3>&- &
    "$run" "$@" ENOMEM EPERM >"$second" 2>&1 3>&- || status=1
    wait $! || status=1
    sed 's/^/# /' "$first" "$second" >&3
    return $status
}
