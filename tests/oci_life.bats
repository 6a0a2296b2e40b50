# mini-runc through a container's life: what each command does in each status,
# what it says, and that nothing is left. The words are runc's, by which engines
# know an error.
load lib/product
load lib/oci

setup_file() { oci_setup; }
teardown() { oci_clean; }

@test "created, running, stopped, gone" {
    config '.process.args = ["sleep", "1000"]'
    out create --bundle b --pid-file pid t-1
    [ "$(status_of t-1)" = created ]
    [ "$(pid_in t-1)" = "$(<pid)" ]
    grep -q mini-runc "/proc/$(<pid)/comm"
    out start t-1
    [ "$(status_of t-1)" = running ]
    grep -q sleep "/proc/$(<pid)/comm"
    out kill t-1 KILL
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    [ "$(pid_in t-1)" = 0 ]
    out delete t-1
    says_no 1 'container does not exist: "t-1"' state t-1
}

@test "state has the members of the specification, and runc's" {
    sleeper t-1 '.annotations = {"a": "b"}'
    out state t-1
    jq -e --arg dir "$PWD/b" '.ociVersion == "1.2.0" and .id == "t-1" and
        .bundle == $dir and .rootfs == $dir + "/rootfs" and
        .annotations == {"a": "b"} and .owner == "root" and
        (.created | test("^2[0-9-]+T[0-9:.]+Z$")) and (.pid | type) == "number"
        and (has("cgroup") or has("startTime") | not)' out.txt
}

@test "no command finds a container that is not there" {
    local command
    for command in state start "kill" delete pause resume ps "events --stats" \
        "update --memory 64m"; do
        says_no 1 'container does not exist: "none"' $command none
    done
    says_no 255 'container does not exist: "none"' exec none true
    out delete --force none
    [ -z "$output" ]
}

@test "what is refused while it runs" {
    sleeper t-1
    says_no 1 'already exists' create --bundle b t-1
    says_no 1 'already exists' run --bundle b t-1
    says_no 1 'cannot start an already running container' start t-1
    says_no 1 'cannot delete container "t-1" that is not stopped: running' \
        delete t-1
    says_no 1 'container not paused' resume t-1
    says_no 1 'unknown signal "FOO"' kill t-1 FOO
    says_no 1 'unknown signal "99"' kill t-1 99
    [ "$(status_of t-1)" = running ]
}

@test "what is refused when it has stopped" {
    config '.process.args = ["true"]'
    out run -d --bundle b t-1
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    says_no 1 'container not running' kill t-1
    says_no 1 'container not running' pause t-1
    says_no 1 'container not running' update --memory 64m t-1
    says_no 1 'container not running' events --stats t-1
    says_no 1 'cannot start a container that has stopped' start t-1
    says_no 255 'cannot exec in a stopped container' exec t-1 true
    says_no 1 'already exists' create --bundle b t-1
    out ps t-1
    out ps --format json t-1
    [ "$output" = "[]" ]
}

@test "a created container: exec, pause, kill, delete" {
    config '.process.args = ["sleep", "1000"]'
    out create --bundle b t-1
    out exec t-1 echo inside
    [ "$output" = inside ]
    out pause t-1
    [ "$(status_of t-1)" = paused ]
    out resume t-1
    [ "$(status_of t-1)" = created ]
    out delete t-1
    out create --bundle b t-1
    out kill t-1 KILL
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    says_no 1 'cannot start a container that has stopped' start t-1
    out delete t-1
}

@test "paused: nothing moves, and what it answers" {
    sleeper t-1
    out pause t-1
    [ "$(status_of t-1)" = paused ]
    says_no 1 'container not running' pause t-1
    says_no 255 'cannot exec in a paused container (use --ignore-paused' \
        exec t-1 true
    says_no 1 'that is not stopped: paused' delete t-1
    out resume t-1
    out exec t-1 true
    out pause t-1
    out delete --force t-1
}

@test "kill: a name, a number, 0; SIGKILL even when paused" {
    config '.process.args = ["sh", "-c",
        "trap \"echo usr >/got\" USR1; echo >/up; while :; do sleep 0.02; done"]'
    rm -f b/rootfs/{got,up}
    out run -d --bundle b t-1
    eventually [ -e b/rootfs/up ]
    local name
    for name in USR1 sigusr1 10; do
        rm -f b/rootfs/got
        out kill t-1 $name
        eventually [ -e b/rootfs/got ]
    done
    out kill t-1 0
    out pause t-1
    out kill t-1 KILL
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    says_no 1 'container not running' kill t-1 0
}

@test "kill --all reaches every process, also when the first has ended" {
    sleeper t-1 '.linux.namespaces |= map(select(.type != "pid"))'
    out exec -d --pid-file child t-1 sleep 1000
    out kill --all t-1 TERM
    eventually ended "$(<child)"
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    out delete t-1
    sleeper t-1 '.linux.namespaces |= map(select(.type != "pid"))'
    out exec -d --pid-file child t-1 sleep 1000
    out kill t-1 KILL
    eventually eval '[ "$(status_of t-1)" = stopped ]'
    running "$(<child)"
    out kill --all t-1 KILL
    eventually ended "$(<child)"
}

@test "run: exit status, signals, and that it is gone afterwards" {
    config '.process.args = ["sh", "-c", "exit 7"]'
    out -7 run --bundle b t-1
    config '.process.args = ["sh", "-c", "kill -9 $$"] |
        .linux.namespaces |= map(select(.type != "pid"))'
    out -137 run --bundle b t-1
    says_no 1 'does not exist' state t-1
    config '.process.args = ["true"]'
    out run --keep --bundle b t-1
    [ "$(status_of t-1)" = stopped ]
}

@test "run: standard input and output are the caller's" {
    config '.process.args = ["cat"]'
    run bash -c 'echo through | "$RUNTIME" --root "$OCI_ROOT" run --bundle b t-1'
    [ "$status" = 0 ] && [ "$output" = through ]
}

@test "run in the foreground passes signals on" {
    config '.process.args = ["sh", "-c",
        "trap \"exit 3\" TERM; echo >/up; while :; do sleep 0.02; done"]'
    rm -f b/rootfs/up
    rc run --bundle b t-1 </dev/null >/dev/null 2>&1 &
    local pid=$!
    eventually [ -e b/rootfs/up ]
    kill -TERM "$(pgrep -P $pid -x mini-runc || echo $pid)"
    wait $pid || [ $? = 3 ]
    says_no 1 'does not exist' state t-1
}

@test "programs that cannot be executed" {
    local words
    config '.process.args = ["nonexist"]'
    says_no 1 'exec: "nonexist": executable file not found in $PATH' \
        create --bundle b t-1
    says_no 1 'executable file not found in $PATH' run --bundle b t-1
    config '.process.args = ["/none"]'
    says_no 1 'exec: "/none": no such file or directory' run --bundle b t-1
    config '.process.args = ["/etc/passwd"]'
    says_no 1 'exec: "/etc/passwd": permission denied' run --bundle b t-1
    config '.process.args = ["/etc"]'
    says_no 1 'exec: "/etc": permission denied' run --bundle b t-1
    sleeper t-1
    says_no 255 'exec: "nonexist": executable file not found in $PATH' \
        exec t-1 nonexist
    says_no 255 'exec: "/etc/passwd": permission denied' exec t-1 /etc/passwd
}

@test "bundles that are not there, or not whole" {
    says_no 1 'bundle /none: No such file or directory' create -b /none t-1
    mkdir -p empty
    says_no 1 'config.json' create --bundle empty t-1
    config '.process.args = []'
    says_no 1 'no command specified' create --bundle b t-1
    config 'del(.process)'
    says_no 1 'config.json: process: is missing' create --bundle b t-1
    config 'del(.root)'
    says_no 1 'config.json: root: is missing' create --bundle b t-1
    config '.root.path = "nope"'
    says_no 1 'nope: No such file or directory' create --bundle b t-1
    config '.process.cwd = "rel"'
    says_no 1 'config.json: process.cwd: "rel" is not absolute' \
        create --bundle b t-1
    config '.process.terminal = true'
    says_no 1 'console socket' create --bundle b t-1
    says_no 1 'does not exist' state t-1
}

@test "ids that cannot be a name" {
    local id
    config '.process.args = ["true"]'
    for id in ../x a/b .x "a b" . .. é "$(printf 'a%.0s' {1..300})"; do
        says_no 1 'invalid container id' create --bundle b "$id"
        says_no 1 'invalid container id' state "$id"
    done
    says_no 1 'cannot be empty' create --bundle b ''
    out run --bundle b "t-A.b_c+d-9"
}

@test "the command line" {
    says_no 1 'usage: mini-runc create' create
    says_no 1 'usage: mini-runc state' state a b
    says_no 3 "No help topic for 'nonsense'" nonsense
    says_no 1 'unknown flag: --foo' create --foo t-1
    says_no 1 'checkpoint is not built yet' checkpoint t-1
    says_no 1 '--systemd-cgroup is not supported' --systemd-cgroup state t-1
    says_no 1 '--cgroup-manager: "systemd" is not supported' \
        --cgroup-manager systemd state t-1
    out --cgroup-manager=cgroupfs --criu x list
    says_no 3 "No help topic for 'nonsense'" help nonsense
    out help create
    [[ $output == *--console-socket* ]]
    out --version
    [[ $output == "mini-runc version "*"spec: 1.2.0"* ]]
    out create --help
    [[ $output == *--console-socket* ]]
    out
    [[ $output == *Commands:* ]]
}

@test "a config of another name in the bundle, or elsewhere" {
    config '.process.args = ["echo", "other"]'
    mv b/config.json b/other.json
    out run --bundle b --config other.json t-1
    [ "$output" = other ]
    config '.process.terminal = true'
    out run --bundle b --config "$PWD/b/other.json" t-1
    [ "$output" = other ]
    rm b/other.json
    says_no 1 'other.json: No such file' create -b b -f other.json t-1
}

is_stopped() { [ "$(status_of "$1")" = stopped ]; }

@test "kill and delete by a regular expression" {
    local id
    for id in t-a1 t-a2 t-b1; do sleeper $id; done
    out kill --regex '^t-a[0-9]$' KILL
    for id in t-a1 t-a2; do eventually is_stopped $id; done
    [ "$(status_of t-b1)" = running ]
    # One that refuses is told, and saves none of the others.
    says_no 1 'cannot delete container "t-b1" that is not stopped' delete -r 't-.1'
    out list -q
    [ "$(sort out.txt | tr '\n' ' ')" = "t-a2 t-b1 " ]
    says_no 1 '"(" is no regular expression' delete -r '('
    out delete --force --regex .
    out list -q
    [ -z "$output" ]
}

@test "list: a table, ids, JSON" {
    out list --format json
    [ "$output" = null ]
    sleeper t-1
    config '.process.args = ["true"]'
    out create --bundle b t-2
    out list -q
    [ "$(sort out.txt | tr '\n' ' ')" = "t-1 t-2 " ]
    out list
    [[ ${lines[0]} =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER ]]
    grep -q '^t-2 .* created ' out.txt
    out list -f json
    jq -e 'map(.status) | sort == ["created", "running"]' out.txt
    says_no 1 '--format' list --format xml
}

@test "--log: what failed, for engines and for people" {
    rm -f log
    out -1 --log log --log-format json state none
    jq -e '.level == "error" and (.msg | test("does not exist")) and
        (.time | test("Z$"))' log
    rm log
    out -1 --log log state none
    grep -q '^time="2[^"]*" level=error msg="container does not exist: .*none' log
    says_no 1 '--log-format' --log-format xml list
    rm log
    out --log log list
    [ ! -s log ]
}
