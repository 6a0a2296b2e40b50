# What a container printed: docker logs.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

log_file() { # NAME
    local id
    id=$(md ps -aq --no-trunc -f "name=^/$1\$")
    echo "$MINI_DOCKER_ROOT/containers/$id/$id-json.log"
}

@test "logs: each stream comes out of its own" {
    md run --name web busybox sh -c 'echo out; echo err >&2' >/dev/null 2>&1
    [ "$(md logs web 2>/dev/null)" = out ]
    [ "$(md logs web 2>&1 >/dev/null)" = err ]
    jq -e -s 'length == 2 and all(keys == ["log", "stream", "time"])' \
        "$(log_file web)"
}

@test "logs: a silent container has no file" {
    md run --name web busybox true
    [ ! -e "$(log_file web)" ]
    run -0 md logs web
    [ -z "$output" ]
}

@test "logs: the last lines, times and details" {
    md run --name web busybox sh -c 'echo 1; echo 2; echo 3' >/dev/null
    [ "$(md logs -n 2 web)" = $'2\n3' ]
    [ "$(md logs --tail=0 web)" = "" ]
    [ "$(md logs --tail all web)" = $'1\n2\n3' ]
    [[ $(md logs -t -n 1 web) =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{9}Z\ 3$ ]]
    [ "$(md logs --details -n 1 web)" = " 3" ]
}

@test "logs: since and until" {
    md run --name web busybox sh -c 'echo 1; sleep 1; echo 2' >/dev/null
    second=$(md logs -t -n 1 web | cut -d' ' -f1)
    [ "$(md logs --since "$second" web)" = 2 ]
    [ "$(md logs --until "${second%.*}Z" web)" = 1 ]
    [ "$(md logs --since 1h web)" = $'1\n2' ]
    [ -z "$(md logs --until 1h web)" ]
    [ -z "$(md logs --since "$(($(date +%s) + 100)).5" web)" ]
    run -1 md logs --since yesterday web
    [[ $output == *'invalid value for "since": failed to parse value as time or duration: "yesterday"' ]]
    run -1 md logs --until 2026-13-01 web
    [[ $output == *'invalid value for "until": parsing time "2026-13-01": month out of range' ]]
}

@test "logs: following ends with the container" {
    md run -d --name web busybox sh -c 'echo 1; sleep 1; echo 2; exit 3' >/dev/null
    [ "$(quick logs -f web)" = $'1\n2' ]
    [ "$(quick logs -f web)" = $'1\n2' ]
}

@test "logs: rotation as max-size and max-file say" {
    md run --name web --log-opt max-size=10k --log-opt max-file=3 \
        busybox seq 1 1000 >/dev/null
    file=$(log_file web)
    [ -e "$file.2" ] && [ ! -e "$file.3" ]
    [ "$(stat -c %s "$file.1")" -ge 10240 ]
    diff <(md logs web) <(seq 1 1000 | tail -n "$(md logs web | wc -l)")
    [ "$(md logs -n 3 web)" = $'998\n999\n1000' ]
}

@test "logs: none are kept, none of that name" {
    md run --name web --log-driver none busybox echo x >/dev/null
    run -1 md logs web
    [[ $output == *"configured logging driver does not support reading" ]]
    run -1 md logs nobody
    [[ $output == *"No such container: nobody" ]]
}
