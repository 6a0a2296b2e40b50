# Standard streams at their edges: closed, owned by somebody else, outlived.
load lib/product

setup_file() { product_setup; }

@test "closed descriptors of the caller count as /dev/null" {
    status=0
    md run --rm -i --network none busybox \
        sh -c 'cat; yes | head -c 300000; yes | head -c 300000 >&2; exit 3' \
        <&- >&- 2>&- || status=$?
    [ "$status" = 3 ]
    assert_clean
}

@test "what a container says never goes into a file of ours" {
    md run --name quiet --log-driver none --network none busybox \
        sh -c 'x=lo; echo ${x}st; echo ${x}st >&2' >&- 2>&-
    run ! grep -r lost "$MINI_DOCKER_ROOT/containers"
    md rm quiet
}

@test "an ordinary user can open its standard streams anew" {
    run md run --rm -u 1000 --network none busybox \
        sh -c 'echo out >/dev/stdout; echo err >/proc/self/fd/2'
    [ "$output" = $'out\nerr' ]
    run md run --rm -i -u 1000:1000 --network none busybox \
        cat /dev/stdin < <(echo in)
    [ "$output" = in ]
}

# bats test_tags=lab-kernel
@test "what a process leaves behind does not keep run from ending" {
    run timeout 20 "$MINI_DOCKER" run --rm --pid host --network none busybox \
        sh -c 'echo bye; sleep 60 & exit 5'
    [ "$status" = 5 ]
    [ "$output" = bye ]
    assert_clean
}
