# Images by the Engine API: the real docker client, and the shapes of answers as
# recorded from dockerd 20.10.
load lib/product
load lib/api
load lib/options

setup_file() {
    product_setup
    daemon_start
}
teardown_file() {
    daemon_stop
    assert_clean
}
setup() {
    needs_client
    cd "$BATS_TEST_TMPDIR"
}
teardown() {
    remove_all_containers
    restore_images
}

id_of() { md inspect -f '{{.Id}}' "$1"; }
filters() { ask /images/json -G --data-urlencode "filters=$1"; }

@test "api: images are listed in the shape that each version has" {
    ask /v1.41/images/json >old
    ask /v1.47/images/json >new
    same 1 "$(jq length new)"
    jq -e --arg id "$(id_of busybox)" '.[0] | .Id == $id and .RepoTags == ["busybox:latest"]
        and .Containers == -1 and .SharedSize == -1 and .Labels == null
        and .ParentId == "" and .Size > 1000000 and (.Created | type) == "number"
        and (.RepoDigests[0] | test("^busybox@sha256:[0-9a-f]{64}$"))' new
    same false "$(jq '.[0] | has("VirtualSize")' new)"
    jq -e '.[0].VirtualSize == .[0].Size' old
    # An image without a name.
    md import -c 'LABEL k=v' "$IMAGES/busybox.tar" >/dev/null
    ask /v1.41/images/json >old
    jq -e '.[0].RepoTags == ["<none>:<none>"] and .[0].RepoDigests == ["<none>@<none>"]' old
    jq -e '.[0].Labels == {"k": "v"}' old
    same '[[],[]]' "$(ask /images/json | jq -c '.[0] | [.RepoTags, .RepoDigests]')"
    ask '/images/json?shared-size=1' | jq -e 'all(.SharedSize > 1000000)'
}

@test "api: images are filtered in both forms" {
    md tag busybox other:1
    md import -c 'LABEL k=v' "$IMAGES/busybox.tar" >/dev/null
    same '["other:1"]' "$(filters '{"reference":{"other":true}}' | jq -c '.[0].RepoTags')"
    same '["other:1"]' "$(filters '{"reference":["other"]}' | jq -c '.[0].RepoTags')"
    same 1 "$(filters '{"dangling":["true"]}' | jq length)"
    same 1 "$(filters '{"label":{"k=v":true}}' | jq length)"
    same 0 "$(filters '{"label":["k=w"]}' | jq length)"
    same 400 "$(http_status '/images/json?filters=%7B%22x%22:%5B%22y%22%5D%7D')"
    same 400 "$(http_status '/images/json?filters=x')"
    d images --filter reference=other --format '{{.Repository}}:{{.Tag}}' >out
    same other:1 "$(<out)"
}

@test "api: an image is found by each of its names, described and told of" {
    local name id
    id=$(id_of busybox)
    for name in busybox busybox:latest library/busybox docker.io/library/busybox:latest \
        "${id:7:12}" "$id"; do
        same "$id" "$(ask "/images/$name/json" | jq -r .Id)"
        same "$id" "$(ask "/images/$name/history" | jq -r '.[0].Id')"
    done
    ask /images/busybox/json | jq -e '.RepoTags == ["busybox:latest"] and .Os == "linux"
        and .RootFS.Type == "layers" and (has("VirtualSize") | not)'
    same '{"message":"No such image: nosuch:latest"}' "$(ask /images/nosuch/json)"
    same 404 "$(http_status /images/nosuch/history)"
    d history --format '{{.Comment}}' busybox >out
    same "Imported from -" "$(<out)"
    d inspect -f '{{.Id}}' busybox >out
    same "$id" "$(<out)"
}

@test "api: names are given and taken" {
    local id
    id=$(id_of busybox)
    d tag busybox 127.0.0.1:5000/a/b:v1
    same 201 "$(http_status '/images/busybox/tag?repo=docker.io/library/x&tag=2' -X POST)"
    same "$id" "$(id_of x:2)"
    same 400 "$(http_status '/images/busybox/tag' -X POST)"
    same 400 "$(http_status '/images/busybox/tag?repo=UPPER' -X POST)"
    same 404 "$(http_status '/images/nosuch/tag?repo=x' -X POST)"
    same '[{"Untagged":"x:2"}]' "$(ask /images/x:2 -X DELETE)"
    same 404 "$(http_status /images/x:2 -X DELETE)"
    same 409 "$(http_status "/images/${id:7:12}" -X DELETE)"
    run d rmi -f 127.0.0.1:5000/a/b:v1 busybox
    same "Untagged: 127.0.0.1:5000/a/b:v1" "${lines[0]}"
    same "Untagged: busybox:latest" "${lines[1]}"
    same "Deleted: $id" "${lines[2]}"
}

@test "api: what a container is made of stays" {
    d create --name c1 busybox true >/dev/null
    same 409 "$(http_status /images/busybox -X DELETE)"
    run d image prune -af
    same "Total reclaimed space: 0B" "$output"
    same '{"ImagesDeleted":null,"SpaceReclaimed":0}' "$(ask /images/prune -X POST)"
}

@test "api: images without a name are pruned, with dangling=false all" {
    md tag busybox keep:1
    md import "$IMAGES/busybox.tar" >/dev/null
    d image prune -f >out
    same 1 "$(grep -c '^deleted: sha256:' out)"
    same 1 "$(md images -q | sort -u | wc -l)"
    d image prune -af >out
    grep -q '^untagged: busybox:latest' out
    same 0 "$(md images -q | wc -l)"
    same 400 "$(http_status '/images/prune?filters=%7B%22dangling%22:%5B%22x%22%5D%7D' -X POST)"
}

@test "api: archives of images go out and come back, in both directions" {
    local id
    id=$(id_of busybox)
    md tag busybox other:1
    d save -o both.tar busybox other:1
    md save -o ours.tar busybox other:1
    cmp both.tar ours.tar
    ask /images/busybox/get >one.tar
    tar xOf one.tar manifest.json | jq -e '.[0].RepoTags == ["busybox:latest"]'
    remove_all_images
    run d load -i both.tar
    same "Loaded image: busybox:latest" "${lines[0]}"
    same "Loaded image: other:1" "${lines[1]}"
    same "$id" "$(id_of other:1)"
    ask '/images/load?quiet=0' --data-binary @one.tar >out
    same '{"stream":"Loaded image: busybox:latest\n"}' "$(tail -n 1 out | tr -d '\r')"
    # Nothing of what cannot be had.
    same '{"message":"No such image: nosuch"}' "$(ask '/images/get?names=busybox&names=nosuch')"
    same 400 "$(http_status /images/get)"
    head -c 100000 one.tar >cut.tar
    run d load -i cut.tar
    same 1 "$status"
    run d load -i /etc/passwd
    same 1 "$status"
    [[ $output == *"read the archive"* ]]
}

@test "api: an archive that breaks off is told by hanging up" {
    local blob
    blob=$(find "$MINI_DOCKER_ROOT/images/blobs/sha256" -size +100k | head -1)
    mv "$blob" kept
    run ask /images/busybox/get -o out
    mv kept "$blob"
    same 18 "$status" # curl: transfer closed with outstanding data
}

@test "api: an image is made of an archive of files" {
    gzip <"$IMAGES/busybox.tar" >bb.tgz
    d import -c 'CMD ["sh"]' -c 'ENV A=b' -m why - new:1 <bb.tgz >out
    same "$(id_of new:1)" "$(<out)"
    same 'why [sh] [A=b]' "$(md inspect -f '{{.Comment}} {{.Config.Cmd}} {{.Config.Env}}' new:1)"
    ask '/images/create?fromSrc=-&repo=docker.io/library/new&tag=2' --data-binary @bb.tgz >out
    same "{\"status\":\"$(id_of new:2)\"}" "$(tr -d '\r' <out)"
    same 400 "$(http_status '/images/create?fromSrc=-' --data-binary @/etc/passwd)"
    same 400 "$(http_status '/images/create?fromSrc=-&repo=NEW' --data-binary @bb.tgz)"
    same 400 "$(http_status '/images/create?fromSrc=-&changes=NOSUCH%20x' --data-binary @bb.tgz)"
    same 400 "$(http_status /images/create -X POST)"
}

@test "api: an image is made of a container" {
    md create --name c1 busybox true >/dev/null
    echo new >file
    md cp file c1:/file
    d commit -m why -a me -c 'ENV Z=1' c1 img1:v1 >out
    same "$(id_of img1:v1)" "$(<out)"
    same 'me why [Z=1]' "$(md inspect -f '{{.Author}} {{.Comment}} {{.Config.Env}}' img1:v1)"
    same new "$(md run --rm --network none img1:v1 cat /file)"
    ask '/commit?container=c1&repo=docker.io/library/img2&changes=ENV%20A=1%0ACMD%20b' \
        --json '{}' >out
    same "$(id_of img2)" "$(jq -r .Id out)"
    same '[A=1] [/bin/sh -c b]' "$(md inspect -f '{{.Config.Env}} {{.Config.Cmd}}' img2)"
    same 404 "$(http_status '/commit?container=nosuch' -X POST)"
    same 400 "$(http_status /commit -X POST)"
    # A configuration, above which the changes are and below it the container's.
    md create --name c2 --network none -e A=1 -e B=1 -w /tmp -l k=v busybox sh -c old >/dev/null
    ask '/commit?container=c2&repo=img3&changes=ENV%20C=3%0AUSER%205' \
        --json '{"Cmd":["x","y"],"Env":["B=2"],"Labels":{"l":"w"},"Hostname":"h","User":"4"}' >out
    same '["A=1","B=2","C=3"] ["x","y"] /tmp 5 k=v,l=w' "$(md inspect img3 | jq -r '.[0].Config |
        "\(.Env | map(select(startswith("PATH") | not)) | sort | tojson) \(.Cmd | tojson) \(.WorkingDir) \(.User) \(
        .Labels | to_entries | map("\(.key)=\(.value)") | sort | join(","))"')"
    ask '/commit?container=c2&repo=img3' --json '{"Entrypoint":["/e"]}' >out
    same '["/e"] null' "$(md inspect img3 | jq -c '.[0].Config | .Entrypoint, .Cmd' | xargs -d '\n')"
    same 400 "$(http_status '/commit?container=c2' --json '{"Cmd":5}')"
    d rmi img3
}

@test "api: a client that leaves in the middle of a load leaves nothing" {
    md save -o one.tar busybox
    remove_all_images
    head -c 500000 one.tar >part
    (
        printf 'POST /images/load HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n'
        cat part
    ) | timeout 5 curl -s --unix-socket "$SOCKET" telnet://x >/dev/null || true
    eventually eval '[ "$(ls "$MINI_DOCKER_ROOT/tmp")" = lock ]'
    same 0 "$(md images -q | wc -l)"
}

@test "api: what no registry can be asked for is said" {
    run d pull 127.0.0.1:1/nosuch:v1
    same 1 "$status"
    [[ $output == *"connection refused"* ]]
    same 400 "$(http_status '/images/create?fromImage=busybox&tag=1' -X POST -H 'X-Registry-Auth: !')"
    same 400 "$(http_status /images/search)"
}

@test "api: what takes up space is what the command line says" {
    local format='{{.Type}}|{{.TotalCount}}|{{.Active}}|{{.Size}}|{{.Reclaimable}}'
    md tag busybox other:1
    md create --name c1 busybox true >/dev/null
    md volume create v1 >/dev/null
    ask /system/df >new
    jq -e '.Images[0] | .Containers == 1 and (has("VirtualSize") | not)' new
    jq -e '.LayersSize == .Images[0].Size and .Containers[0].SizeRw == 0' new
    jq -e '.Volumes[0].UsageData.RefCount == 0 and .BuildCache == []' new
    ask /v1.41/system/df | jq -e '.Images[0].VirtualSize == .LayersSize'
    same "$(md system df --format "$format")" "$(d system df --format "$format")"
    run -0 d system df -v
    md volume rm v1 >/dev/null
}
