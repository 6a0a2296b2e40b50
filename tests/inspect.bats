# What is told of images and containers, and names added: tag, history, inspect.
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    "$BATS_TEST_DIRNAME/lib/tarball" "file data $(printf %01234d 0)" >small.tar
}
teardown() {
    remove_all_containers
    restore_images
    assert_clean
}

names() {
    md images --format '{{.Repository}}:{{.Tag}}' | sort | xargs
}

# --- tag ---------------------------------------------------------------------

@test "tag: one more name, by name, id, short id" {
    id=$(md images -q --no-trunc busybox)
    run -0 md tag busybox app
    [ -z "$output" ]
    md image tag "$id" example.org/team/app:1
    md tag "${id:7:6}" app:2
    [ "$(names)" = "app:2 app:latest busybox:latest example.org/team/app:1" ]
    [ "$(md images -q --no-trunc | sort -u)" = "$id" ]
    [ "$(md run --rm app:2 echo tagged)" = tagged ]
    md rmi busybox app app:2 >/dev/null
    [ "$(md run --rm example.org/team/app:1 echo stays)" = stays ]
    # Once more is nothing new.
    md tag example.org/team/app:1 example.org/team/app:1
    [ "$(names)" = example.org/team/app:1 ]
}

@test "tag: a name that moves leaves its image without one" {
    old=$(md import small.tar app)
    md tag busybox app
    [ "$(names)" = "<none>:<none> app:latest busybox:latest" ]
    md tag "$old" app:old
    [ "$(names)" = "app:latest app:old busybox:latest" ]
}

@test "tag: what cannot be is refused, and changes nothing" {
    run md tag nothing app
    refused 1 "No such image: nothing:latest"
    run md tag busybox UPPER
    refused 1 'Error parsing reference: "UPPER" is not a valid repository/tag: invalid reference format: repository name (library/UPPER) must be lowercase'
    run md tag '' app
    refused 1 'Error parsing reference: "" is not a valid repository/tag: invalid reference format'
    run md tag busybox sha256:app
    refused 1 "refusing to create an ambiguous tag using digest algorithm as name"
    run md tag "$(printf a%.0s {1..64})" app
    refused 1 "No such image: sha256:$(printf a%.0s {1..64})"
    run md tag busybox "app@sha256:$(printf a%.0s {1..64})"
    refused 1 "refusing to create a tag with a digest reference"
    run -1 md tag busybox
    [ "${lines[0]}" = "mini-docker: 'mini-docker tag' requires 2 arguments" ]
    [ "$(names)" = busybox:latest ]
}

# --- history -----------------------------------------------------------------

@test "history: the columns" {
    id=$(SOURCE_DATE_EPOCH=$(($(date +%s) - 1300000)) \
        md import -m 'made by hand' small.tar app)
    [ "$(md history app)" = "IMAGE          CREATED       CREATED BY   SIZE      COMMENT
${id:7:12}   2 weeks ago                1.23kB    made by hand" ]
    [ "$(md image history app)" = "$(md history "$id")" ]
    [ "$(md history -q app)" = "${id:7:12}" ]
    [ "$(md history -q --no-trunc app)" = "$id" ]
    [ "$(md history --format '{{.Size}} {{.Comment}}' app)" = "1.23kB made by hand" ]
    [ "$(md history --format json app | jq -r .ID)" = "${id:7:12}" ]
}

@test "history --human=false: bytes and times" {
    SOURCE_DATE_EPOCH=1000000000 md import -m hand small.tar app >/dev/null
    run -0 env TZ=UTC "$MINI_DOCKER" history -H=false app
    [[ ${lines[0]} == "IMAGE "*" CREATED AT "*" CREATED BY   SIZE "*" COMMENT" ]]
    [[ ${lines[1]} == *"   2001-09-09T01:46:40Z   "*"   1234      hand" ]]
    run -0 env TZ=XYZ-5:30 "$MINI_DOCKER" history --human=false app
    [[ ${lines[1]} == *"   2001-09-09T07:16:40+05:30   "* ]]
}

@test "history: unknown" {
    run md history nothing
    refused 1 "No such image: nothing:latest"
}

# --- inspect -----------------------------------------------------------------

@test "inspect: an image has Docker's keys" {
    id=$(SOURCE_DATE_EPOCH=1000000000 md import -m hand -c 'CMD ["x"]' \
        -c 'LABEL a=b' small.tar app)
    md tag app app:2
    md inspect app >out
    [ "$(head -c 7 out | xxd -p)" = 5b0a202020207b ] # [, {: four blanks deep
    [ "$(jq -c '.[0] | [.Id, .RepoTags, .Created, .Os, .Size, .Comment,
        (.Config | with_entries(select(.value | . and . != ""))), .RootFS.Type]' out)" = \
        "[\"$id\",[\"app:2\",\"app:latest\"],\"2001-09-09T01:46:40Z\",\"linux\",1234,\"hand\",{\"Cmd\":[\"x\"],\"Labels\":{\"a\":\"b\"}},\"layers\"]" ]
    # What nobody said has its member, too, as a container's has.
    [ "$(md inspect app:2 -f '<{{.Config.User}}> {{json .Config.Volumes}} {{json .Config.Entrypoint}} {{.Config.Tty}} <{{.DockerVersion}}> {{.Metadata.LastTagTime}}')" = \
        "<> null null false <> 0001-01-01T00:00:00Z" ]
    [ "$(md inspect busybox -f '{{json .Config.Labels}}')" = null ]
    [ "$(jq -r '.[0].RootFS.Layers[]' out)" = "sha256:$(sha256sum <small.tar | cut -c -64)" ]
    digest=$(md images --digests --format '{{.Digest}}' app:2)
    [ "$(jq -c '.[0].RepoDigests' out)" = "[\"app@$digest\"]" ]
    # Where its files lie is true.
    [ -e "$(jq -r '.[0].GraphDriver.Data.UpperDir' out)/data" ]
    [ "$(md image inspect "${id:7:12}")" = "$(<out)" ]
}

@test "inspect: a container, running and ended" {
    start_background --name web -e A=b busybox sh -c 'echo x >/file; exec sleep 1000'
    md inspect web >out
    [ "$(jq -c '.[0] | [.Id, .Name, .Path, .Args, .State.Status, .State.Running,
        .State.Pid, .Driver, .Platform, .Config.Env]' out)" = \
        "[\"$ID\",\"/web\",\"sh\",[\"-c\",\"echo x >/file; exec sleep 1000\"],\"running\",true,$PID,\"overlay2\",\"linux\",[\"A=b\"]]" ]
    [ "$(jq -r '.[0].Image' out)" = "$(md images -q --no-trunc busybox)" ]
    [ "$(jq -r '.[0] | has("SizeRw")' out)" = false ]
    # The image's own layer, and what is below all containers.
    [ "$(jq -r '.[0].GraphDriver.Data.LowerDir' out)" = \
        "$(md image inspect -f '{{.GraphDriver.Data.UpperDir}}' busybox):$MINI_DOCKER_ROOT/mountpoints" ]
    [ "$(md inspect "${ID:0:12}")" = "$(<out)" ]
    stop_background
    [ "$(<"$(jq -r '.[0].GraphDriver.Data.UpperDir' out)/file")" = x ]
    [ "$(md container inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Running}}' web)" = \
        "exited 137 false" ]
    size=$(md inspect busybox -f '{{.Size}}')
    [ "$(md inspect -s -f '{{.SizeRw}} {{.SizeRootFs}}' web)" = "2 $((size + 2))" ]
}

@test "inspect: what nobody asked for has its member, too" {
    md create --name plain --network none busybox true
    form() { md inspect -f "$1" plain; }
    [ "$(form '{{.HostConfig.Memory}} {{.HostConfig.Privileged}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.ShmSize}} {{len .HostConfig.Devices}}')" = "0 false no 67108864 0" ]
    [ "$(form '<{{.Config.User}}> <{{.Config.WorkingDir}}> {{json .Config.Entrypoint}} {{json .Config.Volumes}} {{json .Config.Env}} {{.Config.Labels}}')" = "<> <> null null null map[]" ]
    [ "$(form '{{.State.Paused}} {{.State.Restarting}} {{.State.Dead}} {{.State.StartedAt}} {{.State.FinishedAt}}')" = \
        "false false false 0001-01-01T00:00:00Z 0001-01-01T00:00:00Z" ]
    [ "$(form '<{{.LogPath}}> <{{.AppArmorProfile}}> {{json .ExecIDs}}')" = "<> <> null" ]
    [ "$(form '<{{.ResolvConfPath}}> <{{.HostnamePath}}> <{{.HostsPath}}>')" = "<> <> <>" ]
    [ "$(jq -c '.[0] | .HostConfig | [.Binds, .CapAdd, .PortBindings, .LogConfig]' <(md inspect plain))" = \
        '[null,null,{},{"Type":"json-file","Config":{}}]' ]
    [ "$(jq -c '.[0].NetworkSettings | [.Bridge, .HairpinMode, .Ports, .SecondaryIPAddresses, .Gateway, (.Networks | keys)]' <(md inspect plain))" = \
        '["",false,{},null,"",["none"]]' ]
    # What was asked for stands in its place.
    md run --name odd -m 10m -w /tmp --log-driver none busybox true
    [ "$(md inspect -f '{{.HostConfig.Memory}} {{.Config.WorkingDir}} {{.HostConfig.LogConfig.Type}} <{{.LogPath}}>' odd)" = "10485760 /tmp none <>" ]
    md start plain
    md wait plain
    [ "$(form '{{.LogPath}}')" = "$MINI_DOCKER_ROOT/containers/$(form '{{.Id}}')/$(form '{{.Id}}')-json.log" ]
    md rm plain odd
}

@test "inspect: where the files lie that stand over a container's own" {
    paths() { md inspect -f '{{.ResolvConfPath}} {{.HostnamePath}} {{.HostsPath}}' "$1"; }
    # What it writes into them is seen there; also where it removes itself.
    for name in stays goes; do
        options=()
        [ $name = stays ] || options=(--rm)
        md run -d --name $name "${options[@]}" busybox sh -c \
            'for f in resolv.conf hostname hosts; do echo "# $f" >>/etc/$f; done; exec sleep 1000' >/dev/null
        read -r resolv hostname hosts <<<"$(paths $name)"
        eventually grep -qx '# hosts' "$hosts"
        grep -qx '# resolv.conf' "$resolv"
        grep -qx '# hostname' "$hostname"
        [ "$(md exec $name cat /etc/hosts)" = "$(<"$hosts")" ]
        md run --name "with-$name" --network "container:$name" busybox true
        [ "$(paths "with-$name")" = "$resolv $hostname $hosts" ]
    done
    md rm -f stays goes with-stays >/dev/null
    [ "$(paths with-goes)" = "  " ]
}

@test "inspect: several, and what is not there" {
    md run --name web busybox true
    md inspect busybox web | jq -r '.[] | .RepoTags[0] // .Name' | xargs >out
    [ "$(<out)" = "busybox:latest /web" ]
    run -1 --separate-stderr md inspect nothing
    [ "$output" = "[]" ]
    [ "$stderr" = "mini-docker: No such object: nothing" ]
    run -1 --separate-stderr md inspect nobody web Nothing
    [ "$(jq -r '.[].Name' <<<"$output")" = /web ]
    [ "${stderr_lines[*]}" = "mini-docker: No such object: nobody mini-docker: No such object: Nothing" ]
    run -1 --separate-stderr md image inspect web
    [ "$output,$stderr" = "[],mini-docker: No such image: web:latest" ]
    run -1 --separate-stderr md inspect --type container busybox
    [ "$output,$stderr" = "[],mini-docker: No such container: busybox" ]
    run -1 --separate-stderr md inspect -f '{{.Id}}' nothing
    [ "$output" = "" ]
}

@test "inspect: a container comes before an image of its name" {
    md run --name busybox busybox true
    [ "$(md inspect -f '{{.Name}}' busybox)" = /busybox ]
    [ "$(md inspect --type image -f '{{.RepoTags}}' busybox)" = "[busybox:latest]" ]
    [ "$(md inspect --type=container -f '{{.Name}}' busybox)" = /busybox ]
}

@test "inspect, history, tag by an id: what cannot be read is no image that is not there" {
    local id n
    id=$(md images -q)
    for n in {1..60}; do
        for command in "inspect -f {{.Os}} $id" "history -q $id" "tag $id busybox"; do
            run env MINI_DOCKER_FAULT="*:$n:EIO" "$MINI_DOCKER" $command
            [[ $output != *"No such"* ]] || { echo "$n $command $output" && false; }
            ((status == 0)) || [[ $output == *"Input/output error"* ]] || { echo "$n $command $output" && false; }
        done
    done
}

@test "inspect --format" {
    md import -c 'CMD ["a", "b"]' -c 'LABEL y=2 x=1' -c 'VOLUME /v' small.tar app >/dev/null
    form() { md inspect --format "$@" app; }
    [ "$(form '{{.Config.Cmd}}')" = "[a b]" ]
    [ "$(form '{{.Config.Labels}}')" = "map[x:1 y:2]" ]
    [ "$(form '{{.Config.Volumes}} {{.Config.Entrypoint}}')" = "map[/v:{}] []" ]
    [ "$(form '{{json .Config.Labels}} {{ .Os }}')" = '{"y":"2","x":"1"} linux' ]
    [ "$(form '{{json .}}' | jq -r .Os)" = linux ]
    [ "$(form '{{.Size}}')" = 1234 ]
    [ "$(form json | jq -r '.[0].Os')" = linux ]
    [ "$(form json | wc -l)" = 1 ]
    [ "$(md inspect -f '{{.Os}}' app busybox | xargs)" = "linux linux" ]
    run form '{{.Foo}}'
    refused 1 'template parsing error: template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"'
    [ "$(form '{{range .Config.Cmd}}<{{.}}>{{else}}none{{end}}')" = "<a><b>" ]
    [ "$(form '{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}')" = "x=1 y=2 " ]
    [ "$(form '{{index .Config.Labels "x"}}{{index .Config.Labels "none"}}')" = 1 ]
    [ "$(form '{{if eq .Os "linux"}}{{len .RootFS.Layers}}{{end}}')" = 1 ]
    [ "$(form '{{join .Config.Cmd "-" | upper | printf "%q"}}')" = '"A-B"' ]
    [ "$(form '{{.ID}}')" = "$(form '{{.Id}}')" ]
    run form '{{if .Os}}'
    refused 64 'template parsing error: template: :1: unexpected EOF'
}

@test "inspect --type" {
    run -1 md inspect --type thing busybox
    [ "${lines[0]}" = 'mini-docker: unknown type: "thing": must be one of "container", "image", "network", "volume"' ]
    run md inspect --type plugin busybox
    refused 1 "--type plugin is not built yet"
}
