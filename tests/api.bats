# Docker's own client drives us: what it sends, and what it makes of our answers.
load lib/product
load lib/api
load lib/options

setup_file() {
    product_setup
    ip link set lo up
    daemon_start
}
teardown_file() {
    daemon_stop
    assert_clean
}
setup() {
    needs_client
    cd "$BATS_TEST_TMPDIR"
}
teardown() { remove_all_containers; }

@test "version and info name us, and the API that both speak" {
    run -0 d version -f '{{.Server.Version}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}}'
    same "$(md version -f '{{.Server.Version}}') 1.47 1.24" "$output"
    run -0 d info -f '{{.DockerRootDir}} {{.ServerVersion}} {{.OSType}}'
    same "$MINI_DOCKER_ROOT $(md version -f '{{.Server.Version}}') linux" "$output"
}

@test "run: its output in two streams, its input, its exit code" {
    run -0 d run --rm --network none busybox echo hi
    same hi "$output"
    run -3 --separate-stderr d run --rm --network none busybox sh -c 'echo o; echo e >&2; exit 3'
    same o "$output"
    same e "$stderr"
    seq 100000 >in
    d run -i --rm --network none busybox cat <in >out
    cmp in out
    same "" "$(d ps -aq)"
}

@test "run: what cannot be started, in Docker's statuses" {
    run -127 d run --rm --network none busybox nosuchbin
    [[ $output == *'exec: "nosuchbin": executable file not found in $PATH'* ]]
    run -126 d run --rm --network none busybox /etc
    [[ $output == *"permission denied"* ]]
    run -125 d run --rm --network nosuch busybox true
    [[ $output == *"network nosuch not found"* ]]
    run -125 d run --rm --memory 1k busybox true
    [[ $output == *"Minimum memory limit allowed is 6MB"* ]]
    same "" "$(d ps -aq)"
}

@test "run -it: a terminal, its size, and the keys that leave it" {
    tests=$BATS_TEST_DIRNAME/lib
    run -5 "$tests/terminal" docker run -it --rm --network none busybox sh <<'END'
see /
type stty size\r
see 24 80
size 40 100
type sleep 0.2; stty size\r
see 40 100
type exit 5\r
END
    d run -dit --name left --network none busybox sh >/dev/null
    run "$tests/terminal" docker attach left <<'END'
type \r
see /
type \x10\x11
END
    [[ $output == *"read escape sequence"* ]]
    same true "$(d inspect -f '{{.State.Running}}' left)"
}

@test "a container has one life, whichever door it came by" {
    d run -d --name one --network none -l k=v busybox sh -c 'echo out; echo err >&2; sleep 1000' >/dev/null
    same one "$(md ps --format '{{.Names}}')"
    md run -d --name two --network none busybox sleep 1000 >/dev/null
    same "one two" "$(d ps --format '{{.Names}}' | sort | xargs)"
    same one "$(d ps -q --filter label=k=v | xargs docker inspect -f '{{.Name}}' | tr -d /)"
    run -0 --separate-stderr d logs one
    same out "$output"
    same err "$stderr"
    run -0 d logs -t --tail 1 one
    [[ $output == 20*Z\ err ]]
    run -0 d top one
    [[ $output == *"sleep 1000"* ]]
    run -0 d stats --no-stream --format '{{.Name}} {{.PIDs}}' one
    same "one 1" "$output"
    d pause one && d unpause one && d rename one three
    d update --memory 64m --memory-swap 64m three
    same 67108864 "$(md inspect -f '{{.HostConfig.Memory}}' three)"
    run -1 d rm three
    [[ $output == *"container is running"* ]]
    d kill -s USR1 three && d stop -t 0 three
    same 137 "$(d wait three)"
    d start three && d start three
    d restart -t 0 three
    d rm -f three two
    same "" "$(md ps -aq)"
}

@test "start -ai: who sits there before there is anybody misses nothing" {
    d create --name cat -i --network none busybox cat >/dev/null
    same hello "$(echo hello | d start -ai cat)"
    same "" "$(find "$(run_dir)/waiting" -mindepth 1)"
    d create --name never --network none busybox true >/dev/null
    d wait never # created is not running
    curl -sN -m 10 --unix-socket "$SOCKET" -X POST \
        'http://x/containers/never/wait?condition=removed' >waited &
    eventually eval '[ -n "$(find "$(run_dir)/waiting" -type s)" ]'
    d rm never
    wait $!
    same '{"Error":null,"StatusCode":0}' "$(tr -d '\r' <waited)"
}

@test "exec: output, input, exit codes, variables, detached, a terminal" {
    d run -d --name box --network none busybox sleep 1000 >/dev/null
    same hi "$(d exec box echo hi)"
    run -7 d exec box sh -c 'exit 7'
    same abc "$(echo abc | d exec -i box cat)"
    d exec -d box touch /made
    eventually d exec box test -e /made
    [[ $(d exec -e X=1 -w /tmp -u 1 box sh -c 'echo $X $PWD $(id -u)') == "1 /tmp 1" ]]
    run -127 d exec box nosuchbin
    [[ $output == *"executable file not found"* ]]
    run -4 "$BATS_TEST_DIRNAME/lib/terminal" docker exec -it box sh <<'END'
see /
size 33 99
type sleep 0.2; stty size\r
see 33 99
type exit 4\r
END
    id=$(api POST /containers/box/exec '{"Cmd":["sh","-c","exit 3"]}' | jq -r .Id)
    api POST "/exec/$id/start" '{"Detach":true}'
    eventually eval '[ "$(api GET "/exec/'"$id"'/json" | jq .ExitCode)" = 3 ]'
    api POST "/exec/$id/start" '{"Detach":true}' && same 409 "$STATUS"
    d kill box && d wait box
    eventually eval '! api GET "/exec/'"$id"'/json" | jq -e .ExitCode'
    run -1 d exec box true
    [[ $output == *"is not running"* ]]
}

@test "networks and volumes" {
    d network create --subnet 172.28.0.0/16 --label l=1 net >/dev/null
    d run -d --name web --network net --network-alias www -p 127.0.0.1:18081:80 \
        busybox httpd -f >/dev/null
    same "80/tcp -> 127.0.0.1:18081" "$(d port web)"
    d run -d --name box busybox sleep 1000 >/dev/null
    d network connect --alias zz --ip 172.28.9.9 net box
    same 172.28.9.9 "$(d inspect -f '{{.NetworkSettings.Networks.net.IPAddress}}' box)"
    d exec box nslookup www
    d network disconnect net box
    run -1 d network rm net
    [[ $output == *"has active endpoints"* ]]
    d rm -f web box
    d network rm net
    d volume create --label a=b data
    same data "$(d volume ls -q --filter label=a=b)"
    same data "$(d volume inspect -f '{{.Name}}' data)"
    d volume rm data
    run -1 d volume rm data
    [[ $output == *"no such volume"* ]]
}

@test "events, as they happened" {
    since=$(date +%s)
    d run --rm --name short --network none busybox true
    run -0 d events --since "$since" --until $((since + 2)) --filter container=short --format '{{.Action}}'
    same "create attach start die destroy" "$(xargs <<<"$output")"
}

@test "what there is not: swarms, plugins, unknown names" {
    run -1 d node ls
    [[ $output == *"This node is not a swarm manager"* ]]
    run -0 d plugin ls -q
    run -1 d inspect nosuch
    [[ $output == *"No such object: nosuch"* ]]
    run -1 d logs nosuch
    [[ $output == *"No such container: nosuch"* ]]
}

@test "the lesson: its demo drives a container, and the client believes its sketch" {
    build=$(dirname "$MINI_DOCKER")/14-api
    run -0 timeout 20 "$build/demo" busybox sh -c 'echo hello; exit 7'
    [[ $output == *"stream 1, 6 bytes: hello"* ]]
    [[ $output == *'"StatusCode":7}'* ]]
    run -1 timeout 20 "$build/demo"
    [[ $output == *"400 Bad Request"* ]] # no image, and an answer
    timeout 20 "$build/sketch" "$BATS_TEST_TMPDIR/s" 2>log 3>&- &
    eventually test -S s
    same "0.1 1.47" "$(d -H "unix://$BATS_TEST_TMPDIR/s" version \
        -f '{{.Server.Version}} {{.Server.APIVersion}}')"
    kill $!
    grep -q 'GET /v1.47/version' log
}

@test "the daemon is killed: containers run on, and the next one knows them" {
    d run -d --name stays --network none busybox sleep 1000 >/dev/null
    d run -d --name always --restart always --network none busybox sleep 1000 >/dev/null
    d run -d --name unless --restart unless-stopped --network none busybox sleep 1000 >/dev/null
    d stop -t 0 always unless
    kill -KILL "$(daemon_pid)"
    eventually ended "$(daemon_pid)"
    daemon_start
    same true "$(d inspect -f '{{.State.Running}}' stays)"
    eventually eval '[ "$(d inspect -f {{.State.Running}} always)" = true ]'
    same false "$(d inspect -f '{{.State.Running}}' unless)"
    run -1 md daemon -H unix://"$BATS_TEST_TMPDIR/other.sock"
    same "mini-docker: another daemon serves $MINI_DOCKER_ROOT already" "$output"
    run -1 md --root "$BATS_TEST_TMPDIR/other" daemon -H "$DOCKER_HOST"
    same "mini-docker: another daemon listens at $SOCKET" "$output"
}

@test "sockets that are handed over, as systemd does" {
    cat >pass.py <<'END'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind("passed.sock")
s.listen()
os.dup2(s.fileno(), 4)
os.dup2(4, 3) # to be inherited
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], sys.argv[1:])
END
    /usr/bin/python3 pass.py "$MINI_DOCKER" --root "$PWD/root" daemon -H fd:// -p "$PWD/pid" 3>&- &
    eventually curl -sf -m 2 --unix-socket passed.sock http://x/_ping
    kill "$(cat pid)"
    wait $!
    [ ! -e pid ]
    run -1 md --root "$PWD/root" daemon -H fd://
    same "mini-docker: no sockets were handed over (fd://)" "$output"
}

@test "tcp:// is for who shows a certificate" {
    run -1 md --root "$PWD/root" daemon -H tcp://127.0.0.1:2376
    same "mini-docker: tcp:// needs --tlscacert, --tlscert and --tlskey" "$output"
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -keyout ca.key -out ca.pem 2>/dev/null
    for name in server client; do
        openssl req -newkey rsa:2048 -nodes -subj /CN=$name -keyout $name.key -out csr 2>/dev/null
        openssl x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -extfile <(echo subjectAltName=IP:127.0.0.1) -out $name.pem 2>/dev/null
    done
    md --root "$PWD/root" import "$IMAGES/busybox.tar" busybox >/dev/null
    "$MINI_DOCKER" --root "$PWD/root" daemon -H tcp://127.0.0.1:2376 -p "$PWD/pid" \
        --tlscacert ca.pem --tlscert server.pem --tlskey server.key 2>tls.err 3>&- &
    tls="-H tcp://127.0.0.1:2376 --tlsverify --tlscacert ca.pem --tlscert client.pem --tlskey client.key"
    eventually env -u DOCKER_HOST docker $tls version
    seq 200000 >in
    env -u DOCKER_HOST timeout 20 docker $tls run -i --rm --network none busybox cat <in >out
    cmp in out
    run ! curl -sk -m 5 https://127.0.0.1:2376/_ping
    run ! curl -s -m 5 http://127.0.0.1:2376/_ping
    grep -q "peer did not return a certificate" tls.err
    kill "$(cat pid)"
    wait $!
}
