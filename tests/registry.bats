# Images from a registry and to it: Debian's docker-registry on the sandbox's own
# loopback, once open and by http, once with TLS, names and passwords; skopeo reads
# what we push, and we what skopeo does.
load lib/product
load lib/ann
load lib/registry

OPEN=127.0.0.1:8066 SAFE=127.0.0.1:8067 MUTUAL=127.0.0.1:8068
setup_file() {
    registry_setup docker-registry skopeo openssl || return 0
    make_certificates
    printf 'me:%s\n' '$2b$05$0Xq3Z.F9B7CDQH9VvBbeSOvW35OlQphoGSGreL/kBYBCHAymwTLaW' >htpasswd
    serve open "addr: $OPEN"
    serve safe "addr: $SAFE, tls: {certificate: $PWD/server.crt, key: $PWD/server.key}" \
        "auth: {htpasswd: {realm: here, path: $PWD/htpasswd}}"
    serve mutual "addr: $MUTUAL, tls: {certificate: $PWD/server.crt, key: $PWD/server.key,
        clientcas: [$PWD/ca.crt]}"
    export DOCKER_CONFIG=$PWD/config
    # A base, and two layers above it.
    mkdir c
    head -c 300000 /dev/urandom >c/random
    printf 'FROM busybox\nCOPY random /\nRUN echo two >/two\n' >c/Dockerfile
    md build -q -t web c
    md save -o web.tar web
    eventually curl -sf http://$OPEN/v2/
    eventually curl -sk https://$SAFE/v2/
}
teardown_file() {
    [ -z "${LACKS-}" ] || return 0
    kill $(cat "$BATS_FILE_TMPDIR"/*.pid)
    umount /etc/docker
    assert_clean
}
setup() {
    skip_lacking
    cd "$BATS_FILE_TMPDIR" || return
}
make_certificates() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ours \
        -keyout ca.key -out ca.crt 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj /CN=registry -keyout server.key \
        -out server.csr 2>/dev/null
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
        -extfile <(echo subjectAltName=IP:127.0.0.1) -out server.crt 2>/dev/null
}
same() { [ "$1" = "$2" ] || { echo "wanted: $1"; echo "got: $2"; return 1; }; }
# A store of its own, empty.
elsewhere() { "$MINI_DOCKER" --root "$BATS_TEST_TMPDIR/root" "$@"; }
trust() { mkdir -p /etc/docker/certs.d/$SAFE && cp ca.crt /etc/docker/certs.d/$SAFE/; }

@test "push, and pull into another store: the same image, and it runs" {
    md tag web $OPEN/my/web:1
    run -0 md push $OPEN/my/web:1
    same "The push refers to repository [$OPEN/my/web]" "${lines[0]}"
    same 3 "$(grep -c ': Preparing$' <<<"$output")"
    same 3 "$(grep -c ': Pushed$' <<<"$output")"
    local digest
    digest=$(md inspect --format '{{index .RepoDigests 0}}' $OPEN/my/web:1 | cut -d@ -f2)
    [[ ${lines[-1]} == "1: digest: $digest size: "* ]]
    run -0 md push $OPEN/my/web:1
    same 3 "$(grep -c ': Layer already exists$' <<<"$output")"

    run -0 elsewhere pull $OPEN/my/web:1
    same "1: Pulling from my/web" "${lines[0]}"
    same 3 "$(grep -c ': Pulling fs layer$' <<<"$output")"
    same 3 "$(grep -c ': Pull complete$' <<<"$output")"
    same "Digest: $digest
Status: Downloaded newer image for $OPEN/my/web:1
$OPEN/my/web:1" "$(tail -n 3 <<<"$output")"
    same "$(md images -q --no-trunc web)" "$(elsewhere images -q --no-trunc)"
    same two "$(elsewhere run --rm $OPEN/my/web:1 cat /two)"
    run -0 elsewhere pull $OPEN/my/web:1
    same "Status: Image is up to date for $OPEN/my/web:1" "${lines[-2]}"
}

@test "pull by digest, of all tags, quietly, for another platform" {
    md tag web $OPEN/tags:a
    md tag busybox $OPEN/tags:b
    run -0 md push -a $OPEN/tags
    same 2 "$(grep -c ': digest: ' <<<"$output")"
    local digest
    digest=$(sed -n 's/^b: digest: \(sha256:[0-9a-f]*\) .*/\1/p' <<<"$output")
    run -0 elsewhere pull -q $OPEN/tags@$digest
    same $OPEN/tags@$digest "$output"
    same "$OPEN/tags <none>" "$(elsewhere images --format '{{.Repository}} {{.Tag}}')"
    same "[] [\"$OPEN/tags@$digest\"]" \
        "$(elsewhere inspect --format '{{json .RepoTags}} {{json .RepoDigests}}' $OPEN/tags@$digest)"
    same one "$(elsewhere run --rm $OPEN/tags@$digest echo one)"
    run -0 elsewhere pull -a $OPEN/tags
    same "Status: Downloaded newer image for $OPEN/tags
$OPEN/tags" "$(tail -n 2 <<<"$output")"
    same "a b" "$(elsewhere images --format '{{.Tag}}' $OPEN/tags | sort | xargs)"
    # Its last name takes the one by digest along.
    same "Untagged: $OPEN/tags:b
Untagged: $OPEN/tags@$digest" "$(elsewhere rmi $OPEN/tags:b | head -n 2)"
    run -1 elsewhere inspect $OPEN/tags@$digest
    elsewhere pull -q $OPEN/tags:b
    # What is here already does not come.
    md tag web $OPEN/more
    md push -q $OPEN/more
    run -0 elsewhere pull $OPEN/more
    same 3 "$(grep -c ': Already exists$' <<<"$output")"
    run -1 elsewhere pull -a $OPEN/tags:a
    same "mini-docker: tag can't be used with --all-tags/-a" "$output"
    run -1 elsewhere pull --platform linux/s390x $OPEN/tags:b
    [[ ${lines[-1]} == *"does not match the specified platform (linux/s390x)" ]]
    run -1 elsewhere pull $OPEN/nosuch
    same "mini-docker: manifest for $OPEN/nosuch:latest not found: manifest unknown: manifest unknown" "${lines[-1]}"
}

@test "a blob of another repository is mounted; a large one goes in pieces" {
    md tag web $OPEN/first && md push -q $OPEN/first
    md tag web $OPEN/second
    run -0 md push $OPEN/second
    same 3 "$(grep -c ': Mounted from ' <<<"$output")"
    head -c 300000 /dev/urandom >c/random
    md build -q -t $OPEN/pieces c
    MINI_DOCKER_REGISTRY_CHUNK=50000 md push -q $OPEN/pieces
    elsewhere pull -q $OPEN/pieces
    same "$(sha256sum <c/random)" "$(elsewhere run --rm $OPEN/pieces sha256sum </dev/null - /random | sed -n 's/\/random/-/p')"
}

@test "skopeo reads what we push, and we what it does" {
    md tag web $OPEN/ours && md push -q $OPEN/ours
    skopeo copy -q --src-tls-verify=false docker://$OPEN/ours oci:layout:x
    same "$(md images -q --no-trunc web)" \
        "$(skopeo inspect --config --raw oci:layout:x | sha256sum | sed 's/^\([0-9a-f]*\).*/sha256:\1/')"
    skopeo copy -q --dest-tls-verify=false oci-archive:web.tar docker://$OPEN/theirs:1
    skopeo copy -q --format v2s2 --dest-tls-verify=false oci-archive:web.tar docker://$OPEN/theirs:2
    for tag in 1 2; do
        elsewhere pull -q $OPEN/theirs:$tag
        same two "$(elsewhere run --rm $OPEN/theirs:$tag cat /two)"
    done
    # An index, of which we are one.
    skopeo copy -q --multi-arch index-only oci:layout:x dir:idx 2>/dev/null || true
}

@test "run, create and build pull what is missing" {
    md tag web $OPEN/base && md push -q $OPEN/base
    run -0 --separate-stderr elsewhere run --rm $OPEN/base cat /two
    same two "$output"
    same "Unable to find image '$OPEN/base:latest' locally" "${stderr_lines[0]}"
    elsewhere rmi -f $OPEN/base >/dev/null
    run -0 --separate-stderr elsewhere create -q $OPEN/base true
    same "" "$stderr"
    elsewhere rm "$output"
    elsewhere rmi -f $OPEN/base >/dev/null
    run -125 elsewhere run --rm --pull never $OPEN/base true
    same "mini-docker: No such image: $OPEN/base:latest" "$output"
    printf "FROM $OPEN/base\nCOPY --from=$OPEN/base /two /three\n" >c/Fetched
    run -0 elsewhere build -f c/Fetched -t made c
    [[ $output == *"latest: Pulling from base"* ]]
    same two "$(elsewhere run --rm made cat /three)"
    # --pull always asks the registry, and takes what is newer.
    md tag busybox $OPEN/base && md push -q $OPEN/base
    same two "$(elsewhere run --rm $OPEN/base cat /two)"
    run ! elsewhere run --rm --pull always $OPEN/base cat /two
    md tag web $OPEN/base && md push -q $OPEN/base
    printf "FROM $OPEN/base\nRUN cat /two\n" >c/Newer
    run -1 elsewhere build -f c/Newer c
    run -0 elsewhere build --pull -f c/Newer c
    # Of one for another machine that is told, and no other is taken in its place.
    run -0 elsewhere build --pull --platform linux/amd64 -f c/Newer c
    run -1 elsewhere build --pull --platform linux/s390x -f c/Newer c
    [[ ${lines[-1]} == *"linux/s390x"* ]] || { echo "$output"; false; }
    run -125 elsewhere run --rm 127.0.0.1:1/x true
    same "mini-docker: Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused" "${lines[-1]}"
}

@test "TLS: with our authority, and not with another one" {
    trust
    run -1 md pull $SAFE/x
    same "mini-docker: Get \"https://$SAFE/v2/\": no basic auth credentials" "${lines[-1]}"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout x.key \
        -out /etc/docker/certs.d/$SAFE/ca.crt 2>/dev/null
    run -1 md pull $SAFE/x
    [[ ${lines[-1]} == "mini-docker: Get \"https://$SAFE/v2/\": "*certificate* ]]
    rm -r /etc/docker/certs.d/$SAFE
    # A registry of this machine need not prove who it is, as with Docker.
    run -1 md pull $SAFE/x
    [[ ${lines[-1]} == *"no basic auth credentials" ]]
    mkdir -p /etc/docker/certs.d/$SAFE
    touch /etc/docker/certs.d/$SAFE/a.cert
    run -1 md pull $SAFE/x
    same "mini-docker: missing key a.key for client certificate a.cert" "${lines[-1]}"
    rm -r /etc/docker/certs.d/$SAFE
}

@test "a registry that asks for a certificate of ours" {
    local certs=/etc/docker/certs.d/$MUTUAL
    mkdir -p $certs
    cp ca.crt $certs/
    md tag web $MUTUAL/web
    run -1 md push $MUTUAL/web
    [[ ${lines[-1]} == "mini-docker: Get \"https://$MUTUAL/v2/\": "*certificate* ]]
    openssl req -newkey rsa:2048 -nodes -subj /CN=we -keyout $certs/we.key -out we.csr 2>/dev/null
    openssl x509 -req -in we.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
        -out $certs/we.cert 2>/dev/null
    run -0 md push -q $MUTUAL/web
    run -0 elsewhere pull -q $MUTUAL/web
    rm -r $certs
    md rmi $MUTUAL/web
}

@test "login, and what it gives; logout" {
    trust
    mkdir -p config
    echo '{"psFormat": "table {{.ID}}", "auths": {"other:1": {"auth": "YTpi"}}}' >config/config.json
    run -1 md login -u me --password-stdin $SAFE <<<wrong
    same "mini-docker: login attempt to https://$SAFE/v2/ failed with status: 401 Unauthorized" "$output"
    run -0 --separate-stderr md login -u me --password-stdin https://$SAFE/v2/ <<<secret
    same "Login Succeeded" "$output"
    same "WARNING! Your password will be stored unencrypted in $PWD/config/config.json." "${stderr_lines[0]}"
    same 600 "$(stat -c %a config/config.json)"
    same '["bWU6c2VjcmV0","YTpi","table {{.ID}}"]' \
        "$(jq -c "[.auths[\"$SAFE\"].auth, .auths[\"other:1\"].auth, .psFormat]" config/config.json)"
    md tag web $SAFE/web
    md push -q $SAFE/web
    same two "$(elsewhere run --rm -q $SAFE/web cat /two)"
    same "Removing login credentials for $SAFE" "$(md logout $SAFE)"
    same "Not logged in to $SAFE" "$(md logout $SAFE)"
    same '["other:1"]' "$(jq -c '.auths | keys' config/config.json)"
    run -1 md push $SAFE/web
    [[ ${lines[-1]} == *"no basic auth credentials" ]]
    run -1 md login -u me $SAFE </dev/null
    same "mini-docker: Cannot perform an interactive login from a non TTY device" "$output"
    run -1 md login --password-stdin $SAFE </dev/null
    same "mini-docker: Must provide --username with --password-stdin" "$output"
    echo '{"auths": [' >config/config.json
    run -1 md pull $SAFE/web
    [[ ${lines[-1]} == "mini-docker: error loading config file: $PWD/config/config.json: line "[12]": "* ]]
    rm config/config.json
}

@test "a credential helper keeps the password" {
    trust
    mkdir -p config bin
    printf '#!/bin/sh\n' >bin/docker-credential-test
    cat >>bin/docker-credential-test <<'END'
case $1 in
store) cat >"$DOCKER_CONFIG/kept" ;;
get) read -r server; cat "$DOCKER_CONFIG/kept" 2>/dev/null || { echo credentials not found in native keychain; exit 1; } ;;
erase) rm "$DOCKER_CONFIG/kept" ;;
esac
END
    chmod +x bin/docker-credential-test
    local PATH=$PWD/bin:$PATH
    echo "{\"credHelpers\": {\"$SAFE\": \"test\"}}" >config/config.json
    run -0 --separate-stderr md login -u me --password-stdin $SAFE <<<secret
    same "" "$stderr"
    same "{\"ServerURL\":\"$SAFE\",\"Username\":\"me\",\"Secret\":\"secret\"}" "$(cat config/kept)"
    run ! grep -q secret config/config.json
    md tag web $SAFE/helped && md push -q $SAFE/helped
    md logout $SAFE
    [ ! -e config/kept ]
    echo '{"credsStore": "missing"}' >config/config.json
    run -1 md pull $SAFE/helped
    [[ ${lines[-1]} == *'exec: "docker-credential-missing": executable file not found in $PATH' ]]
    echo '{"credsStore": "../bin/x"}' >config/config.json
    run -1 md pull $SAFE/helped
    rm config/config.json
}

@test "search: a registry's catalogue" {
    md tag busybox $OPEN/found/one && md push -q $OPEN/found/one
    md tag busybox $OPEN/found/two && md push -q $OPEN/found/two
    same "found/one found/two" "$(md search --format '{{.Name}}' $OPEN/found | xargs)"
    same found/two "$(md search --format '{{.Name}}' $OPEN/two)"
    same found/one "$(md search --limit 1 --format '{{.Name}}' $OPEN/found)"
    same "" "$(md search --filter stars=1 --format '{{.Name}}' $OPEN/found)"
    same "NAME DESCRIPTION STARS OFFICIAL" "$(md search $OPEN/found | head -n 1 | xargs)"
    run -1 md search --limit 101 $OPEN/found
    same "mini-docker: Limit 101 is outside the range of [1, 100]" "$output"
    run -1 md search --filter stars=many $OPEN/found
    same "mini-docker: invalid filter 'stars=[many]'" "$output"
    trust
    run -1 md search $SAFE/found
    [[ $output == *"no basic auth credentials" ]]
}

@test "killed at any moment, a pull leaves nothing half done" {
    md tag web $OPEN/killed && md push -q $OPEN/killed
    elsewhere pull -q $OPEN/killed
    local took moment root=$BATS_TEST_TMPDIR/root
    took=$(time_of --root "$BATS_TEST_TMPDIR/timed" pull -q $OPEN/killed)
    for moment in $(moments 8 "$took"); do
        rm -rf "$root"
        struck_after $moment --root "$root" pull -q $OPEN/killed || true
        all_ended
        # All of it or nothing; and the next one clears away what was left.
        [ -z "$(elsewhere images -q)" ] || same two "$(elsewhere run --rm --pull never $OPEN/killed cat /two)"
        elsewhere pull -q $OPEN/killed
        same two "$(elsewhere run --rm $OPEN/killed cat /two)"
        same "" "$(find "$root/tmp" -mindepth 1 ! -name lock)"
    done
    all_ended
}

@test "killed at any moment, a push leaves no image there, or all of it" {
    local took moment n=0
    md tag web $OPEN/timed
    took=$(time_of push -q $OPEN/timed)
    for moment in $(moments 8 "$took"); do
        md tag web $OPEN/struck$((++n))
        struck_after $moment push -q $OPEN/struck$n || true
        elsewhere pull -q $OPEN/struck$n 2>/dev/null ||
            same 404 "$(curl -s -o /dev/null -w '%{http_code}' http://$OPEN/v2/struck$n/manifests/latest)"
        md push -q $OPEN/struck$n || true
        elsewhere pull -q $OPEN/struck$n
    done
    all_ended
}

@test "an ordinary user pulls, logs in and pushes, too" {
    command -v newuidmap >/dev/null || skip "no newuidmap"
    ann_setup
    trust
    md tag busybox $OPEN/user && md push -q $OPEN/user
    ann() { as_ann env -u DOCKER_CONFIG "$MINI_DOCKER" "$@"; }
    same $OPEN/user:latest "$(ann pull -q $OPEN/user)"
    same one "$(ann run --rm $OPEN/user echo one)"
    ann login -u me --password-stdin $SAFE <<<secret
    same "600 ann" "$(stat -c '%a %U' "$HOUSE/.docker/config.json")"
    ann tag $OPEN/user $SAFE/user
    ann push -q $SAFE/user
    rm -rf "$HOUSE/data" "$HOUSE/run"
    ann_done
}
