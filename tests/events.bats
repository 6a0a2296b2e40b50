# What happened, and what is happening: docker events.
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    rm -f "$(run_dir)"/events.json*
}
teardown() {
    [ -z "${WATCHER-}" ] || kill $WATCHER 2>/dev/null || true
    remove_all_containers
    assert_clean
}

# Exactly: a duration, such as 0s, counts whole seconds.
now() { date +%s.%N; }
# What happened so far to who has this name, one action a line.
actions() { # NAME [FILTER...]
    md events --until "$(now)" -f "container=$1" "${@:2}" --format '{{.Action}}'
}
# The attributes of one event, as JSON.
attributes() { # NAME EVENT
    md events --until "$(now)" -f "container=$1" -f "event=$2" \
        --format '{{json .Actor.Attributes}}'
}
journal() { cat "$(run_dir)/events.json"; }

@test "events: the life of a container, from its making to its end" {
    md run -d --name web busybox sleep 1000 >/dev/null
    md pause web
    md unpause web
    md stop -t 0 web
    md start web
    md restart -t 0 web
    md kill -s USR1 web
    md rm -f web
    [ "$(actions web)" = "$(printf '%s\n' create start pause unpause \
        kill die stop start kill die stop start restart kill kill die destroy)" ]
}

@test "events: what is told about an event" {
    id=$(md create --name web --label a=1 --label b=x,y busybox sh -c 'sleep 1; exit 3')
    md start web
    [ "$(md wait web)" = 3 ]
    md rename web site
    md update -m 64m site
    [ "$(attributes web create | jq -cS .)" = '{"a":"1","b":"x,y","image":"busybox","name":"web"}' ]
    attributes web die | jq -e '.exitCode == "3" and (.execDuration | tonumber | . >= 1 and . < 60)'
    [ "$(attributes site rename | jq -r '.oldName + .name')" = /website ]
    [ "$(actions site -f event=update)" = update ]
    journal | jq -e -s --arg id "$id" 'map(select(.Type == "container")) | all(.id == $id
        and .Actor.ID == $id and .from == "busybox" and .status == .Action
        and .scope == "local" and .time == (.timeNano / 1e9 | floor))'
}

@test "events: a line as Docker prints it, in the machine's own time" {
    id=$(md create --name web --label k=v busybox true)
    local form="^20[0-9-]{8}T[0-9:]{8}\.[0-9]{9}%s container create $id \(image=busybox, k=v, name=web\)\$"
    [[ $(TZ=UTC0 md events --until "$(now)") =~ $(printf "$form" Z) ]]
    [[ $(TZ=XYZ-5:30 md system events --until "$(now)") =~ $(printf "$form" '\+05:30') ]]
    # Both name the same moment: that of the document.
    [ "$(date +%s -d "$(TZ=XYZ-5:30 md events --until "$(now)" | cut -d ' ' -f 1)")" = \
        "$(journal | jq .time)" ]
}

@test "events: as JSON, and as a template says" {
    md create --name web busybox true >/dev/null
    [ "$(md events --until "$(now)" --format json)" = "$(journal)" ]
    [ "$(md events --until "$(now)" --format '{{json .}}')" = "$(journal)" ]
    [ "$(md events --until "$(now)" --format '{{.Type}} {{.Status}} {{.From}} {{.Scope}} {{.Actor.Attributes.name}} {{.Actor.Attributes.none}} {{eq .ID .Actor.ID}}')" = \
        'container create busybox local web <no value> true' ]
    [ "$(md events --until "$(now)" --format '{{.Time}} {{.TimeNano}}')" = \
        "$(journal | sed 's/.*"time":\([0-9]*\),"timeNano":\([0-9]*\)}/\1 \2/')" ]
    run -64 md events --since 1s --until "$(now)" --format '{{.Nothing}}' # no event
    refused 64 'Error parsing format: template: :1:2: executing "" at <.Nothing>: map has no entry for key "Nothing"'
    run -64 md events --until "$(now)" --format '{{'
    refused 64 'Error parsing format: template: :1: unclosed action'
}

@test "events: filters" {
    one=$(md create --name one --label l=1 busybox true)
    md create --name two --label l=2 --label m busybox true >/dev/null
    md volume create data >/dev/null
    names() { md events --until "$(now)" "$@" --format '{{.Actor.Attributes.name}}' | xargs; }
    [ "$(names -f container=one)" = one ]
    [ "$(names -f "container=${one:0:12}")" = one ]
    [ "$(names -f container=one -f container=two)" = "one two" ]
    [ "$(names -f label=l)" = "one two" ]
    [ "$(names -f label=l -f label=m)" = two ]
    [ "$(names -f label=l=1)" = one ]
    [ "$(names -f image=busybox -f event=create)" = "one two" ]
    [ "$(names -f image=busybox:latest)" = "" ]
    [ "$(names -f event=destroy)" = "" ]
    [ "$(names -f scope=swarm)" = "" ]
    [ "$(md events --until "$(now)" -f type=volume --format '{{.Action}} {{.Actor.ID}}{{.Status}}')" = "create data" ]
    [ "$(md events --until "$(now)" -f volume=data --format '{{.Action}}')" = create ]
    run -1 md events -f colour=red
    refused 1 "invalid filter 'colour'"
    md volume rm data
}

@test "events: since and until" {
    md create --name one busybox true >/dev/null
    # Exactly: jq's numbers have fewer digits.
    first=$(journal | sed 's/.*"timeNano":\([0-9]*\)}/\1/')
    md create --name two busybox true >/dev/null
    names() { md events "$@" --format '{{.Actor.Attributes.name}}' | xargs; }
    at() { echo "$((first / 1000000000)).$(printf %09d $((first % 1000000000 + $1)))"; }
    [ "$(names --until "$(at 0)")" = one ]
    [ "$(names --since "$(at 1)" --until "$(now)")" = two ]
    [ "$(names --since 1h --until "$(now)")" = "one two" ]
    [ -z "$(names --until 1h)" ]
    run -1 md events --since 1m --until 1h
    [[ $output == *'`since` time ('*') cannot be after `until` time ('*')' ]]
    run -1 md events --since yesterday
    refused 1 'invalid value for "since": failed to parse value as time or duration: "yesterday"'
}

@test "events: those that happen while one looks, and no older ones" {
    md create --name old busybox true >/dev/null
    "$MINI_DOCKER" events --format '{{.Action}} {{.Actor.Attributes.name}}' >seen 3>&- &
    WATCHER=$!
    follows() { ls -l /proc/$WATCHER/fd | grep -q inotify; }
    eventually follows
    md run --rm --name new busybox true
    eventually says seen 'destroy new'
    kill $WATCHER
    [ "$(xargs <seen)" = "create new attach new connect bridge start new die new disconnect bridge destroy new" ]
}

@test "events: it ends at a moment that is still to come" {
    md create --name web busybox true >/dev/null
    [ "$(quick events --until "$(($(date +%s) + 1))" --format '{{.Action}}')" = create ]
}

@test "events: a command that is executed in a container" {
    md run -d --name web busybox sleep 1000 >/dev/null
    run -4 md exec web sh -c 'exit 4'
    [ "$(actions web -f event=exec_create -f event=exec_start -f event=exec_die)" = \
        $'exec_create: sh -c exit 4\nexec_start: sh -c exit 4\nexec_die' ]
    attributes web exec_die | jq -e '.exitCode == "4" and (.execID | length == 64)'
    [ "$(journal | jq -r '.Actor.Attributes.execID // empty' | sort -u | wc -l)" = 1 ]
}

@test "events: a command that cannot be executed has an end, too" {
    md run -d --name web busybox sleep 1000 >/dev/null
    run -127 md exec web nosuch
    run -126 md exec web /etc/group
    [ "$(actions web -f event=exec_create -f event=exec_start -f event=exec_die | sed -n 2,3p)" = \
        $'exec_start: nosuch\nexec_die' ]
    [ "$(journal | jq -r 'select(.Action == "exec_die").Actor.Attributes.exitCode' | xargs)" = "127 126" ]
    [ "$(journal | jq -r '.Actor.Attributes.execID // empty' | sort -u | wc -l)" = 2 ]
}

@test "events: looking into a container and taking from it" {
    md run -d --name web busybox sleep 1000 >/dev/null
    md top web >/dev/null
    md export -o x.tar web
    md cp web:/etc/group .
    md cp group web:/tmp
    run -1 md cp web:/nosuch .
    image=$(md commit -m note web made:1)
    [ "$(actions web | xargs)" = \
        "create start top export archive-path extract-to-dir archive-path commit" ]
    attributes web commit | jq -e --arg i "$image" \
        '.comment == "note" and .imageID == $i and .imageRef == "made:1"'
    md rmi made:1 >/dev/null
}

@test "events: attaching, and leaving by the keys" {
    md run -d -it --name web busybox sh >/dev/null
    run -1 "$BATS_TEST_DIRNAME/lib/terminal" "$MINI_DOCKER" attach web <<'END'
modes raw
type \x10\x11
see read escape sequence
END
    [ "$(actions web | xargs)" = "create start attach detach" ]
}

@test "events: an image's names and ends" {
    id=$(md import -c 'LABEL kind=small' "$IMAGES/busybox.tar" small:1)
    md tag small:1 small:2
    md save -o x.tar small
    md rmi small:1 small:2 >/dev/null
    md load -qi x.tar >/dev/null
    md rmi -f "$id" >/dev/null
    [ "$(md events --until "$(now)" -f type=image --format '{{.Action}} {{.ID}} {{.Actor.Attributes.name}}' |
        sed "s/$id/ID/g")" = "$(printf '%s\n' 'tag ID small:1' 'import ID ID' \
        'tag ID small:2' 'save ID ID' 'untag ID ID' 'untag ID ID' 'delete ID ID' \
        'load ID ID' 'untag ID ID' 'untag ID ID' 'delete ID ID')" ]
    [ "$(md events --until "$(now)" -f label=kind=small | wc -l)" = 11 ]
    [ "$(md events --until "$(now)" -f image=small --format '{{.Action}}' | xargs)" = "tag tag" ]
}

@test "events: a volume, and who has it mounted" {
    id=$(md run -d --name web -v data:/data:ro busybox sleep 1000)
    md rm -f web
    md volume rm data
    [ "$(md events --until "$(now)" -f type=volume -f event=mount --format '{{json .Actor.Attributes}}' | jq -cS .)" = \
        "{\"container\":\"$id\",\"destination\":\"/data\",\"driver\":\"local\",\"propagation\":\"\",\"read/write\":\"false\"}" ]
    [ "$(md events --until "$(now)" -f volume=data --format '{{.Action}}' | xargs)" = "create mount unmount destroy" ]
}

@test "events: what was pruned" {
    md run --name web -v /data busybox dd if=/dev/zero of=/x bs=1000 count=5
    md container prune -f >/dev/null
    md volume prune -f >/dev/null
    md image prune -f >/dev/null
    [ "$(md events --until "$(now)" -f event=prune --format '{{.Type}} {{.Actor.Attributes.reclaimed}} {{.Actor.ID}}' | xargs)" = \
        "container 5000 volume 0 image 0" ]
}

@test "events: running out of memory" {
    run -137 md run --name web -m 20m --memory-swap 20m busybox \
        sh -c 'x=a; while :; do x=$x$x; done'
    [ "$(actions web | xargs)" = "create attach start oom die" ]
    [ "$(md inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' web)" = "true 137" ]
    # One that is killed otherwise, and the same one with less to do.
    md run -d --name killed -m 20m busybox sleep 1000 >/dev/null
    md kill killed >/dev/null
    [ "$(md wait killed)" = 137 ]
    [ "$(md inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' killed)" = "false 137" ]
    md run --name fits -m 20m busybox true
    [ "$(md inspect -f '{{.State.OOMKilled}}' fits)" = false ]
}

@test "events: whoever finds a dead monitor tells how it ended" {
    start_background --name web busybox sleep 1000
    kill -9 "$MONITOR"
    eventually ended "$PID"
    wait "$OWNER" || true
    md ps -a >/dev/null
    [ "$(actions web | xargs)" = "create attach start die" ]
    [ "$(attributes web die | jq -r .exitCode)" = 137 ]
    start_background --rm --name gone busybox sleep 1000
    kill -9 "$MONITOR"
    eventually ended "$PID"
    wait "$OWNER" || true
    md ps -a >/dev/null
    [ "$(actions gone | xargs)" = "create attach start die destroy" ]
}

@test "events: a journal that cannot be written stops nothing" {
    mkdir "$(run_dir)/events.json"
    [ "$(md run --rm busybox echo fine)" = fine ]
    rmdir "$(run_dir)/events.json"
    # A disk with no room for it: a limit on the size of files says the same.
    md create --name one busybox true >/dev/null
    size=$(stat -c %s "$(run_dir)/events.json")
    [ "$size" -lt 512 ]
    dd if=/dev/zero bs=1 count=$((1024 - size - 10)) 2>/dev/null | tr '\0' x >>"$(run_dir)/events.json"
    (ulimit -f 1; trap '' XFSZ; md tag busybox other)
    [ "$(stat -c %s "$(run_dir)/events.json")" = 1024 ]
    # What was torn is passed over, and spoils nothing that comes after it.
    md rename one two
    [ "$(md events --until "$(now)" --format '{{.Action}}' | xargs)" = "create rename" ]
    md rmi other >/dev/null
}

@test "events: an ordinary user's" {
    grep -q '^nobody:' /etc/passwd || skip "there is nobody"
    command -v setpriv >/dev/null || skip "setpriv is not installed"
    local home=$BATS_TEST_TMPDIR/home
    mkdir -m 700 "$home"
    chown 65534 "$home"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/{file,test} "$BATS_TEST_TMPDIR" || true
    user() {
        env -u MINI_DOCKER_ROOT HOME="$home" XDG_DATA_HOME="$home" XDG_RUNTIME_DIR="$home" \
            setpriv --reuid 65534 --regid 65534 --clear-groups "$MINI_DOCKER" "$@"
    }
    user volume create data || skip "not as an ordinary user: $(user volume create data 2>&1)"
    user volume rm data
    [ "$(user events --until "$(now)" --format '{{.Action}}' | xargs)" = "create destroy" ]
}
