# Away with what nobody uses: image prune, container prune, system prune; what
# stays on disk, and how many bytes are free again.
load lib/options

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    "$BATS_TEST_DIRNAME/lib/tarball" "file data $(printf %01234d 0)" >small.tar
    "$BATS_TEST_DIRNAME/lib/tarball" "file data $(printf %05000d 0)" >other.tar
}
teardown() {
    remove_all_containers
    remove_all_images
    md volume prune -af >/dev/null
    md import "$IMAGES/busybox.tar" busybox >/dev/null
    assert_clean
}

names() {
    md images --format '{{.Repository}}:{{.Tag}}' | sort | xargs
}
blobs() {
    ls "$MINI_DOCKER_ROOT/images/blobs/sha256" | wc -l
}
# The layers that lie unpacked.
layers() {
    ls "$MINI_DOCKER_ROOT/layers" | wc -l
}
# The diff id of an image's uppermost layer, without "sha256:".
top_of() {
    md inspect -f '{{json .RootFS.Layers}}' "$1" | jq -r '.[-1][7:]'
}
containers() {
    md ps -a --format '{{.Names}}' | sort | xargs
}

# --- image prune -------------------------------------------------------------

@test "image prune: what is asked, and only a y is a yes" {
    md import other.tar >/dev/null
    for answer in n '' yes; do
        run -0 md image prune <<<"$answer"
        same "WARNING! This will remove all dangling images.
Are you sure you want to continue? [y/N] " "$output"
    done
    run -0 md image prune -a </dev/null
    same "WARNING! This will remove all images without at least one container associated to them." "${lines[0]}"
    same "<none>:<none> busybox:latest" "$(names)"
    run -0 md image prune <<<y
    [[ $output == *"[y/N] Deleted Images:"* ]]
    same busybox:latest "$(names)"
}

@test "image prune: what has no name goes, with its layer and its blobs" {
    md import small.tar app >/dev/null
    id=$(md import other.tar)
    layer=$(top_of "$id")
    run -0 md image prune -f
    same "Deleted Images:
deleted: $id
deleted: sha256:$layer

Total reclaimed space: 5kB" "$output"
    same "app:latest busybox:latest" "$(names)"
    same "6 2" "$(blobs) $(layers)"
    [ ! -e "$MINI_DOCKER_ROOT/layers/$layer" ]
    run -0 md image prune -f
    same "Total reclaimed space: 0B" "$output"
}

@test "image prune -a: what no container was made from, with all its names" {
    id=$(md import small.tar app:1)
    md tag app:1 app:2
    md tag busybox box:2
    md run --name stopped busybox true
    run -0 md image prune -af
    same "deleted: $id
untagged: app:1
untagged: app:2" "$(grep -v -e "deleted: sha256:$(tar_digest small.tar)" \
        <<<"$output" | grep : | grep -v -e ^Deleted -e ^Total | sort)"
    same "Total reclaimed space: 1.234kB" "${lines[-1]}"
    same "box:2 busybox:latest" "$(names)"
    same "3 1" "$(blobs) $(layers)"
    md start -a stopped
    md rm stopped >/dev/null
    run -0 md image prune -a -f
    same "" "$(names)"
    same "0 0" "$(blobs) $(layers)"
}
tar_digest() {
    sha256sum <"$1" | cut -d ' ' -f 1
}

@test "image prune: an image without a name that a container uses stays" {
    start_background --name web busybox sleep 1000
    md rmi -f busybox >/dev/null
    for all in '' -a; do
        run -0 md image prune $all -f
        same "Total reclaimed space: 0B" "$output"
    done
    same 0 "$(md exec web true && echo $?)"
    stop_background
    md rm web >/dev/null
    run -0 md image prune -f
    [[ $output == *"Deleted Images:"* ]]
    same 0 "$(layers)"
}

@test "image prune: a layer that another image has stays, and is not counted" {
    md run --name one busybox sh -c 'head -c 777 /dev/zero >/file'
    above=$(md commit one)
    md rm one >/dev/null
    same 2 "$(layers)"
    run -0 md image prune -f
    same "Total reclaimed space: 777B" "${lines[-1]}"
    same "deleted: $above" "${lines[1]}"
    same 2 "$(grep -c ^deleted <<<"$output")"
    same 1 "$(layers)"
    same whole "$(md run --rm busybox echo whole)"
    # Of two that go together the common one is counted and told once.
    md run --name one busybox sh -c 'head -c 777 /dev/zero >/file'
    md commit one above >/dev/null
    md rm one >/dev/null
    run -0 md image prune -af
    same 4 "$(grep -c ^deleted: <<<"$output")"
    same "" "$(sort <<<"$output" | uniq -d)"
    same 0 "$(layers)"
}

@test "image prune --filter" {
    local now
    now=$(date +%s)
    SOURCE_DATE_EPOCH=$((now - 7200)) md import -c 'LABEL a=1' small.tar old >/dev/null
    md import -c 'LABEL a=2 b=' small.tar new >/dev/null
    md run --name keeps busybox true
    prune() {
        md image prune -a -f "$@" >/dev/null
        names
    }
    same "busybox:latest new:latest old:latest" "$(prune --filter label=c)"
    same "busybox:latest new:latest old:latest" "$(prune --filter until=3h)"
    same "busybox:latest new:latest old:latest" \
        "$(prune --filter label=a=2 --filter until=1h)"
    same "busybox:latest new:latest" "$(prune --filter until=1h)"
    same "busybox:latest new:latest" "$(prune --filter 'label!=b')"
    same "busybox:latest" "$(prune --filter label=a=2 --filter label=b)"
    for kind in image container system; do
        run md $kind prune -f --filter foo=1
        refused 1 "invalid filter 'foo'"
        run md $kind prune -f --filter until=soon
        refused 1 "invalid filter 'until=[soon]'"
    done
}

@test "image prune: while a container's record cannot be read, nothing goes" {
    md import other.tar >/dev/null
    md run --name one busybox true
    record=$(echo "$MINI_DOCKER_ROOT"/containers/*/config.json)
    cp "$record" whole
    echo '{' >"$record"
    run -1 md image prune -a -f
    same "<none>:<none> busybox:latest" "$(names)"
    cp whole "$record"
    run -0 md image prune -a -f
    same busybox:latest "$(names)"
}

# --- container prune ---------------------------------------------------------

@test "container prune: what runs, or is paused, stays" {
    start_background --name runs busybox sleep 1000
    md run -d --name paused busybox sleep 1000 >/dev/null
    md pause paused >/dev/null
    ended=$(md run -d busybox sh -c 'head -c 1234 /dev/zero >/file') # not run
    md wait "$ended" >/dev/null
    created=$(md create busybox true)
    run -0 md container prune <<<n
    same "WARNING! This will remove all stopped containers.
Are you sure you want to continue? [y/N] " "$output"
    same 4 "$(containers | wc -w)"
    run -0 md container prune -f
    same "Deleted Containers:
$created
$ended

Total reclaimed space: 1.234kB" "$output"
    same "paused runs" "$(containers)"
    same 2 "$(ls "$MINI_DOCKER_ROOT/containers" | wc -l)"
    running "$PID"
    run -0 md container prune -f
    same "Total reclaimed space: 0B" "$output"
    stop_background
}

@test "container prune: volumes stay" {
    md run --name one -v /data -v named:/x busybox true
    md container prune -f >/dev/null
    same 2 "$(md volume ls -q | wc -l)"
}

@test "container prune --filter" {
    md create --name one --label a=1 busybox true >/dev/null
    md create --name two --label a=2 --label b busybox true >/dev/null
    md create --name three busybox true >/dev/null
    prune() {
        md container prune -f "$@" >/dev/null
        containers
    }
    same "one three two" "$(prune --filter until=1h)"
    same "one three two" "$(prune --filter label=a=1 --filter label=b)"
    same "three two" "$(prune --filter label=a=1)"
    same "two" "$(prune --filter 'label!=a')"
    same "" "$(prune --filter until=$(($(date +%s) + 10)))"
}

# --- system prune ------------------------------------------------------------

@test "system prune: containers, then what only they kept" {
    md import small.tar app >/dev/null
    md import other.tar >/dev/null
    md run --name one -v /data -v named:/x busybox true
    run -0 md system prune <<<n
    same "WARNING! This will remove:
  - all stopped containers
  - all networks not used by at least one container
  - all dangling images
  - unused build cache

Are you sure you want to continue? [y/N] " "$output"
    run -0 md system prune -a --volumes --filter label=x <<<n
    same "WARNING! This will remove:
  - all stopped containers
  - all networks not used by at least one container
  - all anonymous volumes not used by at least one container
  - all images without at least one container associated to them
  - all build cache

  Items to be pruned will be filtered with:
  - label=x

Are you sure you want to continue? [y/N] " "$output"
    same "one" "$(containers)"
    run -0 md system prune -f
    [[ $output == "Deleted Containers:"*$'\n\n'"Deleted Images:"*$'\n\n'"Total reclaimed space: 5kB" ]]
    same "app:latest busybox:latest" "$(names)"
    same 2 "$(md volume ls -q | wc -l)"
    run -0 md system prune -a -f --volumes
    [[ $output == "Deleted Volumes:"*$'\n\n'"Deleted Images:"* ]]
    same "" "$(names)"
    same named "$(md volume ls -q)"
    run md system prune -f --volumes --filter until=1h
    refused 1 'the "until" filter is not supported with "--volumes"'
}
