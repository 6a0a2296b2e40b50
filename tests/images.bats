# Images from outside: import in all its forms, what -c changes for run, how
# images lists them and rmi takes them away.
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    tarball "file data $(printf %01234d 0)" >small.tar # 1,234 bytes
}
teardown() {
    remove_all_containers
    restore_images
    assert_clean
}

tarball() { "$BATS_TEST_DIRNAME/lib/tarball" "$@"; }

# The configuration of an image, by its id, or a member of it.
config_of() {
    jq -c "${2:-.}" "$MINI_DOCKER_ROOT/images/blobs/sha256/${1#sha256:}"
}
names() {
    md images --format '{{.Repository}}:{{.Tag}}' | sort | xargs
}

# --- import ------------------------------------------------------------------

@test "import: plain, gzip, xz and zstd, from a file and from a pipe" {
    gzip -k <"$IMAGES/busybox.tar" >b.tar.gz
    xz -0 <"$IMAGES/busybox.tar" >b.tar.xz
    zstd -q <"$IMAGES/busybox.tar" >b.tar.zst
    cp "$IMAGES/busybox.tar" b.tar
    for file in b.tar b.tar.gz b.tar.xz b.tar.zst; do
        run -0 md import $file file
        [[ $output =~ ^sha256:[0-9a-f]{64}$ ]]
        config_of "$output" '.rootfs.diff_ids' >>diffs
        run -0 md import - pipe < <(cat $file)
        config_of "$output" '.rootfs.diff_ids' >>diffs
        [ "$(md run --rm file echo $file)" = $file ]
        [ "$(md run --rm pipe echo $file)" = $file ]
    done
    # The content is one and the same.
    [ "$(sort -u diffs | wc -l)" = 1 ]
    [ "$(ls "$MINI_DOCKER_ROOT/layers" | wc -l)" = 1 ]
}

@test "import: bzip2 is refused by name" {
    printf 'BZh91AY&SY' >b.tar.bz2
    run md import b.tar.bz2
    refused 1 "bzip2 is not supported"
}

@test "import: without a name" {
    id=$(md import "$IMAGES/busybox.tar")
    [ "$(md run --rm "$id" echo whole)" = whole ]
    [ "$(md run --rm "${id:7:12}" echo short)" = short ]
    [[ "$(md images)" == *"<none>       <none>    ${id:7:12}"* ]]
}

@test "import: names" {
    for name in a A0.b/c_d-e:T.a_g localhost:5000/x:1 docker.io/library/y \
        registry.example.com/a/b; do
        md import small.tar $name
    done
    [ "$(names)" = "A0.b/c_d-e:T.a_g a:latest busybox:latest localhost:5000/x:1 registry.example.com/a/b:latest y:latest" ]
    run md import small.tar UPPER
    refused 1 "invalid reference format: repository name (library/UPPER) must be lowercase"
    for name in '' a: :b a/ 'a b' a@sha256:12 "$(printf a%.0s {1..300})"; do
        run -1 md import small.tar "$name"
        [[ $output == *"reference format"* || $output == *characters* ]]
    done
}

@test "import: what is not there" {
    run md import nowhere.tar
    refused 1 "open nowhere.tar: No such file or directory"
    run md import .
    refused 1 "Is a directory"
    run bash -c 'exec "$MINI_DOCKER" import - <&-'
    refused 1 "the archive is empty"
}

@test "import -m: the comment of its history" {
    id=$(md import -m 'made by hand' small.tar a)
    [ "$(config_of "$id" '.history[0].comment')" = '"made by hand"' ]
    id=$(md import small.tar a)
    [ "$(config_of "$id" '.history[0].comment')" = '"Imported from -"' ]
}

@test "import: the configuration says where and when" {
    SOURCE_DATE_EPOCH=1000000000 run -0 md import small.tar a
    [ "$(config_of "$output" '[.os, .created, .rootfs.type]')" = \
        '["linux","2001-09-09T01:46:40Z","layers"]' ]
    [ -n "$(config_of "$output" .architecture)" ]
}

# --- import -c ---------------------------------------------------------------

# with CHANGE... -- ARG...: what `run` prints of an image with these changes.
with() {
    local changes=()
    while [ "$1" != -- ]; do
        changes+=(-c "$1")
        shift
    done
    md import "${changes[@]}" "$IMAGES/busybox.tar" changed >id || return
    shift
    md run --rm "${options[@]}" changed "$@"
}

@test "import --platform: for another machine, if it is one" {
    md import --platform linux/arm/v6 small.tar app >/dev/null
    [ "$(md inspect -f '{{.Os}} {{.Architecture}} {{.Variant}}' app)" = "linux arm v6" ]
    md import --platform s390x small.tar app >/dev/null
    [ "$(md inspect -f '{{.Os}} {{.Architecture}}' app)" = "linux s390x" ]
    run md import --platform windows/amd64 small.tar app
    refused 1 "operating system is not supported"
    run md import --platform linux/a/b/c small.tar app
    refused 1 '"linux/a/b/c": cannot parse platform specifier: invalid argument'
    [ "$(md inspect -f '{{.Architecture}}' app)" = s390x ]
}

@test "-c CMD and ENTRYPOINT" {
    [ "$(with 'CMD ["echo", "a  b"]' --)" = "a  b" ]
    [ "$(with 'CMD echo a  $((1 + 1))' --)" = "a 2" ]
    [ "$(with 'CMD ["echo", "a"]' -- echo b)" = b ]
    [ "$(with 'ENTRYPOINT ["echo", "a"]' -- b c)" = "a b c" ]
    [ "$(with 'ENTRYPOINT ["echo"]' 'CMD ["b"]' --)" = b ]
    [ "$(with 'ENTRYPOINT ["echo"]' 'CMD ["b"]' -- c)" = c ]
    [ "$(with 'ENTRYPOINT echo shell' -- ignored)" = shell ]
    [ "$(with 'cmd ["echo", "lower"]' --)" = lower ]
    options=(--entrypoint echo)
    run -0 with 'ENTRYPOINT ["false"]' 'CMD ["b"]' --
    [ -z "$output" ]
}

@test "-c ENV" {
    [ "$(with 'ENV A=1 B="two words" C=a\ b' -- sh -c 'echo "$A,$B,$C"')" = \
        "1,two words,a b" ]
    [ "$(with 'ENV A the whole rest' -- sh -c 'echo "$A"')" = \
        "the whole rest" ]
    [ "$(with 'ENV A=1' 'ENV A=2' -- sh -c 'echo "$A"')" = 2 ]
    [ "$(with 'ENV PATH=/nowhere' -- /bin/sh -c 'echo "$PATH"')" = /nowhere ]
    options=(-e A=mine)
    [ "$(with 'ENV A=1 B=2' -- sh -c 'echo "$A$B"')" = mine2 ]
}

@test "-c WORKDIR and USER" {
    [ "$(with 'WORKDIR /usr' 'WORKDIR bin' -- pwd)" = /usr/bin ]
    [ "$(with 'WORKDIR /new/dir' -- pwd)" = /new/dir ]
    [ "$(with 'USER nobody' -- id -un)" = nobody ]
    [ "$(with 'USER 1000:33' -- sh -c 'id -u; id -gn' | xargs)" = "1000 www-data" ]
    options=(-u 5 -w /tmp)
    [ "$(with 'USER nobody' 'WORKDIR /usr' -- sh -c 'id -u; pwd' | xargs)" = "5 /tmp" ]
    options=()
    run with 'USER stranger' -- id
    refused 125 "unable to find user stranger: no matching entries in passwd file"
}

@test "-c LABEL, EXPOSE, VOLUME, STOPSIGNAL" {
    with 'LABEL a=1 b="two words"' 'LABEL a=3' 'EXPOSE 80 53/udp 8000-8002' \
        'VOLUME /a /d' 'VOLUME ["/b c"]' 'STOPSIGNAL SIGINT' -- true
    config_of "$(<id)" '.config | [.Labels, (.ExposedPorts | keys),
        (.Volumes | keys), .StopSignal]' >config
    [ "$(<config)" = '[{"a":"3","b":"two words"},["53/udp","80/tcp","8000/tcp","8001/tcp","8002/tcp"],["/a","/b c","/d"],"SIGINT"]' ]
    md run --name web -l c=own changed true
    [ "$(md ps -aq -f label=a=3 -f label='b=two words' -f label=c=own | wc -l)" = 1 ]
}

@test "-c HEALTHCHECK and ONBUILD" {
    local check='HEALTHCHECK --interval=1m --retries=5 CMD test -e /well'
    with "$check" 'ONBUILD COPY . /' -- true
    config_of "$(<id)" '.config | [.Healthcheck, .OnBuild]' >config
    [ "$(<config)" = '[{"Interval":60000000000,"Retries":5,"Test":["CMD-SHELL","test -e /well"]},["COPY . /"]]' ]
    [ "$(md inspect -f '{{.Config.Healthcheck.Test}}' changed)" = "[CMD-SHELL test -e /well]" ]
    # A container has it from its image, and gives it to the next one.
    md create --name web changed true
    md commit -c 'HEALTHCHECK NONE' web none
    md commit web same
    [ "$(md inspect -f '{{json .Config.Healthcheck.Test}}' none)" = '["NONE"]' ]
    [ "$(md inspect -f '{{.Config.Healthcheck.Interval}}' same)" = 60000000000 ]
    md rm web
}

@test "-c: what is no change is refused, and nothing imported" {
    while IFS='|' read -r change words; do
        run md import -c "$change" small.tar changed
        refused 1 "$words"
    done <<'END'
RUN true|RUN is not a valid change command
FROM busybox|FROM is not a valid change command
CMD|CMD requires at least one argument
ENV A|ENV must have two arguments
ENV =b|ENV names can not be blank
LABEL a=1 b|can't find = in "b"
EXPOSE 0|invalid containerPort: 0
EXPOSE 80/icmp|invalid proto: icmp
USER|USER requires exactly one argument
VOLUME "/b c"|looking for matching double-quote
ENTRYPOINT [1]|arrays must be comprised of strings only
STOPSIGNAL NONE|invalid signal: NONE
SHELL ["sh"]|SHELL is not a valid change command
HEALTHCHECK true|Unknown type "TRUE" in HEALTHCHECK (try CMD)
HEALTHCHECK --retries=-1 CMD true|--retries cannot be negative (-1)
ONBUILD FROM x|FROM isn't allowed as an ONBUILD trigger
END
    [ "$(names)" = busybox:latest ]
}

# --- images ------------------------------------------------------------------

@test "images: the columns" {
    SOURCE_DATE_EPOCH=$(($(date +%s) - 1300000)) \
        md import small.tar example.org/team/app:1.0 >id
    md rmi busybox >/dev/null
    run -0 md images
    id=$(cut -c 8-19 id)
    [ "$output" = "REPOSITORY             TAG       IMAGE ID       CREATED       SIZE
example.org/team/app   1.0       $id   2 weeks ago   1.23kB" ]
    [ "$(md images -a)" = "$output" ]
    [ "$(md images -q)" = "$id" ]
    [ "$(md images -q --no-trunc)" = "$(<id)" ]
    [[ "$(md images --no-trunc)" == *"   $(<id)   "* ]]
    [[ "$(md images --digests)" == *"   DIGEST "*"   sha256:"* ]]
    md rmi "$id" >/dev/null
    [ "$(md images)" = "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE" ]
    [ -z "$(md images -q)" ]
}

@test "images: newest first; chosen by name" {
    local now
    now=$(date +%s)
    for name in app:1 app:2 web; do
        SOURCE_DATE_EPOCH=$((now - 100 + ${#name} * 10)) \
            md import -m $name small.tar $name >/dev/null
    done
    md rmi busybox >/dev/null
    [ "$(md images --format '{{.Repository}}' | xargs)" = "app app web" ]
    [ "$(md images --format '{{.Tag}}' app | sort | xargs)" = "1 2" ]
    [ "$(md images --format '{{.Repository}}' app:2)" = app ]
    [ "$(md images --format '{{.Repository}}' 'w*')" = web ]
    [ -z "$(md images -q nothing)" ]
}

@test "images: a name that moves leaves its image without one" {
    old=$(md import -m old small.tar app)
    new=$(md import -m new small.tar app)
    [ "$(md images --no-trunc --format '{{.Repository}} {{.Tag}} {{.ID}}' | grep -v busybox | sort)" = \
        "<none> <none> $old
app latest $new" ]
    [ "$(md images -q app)" = "${new:7:12}" ]
}

@test "images -q: one line for each name" {
    local SOURCE_DATE_EPOCH=1000000000
    export SOURCE_DATE_EPOCH
    md import small.tar one
    md import small.tar two
    [ "$(md images -q | sort | uniq -c | sort -n | awk '{ print $1 }' | xargs)" = "1 2" ]
}

@test "images: filters" {
    md rmi busybox >/dev/null
    local now
    now=$(date +%s)
    for n in 1 2 3; do
        SOURCE_DATE_EPOCH=$((now - 4000 + n * 1000)) \
            md import -m $n -c "LABEL n=$n tier=web" small.tar app:$n >/dev/null
    done
    md import -m new small.tar app:3 >/dev/null
    shown() { md images --format '{{.Repository}}:{{.Tag}}' "$@" | xargs; }
    [ "$(shown -f label=n=2)" = app:2 ]
    [ "$(shown -f label=tier -f label=n=1)" = app:1 ]
    [ -z "$(shown -f label=n=1 -f label=n=2)" ]
    [ "$(shown -f label!=n -f dangling=false)" = app:3 ]
    [ "$(shown -f before=app:2)" = app:1 ]
    [ "$(shown -f since=app:1 -f dangling=0)" = "app:3 app:2" ]
    [ "$(shown -f dangling=true)" = "<none>:<none>" ]
    [ "$(shown -f 'reference=app:[12]')" = "app:2 app:1" ]
    [ "$(shown -f reference=app:1 -f reference=app:2)" = "app:2 app:1" ]
    [ "$(shown -f reference='*' -f until=30m)" = "app:2 app:1" ]
    [ "$(shown -f "until=$((now - 2500))")" = app:1 ]
    [ -z "$(shown -f until=1999-12-31)" ]
    [ "$(shown -f label=n=2 app)" = app:2 ]
    [ -z "$(shown -f label=n=2 web)" ]
    # What says nothing chooses nothing; blanks are none of it.
    [ "$(shown -f '' '')" = "app:3 <none>:<none> app:2 app:1" ]
    [ "$(shown -f ' Reference = app:1 ')" = app:1 ]
    [ "$(shown -f 'reference=app:[^3]' -f 'reference=\[')" = "app:2 app:1" ]
}

@test "images: filters that cannot be" {
    while IFS='|' read -r filter words; do
        run md images -f "$filter"
        refused 1 "$words"
    done <<'END'
colour=red|invalid filter 'colour'
dangling=maybe|invalid filter 'dangling=[maybe]'
until=soon|invalid filter 'until=[soon]'
before=nothing|No such image: nothing:latest
reference=[|syntax error in pattern
reference=a[]|syntax error in pattern
reference=a\|syntax error in pattern
END
    run md images '[a'
    refused 1 "syntax error in pattern"
}

@test "images: a format of one's own wins over -q" {
    id=$(md images -q)
    [ "$(md images -q --format '{{.Repository}}')" = busybox ]
    [ "$(md images -q --format table)" = "$id" ]
    # Docker has four digits here, and three in the other size.
    md import small.tar app >/dev/null
    [ "$(md images --format '{{.Size}} {{.VirtualSize}}' app)" = "1.23kB 1.234kB" ]
}

@test "images: what is damaged is told, and the others are listed" {
    id=$(md import small.tar app)
    md images >/dev/null # what it remembers must not hide the damage
    blob=$MINI_DOCKER_ROOT/images/blobs/sha256/${id#sha256:}
    echo '{' >half
    mv half "$blob"
    run -0 --separate-stderr md images --format '{{.Repository}}'
    [ "$output" = busybox ]
    [[ $stderr == "mini-docker: image docker.io/library/app:latest: images/blobs/sha256/${id#sha256:} is damaged: line "* ]]
    [ "${#stderr_lines[@]}" = 1 ]
    rm "$blob"
    run -0 --separate-stderr md images -q
    [[ $stderr == *"app:latest: open images/blobs/sha256/"*": No such file or directory" ]]
    md rmi app >/dev/null
    cp "$MINI_DOCKER_ROOT/images/names.json" names
    echo '{"x": 1}' >"$MINI_DOCKER_ROOT/images/names.json"
    run md images
    refused 1 "images/names.json is damaged: x has no digest"
    cp names "$MINI_DOCKER_ROOT/images/names.json"
}

@test "images: what is remembered of them changes nothing" {
    for i in 1 2 3; do md import -m $i small.tar app:$i >/dev/null; done
    # All but how long ago that was.
    local all='{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}} {{.CreatedAt}} {{.Size}}'
    first=$(md images --no-trunc --format "$all")
    [ "$(md images --no-trunc --format "$all")" = "$first" ]
    [ -s "$MINI_DOCKER_ROOT/cache/images" ]
    head -c 100 "$MINI_DOCKER_ROOT/cache/images" >part
    cp part "$MINI_DOCKER_ROOT/cache/images"
    [ "$(md images --no-trunc --format "$all")" = "$first" ]
    rm "$MINI_DOCKER_ROOT/cache/images"
    [ "$(md images --no-trunc --format "$all")" = "$first" ]
    md rmi app:2 >/dev/null
    [ "$(md images -q app | wc -l)" = 2 ]
}

@test "images: what is remembered is of these names alone" {
    local cache=$MINI_DOCKER_ROOT/cache/images known=0 i
    md import small.tar app >/dev/null
    # Names that have just changed may do so again, unseen: that takes a second.
    for ((i = 0; i < 2000 && known == 0; i++)); do
        md images >/dev/null
        read -r known _ <"$cache"
    done
    [ "$known" = "$(stat -c %i "$MINI_DOCKER_ROOT/images/names.json")" ]
    sed -i 's/ app:latest$/ ghost:latest/' "$cache"
    [[ $(md images) == *ghost* ]] # it is this that is read
    md tag app more
    run -0 md images --format '{{.Repository}}'
    [[ $output == *app* && $output == *more* && $output != *ghost* ]]
    md rmi app more >/dev/null
    [ "$(md images --format '{{.Repository}}')" = busybox ]
}

@test "images --tree: an image, its names, and what the store has of it" {
    md import -c 'CMD ["sh"]' small.tar busybox >/dev/null
    md tag busybox a.b:5000/c/d:1
    md import small.tar app >/dev/null
    run -0 --separate-stderr md images --tree busybox
    local blobs=$MINI_DOCKER_ROOT/images/blobs/sha256 digest id content
    digest=$(md images --format '{{.Digest}}' busybox) id=$(md images -q busybox)
    content=$(cd "$blobs" && cat "${digest#*:}" "$id"* $(jq -r '.layers[].digest[7:]' "${digest#*:}") | wc -c)
    [ ${#lines[@]} = 4 ]
    [[ ${lines[0]} == WARNING:* ]]
    [ "${lines[1]}" = "IMAGE            ID             DISK USAGE   CONTENT SIZE   USED" ]
    [[ ${lines[2]} =~ ^busybox:latest\ +$id\ +([0-9.]+kB)\ +([0-9.]+kB)\ *$ ]]
    [[ ${BASH_REMATCH[2]} == $((content / 1000)).* ]]
    [[ ${BASH_REMATCH[1]} == $(((content + 1234) / 1000)).* ]]
    [[ ${lines[3]} =~ ^└─\ linux/[a-z0-9]+\ +${digest:7:12}\  ]]
    md create busybox sh >/dev/null
    run -0 md images --tree
    [ "$(grep -c ✔ <<<"$output")" = 2 ]
    [[ "$output" == *"busybox:latest"*$'\n'"a.b:5000/c/d:1"*✔*$'\n└─ '*✔*$'\n\n'* ]] ||
        [[ "$output" == *"a.b:5000/c/d:1"*$'\n'"busybox:latest"*✔*$'\n└─ '*✔* ]]
    for option in quiet no-trunc format=json; do
        run md images --tree --$option
        refused 1 "--${option%=*} is not yet supported with --tree"
    done
}

@test "--platform: an image for another one is not there" {
    local other
    md import --platform linux/s390x small.tar app >/dev/null
    other="image with reference app was found but its platform (linux/s390x) does not match the specified platform (linux/arm64)"
    for command in "history" "image inspect" "save -o app.tar" "rmi"; do
        run -1 --separate-stderr md $command --platform linux/arm64 app
        [ "$stderr" = "mini-docker: $other" ]
    done
    [ ! -e app.tar ]
    [ "$(md image inspect --platform linux/s390x -f '{{.Architecture}}' app)" = s390x ]
    [ "$(md history --platform s390x -q app)" = "$(md images -q app)" ]
    md save --platform linux/s390x app | tar -t | grep -q manifest.json
    run md rmi --platform linux/s390x --platform linux/arm64 app
    refused 1 "multiple platforms are not supported"
    run md inspect --platform linux/s390x app
    refused 1 "--platform is for images"
    [ "$(md rmi --platform linux/s390x app | head -1)" = "Untagged: app:latest" ]
}

@test "images: an empty store" {
    run -0 md --root "$PWD/new" images
    [ "$output" = "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE" ]
    [ -z "$(md --root "$PWD/new" images --format json)" ]
}

# --- rmi ---------------------------------------------------------------------

@test "rmi: the last name takes the image along" {
    id=$(md import small.tar app)
    run -0 md rmi app
    [ "${lines[0]}" = "Untagged: app:latest" ]
    [ "${lines[1]}" = "Deleted: $id" ]
    [[ ${lines[2]} =~ ^Deleted:\ sha256:[0-9a-f]{64}$ ]]
    [ "${#lines[@]}" = 3 ]
    [ "$(ls "$MINI_DOCKER_ROOT/layers" | wc -l)" = 1 ]
    [ "$(ls "$MINI_DOCKER_ROOT/images/blobs/sha256" | wc -l)" = 3 ]
}

@test "rmi: of several names one goes; by id all must be forced" {
    local SOURCE_DATE_EPOCH=1000000000
    export SOURCE_DATE_EPOCH
    for name in one two three; do id=$(md import small.tar $name); done
    [ "$(md rmi one)" = "Untagged: one:latest" ]
    run md rmi "${id:7:12}"
    refused 1 "conflict: unable to delete ${id:7:12} (must be forced) - image is referenced in multiple repositories"
    run -0 md rmi -f "${id:7:12}"
    [[ $output == *"Untagged: three:latest"*"Deleted: $id"* ]]
    [ "$(names)" = busybox:latest ]
}

@test "rmi: several at once, by prefix, unknown, ambiguous" {
    one=$(md import -m 1 small.tar one)
    md import -m 2 small.tar two
    run -1 --separate-stderr md rmi "${one:7:6}" nothing two
    [[ $output == *"Untagged: one:latest"*"Untagged: two:latest"* ]]
    [ "$stderr" = "mini-docker: No such image: nothing:latest" ]
    for i in {1..17}; do md import -m $i small.tar a:$i; done >ids
    digit=$(cut -c 8 ids | sort | uniq -d | head -n 1)
    run md rmi "$digit"
    refused 1 "$digit"
    [ "$(names | wc -w)" = 18 ]
}

@test "rmi -f: unknown is told, and no failure" {
    run -0 --separate-stderr md rmi -f nothing
    [ "$stderr" = "mini-docker: No such image: nothing:latest" ]
}

@test "rmi: what a stopped container uses must be forced" {
    md run --name web busybox true
    image=$(md images -q)
    container=$(md ps -aq)
    run md rmi busybox
    refused 1 "conflict: unable to remove repository reference \"busybox\" (must force) - container $container is using its referenced image $image"
    run md rmi "$image"
    refused 1 "conflict: unable to delete $image (must be forced) - image is being used by stopped container $container"
    [ "$(names)" = busybox:latest ]
    run -0 md rmi -f busybox
    [ "${lines[0]}" = "Untagged: busybox:latest" ]
    [[ ${lines[1]} == "Deleted: sha256:$image"* ]]
    [ "${#lines[@]}" = 2 ] # its layers are needed
    [ "$(md ps -a --format '{{.Image}}')" = "$image" ]
    [ -z "$(md images -aq)" ]
    run -1 md rmi "$image"
    refused 1 "No such image: $image"
    md rm web
}

@test "rmi -f: a stopped container has all that it needs, until it is removed" {
    md run --name web busybox sh -c 'echo new >/new; cat /etc/passwd' >before
    image=$(md images -q --no-trunc)
    md rmi -f "$image"
    md import small.tar another # sweeps
    [ "$(md start -a web)" = "$(<before)" ]
    [ "$(md diff web)" = "A /new" ]
    md cp web:/bin/busybox copied
    md cp copied web:/put
    md export web | tar -t | grep -qx bin/busybox
    md commit web mine
    [ "$(md run --rm mine sh -c 'cat /new; ls /put' | xargs)" = "new /put" ]
    md rmi mine
    [ "$(md inspect -f '{{.Image}}' web)" = "$image" ]
    md run --rm "$image" true
    md run --name second "$image" true
    md rm web
    md start -a second
    [ -e "$MINI_DOCKER_ROOT/images/blobs/sha256/${image#sha256:}" ]
    md rm second
    [ ! -e "$MINI_DOCKER_ROOT/images/blobs/sha256/${image#sha256:}" ]
    [ "$(ls "$MINI_DOCKER_ROOT/layers" | wc -l)" = 1 ]
    [ ! -e "$MINI_DOCKER_ROOT/images/held.json" ]
    run -125 md run --rm "$image" true
}

@test "rmi -f: loaded again it is an image as any other" {
    md save -o app.tar busybox
    md create --name web busybox true
    md rmi -f busybox
    md load -qi app.tar
    md rm web
    md run --rm busybox true
    [ ! -e "$MINI_DOCKER_ROOT/images/held.json" ]
}

@test "rmi: one that is paused runs" {
    start_background --name web busybox sleep 1000
    md pause web
    image=$(md images -q)
    run md rmi -f "$image"
    refused 1 "conflict: unable to delete $image (cannot be forced) - image is being used by running container ${ID:0:12}"
    md unpause web
    stop_background
}

@test "rmi: what a running container uses loses no more than its name" {
    start_background --name web busybox sleep 1000
    image=$(md images -q)
    run md rmi busybox
    refused 1 "(must force) - container ${ID:0:12} is using"
    for force in '' -f; do
        run md rmi $force "$image"
        refused 1 "conflict: unable to delete $image (cannot be forced) - image is being used by running container ${ID:0:12}"
    done
    run -0 md rmi -f busybox
    [ "$output" = "Untagged: busybox:latest" ]
    [ "$(names)" = "<none>:<none>" ]
    running "$PID"
    stop_background
    md rm web
    md rmi "$image"
    [ -z "$(md images -q)" ]
}

@test "rmi: one of two names of an image in use can go" {
    local SOURCE_DATE_EPOCH=1000000000
    export SOURCE_DATE_EPOCH
    md import small.tar one
    md import small.tar two
    md import "$IMAGES/busybox.tar" box:1
    md import "$IMAGES/busybox.tar" box:2
    start_background --name web box:1 sleep 1000
    [ "$(md rmi box:1)" = "Untagged: box:1" ]
    stop_background
}

@test "rmi: a damaged image can be removed" {
    id=$(md import small.tar app)
    : >"$MINI_DOCKER_ROOT/images/blobs/sha256/${id#sha256:}"
    run -125 md run --rm app true
    run -0 md rmi app
    [ "$(names)" = busybox:latest ]
}
