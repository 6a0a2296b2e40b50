# What no client should do, and what may happen to a daemon.
load lib/product
load lib/api

setup_file() {
    product_setup
    ip link set lo up
    daemon_start
    md network create --subnet 172.28.0.0/16 hostile >/dev/null
}
teardown_file() {
    daemon_stop
    md network rm hostile >/dev/null
    assert_clean
}
setup() {
    skip_lacking
    cd "$BATS_TEST_TMPDIR"
    LIB=$BATS_TEST_DIRNAME/lib
}
teardown() {
    remove_all_containers
    md volume prune -af >/dev/null
}

hostile() { # DEED [ARGUMENT...]
    timeout -k 1 100 "$LIB/api-hostile" "$SOCKET" "$@"
}
victim() { md run -d --name victim --network none "$@" >/dev/null; }
# No process of a connection is left.
alone() { ! pgrep -P "$(daemon_pid)" >/dev/null; }

@test "a field of a wrong type is taken or refused in JSON, and ends nothing" {
    victim busybox sleep 1000
    hostile types "$LIB/api-bodies.json" 6
    eventually alone
}

@test "what is no HTTP is told so" {
    hostile malformed
    eventually alone
}

@test "a client that vanishes, or half of it, leaves no process behind" {
    victim -i busybox sh -c 'while echo tick; do sleep 0.1; done'
    md create --name idle --network none busybox true >/dev/null
    for how in close half; do
        hostile vanish "$how"
        eventually alone || { ps -ef; return 1; }
    done
    [ "$(md inspect -f '{{.State.Running}}' victim)" = true ]
}

@test "two hundred who are attached hear each line, and a log that nobody reads harms none" {
    md create -i --name victim --network none busybox sh -c 'read x; seq 100000' >/dev/null
    hostile crowd 200 100000
    eventually alone
}

@test "a thousand are let in at once, and the next one is told so" {
    hostile too-many 1000
    eventually alone
    [ "$(http_status /_ping)" = 200 ]
}

@test "unknown things are 404, and what does not fit its state is 409 or 304" {
    victim busybox sleep 1000
    md create --name idle --network none busybox true >/dev/null
    while read -r method path status; do
        api "$method" "$path" '{"Container":"victim","Cmd":["true"]}' >answer
        [ "$STATUS" = "$status" ] || { echo "$method $path: $STATUS"; cat answer; return 1; }
        [ "$status" = 304 ] || grep -q '"message":' answer
    done <<'END'
GET /containers/nosuch/json 404
POST /containers/nosuch/start 404
POST /containers/nosuch/attach?stream=1&stdout=1 404
POST /containers/nosuch/wait 404
POST /containers/nosuch/exec 404
GET /containers/nosuch/logs?stdout=1 404
GET /containers/nosuch/stats 404
GET /containers/%ff/json 404
DELETE /containers/nosuch 404
POST /exec/nosuch/start 404
GET /exec/nosuch/json 404
GET /networks/nosuch 404
DELETE /networks/nosuch 404
POST /networks/nosuch/connect 404
GET /volumes/nosuch 404
DELETE /volumes/nosuch 404
GET /images/nosuch/json 404
DELETE /images/nosuch 404
POST /containers/victim/start 304
POST /containers/idle/stop 304
DELETE /containers/victim 409
POST /containers/idle/kill 409
POST /containers/idle/pause 409
POST /containers/victim/unpause 409
POST /containers/idle/exec 409
POST /containers/idle/resize?h=1&w=1 409
POST /containers/idle/rename?name=victim 409
POST /containers/victim/wait?condition=x 400
POST /containers/victim/kill?signal=x 400
GET /containers/victim/logs 400
GET /containers/json?limit=x 400
GET /containers/json?filters=x 400
GET /events?since=x 400
END
}

@test "one daemon for a socket, and one for a state root" {
    run -1 timeout -k 1 10 "$MINI_DOCKER" --root "$PWD/other" daemon -H "$DOCKER_HOST"
    refused 1 "another daemon listens at $SOCKET"
    run -1 timeout -k 1 10 "$MINI_DOCKER" daemon -H "unix://$PWD/other.sock"
    refused 1 "another daemon serves $MINI_DOCKER_ROOT already"
    [ "$(http_status /_ping)" = 200 ]
}

@test "only the owner and the group may connect" {
    [ "$(stat -c %a "$SOCKET")" = 660 ]
    chmod a+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "${BATS_FILE_TMPDIR%/*}" 2>/dev/null || true
    setpriv --reuid 1234 --regid "$(stat -c %g "$SOCKET")" --clear-groups \
        "$LIB/api-hostile" "$SOCKET" malformed
    run ! setpriv --reuid 1234 --regid 1234 --clear-groups "$LIB/api-hostile" "$SOCKET" malformed
    [[ $output == *"Permission denied"* ]]
}

@test "events are replayed, from a moment until another" {
    local since until
    since=$(date +%s.%N)
    victim busybox true
    eventually eval '[ "$(md inspect -f "{{.State.Status}}" victim)" = exited ]'
    until=$(date +%s.%N)
    md rm victim >/dev/null
    ask "/events?since=$since&until=$until" >told
    [ "$(jq -r .Action told | tr '\n' ' ')" = "create start die " ]
    ask "/events?since=$until&until=$(date +%s.%N)" >told
    [ "$(jq -r .Action told)" = destroy ]
}

@test "a daemon that was killed finds its containers running, and starts what is to run" {
    local pid
    victim busybox sleep 1000
    md run -d --name always --restart always --network none busybox sleep 1000 >/dev/null
    md run -d --name unless --restart unless-stopped --network none busybox sleep 1000 >/dev/null
    md stop -t 0 always unless >/dev/null
    pid=$(md inspect -f '{{.State.Pid}}' victim)
    kill -KILL "$(daemon_pid)"
    eventually ended "$(daemon_pid)"
    daemon_start
    [ "$(api GET /containers/victim/json | jq .State.Pid)" = "$pid" ]
    eventually eval '[ "$(md inspect -f "{{.State.Running}}" always)" = true ]'
    [ "$(md inspect -f '{{.State.Running}}' unless)" = false ]
}
