# What may happen in the middle of a request that takes long: the client leaves, the
# process of its connection is killed, or the daemon. Nothing half done is published,
# nothing is left, and the same request after it does its work.
load lib/product
load lib/api
load lib/options
load lib/registry

OPEN=127.0.0.1:8079
HOSTILE=127.0.0.1:8080
setup_file() {
    product_setup
    ip link set lo up
    mkdir c image
    head -c 3000000 /dev/urandom >c/big
    printf 'FROM busybox\nCOPY big /big\nRUN cp /big /copy\nCOPY big /last\n' >c/Dockerfile
    tar -C c -cf c.tar .
    md build -q -t web c >/dev/null
    md save -o web.tar web
    daemon_start
    "$BATS_TEST_DIRNAME/lib/hostile-registry" ${HOSTILE#*:} "$PWD/log" 2>errors 3>&- &
    echo $! >hostile.pid
    ! command -v docker-registry >/dev/null || {
        serve open "addr: $OPEN"
        eventually curl -sf http://$OPEN/v2/
        md tag web $OPEN/web
        md push -q $OPEN/web >/dev/null
    }
}
teardown_file() {
    daemon_stop
    rm "$BATS_FILE_TMPDIR/daemon.pid"
    kill $(cat "$BATS_FILE_TMPDIR"/*.pid) 2>/dev/null || true
    assert_clean
}
setup() {
    skip_lacking
    cd "$BATS_FILE_TMPDIR"
    quiet
    FDS=$(descriptors)
}
teardown() {
    remove_all_containers
    assert_clean
}

needs_registry() { [ -e open.pid ] || skip "docker-registry is not installed"; }
descriptors() { ls "/proc/$(daemon_pid)/fd" | wc -l; }
# All that runs of ours is the daemon.
alone() { [ "$(pgrep -x 'mini-docker.*')" = "$(daemon_pid)" ]; }
quiet() {
    eventually alone || { ps -ef; return 1; }
}
no_garbage() { same "" "$(find "$MINI_DOCKER_ROOT/tmp" -mindepth 1 ! -name lock)"; }

# The request, and after so many microseconds the end of whoever is meant. Its answer
# is in struck.out.
strike() { # WHO MOMENT PATH [OPTION...]
    ask "${@:3}" >struck.out 2>&1 </dev/null 3>&- &
    local client=$!
    sleep "$(printf %d.%06d $(($2 / 1000000)) $(($2 % 1000000)))"
    strike_"$1" $client
    wait $client || true
    quiet
}
strike_client() { kill -KILL $(pgrep -P "$1") "$1" 2>/dev/null || true; }
strike_connection() { kill -KILL $(pgrep -P "$(daemon_pid)") 2>/dev/null || true; }
strike_daemon() {
    kill -KILL "$(daemon_pid)"
    eventually ended "$(daemon_pid)"
    daemon_start
}

# Several moments of a request, for all three; after each of them CHECK looks whether
# half of it is there, and the same request has to do its work.
walk() { # CHECK PATH [OPTION...]
    local check=$1 who moment began took
    shift
    began=${EPOCHREALTIME/./}
    ask "$@" >whole.out
    took=$((${EPOCHREALTIME/./} - began))
    $check whole
    for who in client connection daemon; do
        for moment in $(moments 3 $took); do
            strike $who "$moment" "$@"
            $check half || { echo "$who at $moment"; cat struck.out; return 1; }
            ask "$@" >whole.out
            $check whole || { echo "after $who at $moment"; cat whole.out; return 1; }
        done
    done
    quiet
    no_garbage
    same "$FDS" "$(descriptors)"
}

# An image is there with all that it has; when only half of the work was done it
# may be missing. It goes again.
image_is() { # whole|half NAME
    md inspect "$2" >/dev/null 2>&1 || { [ "$1" = half ]; return; }
    md run --rm --network none "$2" cmp /big /last && md rmi -f "$2" >/dev/null
}

pulled() {
    [ "$1" = half ] || ! grep error whole.out
    image_is "$1" $OPEN/web
}
@test "struck in a pull" {
    needs_registry
    # What others have of it would not be pulled.
    md rmi -f $OPEN/web web >/dev/null
    md builder prune -af >/dev/null
    walk pulled "/images/create?fromImage=$OPEN/web&tag=latest" -X POST
    md load -q -i web.tar
}

pushed() {
    local at=http://$OPEN/v2/struck
    [ "$1" = half ] || ! grep error whole.out
    if curl -sf "$at/manifests/v1" -o manifest -H "Accept: $(type_of_manifest)"; then
        for digest in $(jq -r '.config.digest, .layers[].digest' manifest); do
            curl -sfI -o /dev/null "$at/blobs/$digest" || return
        done
    else
        [ "$1" = half ]
    fi
    eventually rm -rf open/docker/registry/v2/repositories/struck
}
type_of_manifest() { echo application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json; }
@test "struck in a push" {
    needs_registry
    md tag web $OPEN/struck:v1
    walk pushed "/images/$OPEN/struck/push?tag=v1" -X POST
}

built() {
    [ "$1" = half ] || grep -q 'Successfully tagged' whole.out
    image_is "$1" built
}
@test "struck in a build" {
    walk built '/build?t=built&nocache=1' -X POST --data-binary @c.tar
    md image prune -f >/dev/null
}

loaded() {
    [ "$1" = half ] || grep -q 'Loaded image' whole.out
    image_is "$1" web
}
@test "struck in a load" {
    md rmi -f web >/dev/null
    walk loaded /images/load -X POST --data-binary @web.tar
    md load -q -i web.tar
}

committed() {
    [ "$1" = half ] || grep -q '"Id"' whole.out
    image_is "$1" committed
}
@test "struck in a commit" {
    md run --name box --network none web cp /big /more
    walk committed '/commit?container=box&repo=committed' -X POST
}

put() {
    [ "$1" = half ] || [ ! -s whole.out ]
    [ "$1" = half ] || md start -a box
}
@test "struck in an archive that is put into a container" {
    md create --name box --network none web cmp /big /put/big >/dev/null
    mkdir -p d/put && cp c/big d/put
    for i in 1 2 3 4; do cp c/big d/$i; done
    tar -C d -cf d.tar .
    md cp c/big box:/big
    walk put '/containers/box/archive?path=/' -X PUT -T d.tar
}

# What is read: it comes as a whole.
tar_comes() { [ "$1" = half ] || tar -tf whole.out | grep -q "$LOOKED_FOR"; }
@test "struck in an archive that is read: of files, a container, an image" {
    md create --name box --network none web true >/dev/null
    LOOKED_FOR=bin/sh
    walk tar_comes '/containers/box/archive?path=/bin'
    LOOKED_FOR=last
    walk tar_comes /containers/box/export
    LOOKED_FOR=manifest.json
    walk tar_comes /images/web/get
}

@test "a client leaves in the middle of its body, or of the answer" {
    local how method path body n=0
    md create --name box --network none web true >/dev/null
    cp c/big d.tar && tar -C c -cf d.tar big
    while read -r how method path body; do
        [[ $path != *"$OPEN"* ]] || [ -e open.pid ] || continue
        timeout -k 1 20 "$BATS_TEST_DIRNAME/lib/api-hostile" "$SOCKET" leave \
            $how $method "$path" $body
        quiet || { echo "$how $method $path"; return 1; }
        n=$((n + 1))
    done <<END
body POST /build?t=left c.tar
body POST /images/load web.tar
body POST /images/create?fromSrc=-&repo=left web.tar
body PUT /containers/box/archive?path=/ d.tar
none POST /build?t=left&nocache=1 c.tar
answer POST /build?t=left&nocache=1 c.tar
answer POST /images/load web.tar
answer GET /containers/box/archive?path=/
answer GET /containers/box/export
answer GET /images/web/get
answer GET /images/get?names=web
none GET /images/web/get
answer POST /images/create?fromImage=$OPEN/web&tag=latest
none POST /images/create?fromImage=$OPEN/web&tag=latest
answer POST /images/$OPEN/web/push?tag=latest
none POST /images/$OPEN/web/push?tag=latest
answer POST /images/create?fromImage=$HOSTILE/slow
none POST /images/create?fromImage=$HOSTILE/slow
none POST /commit?container=box&repo=left
END
    [ $n -ge 15 ]
    run ! md inspect $HOSTILE/slow
    md rmi -f left # a commit is not given up
    same "$FDS" "$(descriptors)"
    md load -q -i web.tar # clears away
    no_garbage
    same 200 "$(http_status /_ping)"
}
