# api.bash - a daemon of the file's own, and Docker's own client for it. A file
# begins with
#
#     load lib/product
#     load lib/api
#     setup_file() { product_setup; daemon_start; }
#     teardown_file() { daemon_stop; assert_clean; }
#     setup() { needs_client; cd "$BATS_TEST_TMPDIR"; }

daemon_start() { # [OPTION...]
    export SOCKET=$BATS_FILE_TMPDIR/docker.sock
    export DOCKER_HOST=unix://$SOCKET DOCKER_CONFIG=$BATS_FILE_TMPDIR/config
    mkdir -p "$DOCKER_CONFIG"
    "$MINI_DOCKER" daemon -H "$DOCKER_HOST" "$@" >>"$BATS_FILE_TMPDIR/daemon.out" \
        2>&1 </dev/null 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/daemon.pid"
    eventually curl -sf --unix-socket "$SOCKET" http://x/_ping
}
daemon_pid() { cat "$BATS_FILE_TMPDIR/daemon.pid"; }
daemon_stop() {
    local pid
    pid=$(daemon_pid) || return 0
    kill "$pid"
    eventually eval '! kill -0 '"$pid"' 2>/dev/null'
}

needs_client() {
    skip_lacking
    command -v docker >/dev/null || skip "docker is not installed"
}
# The client; what hangs is a failure.
d() { timeout -k 1 20 docker "$@"; }
# GET and others, for what a client would not say: the answer's body, and its
# status in STATUS.
api() { # METHOD PATH [BODY]
    local answer
    answer=$(curl -s -m 20 --unix-socket "$SOCKET" -X "$1" -w '\n%{http_code}' \
        ${3+-H "Content-Type: application/json" -d "$3"} "http://x$2")
    STATUS=${answer##*$'\n'}
    printf '%s\n' "${answer%$'\n'*}"
}
# The same with options of curl's, for files and headers; and the status alone.
ask() { # PATH [OPTION...]
    curl -sS -m 20 --unix-socket "$SOCKET" "http://x$1" "${@:2}"
}
http_status() { ask "$@" -o /dev/null -w '%{http_code}'; }
