# A registry that does what it should not: lib/hostile-registry, one repository
# for each misdeed. Each is one clear line, soon, and leaves nothing behind.
load lib/product

PORT=8065
HOST=127.0.0.1:$PORT
setup_file() {
    product_setup
    ip link set lo up
    "$BATS_TEST_DIRNAME/lib/hostile-registry" $PORT "$PWD/log" 3>&- 2>errors &
    echo $! >server
    export DOCKER_CONFIG=$PWD MINI_DOCKER_REGISTRY_TIMEOUT=10 MINI_DOCKER_REGISTRY_TRIES=3
    echo '{"auths": {"127.0.0.1:8065": {"auth": "bWU6c2VjcmV0"}}}' >config.json
    eventually md pull -q $HOST/ok
    md rmi $HOST/ok
}
teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/server")"
    assert_clean
}
setup() { : >log; }
teardown() { [ -z "${PRIVATE-}" ] || kill $PRIVATE; }

# None of its images, nothing half made, and no process.
nothing_left() {
    [ "$(md images -q | wc -l)" = 1 ] || { md images; return 1; }
    same "" "$(find "$MINI_DOCKER_ROOT/tmp" -mindepth 1 ! -name lock)" || return 1
    [ "$(ls "$MINI_DOCKER_ROOT/images/blobs/sha256" | wc -l)" = 3 ] || return 1
    all_ended
}
same() { [ "$1" = "$2" ] || { echo "wanted: $1"; echo "got: $2"; return 1; }; }

# NAME | WORDS on each line of standard input: the pull fails with them.
refuses_all() {
    local name words
    while IFS='|' read -r name words; do
        run timeout -s KILL 40 "$MINI_DOCKER" pull -q $HOST/${name% }
        refused 1 "${words# }" || { echo "of $name"; return 1; }
        nothing_left || { echo "after $name"; return 1; }
    done
}

@test "documents that are none, or others than said" {
    refuses_all <<'END'
array | the manifest is damaged: not an object
circle | stopped after 10 redirects
deep | the manifest is damaged: line 1: maximum parsing depth reached
denied | pull access denied for 127.0.0.1:8065/denied, repository does not exist or may require 'docker login': denied: requested access
downgrade | it leads to "file:///etc/passwd", which is not https
endlessmanifest | the answer is larger than 4194304 bytes
garbage | the manifest is damaged: line 1
html | the manifest is damaged: line 1
huge | the answer is larger than 4194304 bytes
lines | manifest for 127.0.0.1:8065/lines:latest not found: manifest unknown: a?b?[31mc
nolayers | invalid manifest, layers length mismatch: expected 1, got 0
path | invalid digest "sha256:../../../../etc/passwd"
schema1 | schema 1 are not supported
wrongconfig | image config verification failed for digest sha256:
END
}

@test "layers that are none, or others than said" {
    refuses_all <<'END'
endless | failed size validation: it has more than
nogzip | layer
wrongdiff | invalid diffID for layer 0: expected "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
wrongdigest | unexpected
wrongsize | failed size validation: it has more than
END
}

@test "busy, cut off, slow: it gives up, after some tries" {
    local MINI_DOCKER_REGISTRY_TIMEOUT=2
    refuses_all <<'END'
busyforever | toomanyrequests: slow down
error | received unexpected HTTP status: 500 Internal Server Error
later | toomanyrequests: come back tomorrow
liar | an answer that was not asked for: 206
slow | timeout: nothing has come for 2 s
truncated | unexpected EOF
END
    same 3 "$(grep -c /v2/busyforever/manifests log)"
    same 1 "$(grep -c /v2/later/manifests log)"
}

@test "busy and cut off for a while only: it comes all the same" {
    for name in busy cut cutnorange; do
        same $HOST/$name:latest "$(md pull -q $HOST/$name)"
        md rmi $HOST/$name >/dev/null
    done
    same 3 "$(grep -c /v2/busy/manifests log)"
    # The rest of it, from where it broke.
    grep -q '/v2/cut/blobs/.* bytes=[1-9][0-9]*-$' log
    nothing_left
}

@test "a password goes to who asks for it, and nowhere else" {
    for name in token elsewhere; do
        md pull -q $HOST/$name
        md rmi $HOST/$name >/dev/null
    done
    grep -q '^GET /token?for=token&service=here&scope=repository:token:pull&account=me Basic_bWU6c2VjcmV0 -$' log
    grep -q '^GET /v2/token/manifests/latest Bearer_abc.def -$' log
    grep -q '^GET /stored - -$' log
    refuses_all <<'END'
badtoken | authorization server did not include a token in the response
farrealm | it sends us for a token to "ftp://127.0.0.1/token?for=farrealm"
END
    echo '{"auths": {"127.0.0.1:8065": {"auth": "bWU6d3Jvbmc="}}}' >config.json
    run md pull $HOST/token
    [ "$status" = 1 ]
    [[ ${lines[-1]} == *"unauthorized: incorrect username or password" ]]
    run md pull -q $HOST/ok
    [ "$status" = 0 ]
    md rmi $HOST/ok
}

@test "an index: the image for this machine, and what has none" {
    local top
    top=$(md pull $HOST/index | sed -n 's/^Digest: //p')
    [[ $(md inspect --format '{{.Architecture}}' $HOST/index@$top) == amd64 ]]
    md rmi $HOST/index >/dev/null
    run md pull --platform linux/s390x $HOST/index
    [ "$status" = 1 ]
    [[ ${lines[-1]} == *"no matching manifest for linux/s390x in the manifest list entries" ]]
    nothing_left
}

@test "tags that are no names, and pages in a circle" {
    run md pull -q -a $HOST/ok
    refused 1 "invalid reference format"
    md rmi $HOST/ok:a
    run timeout -s KILL 60 "$MINI_DOCKER" pull -q -a $HOST/tagcircle
    refused 1 "the list of tags leads back to itself"
}

@test "killed while a layer comes: nothing is left, and no process" {
    "$MINI_DOCKER" pull -q $HOST/slower >/dev/null 2>&1 3>&- &
    local pull=$!
    eventually pgrep -x mini-docker-web
    eventually grep -q /v2/slower/blobs log
    kill -KILL $pull
    wait $pull || true
    all_ended
    md pull -q $HOST/ok
    md rmi $HOST/ok
    nothing_left
}

# Of which each address of loopback is another registry. Sets PRIVATE.
private_registry() {
    : >private
    "$BATS_TEST_DIRNAME/lib/hostile-registry" 8066 "$PWD/private" private 3>&- 2>errors &
    PRIVATE=$!
    eventually curl -s -o /dev/null http://127.0.0.1:8066/v2/
}

@test "login: a token is kept in place of the password, and asked with" {
    private_registry
    export DOCKER_CONFIG=$BATS_TEST_TMPDIR
    run -1 md login -u me --password-stdin 127.0.0.1:8066 <<<wrong
    [[ $output == *"incorrect username or password"* ]]
    run -0 md login -u me --password-stdin 127.0.0.1:8066 <<<secret
    jq -e '.auths["127.0.0.1:8066"] == {auth: "bWU6", identitytoken: "kept.1"}' "$DOCKER_CONFIG/config.json"
    run -0 md pull -q 127.0.0.1:8066/token
    md rmi 127.0.0.1:8066/token >/dev/null
    grep -q '^POST /token?for=token service=here&scope=repository:token:pull&grant_type=refresh_token&client_id=docker&refresh_token=kept.1$' private
    run ! grep -q 'GET.*refresh_token' private
    sed -i s/kept.1/kept.2/ "$DOCKER_CONFIG/config.json"
    run -1 md pull 127.0.0.1:8066/token
    [[ ${lines[-1]} == *"no such token"* ]] || { echo "$output"; false; }
    nothing_left
}

@test "login: several at once, and none is lost" {
    local i jobs=()
    private_registry
    export DOCKER_CONFIG=$BATS_TEST_TMPDIR/new
    for i in 1 2 3 4 5 6 7 8; do
        md login -u me --password-stdin 127.0.0.$i:8066 <<<secret >/dev/null 2>&1 3>&- &
        jobs+=($!)
    done
    wait "${jobs[@]}"
    [ "$(jq '.auths | length' "$DOCKER_CONFIG/config.json")" = 8 ]
    for i in 1 2 3 4 5 6 7; do md logout 127.0.0.$i:8066 >/dev/null 3>&- & done
    eventually eval '[ "$(jq -c ".auths | keys" "$DOCKER_CONFIG/config.json")" = "[\"127.0.0.8:8066\"]" ]'
    [ "$(ls -A "$DOCKER_CONFIG")" = config.json ]
}

@test "login: who comes while a helper is asked waits, and neither is lost" {
    private_registry
    export DOCKER_CONFIG=$BATS_TEST_TMPDIR PATH=$BATS_TEST_TMPDIR:$PATH
    printf '#!/bin/sh\ncat >/dev/null\ntouch %s/asked\nuntil [ -e %s/go ]; do sleep 0.01; done\n' \
        "$PWD" "$PWD" >"$DOCKER_CONFIG/docker-credential-slow"
    chmod +x "$DOCKER_CONFIG/docker-credential-slow"
    echo '{"credHelpers": {"127.0.0.2:8066": "slow"}}' >"$DOCKER_CONFIG/config.json"
    md login -u me --password-stdin 127.0.0.2:8066 <<<secret >/dev/null 3>&- &
    local first=$!
    eventually [ -e asked ]
    md login -u me --password-stdin 127.0.0.1:8066 <<<secret >/dev/null 2>&1 3>&- &
    local second=$!
    # It has asked the registry, and comes to the file.
    eventually eval '[ "$(grep -c offline_token private)" -ge 2 ]'
    sleep 0.3
    touch go
    wait $first $second
    [ "$(jq -c '.auths | keys' "$DOCKER_CONFIG/config.json")" = '["127.0.0.1:8066","127.0.0.2:8066"]' ]
}
