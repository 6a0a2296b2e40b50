# Containers that stay: how ps shows them, how rm removes them, their names.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

# A container that has ended, with this name; prints its short id.
make_one() {
    md run --name "$1" busybox "${@:2}" >/dev/null 2>&1 || true
    md ps -aq -f "name=^/$1\$"
}

# Let the record of a container say that something was so many seconds ago.
was() { # NAME MEMBER SECONDS
    local record
    record=$MINI_DOCKER_ROOT/containers/$(
        md ps -aq --no-trunc -f "name=^/$1\$"
    )/config.json
    sed -i "s/\"$2\": \".*\"/\"$2\": \"$(
        date -u -d "@$(($(date +%s) - $3))" +%Y-%m-%dT%H:%M:%S.000000000Z
    )\"/" "$record"
}

# --- ps ----------------------------------------------------------------------

@test "ps: the headers alone" {
    run -0 md ps
    [ "$output" = "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES" ]
    [ "$(md ps -a)" = "$output" ]
    [ -z "$(md ps -q)" ]
}

@test "ps: the columns of one that ended" {
    id=$(make_one web sh -c 'exit 3')
    was web Created 190
    was web FinishedAt 2
    run -0 md ps -a
    [ "${lines[0]}" = "CONTAINER ID   IMAGE     COMMAND            CREATED         STATUS                     PORTS     NAMES" ]
    [[ "${lines[1]}" == "$id   busybox   \"sh -c 'exit 3'\"   3 minutes ago   Exited (3) "[234]" seconds ago             web" ]]
    [[ $id =~ ^[0-9a-f]{12}$ ]]
    [ "$(md ps)" = "$(md ps -f name=nobody)" ]
}

@test "ps: the columns of one that runs" {
    start_background --name web busybox sleep 1000
    was web Created 7300
    was web StartedAt 3900
    run -0 md ps
    [ "${lines[1]}" = "${ID:0:12}   busybox   \"sleep 1000\"   2 hours ago   Up About an hour             web" ]
    [ "$(md ps -q)" = "${ID:0:12}" ]
    [ "$(md ps -aq --no-trunc)" = "$ID" ]
    stop_background
}

@test "ps -s: what a container wrote, and that with its image" {
    md run --name wrote --network none busybox sh -c 'printf 123456789012 >/f'
    md run --name not --network none busybox true
    run -0 md ps -a -s
    [[ ${lines[0]} == "CONTAINER ID"*"PORTS"*"NAMES"*"SIZE" ]]
    image=$(md images --format '{{.Size}}' busybox)
    [[ ${lines[1]} == *" not "*" 0B (virtual $image)" ]]
    [[ ${lines[2]} == *" wrote "*" 12B (virtual $image)" ]]
    # A template that shows it asks for it; else nobody looks.
    [ "$(md ps -a --format '{{.Names}} {{.Size}}' | xargs)" = \
        "not 0B (virtual $image) wrote 12B (virtual $image)" ]
    [ "$(md ps -a --format json | jq -r .Size | xargs)" = "0B 0B" ]
    [ "$(md ps -a --size --format json | jq -r .Size | tail -1)" = "12B (virtual $image)" ]
    [ "$(md ps -aqs | wc -w)" = 2 ]
}

@test "ps: how long ago" {
    make_one web true
    while IFS=: read -r ago said; do
        was web FinishedAt "$ago"
        [ "$(md ps -a --format '{{.Status}}')" = "Exited (0) $said ago" ] ||
            { md ps -a; echo "not: $said"; false; }
    done <<'END'
-1:Less than a second
65:About a minute
190:3 minutes
3570:59 minutes
3700:About an hour
18600:5 hours
169300:47 hours
262900:3 days
1300000:2 weeks
6100000:2 months
69200000:2 years
END
}

@test "ps: newest first, -n and -l" {
    for name in one two three; do make_one $name true; done
    [ "$(md ps -a --format '{{.Names}}' | xargs)" = "three two one" ]
    [ "$(md ps -n 2 --format '{{.Names}}' | xargs)" = "three two" ]
    [ "$(md ps -l --format '{{.Names}}' | xargs)" = three ]
}

# --- many ----------------------------------------------------------------------

# Containers m1 to m20, and the file that remembers them: after a second, when
# their records are old enough.
make_many() {
    LIST=$MINI_DOCKER_ROOT/cache/containers/list
    seq 20 | xargs -P 4 -I{} "$MINI_DOCKER" create --name m{} --network none busybox true >/dev/null
    eventually eval 'rm -f "$LIST"; md ps -a >/dev/null; [ "$(wc -l <"$LIST")" = 22 ]'
}
shown() { md ps -a --format '{{.Names}} {{.State}} {{.Networks}}' "$@" | sort; }

@test "ps -a of many: read from one file, and true at every moment" {
    make_many
    shown >before
    [ "$(MINI_DOCKER_TRACE=openat md ps -a 2>&1 | grep -c 'config\.json')" = 0 ]
    # Each of them changes in its own way, and is told at once.
    md rename m1 other
    md rm m2 >/dev/null
    md start m3 >/dev/null
    md wait m3
    md run -d --name new --network none busybox sleep 1000 >/dev/null
    sed -e 's/^m1 /other /' -e '/^m2 /d' -e 's/^m3 created/m3 exited/' before >wanted
    echo "new running none" >>wanted
    diff <(sort wanted) <(shown)
    # Who runs is no matter of files: its monitor is killed.
    kill -KILL "$(ps -o ppid= "$(md inspect -f '{{.State.Pid}}' new)" | tr -d ' ')"
    sed -i 's/^new running/new exited/' wanted
    diff <(sort wanted) <(shown)
    # The state root is read-only, and the file has gone.
    rm "$LIST"
    diff <(sort wanted) <(unshare -m sh -c '
        mount --bind "$MINI_DOCKER_ROOT" "$MINI_DOCKER_ROOT" &&
        mount -o remount,bind,ro "$MINI_DOCKER_ROOT" &&
        exec "$MINI_DOCKER" ps -a --format "{{.Names}} {{.State}} {{.Networks}}"' | sort)
    [ ! -e "$LIST" ]
}

@test "ps -a of many: several at once, and killed while one writes" {
    make_many
    shown >wanted
    rm "$LIST"
    for i in 1 2 3 4 5 6; do shown >at-once.$i & done
    wait
    for i in 1 2 3 4 5 6; do diff wanted at-once.$i; done
    local struck=0
    for call in mkdirat flock write renameat2; do
        for ((n = 1, status = 137; status == 137; n++)); do
            rm -f "$LIST"
            MINI_DOCKER_FAULT="$call:$n:kill" run md ps -aq
            struck=$((struck + (status == 137)))
        done
        [ "$status" = 0 ]
    done
    [ "$struck" -ge 4 ]
    diff wanted <(shown)
    [ "$(ls "${LIST%/*}" | xargs)" = "list lock" ]
}

@test "ps: commands are quoted and cut" {
    while IFS='|' read -r want command; do
        eval "make_one web $command" >/dev/null
        [ "$(md ps -a --format '{{.Command}}')" = "$want" ] ||
            { md ps -a; echo "not: $want"; false; }
        md rm web
    done <<'END'
"echo"|echo
"echo one two"|echo one two
"echo 'one two'"|echo "one two"
"echo exactly twenty!"|echo exactly twenty!
"echo twenty-one let…"|echo twenty-one letters
"echo éééééééééééééé…"|echo éééééééééééééééé
"echo \" \\ '"|echo '"' '\' "'"
"echo a\nb"|echo $'a\nb'
END
    make_one web sh -c 'echo all of it'
    [ "$(md ps -a --no-trunc --format '{{.Command}}')" = "\"sh -c 'echo all of it'\"" ]
}

@test "ps: filters" {
    make_one one true
    make_one two true
    start_background --name three --label tier=web busybox sleep 1000
    [ "$(md ps -a -f name=o --format '{{.Names}}' | xargs)" = "two one" ]
    [ "$(md ps -a -f name=^one --format '{{.Names}}')" = one ]
    [ "$(md ps -f status=exited --format '{{.Names}}' | xargs)" = "two one" ]
    [ "$(md ps -f label=tier --format '{{.Names}}')" = three ]
    [ "$(md ps -f label=tier=web --format '{{.Names}}')" = three ]
    [ -z "$(md ps -f label=tier=db -q)" ]
    [ "$(md ps -f "id=${ID:0:5}" --format '{{.Names}}')" = three ]
    stop_background
}

@test "ps: filters by exit code, image, network, health, and the order of birth" {
    make_one one true
    make_one two sh -c 'exit 3'
    md tag busybox box
    shown() { md ps -a --format '{{.Names}}' "$@" | xargs; }
    md run --name four --network none box true
    [ "$(shown -f exited=3)" = two ]
    [ "$(md ps -qf exited=3 | wc -l)" = 1 ]
    [ "$(shown -f exited=0 -f exited=3 | wc -w)" = "$(shown | wc -w)" ]
    [ "$(shown -f ancestor=busybox | wc -w)" = "$(shown | wc -w)" ]
    [ "$(shown -f ancestor="$(md images -q box)" -f name=one)" = one ]
    [ -z "$(shown -f ancestor=nothing)" ]
    [ "$(shown -f before=two)" = one ]
    [ "$(shown -f since=one -f exited=3)" = two ]
    [ "$(shown -f since=two -f network=none)" = four ]
    [ "$(shown -f since="$(md ps -aqf name=two)" -f name=four)" = four ]
    [ "$(shown -f health=none | wc -w)" = "$(shown | wc -w)" ]
    [ -z "$(shown -f health=healthy)" ]
    # The ports of the container count, and it need not run.
    md create --name pub -p 8080:80 -p 9000:9000/udp busybox true >/dev/null
    md create --name exp --expose 5000-5002 busybox true >/dev/null
    [ "$(shown -f publish=80)" = pub ]
    [ "$(shown -f publish=8999-9001/udp)" = pub ]
    [ -z "$(shown -f publish=8080)$(shown -f publish=9000)$(shown -f publish=5001)" ]
    [ "$(shown -f expose=5001)" = exp ]
    [ "$(shown -f expose=80 -f expose=5002)" = "exp pub" ]
    [ -z "$(shown -f expose=80-90/udp)" ]
    md rmi box >/dev/null
}

@test "ps: one that waits for its next start is shown, and one that ended when asked for" {
    make_one old true
    id=$(md run -d --name web --restart always --network none busybox false)
    for _ in {1..500}; do
        [ "$(md inspect -f '{{.RestartCount}}' web)" -ge 4 ] && break
    done
    # From now on it waits for more than a second each time.
    for _ in {1..500}; do
        [ "$(md ps --format '{{.State}}')" = restarting ] && break
    done
    [ "$(md ps --no-trunc --format '{{.ID}} {{.State}}')" = "$id restarting" ]
    [ "$(md ps -f since=old --format '{{.Names}}')" = web ]
    [ -z "$(md ps -q -f before=web)" ]
    [ "$(md ps -aq -f before=web | wc -l)" = 1 ]
    md rm -f web >/dev/null
}

@test "ps: filters that cannot be" {
    while IFS='|' read -r filter words; do
        run md ps -f "$filter"
        refused 1 "$words"
    done <<'END'
colour=red|invalid filter 'colour'
status=gone|invalid filter 'status=[gone]'
exited=x|invalid filter 'exited=[x]'
health=ill|invalid filter 'health=[ill]'
before=nobody|No such container: nobody
publish=x|invalid filter 'publish=[x]'
expose=80/x|invalid filter 'expose=[80/x]'
END
    run -125 md ps -f colour
    [ "${lines[0]}" = 'mini-docker: invalid argument "colour" for "-f, --filter" flag: bad format of filter (expected name=value)' ]
}

@test "ps: an image that lost its name is shown by its id" {
    md import "$IMAGES/busybox.tar" other >id
    md run --name web other true
    md run --name dev "$(cut -c 8-15 id)" true
    [ "$(md ps -a --format '{{.Image}}' | xargs)" = "$(cut -c 8-15 id) other" ]
    md import -m new "$IMAGES/busybox.tar" other >/dev/null
    [ "$(md ps -a -f name=web --format '{{.Image}}')" = "$(cut -c 8-19 id)" ]
    [ "$(md ps -a -f name=web --no-trunc --format '{{.Image}}')" = "$(<id)" ]
    md rm web dev
    md rmi other "$(<id)"
}

# --- rm ----------------------------------------------------------------------

@test "rm: by name, with a slash, by id and by its beginning" {
    make_one one true
    [ "$(md rm one)" = one ]
    make_one two true
    [ "$(md rm /two)" = /two ]
    make_one three true
    id=$(md ps -aq --no-trunc)
    [ "$(md rm "$id")" = "$id" ]
    make_one four true
    id=$(md ps -aq --no-trunc)
    [ "$(md rm "${id:0:4}")" = "${id:0:4}" ]
    [ -z "$(md ps -aq)" ]
}

@test "rm: several, and those that are there in spite of one that is not" {
    make_one one true
    make_one two true
    run -1 --separate-stderr md rm one nobody two
    [ "$output" = "one
two" ]
    [ "$stderr" = "mini-docker: No such container: nobody" ]
    [ -z "$(md ps -aq)" ]
}

@test "rm: unknown" {
    run md rm nobody
    refused 1 "No such container: nobody"
    run md rm ''
    [ "$status" = 1 ]
    run md rm ../containers
    refused 1 "No such container: ../containers"
}

@test "rm -f: unknown is told, and no failure" {
    make_one one true
    run -0 --separate-stderr md rm -f nobody one
    [ "$output" = one ]
    [ "$stderr" = "mini-docker: No such container: nobody" ]
}

@test "rm: an ambiguous beginning" {
    for i in {1..17}; do make_one "n$i" true >/dev/null; done
    # Seventeen ids and sixteen digits: two begin with the same one.
    digit=$(md ps -aq | cut -c 1 | sort | uniq -d | head -n 1)
    run md rm "$digit"
    refused 1 "Multiple IDs found with provided prefix: $digit"
    [ "$(md ps -aq | wc -l)" = 17 ]
}

@test "rm: a name wins over the beginning of an id" {
    id=$(make_one one true)
    make_one "${id:0:2}" true
    md rm "${id:0:2}"
    [ "$(md ps -aq)" = "$id" ]
}

@test "rm: running is refused, -f kills" {
    start_background --name web busybox sleep 1000
    run md rm web
    refused 1 'cannot remove container "/web": container is running: stop the container before removing or force remove'
    running "$PID"
    [ "$(md rm -f web)" = web ]
    ended "$PID"
    wait "$OWNER" || status=$?
    [ "$status" = 137 ]
    assert_clean
}

@test "rm -f: also one that is started with --rm, by two at once" {
    start_background --rm --name web busybox sleep 1000
    md rm -f web 3>&- &
    md rm -f web >/dev/null || true
    wait $! || true
    wait "$OWNER" || status=$?
    [ "$status" = 137 ]
    assert_clean
}

@test "--rm: nothing is left, however it ends" {
    md run --rm busybox true
    run -3 md run --rm busybox sh -c 'exit 3'
    run -127 md run --rm busybox nowhere
    run -137 md run --rm --init busybox sh -c 'kill -9 $$'
    [ -z "$(md ps -aq)" ]
    assert_clean
}

# --- names -------------------------------------------------------------------

@test "a name that is taken is refused" {
    make_one web true
    id=$(md ps -aq --no-trunc)
    run md run --name web busybox true
    refused 125 "Conflict. The container name \"/web\" is already in use by container \"$id\". You have to remove (or rename) that container to be able to reuse that name."
    md rm web
    md run --rm --name web busybox true
}

@test "what a name may be" {
    for name in ab a.b a-b a_b 0b A9; do
        md run --rm --name $name busybox true
    done
    for name in a .ab -ab 'a b' a/b ab/ é $'ab\n'; do
        run -125 md run --rm --name="$name" busybox true
        [[ ${lines[0]} == "mini-docker: Invalid container name ("* ]]
        [[ $output == *"only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"* ]]
    done
}

@test "a made-up name that is taken gets a digit" {
    MINI_DOCKER_FAULT=symlinkat:1:EEXIST md run busybox true
    [[ "$(md ps -a --format '{{.Names}}')" =~ ^[a-z]+_[a-z]+[0-9]$ ]]
}
