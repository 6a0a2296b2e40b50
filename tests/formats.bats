# What --format says, the same for all lists: raw, templates that are none, and how
# Go spells what is empty.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    restore_images
    assert_clean
}

same() { [ "$1" = "$2" ] || { printf 'wanted:\n%s\nis:\n%s\n' "$1" "$2" && false; }; }
tell() { md inspect -f "$@"; }

@test "--format raw: lines of names and values" {
    md create --name web -l a=b -l c=d busybox sleep 9 >/dev/null
    local id created
    id=$(md ps -aq)
    created=$(md ps -a --format '{{.CreatedAt}}')
    same "container_id: $id
image: busybox
command: \"sleep 9\"
created_at: $created
state: created
status: Created
names: web
labels: a=b,c=d
ports:" "$(md ps -a --format raw)"
    [[ $(md ps -as --format raw) == *$'\nports:\nsize: 0B (virtual '* ]]
    same "container_id: $id" "$(md ps -aq --format raw)"
    same "$id" "$(md ps -aq --format '{{.Names}}')" # -q wins here, as with Docker
    id=$(md images -q)
    created=$(md images --format '{{.CreatedAt}} {{.Size}}')
    same "repository: busybox
tag: latest
image_id: $id
created_at: ${created% *}
virtual_size: ${created##* }" "$(md images --format raw)"
    md images --digests --format raw | grep -q "^digest: ."
    same "image_id: $id" "$(md images -q --format raw)"
    md volume create vv >/dev/null
    same $'name: vv\ndriver: local' "$(md volume ls --format raw)"
    same "name: vv" "$(md volume ls -q --format raw)"
    same "vv local" "$(md volume ls -q --format '{{.Name}} {{.Driver}}')"
    md volume rm vv >/dev/null
    [[ $(md network ls --format raw) == *$'\nname: none\ndriver: null\nscope: local'* ]]
    [[ $(md network ls -q --format raw) =~ ^network_id:\ [0-9a-f]{12}$'\n'n ]]
    [[ $(md system df --format raw) =~ ^type:\ Images$'\n'total:\ 1$'\n'active:\ 1$'\n'size:\ [0-9.]+MB$'\n'reclaimable:\ 0B ]]
}

@test "a template that is none: the exit status where one thing is told of, and elsewhere" {
    local command
    for command in "inspect busybox" "image inspect busybox" "inspect nothing" info version; do
        run md $command --format '{{'
        refused 64 "template parsing error: template: :1: unclosed action"
    done
    run md events --format '{{'
    refused 64 "Error parsing format: template: :1: unclosed action"
    for command in ps images "volume ls" "network ls" "system df" "history busybox" "stats --no-stream"; do
        run md $command --format '{{'
        refused 1 "template parsing error: template: :1: unclosed action"
    done
    # What only the document shows is no wrong template.
    for command in "inspect busybox" info version; do
        run md $command --format '{{.Nope}}'
        refused 1 'template parsing error: template: :1:2: executing "" at <.Nope>: map has no entry for key "Nope"'
    done
}

@test "what is empty is spelled as its type has it in Docker" {
    md create --name web -v /v --expose 80 busybox true >/dev/null
    same "map[/v:{}] map[80/tcp:{}] [] map[]" "$(tell '{{.Config.Volumes}} {{.Config.ExposedPorts}} {{.Config.Entrypoint}} {{.Config.Labels}}' web)"
    same "[] [] []" "$(tell '{{.HostConfig.CapAdd}} {{.HostConfig.Binds}} {{.HostConfig.Devices}}' web)"
    same "map[80/tcp:[{127.0.0.1 8080}]]" "$(
        md create --name pub -p 127.0.0.1:8080:80 busybox true >/dev/null
        tell '{{.HostConfig.PortBindings}}' pub
    )"
    same "null" "$(tell '{{json .HostConfig.CapAdd}}' web)"
}

@test "prune: a filter that it does not know" {
    local line
    while IFS='|' read -r line; do
        run md ${line%|*} prune -f --filter "${line#*|}"
        refused 1 "invalid filter '$(sed 's/[!]*=.*//' <<<"${line#*|}")'"
    done <<'END'
container|nope=1
container|dangling=true
image|nope=1
image|status=exited
volume|until=1h
network|dangling=true
system|nope=1
END
}
