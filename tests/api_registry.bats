# Docker's client, our daemon, and Debian's registry: accounts, push, pull, and
# images that are pulled because they are missing.
load lib/product
load lib/api
load lib/options
load lib/registry

OPEN=127.0.0.1:8076 SAFE=127.0.0.1:8077
setup_file() {
    command -v docker-registry >/dev/null || { lacks "docker-registry is not installed"; return; }
    product_setup
    ip link set lo up
    printf 'me:%s\n' '$2b$05$0Xq3Z.F9B7CDQH9VvBbeSOvW35OlQphoGSGreL/kBYBCHAymwTLaW' >htpasswd
    serve open "addr: $OPEN"
    serve safe "addr: $SAFE" "auth: {htpasswd: {realm: here, path: $PWD/htpasswd}}"
    daemon_start
    eventually curl -sf http://$OPEN/v2/
    eventually eval '[ "$(curl -s -o /dev/null -w "%{http_code}" http://'$SAFE'/v2/)" = 401 ]'
}
teardown_file() {
    [ -z "${LACKS-}" ] || return 0
    daemon_stop
    kill $(cat "$BATS_FILE_TMPDIR"/{open,safe}.pid)
    assert_clean
}
setup() {
    needs_client
    cd "$BATS_FILE_TMPDIR"
}
teardown() { remove_all_containers; }

@test "push, pull, and run what is missing" {
    d tag busybox $OPEN/web:v1
    run -0 d push $OPEN/web:v1
    [[ $output == *"The push refers to repository [$OPEN/web]"*"v1: digest: sha256:"*" size: "* ]]
    digest=$(grep -o 'sha256:[0-9a-f]*' <<<"${lines[-1]}")
    d rmi $OPEN/web:v1
    run -0 d pull $OPEN/web:v1
    [[ $output == "v1: Pulling from web"*"Digest: $digest"*"Status: Downloaded newer image for $OPEN/web:v1"* ]]
    run -0 d pull $OPEN/web:v1
    [[ $output == *"Status: Image is up to date for $OPEN/web:v1"* ]]
    d rmi -f $OPEN/web:v1
    run -0 d run --rm --network none $OPEN/web:v1 echo pulled
    [[ $output == "Unable to find image '$OPEN/web:v1' locally"*pulled ]]
    run -1 d pull $OPEN/nosuch:v1
    [[ $output == *"manifest for $OPEN/nosuch:v1 not found: manifest unknown"* ]]
    d rmi -f $OPEN/web:v1
    printf 'FROM %s/web:v1\nRUN echo built >/built\n' $OPEN >Dockerfile
    d build -t built - <Dockerfile
    same built "$(d run --rm --network none built cat /built)"
    d rmi built
}

@test "login, and what is behind it" {
    d tag busybox $SAFE/bb:1
    run -1 d push $SAFE/bb:1
    [[ $output == *"no basic auth credentials"* ]]
    run -1 d login -u me --password-stdin $SAFE <<<wrong
    [[ $output == *"401 Unauthorized"* ]]
    run -0 d login -u me --password-stdin $SAFE <<<secret
    [[ $output == *"Login Succeeded"* ]]
    run -0 d push $SAFE/bb:1
    d rmi -f $SAFE/bb:1
    run -0 d pull -q $SAFE/bb:1
    same "$SAFE/bb:1" "$output"
    d logout $SAFE
    d rmi -f $SAFE/bb:1
    run -1 d pull $SAFE/bb:1
    [[ $output == *"no basic auth credentials"* ]]
}

@test "search: what fits the filters, at most so many" {
    found() { ask /images/search -G --data-urlencode "term=$OPEN/found" "${@}" | jq -c '[.[].name]'; }
    for name in found/one found/two; do
        d tag busybox $OPEN/$name
        d push -q $OPEN/$name
    done
    same '["found/one","found/two"]' "$(found)"
    same '["found/one"]' "$(found -d limit=1)"
    same '[]' "$(found --data-urlencode 'filters={"stars":["1"]}')"
    same '["found/one","found/two"]' "$(found --data-urlencode 'filters={"stars":{"0":true},"is-official":["false"]}')"
    same '[]' "$(found --data-urlencode 'filters={"is-official":["true"]}')"
    for wrong in limit=101 limit=0 'filters={"stars":["x"]}' 'filters={"nosuch":["x"]}'; do
        same 400 "$(http_status /images/search -G -d "term=$OPEN/found" --data-urlencode "$wrong")"
    done
    same found/one "$(d search --limit 1 --filter is-automated=false --format '{{.Name}}' $OPEN/found)"
}

@test "build: the base is behind an account, which the client brings" {
    d tag busybox $SAFE/base
    d login -u me --password-stdin $SAFE <<<secret
    d push -q $SAFE/base
    d rmi -f $SAFE/base
    printf 'FROM %s/base\n' $SAFE >Dockerfile
    DOCKER_BUILDKIT=0 d build -t built - <Dockerfile
    d rmi -f built $SAFE/base
    # Accounts of the daemon's own are nobody's.
    tar -cf c.tar Dockerfile
    ask "/build" -X POST --data-binary @c.tar >out
    grep -q 'no basic auth credentials' out
    auth=$(printf 'me:secret' | base64)
    header=$(printf '{"http://%s":{"auth":"%s"}}' $SAFE "$auth" | base64 -w 0)
    ask "/build?t=built" -X POST -H "X-Registry-Config: $header" --data-binary @c.tar >out
    grep -q 'Successfully tagged' out
    same 400 "$(http_status /build -X POST -H 'X-Registry-Config: x' --data-binary @c.tar)"
    d rmi -f built $SAFE/base
    d logout $SAFE
}
