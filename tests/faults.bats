# The fault walk: at each system call of a command, in turn, the call fails or
# the process is killed. The command ends, says why in one line, and the next
# command finds nothing left behind and works. See faults/walk.c. Thousands of
# containers: not in the lab kernel.
load lib/product

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/faults"
}

# All four faults, two at once, each in a sandbox of its own.
walk() {
    local run=$BATS_TEST_DIRNAME/faults/run status=0
    cd "$BATS_TEST_TMPDIR"
    "$run" "$@" EIO kill >"$BATS_TEST_TMPDIR/first" 2>&1 3>&- &
    "$run" "$@" ENOMEM EPERM >"$BATS_TEST_TMPDIR/second" 2>&1 3>&- || status=1
    wait $! || status=1
    sed 's/^/# /' "$BATS_TEST_TMPDIR"/first "$BATS_TEST_TMPDIR"/second >&3
    return $status
}

@test "run leaves nothing behind, wherever it fails" { walk run; }
@test "import leaves nothing behind, wherever it fails" { walk import; }
@test "rmi leaves nothing behind, wherever it fails" { walk rmi; }
@test "rm leaves nothing behind, wherever it fails" { walk rm; }
@test "mini-runc create: likewise" { walk create; }
@test "mini-runc start: likewise" { walk start; }
@test "mini-runc run: likewise" { walk runc-run; }
@test "mini-runc exec: likewise" { walk exec; }
@test "mini-runc delete, of what has ended: likewise" { walk delete; }
@test "mini-runc delete --force, of what runs: likewise" { walk delete-force; }
@test "an ordinary user's run: likewise" { walk --user run; }
@test "an ordinary user's mini-runc create: likewise" { walk --user create; }
@test "an ordinary user's mini-runc delete --force: likewise" {
    walk --user delete-force
}
