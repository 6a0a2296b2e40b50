# stack.bash - an image of several layers, made with jq and sha256sum alone.
#
#     load lib/stack
#     stack NAME TAR...         # the first is the lowest
#
# Each tar is imported, so that its layer is unpacked; then a configuration and
# a manifest with all of them are written by hand.

# Keep a file as a blob; prints its digest.
stack_blob() {
    local hex
    hex=$(sha256sum <"$1" | cut -c -64)
    cp "$1" "$MINI_DOCKER_ROOT/images/blobs/sha256/$hex"
    echo "sha256:$hex"
}

stack() {
    local name=$1 tar digest n=0 config manifest
    shift
    : >layers.jsonl
    for tar in "$@"; do
        n=$((n + 1))
        "$MINI_DOCKER" import "$tar" "part:$n" >/dev/null || return
        digest=sha256:$(sha256sum <"$tar" | cut -c -64)
        jq -nc --arg d "$digest" --arg by "COPY $(basename "$tar") /" \
            --argjson size "$(stat -c %s "$tar")" \
            '{$d, $by, $size}' >>layers.jsonl
    done
    jq -s '{created: "2026-01-01T00:00:00Z", architecture: "amd64", os: "linux",
            config: {Cmd: ["sh"]}, history: map({created_by: .by}),
            rootfs: {type: "layers", diff_ids: map(.d)}}' layers.jsonl >config
    config=$(stack_blob config)
    jq -s --arg config "$config" --argjson size "$(stat -c %s config)" \
        '"application/vnd.oci.image." as $m | {schemaVersion: 2,
          config: {mediaType: ($m + "config.v1+json"), digest: $config, $size},
          layers: map({mediaType: ($m + "layer.v1.tar"), digest: .d, size})}' \
        layers.jsonl >manifest
    manifest=$(stack_blob manifest)
    jq --arg name "docker.io/library/$name:latest" --arg d "$manifest" \
        '.[$name] = $d' "$MINI_DOCKER_ROOT/images/names.json" >names
    cp names "$MINI_DOCKER_ROOT/images/names.json"
    for ((; n > 0; n--)); do "$MINI_DOCKER" rmi "part:$n" >/dev/null; done
}
