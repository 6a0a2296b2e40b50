# Builds by the Engine API: the real docker client, and what curl sees of it.
load lib/product
load lib/api
load lib/options

setup_file() {
    export DOCKER_BUILDKIT=0
    product_setup
    daemon_start
}
teardown_file() {
    daemon_stop
    assert_clean
}
setup() {
    needs_client
    cd "$BATS_TEST_TMPDIR"
    mkdir c
    echo hello >c/file
    printf '%s\n' 'FROM busybox' 'ARG A=1' 'COPY file /' \
        'RUN echo out $A; echo err >&2' >c/Dockerfile
}
teardown() {
    remove_all_containers
    md rmi -f built:1 built:2 >/dev/null 2>&1 || true
}
build() { d build "$@" 2>stderr; }
# What comes back for a body, one JSON a line.
post() { ask "/build?$1" -X POST --data-binary "@$2" | tr -d '\r'; }

@test "api: a build is told step by step, and names its image" {
    build -t built:1 -t built:2 --build-arg A=7 --label k=v c >out
    for line in 'Step 1/5 : FROM busybox' 'Step 4/5 : RUN echo out $A; echo err >&2' \
        'out 7' 'err' 'Successfully tagged built:2'; do
        grep -q -x -F "$line" out || { cat out; false; }
    done
    same hello "$(md run --rm --network none built:2 cat /file)"
    same v "$(md inspect -f '{{.Config.Labels.k}}' built:1)"
    # Again, and nothing is done twice.
    build -t built:1 --build-arg A=7 --label k=v c >again
    same 4 "$(grep -c 'Using cache' again)"
    same "$(md inspect -f '{{.Id}}' built:2)" "$(md inspect -f '{{.Id}}' built:1)"
    build -q --build-arg A=7 --label k=v c >id
    same "$(md inspect -f '{{.Id}}' built:1)" "$(<id)"
}

@test "api: the lines of a build are those of dockerd" {
    tar -C c -cf c.tar .
    post 't=built:1&buildargs=%7B%22A%22:%22x%22,%22B%22:null%7D' c.tar >out
    jq -s -e '.[0].stream == "Step 1/4 : FROM busybox" and .[1].stream == "\n"
        and any(.stream == "out x\n") and any(.stream == "Successfully tagged built:1\n")' out
    id=$(md inspect -f '{{.Id}}' built:1)
    same "$id" "$(jq -r 'select(.aux).aux.ID' out)"
    gzip -n c.tar
    post 't=built:2&buildargs=%7B%22A%22:%22x%22%7D' c.tar.gz >out
    same "$id" "$(md inspect -f '{{.Id}}' built:2)"
}

@test "api: a Dockerfile from elsewhere, and one from standard input" {
    printf 'FROM busybox\nCOPY file /other\n' >elsewhere
    build -f elsewhere -t built:1 c >out
    same hello "$(md run --rm --network none built:1 cat /other)"
    build -t built:2 - <<'END' >out
FROM busybox
RUN printf '\377x\n'
END
    grep -q -x "$(printf '\357\277\275')x" out
}

@test "api: a build that fails says where and why, with its exit code" {
    run -3 build - <<'END'
FROM busybox
RUN exit 3
END
    grep -q -x -F "The command '/bin/sh -c exit 3' returned a non-zero code: 3" stderr
    printf 'FROM busybox\nRUN exit 3\n' >c/Dockerfile
    tar -C c -cf c.tar .
    post '' c.tar | tail -n 1 >out
    jq -e '.errorDetail.code == 3 and .errorDetail.message == .error' out
    printf 'FROM busybox\nNOSUCH x\n' >c/Dockerfile
    run -1 build c
    grep -q 'parse error on line 2: unknown instruction: NOSUCH' stderr
    run -1 build --target nosuch -f - c <<<'FROM busybox'
    grep -q 'failed to reach build target nosuch' stderr
}

@test "api: a context from a URL, by docker and by curl" {
    command -v curl busybox >/dev/null
    ip link set lo up
    sed -i '/err >&2/d' c/Dockerfile
    tar -C c -cf c.tar .
    busybox httpd -f -p 127.0.0.1:8081 -h "$PWD" 3>&- &
    local server=$!
    eventually curl -sf -o /dev/null http://127.0.0.1:8081/c.tar
    build -t built:1 http://127.0.0.1:8081/c.tar >out
    same hello "$(md run --rm --network none built:1 cat /file)"
    printf 'FROM busybox\nLABEL here=1\n' >Dockerfile
    ask '/build?t=built:2&remote=http://127.0.0.1:8081/Dockerfile' -X POST >out
    same 1 "$(md inspect -f '{{.Config.Labels.here}}' built:2)"
    run -1 build http://127.0.0.1:8081/nosuch
    grep -q 'status 404 Not Found' stderr
    kill $server
}

@test "api: what is no context, or no parameter, is refused" {
    local query
    tar -C c -cf c.tar .
    for query in buildargs=x 'buildargs=%5B%5D' 'labels=%7B%22a%22:1%7D' memory=x t=UPPER \
        dockerfile=nosuch; do
        code=$(http_status "/build?$query" -X POST --data-binary @c.tar)
        [[ $code = 40[04] ]] || { echo "$query: $code"; false; }
    done
    same 400 "$(http_status /build -X POST --data-binary @/etc/passwd)"
    same 400 "$(http_status '/build?remote=x/y' -X POST)"
    ask '/build?remote=x/y' -X POST | grep -q 'remoteURL (x/y) could not be recognized as URL'
}

@test "api: a client that leaves ends its build" {
    printf 'FROM busybox\nRUN sleep 1234\n' >c/Dockerfile
    build c >out &
    local client=$!
    eventually pgrep -f 'sleep 1234'
    kill -KILL "$(pgrep -P $client -x timeout)" "$(pgrep -f '^docker build')" || true
    wait $client || true
    eventually eval '! pgrep -f "sleep 1234"'
    remove_all_containers
    md image prune -f >/dev/null
}

@test "api: what builds remember is forgotten" {
    build c >out
    md image prune -f >/dev/null
    run -0 d builder prune -af
    [[ $output == *"Total reclaimed space"* ]]
    same '{"CachesDeleted":[],"SpaceReclaimed":0}' "$(ask '/build/prune?all=1' -X POST)"
}

@test "api: of what builds remember, what is asked for goes" {
    pruned() { ask "/build/prune?$1" -G --data-urlencode "filters=${2:-{\}}" -X POST | jq -c "${3:-.SpaceReclaimed}"; }
    cached() { ask /system/df | jq -c "$1"; }
    head -c 1000 /dev/zero >c/file
    printf 'FROM busybox\nCOPY file /\nRUN --mount=type=cache,target=/kept head -c 5000 /dev/zero >/kept/f; cat /file /file >/two\n' >c/Dockerfile
    build -t built:1 c >out
    same '["exec.cachemount","regular"]' "$(cached '[.BuildCache[].Type] | unique')"
    same 8000 "$(cached '[.BuildCache[].Size] | add')"
    same 8000 "$(ask /v1.41/system/df | jq .BuilderSize)"
    same null "$(cached .BuilderSize)"
    same 400 "$(http_status '/build/prune?filters=%7B%22nosuch%22:%5B%22x%22%5D%7D' -X POST)"
    same 400 "$(http_status '/build/prune?keep-storage=x' -X POST)"
    # Others that fit go before what was used last, until no more has to.
    same 0 "$(pruned all=1 '{"type":["source.local"]}')"
    same 0 "$(pruned all=1 '{"until":["1h"]}')"
    same 0 "$(pruned 'all=1&keep-storage=8000')"
    same 5000 "$(pruned '' '{"type":["exec.cachemount"]}')"
    same 3000 "$(cached '[.BuildCache[].Size] | add')"
    md rmi -f built:1 >/dev/null
    id=$(cached '.BuildCache[] | select(.Size == 2000).ID')
    same "[$id]" "$(pruned all=1 "{\"id\":[$id]}" .CachesDeleted)"
    same 1000 "$(pruned all=1)"
}

@test "api: limits that are none, and the date of all files" {
    tar -C c -cf c.tar .
    for query in memory=1048576 memswap=-2 \
        'buildargs=%7B%22SOURCE_DATE_EPOCH%22:%22x%22%7D'; do
        same 400 "$(http_status "/build?$query" -X POST --data-binary @c.tar)"
    done
    # Of one build, and not of the next one on the same connection.
    post 't=built:1&nocache=1&buildargs=%7B%22SOURCE_DATE_EPOCH%22:%221000000000%22%7D' c.tar >out
    same 2001-09-09T01:46:40Z "$(md inspect -f '{{.Created}}' built:1)"
    for date in '&buildargs=%7B%22SOURCE_DATE_EPOCH%22:%221000000000%22%7D' ''; do
        printf 'next\nurl = "http://x/build?t=built:2&nocache=1%s"\nunix-socket = "%s"\ndata-binary = "@c.tar"\n' \
            "$date" "$SOCKET"
    done >both
    curl -sS -m 20 -K both >out
    [[ $(md inspect -f '{{.Created}}' built:2) != 2001* ]]
}
