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
