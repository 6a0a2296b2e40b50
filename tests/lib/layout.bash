# layout.bash - archives of images made by hand, for the tests of load: small
# layers, and the documents that lead to them, in blobs/ of the directory here.
#
#     index "$(named "$(image one gzip +gzip)" app:1)" >index.json
#     layout                                    # and now there is x.tar

load_setup_file() {
    product_setup
    export SOURCE_DATE_EPOCH=1000000000
}
load_setup() {
    cd "$BATS_TEST_TMPDIR" || return
    remove_all_images
}
load_teardown() {
    remove_all_images
    nothing_left && md import "$IMAGES/busybox.tar" busybox >/dev/null && assert_clean
}

# Of a store without images nothing is left but the lock.
nothing_left() {
    [ -z "$(ls "$MINI_DOCKER_ROOT/images/blobs/sha256" "$MINI_DOCKER_ROOT/layers" | grep -v :)" ] &&
        [ "$(ls "$MINI_DOCKER_ROOT/tmp")" = lock ]
}
nothing_loaded() {
    [ -z "$(md images -q)" ]
    nothing_left
}

sum() { sha256sum "$1" | cut -d ' ' -f 1; }
# put FILE TYPE: as a blob of the layout here. Prints a descriptor.
put() {
    local digest
    mkdir -p blobs/sha256
    digest=$(sum "$1")
    cp "$1" "blobs/sha256/$digest"
    jq -nc --arg d "sha256:$digest" --arg t "$2" --argjson s "$(stat -c %s "$1")" \
        '{mediaType: $t, digest: $d, size: $s}'
}
OCI=application/vnd.oci.image

# layers NAME...: small layers NAME.tar with one file each.
layers() {
    local name
    for name; do
        mkdir -p "src/$name"
        echo "$name" >"src/$name/$name"
        tar -C "src/$name" --mtime=@5 -cf "$name.tar" .
    done
}
# config NAME LAYER...: config.json of the plain layers named.
config() {
    local name=$1 layer
    shift
    for layer; do echo "sha256:$(sum "$layer.tar")"; done |
        jq -Rnc --arg n "$name" '{architecture: ($ENV.ARCH // "amd64"),
            os: ($ENV.OS_NAME // "linux"), config: {Labels: {name: $n}},
            rootfs: {type: "layers", diff_ids: [inputs]}}' >config.json
}
# image NAME [PACK [SUFFIX]]: the image of the layers a and b, in blobs/.
# Prints the descriptor of its manifest.
image() {
    local layer
    layers a b
    config "$1" a b
    for layer in a b; do
        ${2:-cat} <$layer.tar >$layer.packed
        put $layer.packed "$OCI.layer.v1.tar${3-}"
    done | jq -sc --argjson c "$(put config.json $OCI.config.v1+json)" \
        --arg t "$OCI.manifest.v1+json" \
        '{schemaVersion: 2, mediaType: $t, config: $c, layers: .}' >manifest
    put manifest "$OCI.manifest.v1+json"
}
# index [DESCRIPTOR...] >index.json; named DESCRIPTOR NAME.
index() {
    printf '%s\n' "$@" | jq -sc --arg t "$OCI.image.index.v1+json" \
        '{schemaVersion: 2, manifests: .}'
}
named() {
    jq -c --arg n "$2" '.annotations["org.opencontainers.image.ref.name"] = $n' <<<"$1"
}
# layout: the archive of what is here.
layout() {
    echo '{"imageLayoutVersion":"1.0.0"}' >oci-layout
    tar -cf x.tar oci-layout index.json blobs
}
id_of() { echo "sha256:$(sum config.json)"; }
diff_ids() { md inspect -f '{{json .RootFS.Layers}}' "$1"; }

# docker_list NAME LAYER...: manifest.json.
docker_list() {
    local name=$1
    shift
    printf '%s\n' "$@" | jq -Rnc --arg n "$name" \
        '[{Config: "c.json", RepoTags: (if $n == "" then null else [$n] end), Layers: [inputs]}]' >manifest.json
}
