# labs/grade in a container of ours, as on grading machines: an ordinary user, no
# capabilities, Docker's seccomp filter. The lab kernel runs there, and says what
# root says. docs/teaching.md has the command line.
load lib/product

setup_file() {
    export TOP=${BATS_TEST_DIRNAME%/tests*}
    command -v linux.uml >/dev/null || { lacks "no User-Mode Linux"; return; }
    product_setup
    # Not in the sandbox's /run: the sandbox of the checks has another.
    export WORK=$TOP/${BUILD:-build}/grade-container
    rm -rf "$WORK"
    mkdir -p "$WORK/work" "$WORK/half"
    cp "$TOP"/chapters/03-rootfs/{mnt,mnt_options,dev}.c "$WORK/half"
    chown 65534 "$WORK/work"
}

teardown_file() { rm -rf "$WORK"; }

contained() { # [OPTION...] -- COMMAND...
    local own=() dir options=()
    for dir in /usr /bin /sbin /lib /lib64 /etc; do own+=(-v "$dir:$dir:ro"); done
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    md run --rm --user 65534 --cap-drop ALL --network none "${own[@]}" \
        --tmpfs /run --tmpfs /mnt --tmpfs /var/tmp "${options[@]}" \
        -v "$TOP:$TOP:ro" -v "$WORK/work:/work" -w "$TOP" busybox "$@"
}

verdicts() {
    jq -c '[.labs[].exercises[].checks[] | {name, verdict}]'
}

@test "in a container the lab kernel has root's verdicts, of good and of bad" {
    run -0 contained -- grep -E 'CapBnd|^Seccomp:' /proc/self/status
    [ "${lines[*]//[[:space:]]/}" = "CapBnd:0000000000000000 Seccomp:2" ]
    cd "$TOP"
    run -1 contained --tmpfs /tmp:exec -- labs/grade --tier kernel --work /work \
        --format json --submission "$WORK/half" 03
    [ "$(jq -c '[.tier, .provisional]' <<<"$output")" = '["kernel",false]' ]
    inside=$(verdicts <<<"$output")
    run -1 build/grader/grade --tier root --work "$WORK/root" --format json \
        --submission "$WORK/half" 03
    [ "$inside" = "$(verdicts <<<"$output")" ]
    [[ $inside == *'"passed"'*'"failed"'* ]]
}

@test "its memory goes where programs may be: /tmp of the image; if none, it says so" {
    run -0 contained -- scripts/lab-kernel id -u
    [ "$output" = 0 ]
    run -125 contained --tmpfs /tmp -- scripts/lab-kernel id -u
    [[ $output == *"/dev/shm and /tmp are mounted noexec: set TMPDIR"* ]]
}

@test "a directory that it mounts on and that is not there is named" {
    run -125 md run --rm --user 65534 -v /usr:/usr:ro -v /bin:/bin:ro -v /lib:/lib:ro \
        -v /lib64:/lib64:ro -v "$TOP:$TOP:ro" busybox "$TOP/scripts/lab-kernel" true
    [ "$output" = "lab-kernel: there is no directory /run to mount on" ]
}
