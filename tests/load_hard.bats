# load: archives that are damaged or made to harm, and bad luck.
load lib/product
load lib/layout

setup_file() { load_setup_file; }
setup() { load_setup; }
teardown() { load_teardown; }

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
    printf xxxx | dd of="$layer" bs=4 seek=1 conv=notrunc status=none # its time
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

# Load the image whose manifest is changed by jq's words, with $d a descriptor.
load_with() { # WORDS DESCRIPTOR
    jq -c --argjson d "$2" "$1" manifest >m
    index "$(put m $OCI.manifest.v1+json)" >index.json
    layout
    run md load -i x.tar
}

@test "load: a layer that is not what the configuration says" {
    image one gzip +gzip >/dev/null
    jq -c '.rootfs.diff_ids |= reverse' config.json >c
    load_with '.config = $d' "$(put c $OCI.config.v1+json)"
    refused 1 'invalid diffID for layer '
    jq -c 'del(.rootfs.diff_ids[1])' config.json >c
    load_with '.config = $d' "$(put c $OCI.config.v1+json)"
    refused 1 "invalid manifest, layers length mismatch: expected 2, got 1"
    # Also where the store has its files already.
    index "$(image one gzip +gzip)" >index.json
    layout
    md load -i x.tar
    head -c 100 /dev/urandom >src/a/a
    tar -C src/a -cf other.tar .
    load_with '.layers[0] = $d' "$(put other.tar $OCI.layer.v1.tar)"
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
    "$MINI_DOCKER" load <pipe & # and not a shell that waits for it
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

@test "load: killed at any moment, all of it is there or nothing" {
    md import "$IMAGES/busybox.tar" old >/dev/null
    local old first moment ended
    old=$(md inspect -f '{{.Id}}' old)
    # Another layer with many files, so that most of the time is unpacking.
    mkdir many && (cd many && for i in {1..500}; do echo $i >$i; done)
    tar -cf a.tar -C many .
    layers b
    config one a b
    mv config.json c.json
    docker_list one a.tar b.tar
    tar -cf x.tar a.tar b.tar c.json manifest.json
    first=$(time_of load -i x.tar)
    md rmi one >/dev/null
    for moment in $(moments 6 "$first"); do
        struck_after "$moment" load -i x.tar && ended=0 || ended=$?
        [ $ended = 0 ] || [ $ended = 137 ]
        all_ended
        if [ -n "$(md images -q one)" ]; then
            [ "$(ls "$MINI_DOCKER_ROOT"/layers/*/diff | grep -c -E '^[0-9]+$')" = 500 ]
            md rmi one >/dev/null
        else
            [ $ended = 137 ]
        fi
        [ "$(md inspect -f '{{.Id}}' old)" = "$old" ]
        # The next one clears away.
        md load -q -i x.tar >/dev/null
        [ "$(ls "$MINI_DOCKER_ROOT/tmp")" = lock ]
        md rmi one >/dev/null
        [ "$(ls "$MINI_DOCKER_ROOT/layers" | wc -l)" = 1 ]
    done
}

@test "load: a layer that nobody has a name for is no layer that is there" {
    index "$(named "$(image one gzip +gzip)" one)" >index.json
    layout
    mkdir -p "$MINI_DOCKER_ROOT/layers/$(sum a.tar)/diff"
    [ "$(md load -i x.tar)" = "Loaded image: one:latest" ]
    [ "$(<"$MINI_DOCKER_ROOT/layers/$(sum a.tar)/diff/a")" = a ]
}

@test "load: while others remove what it has in common with them" {
    index "$(named "$(image one gzip +gzip)" one)" >index.json
    layout
    for i in {1..8}; do
        md load -q -i x.tar >said.$i 2>&1 &
        md rmi -f one >/dev/null 2>&1 || true
    done
    wait
    # Whoever loses a layer that he saw unpacks it himself.
    [ "$(cat said.* | sort -u)" = "Loaded image: one:latest" ]
    md load -q -i x.tar
    [ "$(md images -q | wc -l)" = 1 ]
    for layer in $(diff_ids one | jq -r '.[]'); do
        [ -d "$MINI_DOCKER_ROOT/layers/${layer#sha256:}/diff" ]
    done
}

# small SIZE: a disk of that size, with the state root on it.
small() {
    mkdir -p small
    mount -t tmpfs -o size="$1" tmpfs small
    export MINI_DOCKER_ROOT=$PWD/small/root
    md images >/dev/null
}

@test "load: the disk is full: one line, and all is as before" {
    md import "$IMAGES/busybox.tar" busybox >/dev/null
    md save -o x.tar busybox
    gzip -k x.tar
    local whole=$MINI_DOCKER_ROOT used size
    # Full among the blobs; full among the files of the layer.
    for size in 1m 3m; do
        small $size
        used=$(df --output=used small | tail -n 1)
        for file in x.tar x.tar.gz; do
            run md load -i $file
            refused 1 "No space left on device"
            nothing_loaded
        done
        [ $(($(df --output=used small | tail -n 1) - used)) -lt 100 ]
        mount -o remount,size=8m small
        [ "$(md load -i x.tar)" = "Loaded image: busybox:latest" ]
        umount small
    done
    export MINI_DOCKER_ROOT=$whole
}

@test "load: bombs fill the disk they are given, and leave nothing" {
    local whole=$MINI_DOCKER_ROOT used
    # 64 MiB of zeros in some kilobytes, as a file of a layer and as a blob; and
    # once more in gzip, where it is even less.
    head -c 64M /dev/zero >zeros
    tar -cf - zeros | gzip -1 >bomb.gz
    gzip -9 <bomb.gz >x.tar.gz
    small 4m
    used=$(df --output=used small | tail -n 1)
    tar -cf - zeros | gzip -1 >y.tar.gz
    run md load -i y.tar.gz
    refused 1 "No space left on device"
    nothing_loaded
    # A layer's diff id is not known before all of it was read.
    config one b
    jq -c '.rootfs.diff_ids = ["sha256:" + "0" * 64]' config.json >c.json
    docker_list one bomb.gz
    tar -czf z.tar.gz bomb.gz c.json manifest.json
    run md load -i z.tar.gz
    refused 1 "No space left on device"
    nothing_loaded
    # Packed twice is no archive.
    run md load -i x.tar.gz
    [ "$status" = 1 ] && [ "${#lines[@]}" = 1 ]
    [ $(($(df --output=used small | tail -n 1) - used)) -lt 100 ]
    umount small
    export MINI_DOCKER_ROOT=$whole
}
