# load: archives in all the forms that others write them in, in any order.
load lib/product
load lib/layout

setup_file() { load_setup_file; }
setup() { load_setup; }
teardown() { load_teardown; }

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

@test "load: each of several names is told once" {
    md import "$IMAGES/busybox.tar" busybox >/dev/null
    md tag busybox box:1
    md save -o x.tar busybox box:1
    [ "$(md load -i x.tar | sort)" = $'Loaded image: box:1\nLoaded image: busybox:latest' ]
}

# --- Docker's archive --------------------------------------------------------

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

# What an image has for a directory: mode, owner, time.
looks() { # IMAGE DIRECTORY
    md create --name looked-at "$1" x >/dev/null
    md export looked-at | TZ=UTC tar -tv --full-time --numeric-owner --no-recursion "$2/" |
        tr -s ' '
    md rm looked-at >/dev/null
}

@test "load: a directory that a layer implies is as that image's layers below have it" {
    mkdir -p one/etc two/etc top/etc/deep
    chmod 750 one/etc
    chmod 1777 two/etc
    chown 7:8 two/etc
    echo new >top/etc/deep/f
    tar -C one --mtime=@1000000000 -cf one.tar etc
    tar -C two --mtime=@1100000000 -cf two.tar etc
    tar -C top -cf top.tar etc/deep/f
    for name in one two; do
        config $name $name top
        mv config.json c.json
        docker_list $name $name.tar top.tar
        tar -cf x.tar $name.tar top.tar c.json manifest.json
        md load -i x.tar >/dev/null
        md create --name $name $name x >/dev/null
        echo >x
        md cp x $name:/x
        md commit $name $name:committed >/dev/null
        md rm $name >/dev/null
    done
    # The layer that both have is unpacked once; two are commits.
    [ "$(ls "$MINI_DOCKER_ROOT"/layers/*/size | wc -l)" = 5 ]
    for tag in latest committed; do
        [ "drwxr-x--- 0/0 0 2001-09-09 01:46:40 etc/" = "$(looks one:$tag etc)" ]
        [ "drwxrwxrwt 7/8 0 2004-11-09 11:33:20 etc/" = "$(looks two:$tag etc)" ]
        # Nobody says what this one is like.
        [ "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 etc/deep/" = "$(looks one:$tag etc/deep)" ]
    done
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

# --- what one sees ----------------------------------------------------------

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
