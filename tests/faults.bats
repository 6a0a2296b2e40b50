# The fault walk: at each system call that `run` makes, in turn, the call fails
# or the process is killed. Afterwards nothing is left behind once the next
# command has looked, and the next run works.
load lib/product

setup_file() { product_setup; }

# What the shell says of a process that was killed is not of interest.
struck_by() {
    MINI_DOCKER_FAULT=$1 timeout 20 "$MINI_DOCKER" "${@:2}" >out 2>err </dev/null
}

# The kernel tells a child only after the death of its parent: as long as it
# lives, it shares the lock, and the container counts as taken care of.
swept() {
    md ps -aq && assert_clean
}

# walk FAULT COMMAND...: run COMMAND with MINI_DOCKER_FAULT=*:n:FAULT for n = 1,
# 2, ... until it is no longer struck: then no call is left. A struck run must
# end; `judge` looks at its status and words.
walk() {
    local fault=$1 n status said
    shift
    cd "$BATS_TEST_TMPDIR"
    for ((n = 1; n < 2000; n++)); do
        status=0
        struck_by "*:$n:$fault" "$@" 2>/dev/null || status=$?
        said=$(<err)
        md ps -aq >/dev/null || { echo "n=$n: ps fails"; return 1; }
        judge "$n" $status "$said" || return 1
        eventually swept || { echo "after $fault at call $n: $said"; return 1; }
        if [ $status = 0 ] && [ -z "$said" ] && past_the_end "$n"; then
            echo "# $((n - 1)) points walked with $fault" >&3
            return 0
        fi
    done
    return 1
}

# Was n beyond the last call of a run that nothing strikes?
past_the_end() {
    [ -n "${CALLS-}" ] || CALLS=$(
        MINI_DOCKER_TRACE=jsonl:calls "$MINI_DOCKER" run --rm busybox echo whole >out
        grep -c '"event": "call"' calls
    )
    [ "$1" -gt "$CALLS" ]
}

@test "killed at every call, run leaves nothing behind" {
    judge() { [ "$2" != 124 ] || { echo "n=$1 hangs"; return 1; }; }
    walk kill run --rm busybox echo whole
}

# A run that fails says why in one line. One that went well may say in one line
# what it could not clean up.
one_line_or_success() {
    case $2 in
    0) [ "$(<out)" = whole ] || { echo "n=$1: success, without output"; return 1; } ;;
    125 | 126 | 127) [ -n "$3" ] || { echo "n=$1: not a word"; return 1; } ;;
    *) echo "n=$1: status $2: $3"; return 1 ;;
    esac
    [ -z "$3" ] || [[ $3 == mini-docker:* && $3 != *$'\n'* ]] ||
        { echo "n=$1: status $2: $3"; return 1; }
}

@test "failing at every call, run says one line and leaves nothing behind" {
    judge() { one_line_or_success "$@"; }
    walk EIO run --rm busybox echo whole
}
