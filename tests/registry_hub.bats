# Docker Hub, which we play ourselves (lib/hub): names without a host lead to three
# hosts of docker.io, with tokens, and layers to a fourth.
load lib/product
load lib/registry

STORE=127.0.0.1:8069
HOSTS="registry-1.docker.io auth.docker.io index.docker.io cdn.docker.io"
setup_file() {
    registry_setup docker-registry openssl python3 || return 0
    # Who has these names, in the sandbox alone.
    echo "127.0.0.1 localhost $HOSTS" >hosts
    mount --bind hosts /etc/hosts
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hub -keyout hub.key \
        -out hub.crt -addext "subjectAltName=DNS:${HOSTS// /,DNS:}" 2>/dev/null
    mkdir -p /etc/docker/certs.d/docker.io
    cp hub.crt /etc/docker/certs.d/docker.io/ca.crt
    serve store "addr: $STORE"
    "$BATS_TEST_DIRNAME/lib/hub" $STORE hub.crt hub.key "$PWD/log" 3>&- 2>errors &
    echo $! >hub.pid
    export DOCKER_CONFIG=$PWD/config
    eventually curl -sf http://$STORE/v2/
    eventually curl -sk https://registry-1.docker.io/v2/
    md tag busybox $STORE/library/small
    md push -q $STORE/library/small
    md rmi $STORE/library/small
}
teardown_file() {
    [ -z "${LACKS-}" ] || return 0
    kill $(cat "$BATS_FILE_TMPDIR"/*.pid)
    umount /etc/hosts /etc/docker
    assert_clean
}
setup() {
    skip_lacking
    cd "$BATS_FILE_TMPDIR" || return
    : >log
}
same() { [ "$1" = "$2" ] || { echo "wanted: $1"; echo "got: $2"; return 1; }; }

@test "a name alone is library/NAME there; a token for it, and its layers from elsewhere" {
    export MINI_DOCKER_ROOT=$BATS_TEST_TMPDIR/root # where there is no such layer
    run -0 md pull small
    same "Using default tag: latest" "${lines[0]}"
    same "latest: Pulling from library/small" "${lines[1]}"
    same docker.io/library/small:latest "${lines[-1]}"
    same hello "$(md run --rm --network none small echo hello)"
    grep -q '^auth.docker.io GET /token?.*scope=repository:library/small:pull -$' log
    grep -q '^registry-1.docker.io GET /v2/library/small/manifests/latest Bearer nobody' log
    grep -q '^cdn.docker.io GET /v2/library/small/blobs/sha256:[0-9a-f]* -$' log
    run ! grep '^cdn.docker.io .*Bearer' log
    md rmi small
    run -0 md pull -q docker.io/small
    same small:latest "$(md images --format '{{.Repository}}:{{.Tag}}')"
}

@test "login without a host, and a push to one's own place there" {
    run -1 md login -u me --password-stdin <<<wrong
    [[ ${lines[-1]} == *"incorrect username or password"* ]]
    run -1 md push me/web
    [[ ${lines[-1]} == *"does not exist locally"* || ${lines[-1]} == *"No such image"* ]]
    md tag busybox me/web
    run -1 md push me/web
    [[ ${lines[-1]} == *denied* || ${lines[-1]} == *authentication* ]]
    run -0 md login -u me --password-stdin <<<s:ecret
    same "Login Succeeded" "${lines[-1]}"
    same '"https://index.docker.io/v1/"' "$(jq '.auths | keys[]' config/config.json)"
    run -0 md push me/web
    same "The push refers to repository [docker.io/me/web]" "${lines[1]}"
    md rmi me/web
    run -0 md pull -q me/web
    same docker.io/me/web:latest "$output"
    md rmi me/web
    md logout
    same 0 "$(jq '.auths | length' config/config.json)"
}

@test "what another place there has is mounted, if it may be read, and sent if not" {
    md login -u me --password-stdin <<<s:ecret
    md rmi busybox # which would be somewhere else there
    md pull -q small
    md tag small me/small
    run -0 md push me/small
    [[ $output == *": Mounted from library/small"* ]]
    grep -q '^auth.docker.io .*scope=repository:me/small:pull%2Cpush&scope=repository:library/small:pull' log
    md tag small me/again # and with what login was given in place of the password
    kept='{"auths": {"https://index.docker.io/v1/": {"auth": "bWU6", "identitytoken": "kept"}}}'
    mkdir kept && echo "$kept" >kept/config.json
    DOCKER_CONFIG=$PWD/kept run -0 md push me/again
    [[ $output == *": Mounted from "* ]]
    md rmi small me/small me/again
    # As it would be, had it come from there.
    for name in secret/base library/never; do
        md import "$IMAGES/busybox.tar" $name
        md tag $name me/${name#*/}
        run -0 md push me/${name#*/}
        [[ $output == *": Pushed"* ]]
        grep -q "POST /v2/me/${name#*/}/blobs/uploads/?mount=sha256:.*&from=$name " log
        md rmi $name
        md rmi me/${name#*/}
        md pull -q me/${name#*/}
        md rmi me/${name#*/}
    done
    md logout
    restore_images
}

@test "search asks the index, and shows nobody's password" {
    run -0 md search small
    same "NAME      DESCRIPTION   STARS     OFFICIAL" "${lines[0]}"
    same "small     an example    7         [OK]" "${lines[1]}"
    grep -q '^index.docker.io GET /v1/search?q=small&n=25 -$' log
}
