# What one process could do to another, or to the whole machine by its numbers.
load escape

setup_file() { escape_setup; }
setup() {
    cd "$BATS_FILE_TMPDIR"
    echo secret >canary
}
teardown() {
    [ -z "${HELPER-}" ] || kill "$HELPER"
    escape_clean
}

# A process of the host, until the test ends: it says a line when it is there.
host_process() {
    coproc "$@" 3>&-
    HELPER=$COPROC_PID
    read -r <&"${COPROC[0]}"
}

@test "processes of the host cannot be signalled, traced or looked through" {
    host_process sh -c 'echo here; exec sleep 1000'
    withstood <<END
/a/outsider $HELPER $PWD/canary | -          | kill: ESRCH, ptrace: ESRCH, root: ENOENT | host-pids | kill: worked, ptrace: EPERM, root: EACCES
/a/outsider $HELPER $PWD/canary | SYS_PTRACE | kill: ESRCH, ptrace: ESRCH, root: ENOENT | host-pids | kill: worked, ptrace: worked, root: worked
END
}

@test "abstract sockets of the host are not there" {
    host_process "$ATTACKS/sockets" listen
    withstood <<'END'
/a/sockets connect | - | connect: ECONNREFUSED | host-network | connect: worked
END
}

@test "raw sockets hear their own network alone" {
    # Two links are heard at most: no other bridge may be there.
    ip -o link show type bridge | cut -d : -f 2 | xargs -rn 1 ip link delete
    ip link add canary0 type bridge || skip "no bridges in this kernel"
    withstood <<'END' || { ip link del canary0; false; }
/a/sockets packet | - | packet: worked, link: lo | host-network | packet: worked, link: lo, link: canary0
END
    ip link del canary0
}

@test "keys of the caller's session stay outside" {
    VIA="$ATTACKS/keys give"
    withstood <<'END'
/a/keys take | - | search: EPERM | unfiltered | search: ENOKEY
END
    # The filter alone, and the session alone, each do it. With neither:
    leave_boxes
    export MINI_DOCKER_FAULT=keyctl:1:EPERM # "keyring" passes over that
    withstood <<'END'
/a/keys take | - | search: EPERM | unfiltered | search: worked, read: secret
END
}

# On a terminal of its own: COMMAND...
on_terminal() {
    script -qefc "${*@Q}" /dev/null </dev/null | tr -d '\r#'
}

@test "nothing is typed at the caller's terminal" {
    run on_terminal "$ATTACKS/typist"
    [[ $output != *EIO* ]] || skip "a kernel without TIOCSTI"
    answers "TIOCSTI 0: worked, TIOCSTI 1: worked, TIOCSTI 2: worked, /dev/tty: worked, TIOCSTI: worked" control
    run -0 in_exec - true # so that they are there
    run -0 in_box - true
    make_bundle - /a/typist
    while read -r way; do
        eval "run on_terminal $way"
        answers "TIOCSTI 0: ENOTTY, TIOCSTI 1: ENOTTY, TIOCSTI 2: ENOTTY, /dev/tty: ENXIO" "$way"
    done <<'END'
"$MINI_DOCKER" run --rm -i -v "$ATTACKS:/a" busybox /a/typist
"$MINI_DOCKER" exec -i exec.- /a/typist
"$RUNC" --root "$PWD/state" run -b bundle escape
"$RUNC" --root "$PWD/state" exec box.- /a/typist
END
}

@test "descriptors of the caller are closed, above and below 10" {
    exec 5<. 42<.
    attack="/a/open r /proc/self/fd/5/canary /proc/self/fd/42/canary"
    run naively $attack
    answers "*: told, *: told" control
    for way in $WAYS; do
        run $way - $attack
        answers "*: ENOENT, *: ENOENT" $way
    done
    exec 5<&- 42<&-
}

@test "the caller's environment stays outside, and LD_PRELOAD with it" {
    export SECRET=canary LD_PRELOAD=
    run naively cat /proc/self/environ
    [[ $output == *SECRET=canary* ]]
    for way in $WAYS; do
        run $way - cat /proc/self/environ /proc/1/environ
        [[ $output != *SECRET* && $output != *LD_PRELOAD* ]]
    done
}

@test "no_new_privs: a setuid file makes nobody root" {
    for way in $WAYS; do
        run $way nnp /a/suid set
        answers "euid: 1000, capabilities: 0" $way
        run $way - /a/suid set
        answers "euid: 0, capabilities: a80425fb" "control $way"
    done
}

@test "nothing is inheritable, so files with inheritable capabilities give none" {
    for way in $WAYS; do
        run $way - /a/suid inherit
        answers "euid: 1000, capabilities: 0" $way
    done
    CHANGES[inheritable]='.process.capabilities.inheritable = ["CAP_CHOWN"]'
    run in_bundle inheritable /a/suid inherit
    answers "euid: 1000, capabilities: 1" control
}

@test "the way out of chroot leads nowhere" {
    run naively /a/chroots "$PWD/canary"
    answers "chroot: worked, host: worked" control
    for way in $WAYS; do
        run $way - /a/chroots "$PWD/canary"
        answers "chroot: worked, host: ENOENT" $way
    done
}

@test "limits: processes, files" {
    withstood <<'END'
/a/greedy processes 60 | few-processes | took: EAGAIN                  | many-processes | took: all
/a/greedy files 99     | few-files     | setrlimit: EPERM, took: EMFILE | enough-files   | setrlimit: worked, took: all
END
}

@test "limits: memory" {
    for way in $WAYS; do
        run -137 $way little-memory /a/greedy memory 64
        [[ $output != *took* ]]
        run -0 $way enough-memory /a/greedy memory 64
        answers "took: all" "control $way"
    done
}
