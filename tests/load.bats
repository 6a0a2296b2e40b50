# load: archives in all the forms that others write them in, in any order, and
# archives made to harm.
load lib/product

setup_file() {
    product_setup
    export SOURCE_DATE_EPOCH=1000000000
}
setup() {
    cd "$BATS_TEST_TMPDIR"
    remove_all_images
}
teardown() {
    remove_all_images
    nothing_left
    md import "$IMAGES/busybox.tar" busybox >/dev/null
    assert_clean
}

remove_all_images() {
    md rmi -f $(md images -q --no-trunc | sort -u) >/dev/null 2>&1 || true
}
# Of a store without images nothing is left but the lock.
nothing_left() {
    [ -z "$(ls "$MINI_DOCKER_ROOT/images/blobs/sha256" "$MINI_DOCKER_ROOT/layers" | grep -v :)" ]
    [ "$(ls "$MINI_DOCKER_ROOT/tmp")" = lock ]
}
nothing_loaded() {
    [ -z "$(md images -q)" ]
    nothing_left
}

sum() { sha256sum "$1" | cut -d ' ' -f 1; }
# put FILE: as a blob of the layout here. Prints a descriptor of TYPE.
put() { # FILE TYPE [MEMBER...]
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

# --- an OCI layout -----------------------------------------------------------

@test "load: an OCI layout, plain, gzip and zstd; its digests stay" {
    while read -r pack suffix; do
        descriptor=$(image $pack "$pack" "$suffix")
        index "$(named "$descriptor" "app:$pack")" >index.json
        layout
        [ "$(md load -i x.tar)" = "Loaded image: app:$pack" ]
        [ "$(md images --digests --format '{{.Digest}}' app:$pack)" = "$(jq -r .digest <<<"$descriptor")" ]
        [ "$(md inspect -f '{{.Id}}' app:$pack)" = "$(id_of)" ]
        upper=$(md inspect -f '{{.GraphDriver.Data.UpperDir}}' app:$pack)
        [ "$(<"$upper/b")" = b ]
        md save app:$pack | tar x --one-top-level=saved
        for blob in blobs/sha256/*; do cmp "$blob" "saved/$blob"; done
        rm -rf blobs saved
    done <<'END'
cat
gzip +gzip
zstd +zstd
END
    # Unpacked once.
    [ "$(ls "$MINI_DOCKER_ROOT/layers" | wc -l)" = 2 ]
}

@test "load: packed as a whole; from a pipe; the list before or after the blobs" {
    index "$(named "$(image one gzip +gzip)" one)" >index.json
    layout
    tar -cf first.tar index.json oci-layout blobs
    tar -cf last.tar blobs index.json
    for pack in cat gzip xz zstd; do
        for archive in first last; do
            $pack <$archive.tar >x.packed
            [ "$(md load -i x.packed)" = "Loaded image: one:latest" ]
            md rmi one >/dev/null
            [ "$(md image load <x.packed)" = "Loaded image: one:latest" ]
            [ "$(cat x.packed | md load -q)" = "Loaded image: one:latest" ]
            md rmi one >/dev/null
            nothing_loaded
        done
    done
}

@test "load: names are those of either annotation; without one there is an id" {
    descriptor=$(image one)
    index "$(jq -c '.annotations = {"io.containerd.image.name": "docker.io/library/long:1",
        "org.opencontainers.image.ref.name": "1"}' <<<"$descriptor")" \
        "$(named "$descriptor" registry.example.com/a/b)" >index.json
    layout
    [ "$(md load -i x.tar | sort | xargs)" = \
        "Loaded image: long:1 Loaded image: registry.example.com/a/b:latest" ]
    remove_all_images
    index "$descriptor" >index.json
    layout
    [ "$(md load -i x.tar)" = "Loaded image ID: $(id_of)" ]
    [ "$(md images -q --no-trunc)" = "$(id_of)" ]
}

@test "load: of an index the platform is taken that is this machine's, or asked for" {
    here=$(md version --format '{{.Client.Arch}}' 2>/dev/null || true)
    [ -n "$here" ] || case $(uname -m) in aarch64) here=arm64 ;; *) here=amd64 ;; esac
    other=s390x
    for arch in $other "$here"; do
        ARCH=$arch image $arch | jq -c --arg a $arch '.platform = {os: "linux", architecture: $a}'
        cp config.json $arch.json
    done >descriptors
    jq -nc '{platform: {os: "unknown", architecture: "unknown"}, mediaType: "x", digest: "y"}' >>descriptors
    # An index within an index.
    jq -sc '{schemaVersion: 2, manifests: .}' descriptors >inner
    jq -nc --argjson d "$(put inner $OCI.index.v1+json)" '{schemaVersion: 2, manifests: [$d]}' >outer
    index "$(named "$(put outer $OCI.index.v1+json)" app)" >index.json
    layout
    md load -i x.tar
    [ "$(md inspect -f '{{.Id}}' app)" = "sha256:$(sum "$here.json")" ]
    [ "$(md load --platform linux/$other -i x.tar)" = "The image app:latest already exists, renaming the old one with ID sha256:$(sum "$here.json") to empty string
Loaded image: app:latest" ]
    [ "$(md inspect -f '{{.Architecture}}' app)" = $other ]
    run md load --platform linux/riscv64 -i x.tar
    refused 1 "no matching manifest for linux/riscv64 in the manifest list entries"
    run md load --platform linux/a/b/c -i x.tar
    refused 1 'invalid platform: "linux/a/b/c": cannot parse platform specifier: invalid argument'
    run md load --platform nonsense -i x.tar
    refused 1 'invalid platform: "nonsense": unknown operating system or architecture: invalid argument'
}

@test "load: Docker's media types" {
    image one gzip +gzip >/dev/null
    jq -c '.mediaType = "application/vnd.docker.distribution.manifest.v2+json"
        | .config.mediaType = "application/vnd.docker.container.image.v1+json"
        | .layers[].mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip"' \
        manifest >docker
    descriptor=$(put docker application/vnd.docker.distribution.manifest.v2+json)
    index "$(named "$descriptor" v2s2)" >index.json
    layout
    md load -i x.tar
    [ "$(md images --digests --format '{{.Digest}}' v2s2)" = "$(jq -r .digest <<<"$descriptor")" ]
}

@test "load: foreign, encrypted and unknown layers are refused by name" {
    while read -r media words; do
        image one gzip +gzip >/dev/null
        jq -c --arg m "$media" '.layers[1].mediaType = $m' manifest >other
        index "$(named "$(put other $OCI.manifest.v1+json)" x)" >index.json
        layout
        run md load -i x.tar
        refused 1 "($media) $words"
    done <<END
application/vnd.docker.image.rootfs.foreign.diff.tar.gzip is a foreign layer
$OCI.layer.nondistributable.v1.tar+gzip is a foreign layer
$OCI.layer.v1.tar+gzip+encrypted is encrypted
application/vnd.cncf.helm.chart is no layer
END
    nothing_loaded
}

# --- Docker's archive --------------------------------------------------------

# docker_list NAME LAYER...: manifest.json.
docker_list() {
    local name=$1
    shift
    printf '%s\n' "$@" | jq -Rnc --arg n "$name" \
        '[{Config: "c.json", RepoTags: (if $n == "" then null else [$n] end), Layers: [inputs]}]' >manifest.json
}

@test "load: Docker's archive: the image id is the configuration's digest" {
    layers a b
    config one a b
    mv config.json c.json
    docker_list one:1 a.tar b.tar
    tar -cf x.tar a.tar c.json b.tar manifest.json
    [ "$(md load -i x.tar)" = "Loaded image: one:1" ]
    [ "$(md inspect -f '{{.Id}}' one:1)" = "sha256:$(sum c.json)" ]
    [ "$(diff_ids one:1)" = "$(jq -c .rootfs.diff_ids c.json)" ]
    docker_list '' a.tar b.tar
    tar -cf - manifest.json c.json ./a.tar ./b.tar | md load >said
    [ "$(<said)" = "Loaded image ID: sha256:$(sum c.json)" ]
}

@test "load: as Docker 1.x wrote it: directories, and links for a layer that occurs twice" {
    layers a b
    config one a b a
    mv config.json c.json
    mkdir id1 id2 id3 id4
    mv a.tar id1/layer.tar
    mv b.tar id2/layer.tar
    ln -s ../id1/layer.tar id3/layer.tar
    ln id1/layer.tar id4/layer.tar
    for id in id?; do echo 1.0 >$id/VERSION; echo '{}' >$id/json; done
    docker_list old id1/layer.tar id2/layer.tar id3/layer.tar
    tar -cf x.tar id? c.json manifest.json
    [ "$(md load -i x.tar)" = "Loaded image: old:latest" ]
    docker_list hard id4/layer.tar id2/layer.tar id3/layer.tar
    tar -cf x.tar id? c.json manifest.json
    [ "$(md load -i x.tar)" = "Loaded image: hard:latest" ]
    [ "$(ls "$MINI_DOCKER_ROOT/layers" | wc -l)" = 2 ]
}

@test "load: what save wrote comes back, several images in one" {
    md import "$IMAGES/busybox.tar" busybox >/dev/null
    md import -m other - other:2 <"$IMAGES/busybox.tar" >/dev/null
    md tag other:2 third
    md images --no-trunc --digests --format '{{.Repository}}:{{.Tag}} {{.ID}} {{.Digest}}' | sort >before
    md save -o x.tar busybox other third
    remove_all_images
    md load <x.tar
    md images --no-trunc --digests --format '{{.Repository}}:{{.Tag}} {{.ID}} {{.Digest}}' | sort | diff before -
    [ "$(md run --rm busybox /bin/busybox echo it runs)" = "it runs" ]
    # Without names in the layout those of manifest.json count.
    tar xf x.tar
    jq -c 'del(.manifests[].annotations)' index.json >i && mv i index.json
    layout
    tar -rf x.tar manifest.json
    remove_all_images
    md load <x.tar
    md images --no-trunc --digests --format '{{.Repository}}:{{.Tag}} {{.ID}} {{.Digest}}' | sort | diff before -
}

@test "load: another system's image is refused" {
    layers a
    OS_NAME=windows config one a
    mv config.json c.json
    docker_list one a.tar
    tar -cf x.tar a.tar c.json manifest.json
    run md load -i x.tar
    refused 1 "cannot load windows image on linux"
    nothing_loaded
}

# --- what is no archive of images --------------------------------------------

@test "load: what cannot be read is one line" {
    run md load -i nowhere.tar
    refused 1 "open nowhere.tar: No such file or directory"
    run md load -i .
    refused 1 "Is a directory"
    run md load </dev/null
    refused 1 "the archive is empty"
    echo nonsense >x.tar
    run md load -i x.tar
    refused 1 "read the archive"
    tar -cf x.tar -T /dev/null
    run md load -i x.tar
    refused 1 "invalid archive: does not contain a manifest.json"
    run md load -i x.tar operand
    [ "$status" = 1 ] && [[ $output == *"accepts no arguments"* ]]
    run script -qec "'$MINI_DOCKER' load" /dev/null
    [[ $output == *"requested load from stdin, but stdin is empty"* ]]
    nothing_loaded
}

@test "load: damage anywhere is told, and nothing is loaded" {
    descriptor=$(named "$(image one gzip +gzip)" one)
    index "$descriptor" >index.json
    layout
    cp -r blobs whole
    refused_load() { # WORDS
        layout
        run md load -i x.tar
        refused 1 "$1"
        nothing_loaded
        rm -rf blobs && cp -r whole blobs
        index "$descriptor" >index.json
    }
    layer=blobs/sha256/$(sum a.packed)
    printf x | dd of="$layer" bs=1 seek=4 conv=notrunc status=none # its time
    refused_load "expected sha256:$(sum a.packed): failed precondition"
    rm "$layer"
    refused_load "content digest sha256:$(sum a.packed): not found"
    truncate -s -1 "$layer"
    refused_load "bytes, and should have"
    echo '{}' >"blobs/sha256/$(sum config.json)"
    refused_load "unexpected commit digest sha256:"
    echo '{"schemaVersion":2}' >index.json
    refused_load "index.json is damaged: no manifests"
    printf '{"manifests":%0*d' 3 7 >index.json
    refused_load "index.json is damaged: line 1"
    # Seven thousand arrays within each other.
    { printf '[%.0s' {1..7000}; printf ']%.0s' {1..7000}; } >index.json
    refused_load "index.json is damaged"
    # Digests that would be paths.
    for digest in sha256:../../../../etc/passwd sha512:00 '' sha256:ABC; do
        jq -c --arg d "$digest" '.manifests[0].digest = $d' index.json >i && mv i index.json
        refused_load "invalid digest \"$digest\""
    done
}

@test "load: a layer that is not what the configuration says" {
    image one gzip +gzip >/dev/null
    jq -c '.rootfs.diff_ids |= reverse' config.json >c
    jq -c --argjson c "$(put c $OCI.config.v1+json)" '.config = $c' manifest >m
    index "$(put m $OCI.manifest.v1+json)" >index.json
    layout
    run md load -i x.tar
    refused 1 'invalid diffID for layer '
    jq -c 'del(.rootfs.diff_ids[1])' config.json >c
    jq -c --argjson c "$(put c $OCI.config.v1+json)" '.config = $c' manifest >m
    index "$(put m $OCI.manifest.v1+json)" >index.json
    layout
    run md load -i x.tar
    refused 1 "invalid manifest, layers length mismatch: expected 2, got 1"
    # Also where the store has its files already.
    index "$(image one gzip +gzip)" >index.json
    layout
    md load -i x.tar
    head -c 100 /dev/urandom >src/a/a
    tar -C src/a -cf other.tar .
    jq -c --argjson l "$(put other.tar $OCI.layer.v1.tar)" '.layers[0] = $l' manifest >m
    index "$(put m $OCI.manifest.v1+json)" >index.json
    layout
    run md load -i x.tar
    refused 1 'invalid diffID for layer 0'
}

@test "load: a label that lies about the packing changes nothing" {
    index "$(named "$(image one zstd +gzip)" one)" >index.json
    layout
    [ "$(md load -i x.tar)" = "Loaded image: one:latest" ]
    [ "$(diff_ids one)" = "$(jq -c .rootfs.diff_ids config.json)" ]
}

@test "load: cut short at any place, nothing is loaded" {
    index "$(named "$(image one gzip +gzip)" one)" >index.json
    layout
    # What is listed is not all there before.
    for at in 0 1 511 512 700 1024 2000 3000; do
        run md load < <(head -c $at x.tar)
        [ "$status" = 1 ]
        [ "$(wc -l <<<"$output")" = 1 ]
        nothing_loaded
    done
    for pack in gzip xz zstd; do
        $pack <x.tar >whole
        for less in 1 5 100; do
            head -c -$less whole >short
            run md load -i short
            [ "$status" = 1 ]
            [ "$(wc -l <<<"$output")" = 1 ]
            nothing_loaded
        done
    done
}

@test "load: names and links that lead out lead nowhere" {
    layers a
    config one a
    mv config.json c.json
    echo secret >"$BATS_TEST_TMPDIR/../secret.json"
    tarball() { "$BATS_TEST_DIRNAME/lib/tarball" "$@"; }
    tarball 'file ../../escaped x' >x.tar
    run md load -i x.tar
    refused 1 '".." in the name ../../escaped'
    for target in /etc/passwd ../../../../../../etc/passwd manifest.json loop; do
        docker_list one loop
        tarball -n "symlink loop $target" "file manifest.json $(<manifest.json)" >x.tar
        tar -cf rest.tar c.json a.tar
        cat rest.tar >>x.tar
        run md load -i x.tar
        [ "$status" = 1 ]
        [ "$(wc -l <<<"$output")" = 1 ]
        nothing_loaded
    done
    # Absolute names are names in the archive.
    docker_list one /a.tar
    tar -cPf x.tar --transform 's,^,/,' c.json a.tar manifest.json
    [ "$(md load -i x.tar)" = "Loaded image: one:latest" ]
    # What occurs twice: the last one counts.
    docker_list two a.tar
    tar -rf x.tar --transform 's,^,/,' -P manifest.json
    [ "$(md load -i x.tar)" = "Loaded image: two:latest" ]
}

@test "load: a layer that is made to harm is refused, and the others with it" {
    layers a
    while IFS='|' read -r entry words; do
        "$BATS_TEST_DIRNAME/lib/tarball" "$entry" >evil.tar
        config one a evil
        mv config.json c.json
        docker_list one a.tar evil.tar
        tar -cf x.tar a.tar c.json evil.tar manifest.json
        run md load -i x.tar
        refused 1 "$words"
        nothing_loaded
    done <<'END'
file ../../x y|".." in the name
link h ../../../etc/passwd|".." in the name
file .wh.. x|a whiteout of nothing
END
}

# --- bad luck ----------------------------------------------------------------

@test "load: two at once load one image" {
    index "$(named "$(image one gzip +gzip)" one)" >index.json
    layout
    for i in {1..6}; do md load -q -i x.tar >said.$i 2>&1 & done
    wait
    [ "$(cat said.* | sort -u)" = "Loaded image: one:latest" ]
    [ "$(ls "$MINI_DOCKER_ROOT/layers" | wc -l)" = 2 ]
    [ "$(md images -q | wc -l)" = 1 ]
}

@test "load: killed in the middle, nothing is left by the next one" {
    md import "$IMAGES/busybox.tar" old >/dev/null
    index "$(named "$(image one gzip +gzip)" one)" >index.json
    layout
    # It waits for the rest of the archive, with what came in the stage.
    mkfifo pipe
    md load <pipe &
    head -c 9000 x.tar >pipe.part
    exec 7>pipe
    cat pipe.part >&7
    eventually eval '[ -n "$(find "$MINI_DOCKER_ROOT"/tmp -name m0)" ]'
    kill -KILL $!
    wait $! || true
    exec 7>&-
    [ "$(md images --format '{{.Repository}}')" = old ]
    md load -i x.tar
    [ "$(ls "$MINI_DOCKER_ROOT/tmp")" = lock ]
    [ "$(md images --format '{{.Repository}}' | sort | xargs)" = "old one" ]
}

@test "load: bars on a terminal, Docker's; none with -q, none elsewhere" {
    md import "$IMAGES/busybox.tar" busybox >/dev/null
    md save -o x.tar busybox
    id=$(diff_ids busybox | cut -c 10-21)
    bars() { # WIDTH ARGUMENT...
        local width=$1
        shift
        remove_all_images
        script -qec "stty cols $width; '$MINI_DOCKER' load $* -i x.tar" /dev/null
    }
    run -0 bars 150
    [[ $output == *"$id: Loading layer [==================================================>] "*MB/*MB*"Loaded image: busybox:latest"* ]]
    run -0 bars 80
    [[ $output == *"$id: Loading layer "*MB/*MB*"Loaded image: busybox:latest"* ]]
    [[ $output != *"=>"* ]]
    run -0 bars 150 -q
    [ "${output%$'\r'}" = "Loaded image: busybox:latest" ]
    remove_all_images
    [ "$(md load -i x.tar)" = "Loaded image: busybox:latest" ]
    # Nothing is unpacked twice, so there is nothing to show.
    run -0 script -qec "'$MINI_DOCKER' load -i x.tar" /dev/null
    [[ $output != *Loading* ]]
}
