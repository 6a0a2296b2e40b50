# The options of run that say who sits in front of a container, what is kept of
# what it prints, and what happens after its end.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

log_of() {
    cat "$MINI_DOCKER_ROOT/containers/$1/$1-json.log"
}
has_exited() {
    [ "$(md inspect --format '{{.State.Status}}' "$1")" = exited ]
}

@test "--detach: it runs on behind us, and its id is all we say" {
    run -0 md run -d --name web busybox sh -c 'echo out; echo err >&2; sleep 1000'
    [[ $output =~ ^[0-9a-f]{64}$ ]]
    same "$output running" "$(md ps --no-trunc --format '{{.ID}} {{.State}}')"
    # Nobody else holds the pipe that we read the id from.
    id=$(md run --detach --rm busybox sleep 1000)
    md rm -f web "$id"
    run -127 md run -d busybox nosuch
    [[ $output == *"nosuch"*"not found in"* ]]
    run md run -d -a stdout busybox true
    same "1 mini-docker: Conflicting options: -a and -d" "$status $output"
}

@test "--attach: the streams that are asked for" {
    run -0 --separate-stderr md run --rm --attach stderr busybox \
        sh -c 'echo out; echo err >&2'
    same "|err" "$output|$stderr"
    run -0 --separate-stderr md run --rm -a STDOUT busybox \
        sh -c 'echo out; echo err >&2'
    same "out|" "$output|$stderr"
    same in "$(echo in | md run --rm -i -a stdin -a stdout busybox cat)"
    all_refused <<<"-a nothing | valid streams are STDIN, STDOUT and STDERR"
}

@test "--tty needs a terminal to type at" {
    run md run --rm -it busybox true </dev/null
    same "1 mini-docker: the input device is not a TTY" "$status $output"
    # Without -i it needs none, and has one all the same.
    same "/dev/pts/0" "$(md run --rm --tty busybox readlink /proc/self/fd/1 | tr -d '\r')"
    same "xterm" "$(md run --rm -t busybox sh -c 'echo $TERM' | tr -d '\r')"
}

# Keys for a terminal with the program in front of it, as printf has them.
type_keys() { printf "$1" >&8; }

@test "--detach-keys: they, and no others, leave it alone" {
    mkfifo keys
    local command="$MINI_DOCKER run -it --name web --detach-keys ctrl-a,x busybox cat -n"
    script -qefc "$command" screen <keys >/dev/null 2>&1 3>&- &
    seat=$!
    exec 8>keys
    type_keys 'hello\r'
    eventually grep -q '1.hello' screen
    # Those that are Docker's own mean nothing now, nor do ours in part.
    type_keys '\020\021\001y'
    eventually grep -q -F '^Ay' screen
    running $seat
    type_keys '\001x'
    exec 8>&-
    wait $seat
    same running "$(md inspect -f '{{.State.Status}}' web)"
    all_refused <<'END'
--detach-keys=ctrl-1  | invalid detach keys (ctrl-1) provided
--detach-keys=ab      | invalid detach keys (ab) provided
END
}

@test "--log-driver, --log-opt" {
    id=$(md run -d busybox sh -c 'echo out; echo err >&2')
    eventually has_exited "$id"
    same '"out\n" stdout
"err\n" stderr' "$(log_of "$id" | sed 's/{"log":\(.*\),"stream":"\(.*\)","time.*/\1 \2/' |
        LC_ALL=C sort -r)"
    id=$(md run -d --log-driver none busybox echo out)
    eventually has_exited "$id"
    [ ! -e "$MINI_DOCKER_ROOT/containers/$id/$id-json.log" ]
    # Two files of a thousand bytes each, the newest lines.
    id=$(md run -d --log-opt max-size=1k --log-opt max-file=2 busybox \
        sh -c 'for i in $(seq 100); do echo line $i; done')
    eventually has_exited "$id"
    same 2 "$(ls "$MINI_DOCKER_ROOT/containers/$id" | grep -c json.log)"
    log_of "$id" | grep -q '"line 100'
    for file in "$MINI_DOCKER_ROOT/containers/$id/$id"-json.log*; do
        [ "$(wc -c <"$file")" -le 1100 ]
    done
    all_refused <<'END'
--log-driver syslog        | logger: no log driver named 'syslog' is registered
--log-opt x=y              | unknown log opt 'x' for json-file log driver
--log-opt max-size=x       | invalid value for max-size: x
--log-opt max-file=0       | max-file cannot be less than 1
--log-opt max-file=3       | max-file option should be set with max-size
END
}

restarts() {
    md inspect --format '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}' "$1"
}
restarted() { # CONTAINER TIMES
    [ "$(md inspect --format '{{.RestartCount}}' "$1")" -ge "$2" ]
}

@test "--restart: what cannot be" {
    all_refused <<'END'
--restart always          | conflicting options: cannot specify both --restart and --rm
--restart on-failure:x    | maximum retry count must be an integer
--restart on-failure:-1   | maximum retry count cannot be negative
END
    md run --restart no --rm busybox true
}

@test "--restart: after a failure, so many times" {
    id=$(md run -d --restart on-failure:2 busybox sh -c 'echo x; exit 5')
    eventually has_exited "$id"
    same "2 exited 5" "$(restarts "$id")"
    same 3 "$(log_of "$id" | wc -l)"
    # Success is no failure.
    id=$(md run -d --restart on-failure busybox true)
    eventually has_exited "$id"
    same "0 exited 0" "$(restarts "$id")"
}

@test "--restart: always, until it is stopped" {
    id=$(md run -d --restart always busybox sh -c 'echo x')
    eventually restarted "$id" 2
    md stop "$id"
    has_exited "$id"
    lines=$(log_of "$id" | wc -l)
    [ "$lines" -ge 3 ]
    id=$(md run -d --restart unless-stopped busybox sleep 1000)
    kill -KILL "$(pid_of "$id")"
    eventually restarted "$id" 1
    eventually pid_of "$id"
    md kill "$id"
    eventually has_exited "$id"
    # By hand it starts all the same.
    md start "$id"
    running "$(pid_of "$id")"
    md rm -f "$id"
}
