# docker-compose and docker-py drive us: an application of two services, from
# its first `up` to its last `down`.
load lib/product
load lib/api
load lib/options

setup_file() {
    command -v docker-compose >/dev/null || { lacks "docker-compose is not installed"; return; }
    product_setup
    ip link set lo up
    daemon_start
    mkdir app
    cat >app/docker-compose.yml <<'END'
version: "3.7"
services:
  web:
    image: busybox
    command: sh -c 'echo page of $$HOSTNAME >/data/index.html; exec httpd -f -p 80 -h /data'
    ports: ["127.0.0.1:18090:80"]
    volumes: ["data:/data"]
  worker:
    image: busybox
    command: sh -c 'trap exit TERM; while :; do echo tick; sleep 0.1; done'
    depends_on: [web]
volumes:
  data:
END
}
teardown_file() {
    [ -z "${LACKS-}" ] || return 0
    daemon_stop
    assert_clean
}
setup() {
    needs_client
    cd "$BATS_FILE_TMPDIR/app"
}
c() { timeout -k 1 30 docker-compose --no-ansi "$@"; }

@test "compose: up, ps, logs, exec, scale, run, down" {
    run -0 c up -d
    same "app_web_1 app_worker_1" "$(d ps --format '{{.Names}}' | sort | xargs)"
    [[ $(curl -s http://127.0.0.1:18090/) == "page of "* ]]
    [[ $(c exec -T worker wget -q -O - http://web/) == "page of "* ]]
    run -0 c ps
    [[ $output == *app_web_1*Up*18090-\>80/tcp* ]]
    run -0 c logs worker
    [[ $output == *"| tick"* ]]
    run -0 c top
    [[ $output == *httpd* ]]
    before=$(d ps -q | sort)
    run -0 c up -d # nothing has changed
    same "$before" "$(d ps -q | sort)"
    run -0 c up -d --scale worker=3
    same 4 "$(d ps -q | wc -l)"
    run -0 c run --rm -T worker echo one-off
    [[ $output == *one-off* ]]
    run -0 c restart -t 1 web
    run -0 c stop -t 1
    same "" "$(d ps -q)"
    run -0 c start
    same 4 "$(d ps -q | wc -l)"
    run -0 c down -v -t 1
    same "" "$(d ps -aq)$(d volume ls -q)$(d network ls -q --filter type=custom)"
}

@test "compose: up in front, and ctrl-c" {
    # (What a shell starts in the background does not hear it by itself.)
    env --default-signal=INT docker-compose --no-ansi up >up.out 2>&1 3>&- &
    eventually grep -q "tick" up.out
    kill -INT $!
    wait $! || true
    same "" "$(d ps -q)"
    run -0 c down -v -t 1
}

@test "docker-py: run, exec, logs, stop, lists" {
    cat >../script.py <<'END'
import docker
c = docker.from_env()
assert c.containers.run("busybox", "echo hi", remove=True) == b"hi\n"
x = c.containers.run("busybox", ["sh", "-c", "echo out; sleep 100"], detach=True)
assert x.exec_run("sh -c 'echo exec; exit 3'") == (3, b"exec\n")
for line in x.logs(stream=True, follow=True):
    assert line == b"out\n", line
    break
assert [y.id for y in c.containers.list()] == [x.id]
x.stop(timeout=0)
assert x.wait()["StatusCode"] == 137
x.remove()
assert {n.name for n in c.networks.list()} >= {"bridge", "host", "none"}
v = c.volumes.create("data", labels={"a": "b"})
assert c.volumes.list(filters={"label": "a=b"})[0].name == "data"
v.remove()
try:
    c.containers.get("nosuch")
    assert False
except docker.errors.NotFound:
    pass
END
    /usr/bin/python3 -c 'import docker' || skip "docker-py is not installed"
    timeout 30 /usr/bin/python3 ../script.py
}
