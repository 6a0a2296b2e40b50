# How a container is: --health-cmd and what comes of it.
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p shared
    rm -f "$(run_dir)"/events.json*
}
teardown() {
    remove_all_containers
    assert_clean
}

# A container that sleeps, and is probed ten times a second. [OPTION...]
start() { # COMMAND [OPTION...]
    md run -d --name web -v "$PWD/shared:/shared" --health-interval 100ms \
        --health-cmd "$1" "${@:2}" busybox sleep 1000 >/dev/null
}
health() { # [FIELD]
    md inspect -f "{{.State.Health.${1-Status}}}" web
}
is() { # STATUS
    [ "$(health)" = "$1" ]
}
results() { # JQ
    md inspect -f '{{json .State.Health.Log}}' web | jq -e "$1"
}

@test "health: starting, healthy, unhealthy, and healthy again" {
    start 'until [ -e /shared/go ]; do sleep 0.01; done; cat /shared/ok' --health-retries 2
    is starting
    [[ $(md ps --format '{{.Status}}') == Up*"(health: starting)" ]]
    touch shared/go
    eventually is unhealthy
    [[ $(md ps --format '{{.Status}}') == Up*"(unhealthy)" ]]
    [ "$(health FailingStreak)" -ge 2 ]
    [ "$(md ps -qf health=unhealthy | wc -l)" = 1 ]
    [ -z "$(md ps -qf health=healthy -f health=starting -f health=none)" ]
    echo fine >shared/ok
    eventually is healthy
    [ "$(health FailingStreak)" = 0 ]
    [[ $(md ps --format '{{.Status}}') == Up*"(healthy)" ]]
    results '.[-1] | .ExitCode == 0 and .Output == "fine\n" and .Start < .End'
}

@test "health: events tell of each probe, and of each change" {
    start 'echo here; exit 0'
    eventually is healthy
    md stop -t 0 web
    web() { md events --until "$(date +%s.%N)" -f container=web "$@"; }
    [ "$(web -f event=health_status --format '{{.Action}}')" = "health_status: healthy" ]
    [ "$(web --format '{{.Action}}' | sed -n 3,5p)" = \
        $'exec_create: /bin/sh -c echo here; exit 0\nexec_start: /bin/sh -c echo here; exit 0\nexec_die' ]
    [ "$(web -f event=exec_die --format '{{.Actor.Attributes.exitCode}}' | head -n 1)" = 0 ]
}

@test "health: the last five results, and the beginning of what a probe prints" {
    start 'echo x >>/shared/count; head -c 100000 /dev/zero | tr "\0" y'
    enough() { [ "$(wc -l <shared/count)" -ge 7 ]; }
    eventually enough
    results 'length == 5'
    results 'all(.Output == ("y" * 4096 + "..."))'
}

@test "health: bytes that are no text" {
    start 'printf "a\377b"'
    eventually is healthy
    results '.[0].Output == "a\ufffdb"'
}

@test "health: a probe that hangs is ended, and has failed" {
    start 'echo $$ >>/shared/pids; sleep 1000' --health-timeout 200ms --health-retries 1
    eventually is unhealthy
    results '.[0] | .ExitCode == -1 and .Output == "Health check exceeded timeout (0.2s)"'
    run -1 md exec web kill -0 "$(head -n 1 shared/pids)"
}

@test "health: failures of the start period do not count; its own interval" {
    start 'echo x >>/shared/count; cat /shared/ok' --health-retries 1 \
        --health-start-period 1h --health-start-interval 50ms --health-interval 1h
    enough() { [ "$(wc -l <shared/count)" -ge 3 ]; }
    eventually enough
    is starting
    [ "$(health FailingStreak)" = 0 ]
    touch shared/ok
    eventually is healthy
}

@test "health: the container's user, place and variables are the probe's" {
    start 'id -u; pwd; echo $A' -u 7 -w /tmp -e A=b
    eventually is healthy
    results '.[0].Output == "7\n/tmp\nb\n"'
}

@test "health: nothing is probed while it is frozen, or has ended" {
    start 'echo x >>/shared/count'
    eventually is healthy
    md pause web
    before=$(wc -l <shared/count)
    [[ $(md ps --format '{{.Status}}') == *"(Paused)" ]]
    is unhealthy
    [ "$(wc -l <shared/count)" = "$before" ]
    md unpause web
    more() { [ "$(wc -l <shared/count)" -gt "$before" ]; }
    eventually more
    md stop -t 0 web
    is unhealthy
    [[ $(md ps -a --format '{{.Status}}') == Exited* ]]
    md start web
    eventually is healthy
}

@test "health: a probe that hangs does not keep a container from ending" {
    start 'touch /shared/begun; sleep 1000'
    eventually test -e shared/begun
    md pause web
    md unpause web
    quick stop -t 0 web
    [ "$(md inspect -f '{{.State.Status}}' web)" = exited ]
}

@test "health: an image's check, what of it is changed, and none at all" {
    md create --name made --health-cmd 'exit 3' --health-interval 100ms --health-retries 1 busybox sleep 1000
    md commit made checked >/dev/null
    md run -d --name web --health-retries 2 checked >/dev/null
    eventually is unhealthy
    [ "$(health FailingStreak)" -ge 2 ]
    md inspect -f '{{json .Config.Healthcheck}}' web |
        jq -e '.Test == ["CMD-SHELL", "exit 3"] and .Interval == 100000000 and .Retries == 2'
    md rm -f web >/dev/null
    md run -d --name web --no-healthcheck checked >/dev/null
    md inspect -f '{{json .State}}' web | jq -e 'has("Health") | not'
    [[ $(md ps --format '{{.Names}} {{.Status}}') != *"("* ]]
    [ "$(md ps -qf health=none | wc -l)" = 1 ]
    md rm -f web made >/dev/null
    md rmi checked >/dev/null
}

@test "health: a shell that is not there" {
    mkdir root
    tar -C root -xf "$IMAGES/busybox.tar"
    rm root/bin/sh
    tar -C root -c . | md import - shellless >/dev/null
    md run -d --name web --health-cmd true --health-interval 100ms --health-retries 1 shellless sleep 1000 >/dev/null
    eventually is unhealthy
    results '.[0] | .ExitCode == -1 and (.Output | contains("/bin/sh"))'
    [ "$(md events --until "$(date +%s.%N)" -f event=exec_die --format '{{.Actor.Attributes.exitCode}}' | head -n 1)" = 127 ]
    md rm -f web >/dev/null
    md rmi shellless >/dev/null
}

@test "health: a check that cannot be" {
    run -125 md create --no-healthcheck --health-cmd x busybox
    [[ $output == *"--no-healthcheck conflicts with --health-* options"* ]]
    run -125 md create --health-interval -1s busybox
    [[ $output == *"--health-interval cannot be negative"* ]]
}
