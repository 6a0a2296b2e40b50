# Archives that save writes, read by others: skopeo and umoci.
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    md rmi busybox >/dev/null
    md import -c 'CMD ["sh"]' "$IMAGES/busybox.tar" busybox >/dev/null
}
teardown() {
    restore_images
    assert_clean
}

need() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

@test "save: to a file, to a pipe, again: the same bytes" {
    md save -o a.tar busybox
    md save busybox >b.tar
    md image save busybox | cat >c.tar
    sleep 1.1
    md save --output d.tar busybox
    cmp a.tar b.tar && cmp a.tar c.tar && cmp a.tar d.tar
    [ "$(ls | xargs)" = "a.tar b.tar c.tar d.tar" ]
}

@test "save: an OCI layout whose blobs have their digests as names" {
    gzip -k <"$IMAGES/busybox.tar" | md import - packed >id
    md save -o a.tar packed
    tar xf a.tar
    [ "$(ls | xargs)" = "a.tar blobs id index.json manifest.json oci-layout repositories" ]
    (cd blobs/sha256 && sha256sum * | awk '$1 != $2 { exit 1 }')
    [ "$(ls blobs/sha256 | wc -l)" = 3 ]
    [ "$(jq -r '.[0].Config' manifest.json)" = "blobs/sha256/$(cut -c 8- id)" ]
    [ "$(jq -c '.[0].RepoTags' manifest.json)" = '["packed:latest"]' ]
    [ "$(jq -r '.manifests[0].digest' index.json)" = \
        "$(md images --digests --format '{{.Digest}}' packed)" ]
    # As it came in: packed.
    gzip -dc "$(jq -r '.[0].Layers[0]' manifest.json)" | cmp - "$IMAGES/busybox.tar"
}

@test "save: several images share their layers; a repository is all its tags" {
    md tag busybox app:1
    md import -m other "$IMAGES/busybox.tar" app:2 >/dev/null
    md save app busybox:latest | tar x
    [ "$(jq -r '.[].RepoTags[]' manifest.json | sort | xargs)" = "app:1 app:2 busybox:latest" ]
    [ "$(jq length manifest.json)" = 2 ]
    [ "$(jq -r '.[].Layers[]' manifest.json | sort -u | wc -l)" = 1 ]
    [ "$(jq -c '.app | keys' repositories)" = '["1","2"]' ]
    [ "$(ls blobs/sha256 | wc -l)" = 5 ]
    md save app:2 | tar xO manifest.json >one.json
    [ "$(jq -c '.[].RepoTags' one.json)" = '["app:2"]' ]
    # By id there is no name to tell.
    md save "$(md images -q busybox)" | tar xO manifest.json >none.json
    [ "$(jq -c '.[].RepoTags' none.json)" = null ]
}

@test "save: what cannot be leaves no file" {
    run md save -o a.tar busybox nothing
    refused 1 "No such image: nothing"
    run md save -o /nowhere/a.tar busybox
    refused 1 "open /nowhere/a.tar: No such file or directory"
    run md save -o . busybox
    refused 1 'failed to save image: cannot write to a directory'
    run md save -o /dev/null busybox
    refused 1 'invalid output path: "/dev/null" must be a regular file'
    [ -z "$(ls -A)" ]
    run script -qec "'$MINI_DOCKER' save busybox" /dev/null
    [[ $output == *"cowardly refusing to save to a terminal. Use the -o flag or redirect"* ]]
    [ "$status" = 1 ]
    echo before >a.tar
    run bash -c "'$MINI_DOCKER' save busybox >/dev/full"
    refused 1 "No space left on device"
    run -1 md save -o a.tar nothing
    [ "$(<a.tar)" = before ]
}

@test "save: skopeo reads it as docker-archive and as oci-archive" {
    need skopeo
    md save -o a.tar busybox
    id=$(md images -q --no-trunc busybox)
    skopeo --insecure-policy copy -q docker-archive:a.tar:busybox:latest oci:docker:x
    skopeo --insecure-policy copy -q --preserve-digests oci-archive:a.tar:latest oci:oci:x
    digest=$(jq -r '.manifests[0].digest' oci/index.json)
    [ "$digest" = "$(md images --digests --format '{{.Digest}}' busybox)" ]
    [ "$(jq -r .config.digest "oci/blobs/sha256/${digest#sha256:}")" = "$id" ]
    [ "$(skopeo inspect --config docker-archive:a.tar | jq -c .config.Cmd)" = '["sh"]' ]
}

@test "save: umoci unpacks the same tree" {
    need umoci
    md save busybox | tar x
    umoci unpack --image .:latest bundle >/dev/null
    layer=$(md inspect -f '{{.GraphDriver.Data.UpperDir}}' busybox)
    tree() { (cd "$1" && find . ! -path . -printf '%P %y %m %U:%G %s %l\n' | sort); }
    diff <(tree "$layer" | sed 's/ d \([^ ]*\) \([^ ]*\) [0-9]* / d \1 \2 /') \
        <(tree bundle/rootfs | sed 's/ d \([^ ]*\) \([^ ]*\) [0-9]* / d \1 \2 /')
    diff -r --no-dereference "$layer" bundle/rootfs
}

@test "save: one that is removed meanwhile is not there, whoever has its name by then" {
    for name in one two; do
        head -c 300000 /dev/urandom >data
        tar -cf big.tar data
        md import big.tar $name >/dev/null
    done
    mkfifo pipe
    "$MINI_DOCKER" save one two >pipe 2>said 3>&- &
    local pid=$! status=0
    exec 5<pipe
    head -c 1000 <&5 >/dev/null # it has found both, and waits in the first
    md tag busybox one
    md tag busybox two
    md image prune -f >/dev/null
    cat <&5 >/dev/null
    exec 5<&-
    wait $pid || status=$?
    [ "$status" = 1 ]
    [[ $(<said) =~ ^mini-docker:\ No\ such\ image:\ (one|two)$ ]]
}
