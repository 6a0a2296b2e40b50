# run --skip-step: a container without one of its steps, to see what it is for.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

# without STEP OPTION... -- COMMAND: as inside; the warning goes to $WARNING.
without() {
    local step=$1
    shift
    inside --skip-step "$step" "$@" 2>warning
}
warned() { # STEP WORDS
    same "warning: without step $1 this container is not isolated as it should be: $2" "$(<warning)"
}

@test "each step that may be left out is, and the container says of which it knows" {
    same "$(hostname)" "$(without hostname -h box -- hostname)"
    warned hostname "it answers to the host's name"
    same box "$(inside -h box -- hostname 2>warning)"
    same "" "$(<warning)"
    # The step's own name, or as one types it.
    same "$(hostname)" "$(without HostName -h box -- hostname)"
    same 0 "$(without Seccomp-Filter -- sed -n 's/^Seccomp:\t//p' /proc/self/status)"
    warned "seccomp filter" "it can call everything that the kernel has"
    same 0 "$(without "no new privileges" --security-opt no-new-privileges -- \
        sed -n 's/^NoNewPrivs:\t//p' /proc/self/status)"
    all=$(without capabilities -u 1000 -- sh -c 'id -u; sed -n "s/^CapEff:\t//p" /proc/self/status')
    [[ $all == "0"$'\n'* && $all != *a80425fb ]]
    # Of steps that this container would not take anyhow, the warning is all.
    same here "$(without scheduler -- echo here)"
}

@test "several are left out together" {
    [ "$(without mounts --skip-step "cgroup mount" --skip-step devices \
        --skip-step sysctls --skip-step read-only-paths --skip-step masked-paths -- \
        sh -c 'ls /proc /dev | grep -v :')" = "" ]
    [ "$(wc -l <warning)" = 6 ]
    # One whose ground is missing says so in its own words.
    run -125 inside --skip-step devices -- true
    [[ ${lines[1]} == "mini-docker: masked paths: mask "*": open /dev/null: No such file or directory" ]]
}

@test "nothing else is lost with one" {
    for step in limits "device rules" "cgroup namespace" undumpable keyring \
        "read-only paths" rlimits "working directory"; do
        same "00000000a80425fb 2 box" "$(without "$step" -h box -- sh -c 'echo $(
            sed -n "/^Seccomp:/s/.*\t//p;/^CapEff:/s/.*\t//p" /proc/self/status | sort) $(hostname)')"
    done
    same 127.0.0.1 "$(without mounts --skip-step "cgroup mount" --skip-step devices \
        --skip-step sysctls --skip-step masked-paths -- sh -c \
        'ip -o -4 address show lo | sed "s/.*inet //;s/\/.*//"')"
}

@test "an unknown step, and one that must be, are refused before anything is made" {
    run md run --skip-step nosuch busybox true
    said 'invalid argument "nosuch" for "--skip-step" flag: no such step (run --trace=steps shows them)'
    for step in process gate cgroup root exec standard-streams; do
        run md run --skip-step $step busybox true
        said "invalid argument \"$step\" for \"--skip-step\" flag: a container can be neither made nor taken down without this step"
    done
    same "" "$(md ps -aq)"
}

@test "create keeps it, start does it and warns" {
    md create --name odd --skip-step hostname -h box busybox hostname >/dev/null 2>&1
    for i in 1 2; do
        same "$(hostname)" "$(md start -a odd 2>warning)"
        warned hostname "it answers to the host's name"
    done
    same '["hostname"]' "$(md inspect -f '{{json .HostConfig.SkipSteps}}' odd)"
    md start odd >/dev/null 2>warning
    warned hostname "it answers to the host's name"
    md wait odd
    # A document that says what it must not is refused as well.
    file=$(echo "$MINI_DOCKER_ROOT"/containers/*/config.json)
    sed 's/"hostname"\(.*\)/"gate"\1/;' "$file" >changed
    grep -q '"gate"' changed
    cp changed "$file"
    run -1 md start odd
    [[ $output == *'skip step "gate": a container can be neither made'* ]]
}

@test "without pivot the host's files are there, and its mounts and files are safe" {
    echo host >"$BATS_TEST_TMPDIR/mine"
    same host "$(without pivot -- cat "$BATS_TEST_TMPDIR/mine")"
    warned pivot 'its "/" is the host'"'"'s, to read and to write'
    # Its namespace is its own, and nothing mounted in it is seen outside.
    mkdir place
    before=$(wc -l </proc/self/mountinfo)
    without pivot --privileged -- sh -c \
        "mount -t tmpfs none $BATS_TEST_TMPDIR/place && touch $BATS_TEST_TMPDIR/place/file &&
        ! grep -q shared: /proc/self/mountinfo && ls $BATS_TEST_TMPDIR/place" >got
    same file "$(<got)"
    same "" "$(ls place)"
    same "$before" "$(wc -l </proc/self/mountinfo)"
    # A working directory that is not there is not made there.
    run -125 inside --skip-step pivot -w "$BATS_TEST_TMPDIR/new/dir" -- true
    [[ ${lines[1]} == *"working directory: chdir to \"$BATS_TEST_TMPDIR/new/dir\": No such file or directory" ]]
    [ ! -e new ]
}
