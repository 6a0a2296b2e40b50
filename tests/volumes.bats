# Volumes: what the containers' mountinfo says of them, what is on disk, and
# who takes them away.
load lib/volumes

@test "volume create: what is on disk, and what inspect tells of it" {
    run -0 md volume create --label a=1 --label b data
    same data "$output"
    same '711 755' "$(echo $(stat -c %a "$VOLUMES/data" "$VOLUMES/data/_data"))"
    same "local a=1 b= local $VOLUMES/data/_data" "$(md volume inspect -f \
        '{{.Driver}} a={{.Labels.a}} b={{.Labels.b}} {{.Scope}} {{.Mountpoint}}' data)"
    same '[data]' "$(python3 -c '
import json, sys, datetime
for v in json.load(sys.stdin):
    datetime.datetime.strptime(v["CreatedAt"], "%Y-%m-%dT%H:%M:%SZ")
    assert list(v) == ["CreatedAt", "Driver", "Labels", "Mountpoint", "Name", "Options", "Scope"], list(v)
    assert v["Options"] is None
    print([v["Name"]][0].join("[]"))' < <(md volume inspect data))"
    # Once more is no error, and changes nothing.
    touch "$VOLUMES/data/_data/stays"
    run -0 md volume create --label c=1 data
    same 1 "$(md volume inspect -f '{{.Labels.a}}' data)"
    [ -e "$VOLUMES/data/_data/stays" ]
}

@test "volume create without a name makes one up, and a label says so" {
    run -0 md volume create
    [[ $output =~ ^[0-9a-f]{64}$ ]]
    same '{"com.docker.volume.anonymous":""}' \
        "$(md volume inspect -f '{{json .Labels}}' "$output")"
}

@test "the umask does not close a volume to others" {
    (umask 077 && md volume create data)
    same 755 "$(stat -c %a "$VOLUMES/data/_data")"
}

@test "volume names" {
    local long
    printf -v long '%0300d' 0
    while IFS='|' read -r name words; do
        eval "run -1 md volume create $name"
        refused 1 "$words"
    done <<END
..|create ..: ".." includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path
/|create /: volume name is too short
/etc|"/etc" includes invalid characters for a local volume name
a|create a: volume name is too short, names should be at least two alphanumeric characters
-- -ab|"-ab" includes invalid characters
.lock|".lock" includes invalid characters
a/../../b|"a/../../b" includes invalid characters
'a b'|"a b" includes invalid characters
$long|File name too long
END
    [ ! -e "$MINI_DOCKER_ROOT/b" ]
    for name in ab a.b a_b- 0_; do
        same $name "$(md volume create $name)"
    done
    printf -v long '%0255d' 1
    same "$long" "$(md volume create "$long")"
    for name in .. / . '' ../volumes/ab "$long$long"; do
        run md volume rm "$name"
        refused 1 "no such volume"
        run md volume inspect "$name"
        [ "$status" = 1 ]
    done
    [ -d "$VOLUMES/ab" ]
}

@test "volume create: drivers and their options" {
    while IFS='|' read -r options words; do
        run md volume create $options xx
        refused 1 "$words"
        [ ! -e "$VOLUMES/xx" ]
    done <<END
-d foo|create xx: error looking up volume plugin foo: plugin "foo" not found
-o foo=1|create xx: invalid option: "foo"
-o type=tmpfs|create xx: missing required option: "device"
-o device=/x|create xx: missing required option: "type"
-o o=bind|create xx: missing required option: "device"
-o size=1m|create xx: quota size requested but no quota support
-o type=nfs -o device=:/x|create xx: volumes of type nfs are not built yet
END
    run -125 md volume create -o type xx
    same xx "$(md volume create -d local xx)"
}

@test "volume ls, its columns and formats" {
    md volume create --label x=1 bb >/dev/null
    md volume create aa >/dev/null
    same 'DRIVER    VOLUME NAME
local     aa
local     bb' "$(md volume ls)"
    same $'aa\nbb' "$(md volume list -q)"
    same "bb x=1 local N/A $VOLUMES/bb/_data" \
        "$(md volume ls --format '{{.Name}} {{.Labels}} {{.Scope}} {{.Size}} {{.Mountpoint}}' | tail -1)"
    same aa "$(md volume ls --format json | head -1 | jq -r .Name)"
}

@test "volume ls -f and volume prune --filter" {
    md volume create --label x=1 --label y bb >/dev/null
    md volume create aa >/dev/null
    anonymous=$(md volume create --label x=2)
    md run --name one -v aa:/place busybox true
    for filter in name=a dangling=false; do
        same aa "$(md volume ls -q -f $filter | grep -v "$anonymous")"
    done
    same aa "$(md volume ls -q -f name=^a+$)"
    same bb "$(md volume ls -q -f dangling=1 -f label=y)"
    same bb "$(md volume ls -q -f label=x=1 -f driver=local)"
    same "" "$(md volume ls -q -f driver=foo)"
    run md volume ls -f foo=1
    refused 1 "invalid filter 'foo'"
    run md volume ls -f dangling=maybe
    refused 1 "invalid filter 'dangling=[maybe]'"
    for filter in volume=aa volume=/place; do
        same one "$(md ps -a -f $filter --format '{{.Names}}')"
    done
    same "" "$(md ps -aq -f volume=bb)"
    same "aa 1" "$(md ps -a --format '{{.Mounts}} {{.LocalVolumes}}')"
    run md volume prune -a --filter all=1
    [[ $output == *"cannot specify both --all and --filter all=1"* ]]
    md volume prune -f --filter label=x=1 >/dev/null
    md volume prune -f -a --filter 'label!=x' >/dev/null
    same 3 "$(md volume ls -q | wc -l)"
    md volume prune -f --filter all=true --filter label=x=1 >/dev/null
    same "$(printf '%s\n' "$anonymous" aa | sort)" "$(md volume ls -q)"
}

@test "volume inspect: of several, one is missing" {
    md volume create data >/dev/null
    run --separate-stderr -1 md volume inspect data none
    same "mini-docker: get none: no such volume" "$stderr"
    same data "$(jq -r '.[].Name' <<<"$output")"
    same data "$(md inspect --type volume -f '{{.Name}}' data)"
    same data "$(md inspect -f '{{.Name}}' data)"
}

@test "-v NAME:PATH: what one container writes the next one reads" {
    inside -v data:/x -- sh -c 'echo kept >/x/file'
    same kept "$(inside -v data:/y -- cat /y/file)"
    same kept "$(<"$VOLUMES/data/_data/file")"
    [[ $(source_of /x -v data:/x) == */volumes/data/_data ]]
    same rw "$(mounted /x -v data:/x | cut -d' ' -f2 | cut -d, -f1)"
    # The mount point need not be there, however deep.
    same kept "$(inside -v data:/no/such/place -- cat /no/such/place/file)"
}

@test "-v NAME:PATH: words" {
    md volume create data >/dev/null
    for words in ro ro,z nocopy,ro; do
        [[ $(mounted /x -v data:/x:$words) == *" ro,"* ]]
        run inside -v data:/x:$words -- touch /x/new
        [[ $output == *"Read-only file system"* ]]
    done
    for words in rw z Z nocopy rw,Z; do
        [[ $(mounted /x -v data:/x:$words) == *" rw,"* ]]
    done
    all_refused <<END
-v data:x                | mount path must be absolute
-v data:/                | destination can't be '/'
-v data:/x:foo           | invalid mode: foo
-v data:/x -v other:/x/  | Duplicate mount point: /x
-v d:/x                  | create d: volume name is too short
-v 'a b:/x'              | create a b: "a b" includes invalid characters
-v data:/etc/passwd      | mount /etc/passwd
--volume-driver foo -v data:/x | error looking up volume plugin foo
--volumes-from none      | No such container: none
--mount src=data,dst=/x,volume-opt=foo=1 | create data: invalid option: "foo"
--mount src=/etc,dst=/x  | "/etc" includes invalid characters
END
    [ ! -e "$VOLUMES/other" ]
}

@test "--mount type=volume" {
    for spec in type=volume,source=data,target=/x src=data,dst=/x \
        src=data,dst=/x,volume-driver=local src=data,dst=/x,volume-nocopy; do
        [[ $(source_of /x --mount $spec) == */volumes/data/_data ]]
    done
    [[ $(mounted /x --mount src=data,dst=/x,readonly) == *" ro,"* ]]
    inside --mount src=new,dst=/x,volume-label=a=1,volume-label=b -- true
    same '1 ' "$(md volume inspect -f '{{.Labels.a}} {{.Labels.b}}' new)"
    # Without a source it is nobody's, and goes.
    inside --mount type=volume,dst=/x -- touch /x/file
    same $'data\nnew' "$(md volume ls -q)"
}

@test "a volume begins as what the image has in its place" {
    in_tree -v data:/data -- true
    local data=$VOLUMES/data/_data
    same '7:8 1770' "$(stat -c '%u:%g %a' "$data")"
    same '7:8 4750 1000000000' "$(stat -c '%u:%g %a %Y' "$data/file")"
    same 2711 "$(stat -c %a "$data/sub")"
    same '../nowhere 7:8' "$(readlink "$data/link") $(stat -c '%u:%g' "$data/link")"
    same fifo "$(stat -c %F "$data/fifo")"
    same "$(stat -c %i "$data/file")" "$(stat -c %i "$data/sub/same")"
    same first "$(<"$data/file")"
    # Only at first, though: what is in it now, or no more, stays so.
    echo second >"$data/file"
    rm "$data/link"
    in_tree -v data:/data -- true
    same second "$(<"$data/file")"
    [ ! -e "$data/link" ]
    # A read-only mount is filled as well, and a place behind a link.
    same first "$(in_tree -v other:/alias:ro -- cat /alias/file)"
    same first "$(<"$VOLUMES/other/_data/file")"
    # Of an empty directory remains how it looks.
    in_tree -v empty:/empty -- true
    same 9:9 "$(stat -c %u:%g "$VOLUMES/empty/_data")"
}

@test "what is not filled" {
    in_tree -v one:/data:nocopy -- true
    in_tree --mount src=two,dst=/data,volume-nocopy -- true
    in_tree -v three:/nothing/there -- true
    same "" "$(ls -A "$VOLUMES"/{one,two,three}/_data | grep -v -e :$ -e '^$')"
    same root "$(stat -c %U "$VOLUMES/one/_data")"
    # One that has something in it is as it was.
    mkdir -p "$VOLUMES/one/_data/mine"
    in_tree -v one:/data -- true
    same mine "$(ls -A "$VOLUMES/one/_data")"
}

@test "attributes are copied: a capability of a file" {
    command -v setcap >/dev/null || skip "no setcap(8)"
    cp -a "$BATS_FILE_TMPDIR/tree" tree
    setcap cap_net_raw+ep tree/data/file
    tar --xattrs --xattrs-include='*' -C tree -cf - . |
        md import - capable >/dev/null
    md run --rm -v data:/data capable true
    [[ $(getcap "$VOLUMES/data/_data/file") == *cap_net_raw* ]]
    md rmi capable >/dev/null
}

@test "VOLUME and -v PATH: one for each container, which goes with --rm" {
    run -0 md run --rm -v /more tree sh -c 'cat /data/file; cat /proc/self/mountinfo'
    same first "${lines[0]}"
    for place in /data /made /more; do
        grep -E "/volumes/[0-9a-f]{64}/_data $place rw" <<<"$output"
    done
    same "" "$(md volume ls -q)"
    # What is named wins over what is not, and tmpfs over both.
    run -0 md run --rm -v data:/data --tmpfs /made tree cat /proc/self/mountinfo
    grep -E "/volumes/data/_data /data rw" <<<"$output"
    same 1 "$(grep -c -E ' /made .* tmpfs ' <<<"$output")"
    same data "$(md volume ls -q)"
}

@test "without --rm they stay until rm -v; named ones stay" {
    md run --name one -v /a -v data:/b busybox true
    md run --name two -v /a busybox true
    same 3 "$(md volume ls -q | wc -l)"
    md rm -v one >/dev/null
    same 2 "$(md volume ls -q | wc -l)"
    [ -d "$VOLUMES/data" ]
    md rm two >/dev/null
    same 2 "$(md volume ls -q | wc -l)"
}

@test "--volumes-from: all that another has, and what is anonymous goes with the last" {
    mkdir dir
    echo host >dir/file
    md run --name one -v /a -v data:/b:ro -v ./dir:/c busybox \
        sh -c 'echo anon >/a/file'
    run -0 md run --name two --volumes-from one busybox \
        sh -c 'cat /a/file /c/file; cat /proc/self/mountinfo'
    same $'anon\nhost' "$(head -2 <<<"$output")"
    grep -E "/volumes/data/_data /b ro," <<<"$output"
    run md run --rm --volumes-from one:ro busybox touch /a/new
    [[ $output == *"Read-only file system"* ]]
    # Another mount takes the place of an inherited one.
    same "" "$(inside --volumes-from one -v other:/a -- ls /a)"
    same "$(md inspect -f '{{json .Mounts}}' one | jq -c '[.[].Source]|sort')" \
        "$(md inspect -f '{{json .Mounts}}' two | jq -c '[.[].Source]|sort')"
    md rm -v one >/dev/null
    same 3 "$(md volume ls -q | wc -l)"
    md rm -v two >/dev/null
    same $'data\nother' "$(md volume ls -q)"
    run md run --rm --volumes-from two busybox true
    said "No such container: two"
    md run --name one busybox true
    run md run --rm --volumes-from one:foo busybox true
    said "invalid mode: foo"
}

@test "inspect shows them as Docker does" {
    mkdir dir
    md run --name one -v data:/a -v ./dir:/b:ro --mount type=tmpfs,dst=/c \
        -v /d --mount src=more,dst=/e,ro busybox true
    run -0 md inspect -f '{{json .Mounts}}' one
    same '["Destination","Driver","Mode","Name","Propagation","RW","Source","Type"]' \
        "$(jq -c '.[] | select(.Destination == "/a") | keys' <<<"$output")"
    same "volume data $VOLUMES/data/_data /a local z true " "$(jq -r '.[] |
        select(.Destination == "/a") | [.Type, .Name, .Source, .Destination,
        .Driver, .Mode, .RW, .Propagation] | join(" ")' <<<"$output")"
    same "bind  $PWD/dir /b  ro false rprivate" "$(jq -r '.[] |
        select(.Destination == "/b") | [.Type, .Name, .Source, .Destination,
        .Driver, .Mode, .RW, .Propagation] | join(" ")' <<<"$output")"
    same 'tmpfs true' "$(jq -r '.[] | select(.Destination == "/c") |
        "\(.Type) \(.RW)"' <<<"$output")"
    same 64 "$(jq -r '.[] | select(.Destination == "/d").Name' <<<"$output" |
        tr -d '\n' | wc -c)"
    same false "$(jq -r '.[] | select(.Destination == "/e").RW' <<<"$output")"
    same '["data:/a","'"$PWD"'/dir:/b:ro"]' \
        "$(md inspect -f '{{json .HostConfig.Binds}}' one)"
    same more "$(md inspect -f '{{json .HostConfig.Mounts}}' one | jq -r '.[1].Source')"
    same '{"/d":{}}' "$(md inspect -f '{{json .Config.Volumes}}' one)"
}

@test "volume rm: not while a container has it, running or not" {
    md run --name one -v data:/x busybox true
    local id
    id=$(md ps -aq --no-trunc)
    run md volume rm data
    refused 1 "remove data: volume is in use - [$id]"
    run md volume rm -f data
    refused 1 "remove data: volume is in use - [$id]"
    md rm one >/dev/null
    same data "$(md volume rm data)"
    [ ! -e "$VOLUMES/data" ]
    run md volume rm data
    refused 1 "get data: no such volume"
    same data "$(md volume remove -f data)"
    start_background --rm -v data:/x busybox sleep 1000
    run md volume rm data
    refused 1 "remove data: volume is in use - [$ID]"
    stop_background
    md volume rm data
}

@test "volume prune: what is asked, what goes and what stays" {
    md volume create named >/dev/null
    md volume create used >/dev/null
    anonymous=$(md volume create)
    echo 12345 >"$VOLUMES/$anonymous/_data/file"
    md run --name one -v used:/x -v /y busybox true
    run -0 md volume prune <<<n
    [[ $output == "WARNING! This will remove anonymous local volumes not used by at least one container."* ]]
    [[ $output == *"Are you sure you want to continue? [y/N] " ]]
    [ -d "$VOLUMES/$anonymous" ]
    run -0 md volume prune <<<y
    [[ $output == *"Deleted Volumes:"$'\n'"$anonymous"$'\n\n'"Total reclaimed space: 6B" ]]
    same 3 "$(md volume ls -q | wc -l)"
    run -0 md volume prune -f
    same "Total reclaimed space: 0B" "$output"
    run -0 md volume prune -a -f
    same "Deleted Volumes: named Total reclaimed space: 0B" "$(echo $output)"
    [ -d "$VOLUMES/used" ]
}

@test "-o type=none,o=bind: another directory in its place" {
    mkdir dir
    md volume create -o type=none -o o=bind -o device="$PWD/dir" data >/dev/null
    inside -v data:/x -- touch /x/file
    [ -e dir/file ]
    run inside -v data:/x:ro -- touch /x/new
    [[ $output == *"Read-only file system"* ]]
    # It is filled as well, where it is empty.
    rm dir/file
    in_tree -v data:/data -- true
    same first "$(<dir/file)"
    same "" "$(find dir -name '.mini-docker*')"
    rm -r dir
    run md run --rm -v data:/x busybox true
    said "error while mounting volume 'data': failed to mount local volume: mount $PWD/dir: No such file"
    # The directory is not the volume's to remove.
    mkdir dir && touch dir/stays
    md volume rm data
    [ -e dir/stays ]
}

@test "-o type=tmpfs: memory, as large as is said" {
    md volume create -o type=tmpfs -o device=tmpfs -o o=size=1m,uid=5 data >/dev/null
    [[ $(mounted /x -v data:/x) == "tmpfs rw,"*" rw,size=1024k,uid=5"* ]]
    [[ $(mounted /x -v data:/x:ro) == "tmpfs ro,"* ]]
    run inside -v data:/x -- dd if=/dev/zero of=/x/big bs=2M count=1
    [[ $output == *"No space left on device"* ]]
    same first "$(in_tree -v data:/data -- cat /data/file)"
    same "" "$(in_tree -v data:/data:nocopy -- ls -A /data)"
    md volume create -o type=nosuchfs -o device=x bad >/dev/null
    run md run --rm -v bad:/x busybox true
    said "mount /x: file system nosuchfs: No such device"
}

@test "volume update: there is no cluster whose volumes it could change" {
    md volume create data >/dev/null
    run md volume update --availability drain data
    same "1 mini-docker: Can only update cluster volumes" "$status $output"
    run md volume update nosuch
    same "1 mini-docker: get nosuch: no such volume" "$status $output"
    md volume rm data >/dev/null
}

@test "help of the group" {
    run -0 md volume
    for word in create inspect ls prune rm; do
        grep -q "^  $word " <<<"$output"
    done
    run -0 md volume create --help
    [[ ${lines[0]} == "Usage:  mini-docker volume create [OPTIONS] [VOLUME]" ]]
    run md volume rm
    [ "$status" = 1 ]
    [[ ${lines[0]} == "mini-docker: 'mini-docker volume rm' requires at least 1 argument" ]]
    run md volume foo
    [ "$status" = 1 ]
}
