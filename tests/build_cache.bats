# What a build remembers, and what its options do: which steps are done anew is
# told by the steps that do not say "Using cache".
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir c
    echo a >c/a
    echo b >c/b
}
teardown() {
    restore_images
    md builder prune -af >/dev/null
    assert_clean
}

# The numbers of the steps that were done anew; FROM is always.
anew() { # OPTION...
    md build -t x "$@" c >out || { cat out; return 1; }
    awk '/^Step / { step = $2; sub("/.*", "", step); if ($4 != "FROM") new[step] }
         /^ ---> Using cache/ { delete new[step] }
         END { for (i = 1; i <= 99; i++) if (i in new) printf "%s ", i }' out
}
file_of() { md run --rm x cat "$1"; }
layers() { md inspect -f '{{len .RootFS.Layers}}' "$1"; }

@test "a file's times are no reason to copy it again; its bytes, mode and name are" {
    printf 'FROM busybox\nCOPY a b /d/\nRUN cat /d/* >/all\nCMD ["x"]\n' >c/Dockerfile
    [ "$(anew)" = "2 3 4 " ]
    [ "$(anew)" = "" ]
    touch -d 2001-02-03 c/a
    touch c/b
    [ "$(anew)" = "" ]
    cp -r c copy && rm -r c && mv copy c # other inodes
    [ "$(anew)" = "" ]
    chmod 600 c/a
    [ "$(anew)" = "2 3 4 " ]
    echo B >c/b
    [ "$(anew)" = "2 3 4 " ]
    [ "$(file_of /all | xargs)" = "a B" ]
    echo more >c/unused
    [ "$(anew)" = "" ]
    # Back to what it was: that is still known.
    echo b >c/b
    [ "$(anew)" = "" ]
    [ "$(file_of /all | xargs)" = "a b" ]
}

@test "the same size and the same time of change, but other bytes" {
    printf 'FROM busybox\nCOPY a /a\n' >c/Dockerfile
    touch -d 2001-02-03 c/a
    [ "$(anew)" = "2 " ]
    [ "$(anew)" = "" ]
    echo A >c/a
    touch -d 2001-02-03 c/a
    [ "$(anew)" = "2 " ]
    [ "$(file_of /a)" = A ]
}

@test "a directory: what is new in it, gone from it, renamed, or a link to elsewhere" {
    mkdir -p c/d/e
    echo f >c/d/f
    ln -s f c/d/l
    printf 'FROM busybox\nCOPY d /d\n' >c/Dockerfile
    [ "$(anew)" = "2 " ]
    touch c/d/e/new
    [ "$(anew)" = "2 " ]
    rm c/d/e/new
    [ "$(anew)" = "" ]
    ln -sfn e c/d/l
    [ "$(anew)" = "2 " ]
    mv c/d/f c/d/g
    [ "$(anew)" = "2 " ]
    rmdir c/d/e
    [ "$(anew)" = "2 " ]
    [ "$(anew)" = "" ]
}

@test "what .dockerignore leaves out changes nothing" {
    printf 'FROM busybox\nCOPY . /d\n' >c/Dockerfile
    printf '*.log\n' >c/.dockerignore
    echo 1 >c/x.log
    [ "$(anew)" = "2 " ]
    echo 2 >c/x.log
    [ "$(anew)" = "" ]
    [ -z "$(md run --rm x ls /d/x.log 2>/dev/null)" ]
    printf '*.log\nb\n' >c/.dockerignore
    [ "$(anew)" = "2 " ]
}

@test "a step is done again after one that was; ENV and ARG count from where they are" {
    printf 'FROM busybox\nRUN true\nARG A=1\nRUN echo $A >/a\nENV B=1\nRUN echo $B >/b\n' >c/Dockerfile
    [ "$(anew)" = "2 3 4 5 6 " ]
    anew --build-arg A=2 >anew
    grep -q '\b4 5 6 $' anew
    ! grep -q '\b2 ' anew
    [ "$(file_of /a)" = 2 ]
    [ "$(anew --build-arg A=2)" = "" ]
    [ "$(anew)" = "" ]
    [ "$(file_of /a)" = 1 ]
    sed -i s/B=1/B=2/ c/Dockerfile
    [ "$(anew)" = "5 6 " ]
    # Proxies are where a build runs, and no reason to do it again.
    [ "$(anew --build-arg HTTP_PROXY=http://nowhere)" = "" ]
}

@test "an argument that no ARG takes is told, each time; what is about the build needs none" {
    printf 'FROM busybox\nONBUILD ARG O\n' | md build -q -t on - >/dev/null
    printf 'ARG G\nFROM on AS base\nARG A=0\nFROM base\nRUN true\n' >c/Dockerfile
    for again in '' again; do
        md build -t x --build-arg A=1 --build-arg G=1 --build-arg O=1 --build-arg no_proxy=x \
            --build-arg SOURCE_DATE_EPOCH=1 --build-arg BUILDKIT_INLINE_CACHE=1 c >out
        run ! grep Warning out
        says out 'Step 1/5 : ARG G'
        md build -t x --build-arg B=1 --build-arg A=1 --build-arg C=2 c >out
        says out '[Warning] One or more build-args [B C] were not consumed'
    done
    [ "$(md build -q -t x --build-arg B=1 c | wc -l)" = 1 ]
    md rmi on x >/dev/null
}

@test "--no-cache: all of it, once" {
    printf 'FROM busybox\nRUN cat /proc/sys/kernel/random/uuid >/u\n' >c/Dockerfile
    [ "$(anew)" = "2 " ]
    local before
    before=$(file_of /u)
    [ "$(anew --no-cache)" = "2 " ]
    local after
    after=$(file_of /u)
    [ "$before" != "$after" ]
    [ "$(anew)" = "" ]
    [ "$(file_of /u)" = "$after" ]
}

@test "only the stages that are needed; COPY --from asks for content" {
    printf 'FROM busybox AS made\nARG N\nRUN echo made by $N >/log; echo same >/f\n' >c/Dockerfile
    printf 'FROM busybox AS broken\nRUN false\nFROM busybox AS last\nCOPY --from=made /f /f\nRUN cp /f /g\n' >>c/Dockerfile
    anew --build-arg N=1 >/dev/null
    ! grep -q "RUN false" out
    md build -q --target made --build-arg N=1 -t made c >/dev/null
    [ "$(md run --rm made cat /log)" = "made by 1" ]
    run -1 md build -q --target broken c
    # Its stage is built again, and what is copied from there is the same.
    anew --build-arg N=2 >/dev/null
    [ "$(grep -A1 "COPY --from" out | sed -n 2p)" = " ---> Using cache" ]
    [ "$(grep -A1 "RUN cp" out | sed -n 2p)" = " ---> Using cache" ]
}

@test "SOURCE_DATE_EPOCH: the same digest twice, and in another state root" {
    printf 'FROM busybox\nCOPY a /a\nRUN mkdir /d && echo f >/d/f\nWORKDIR /w\nLABEL a=b\n' >c/Dockerfile
    export SOURCE_DATE_EPOCH=1234567890
    local first
    first=$(md build -q --no-cache c)
    touch c/a
    [ "$(md build -q --no-cache c)" = "$first" ]
    md save -o busybox.tar busybox
    export MINI_DOCKER_ROOT=$PWD/other
    md load -q -i busybox.tar >/dev/null
    [ "$(md build -q c)" = "$first" ]
    [ "$(md inspect -f '{{.Created}}' "$first")" = "2009-02-13T23:31:30Z" ]
    md run --rm "$first" find /d /w -newer /a | sort >newer
    ! grep -q . newer
    export MINI_DOCKER_ROOT=$BATS_FILE_TMPDIR/root
}

@test "SOURCE_DATE_EPOCH: of what was built without one nothing is taken; it may be an argument" {
    printf 'FROM busybox\nCOPY a /a\nRUN echo f >/f\nCMD ["x"]\n' >c/Dockerfile
    [ "$(anew)" = "2 3 4 " ]
    local first
    first=$(SOURCE_DATE_EPOCH=100 md build -q c)
    [ "$(md inspect -f '{{.Created}}' "$first")" = "1970-01-01T00:01:40Z" ]
    [ "$(SOURCE_DATE_EPOCH=100 md build -q --no-cache c)" = "$first" ]
    [ "$(md build -q --build-arg SOURCE_DATE_EPOCH=100 c)" = "$first" ]
    [ "$(SOURCE_DATE_EPOCH=7 md build -q --build-arg SOURCE_DATE_EPOCH=100 c)" = "$first" ]
    [ "$(SOURCE_DATE_EPOCH=100 anew)" = "" ]
    # And nothing of it is taken where there is none.
    [ "$(anew)" = "" ]
    [ "$(md inspect -f '{{.Created}}' x)" != "1970-01-01T00:01:40Z" ]
    SOURCE_DATE_EPOCH=soon run md build c
    refused 1 "mini-docker: invalid SOURCE_DATE_EPOCH: soon"
}

@test "a Dockerfile with a .dockerignore of its own" {
    mkdir c/sub
    printf 'FROM busybox\nCOPY . /d\n' | tee c/Dockerfile c/sub/Other >elsewhere
    echo b >c/.dockerignore
    echo a >c/sub/Other.dockerignore
    echo '*' >elsewhere.dockerignore
    echo 'sub' >c/Dockerfile.dockerignore
    built() { md build -q -t x "$@" >/dev/null && md run --rm x sh -c 'cd /d && echo *'; }
    [ "$(built c)" = "Dockerfile Dockerfile.dockerignore a b" ]
    [ "$(built -f c/sub/Other c)" = "Dockerfile Dockerfile.dockerignore b sub" ]
    [ "$(cd c && built -f sub/Other .)" = "Dockerfile Dockerfile.dockerignore b sub" ]
    [ "$(built -f elsewhere c)" = "*" ]
    [ "$(tar -C c -c . | built -f sub/Other -)" = "Dockerfile Dockerfile.dockerignore b sub" ]
    rm c/*.dockerignore c/sub/*.dockerignore
    [ "$(built -f c/sub/Other c)" = "Dockerfile a sub" ]
}

@test "names, labels, the id in a file, and nothing but the id with -q" {
    printf 'FROM busybox\nARG A\nLABEL a=$A\n' >c/Dockerfile
    A=env md build -q --build-arg A -t one -t two:2 --label z=last --iidfile id c >out
    [ "$(wc -l <out)" = 1 ]
    [ "$(<id)" = "$(<out)" ]
    [ "$(md images -q --no-trunc one)" = "$(<id)" ]
    [ "$(md images -q --no-trunc two:2)" = "$(<id)" ]
    [ "$(md inspect -f '{{.Config.Labels.a}} {{.Config.Labels.z}}' one)" = "env last" ]
    md build -t one c >out
    [ "$(tail -n 1 out)" = "Successfully tagged one:latest" ]
    [ "$(grep -c '^Step ./3 : ' out)" = 3 ]
}

@test "the Dockerfile, or all of the context, from standard input" {
    printf 'FROM busybox\nCOPY a /got\n' >c/Dockerfile
    local whole
    whole=$(md build -q c)
    [ "$(md build -q -f - c <c/Dockerfile)" = "$whole" ]
    [ "$(tar -C c -c . | md build -q -)" = "$whole" ]
    [ "$(tar -C c -cz . | md build -q -)" = "$whole" ]
    mv c/Dockerfile c/other
    [ "$(tar -C c -c . | md build -q -f other -)" = "$whole" ]
    [ "$(md build -q -f c/other c)" = "$whole" ]
    md build -q -t x - <<<$'FROM busybox\nRUN echo none >/f' >/dev/null
    [ "$(file_of /f)" = none ]
    run -1 md build -q - <<<$'FROM busybox\nCOPY a /a'
    [[ $output == *"COPY failed: file not found in build context"* ]]
    assert_clean # the context that came as an archive is gone
}

@test "-o: a directory, an archive, or standard output" {
    printf 'FROM scratch\nCOPY --chown=7:8 a /d/a\nCOPY --chmod=600 b /b\n' >c/Dockerfile
    md build -q -o dir c
    [ "$(cd dir && find . -type f -printf '%p %m %U:%G\n' | sort | xargs)" = "./b 600 0:0 ./d/a 644 7:8" ]
    mkdir c/dir && install -m 700 /dev/null c/dir/run && install -m 666 /dev/null c/dir/no
    printf 'FROM scratch\nCOPY --chmod=u=rwX,go=rX dir /dir\nCOPY --chmod=go+w,a+x b /b\n' >c/Words
    md build -q -f c/Words -o words c
    [ "$(cd words && find . -mindepth 1 -printf '%p %m\n' | sort | xargs)" = "./b 777 ./dir 755 ./dir/no 644 ./dir/run 755" ]
    md build -q -o type=tar,dest=out.tar c
    md build -q -o - c >stdout.tar
    [ "$(tar -tf out.tar | grep -v '/$' | sort | xargs)" = "b d/a" ]
    tar -xOf stdout.tar d/a | cmp - c/a
}

@test "--squash: one layer above the base, and the same files" {
    printf 'FROM busybox\nCOPY a /a\nRUN echo 1 >/x\nRUN rm /a /bin/sleep && echo 2 >/x\nENV A=b\n' >c/Dockerfile
    md build -q -t x c >/dev/null
    [ "$(layers x)" = 4 ]
    md build -q --squash -t y c >/dev/null
    [ "$(layers y)" = 2 ]
    [ "$(md inspect -f '{{json .Config}}' x)" = "$(md inspect -f '{{json .Config}}' y)" ]
    diff <(md run --rm x ls -lR / 2>/dev/null | grep -v ' [0-9]* root\|total') \
        <(md run --rm y ls -lR / 2>/dev/null | grep -v ' [0-9]* root\|total')
    [ "$(md run --rm y cat /x)" = 2 ]
    run -1 md run --rm y ls /bin/sleep
}

@test "--secret is seen in RUN, and nowhere else" {
    echo "very secret words" >key
    printf 'FROM busybox\nRUN --mount=type=secret,id=key wc -c </run/secrets/key >/n\n' >c/Dockerfile
    md build -q --secret id=key,src=key -t x c >/dev/null
    [ "$(file_of /n)" = 18 ]
    ! md history --no-trunc x | grep -q "very secret"
    ! grep -rq "very secret" "$MINI_DOCKER_ROOT"
    # Another secret is no reason to build again.
    echo other >key
    [ "$(anew --secret id=key,src=key)" = "" ]
}

@test "--mount: a cache stays, a tmpfs goes, a bind shows the context and is an input" {
    printf 'FROM busybox\nARG N\nRUN --mount=type=cache,target=/home echo $N >>/home/log; cat /home/log >/log\n' >c/Dockerfile
    anew --build-arg N=1 >/dev/null
    anew --build-arg N=2 >/dev/null
    [ "$(file_of /log | xargs)" = "1 2" ]
    [ -z "$(md run --rm x ls /home)" ]
    printf 'FROM busybox\nRUN --mount=target=/home cat /home/a >/got; echo no >/home/a || echo refused >/tried\n' >c/Dockerfile
    [ "$(anew)" = "2 " ]
    [ "$(file_of /got) $(file_of /tried)" = "a refused" ]
    [ "$(<c/a)" = a ]
    [ "$(anew)" = "" ]
    echo A >c/a
    [ "$(anew)" = "2 " ]
    [ "$(file_of /got)" = A ]
}

@test "images, ps and history show what Docker shows" {
    printf 'FROM busybox\nCOPY a /a\nRUN echo one >/one\nENV A=b\nCMD ["sh"]\n' >c/Dockerfile
    md build -q -t x c >/dev/null
    [ "$(md images --format '{{.Repository}}:{{.Tag}}' | sort | xargs)" = "busybox:latest x:latest" ]
    [ -z "$(md ps -aq)" ]
    md history --no-trunc --format '{{.CreatedBy}}|{{.Size}}' x >history
    [[ $(sed -n 1p history) == *CMD*sh*"|0B" ]]
    [[ $(sed -n 2p history) == *"ENV A=b|0B" ]]
    [[ $(sed -n 3p history) == *"/bin/sh -c echo one >/one|4B" ]]
    [[ $(sed -n 4p history) == *"COPY a /a|2B" ]]
    [ "$(wc -l <history)" = 5 ]
    # The name goes to the new image; the old one stays without.
    echo A >c/a
    md build -q -t x c >/dev/null
    [ "$(md images --format '{{.Repository}}' | sort | xargs)" = "<none> busybox x" ]
}

# Docker's tools escape "&" in JSON, and everybody puts blanks where he likes.
@test "a base that others wrote keeps its id, and can be built on" {
    md save -o ours.tar busybox
    mkdir theirs
    tar -C theirs -xf ours.tar
    ours=theirs/$(jq -r '.[0].Config' theirs/manifest.json)
    jq --indent 3 '.author = "others"' "$ours" >theirs/config
    id=$(sha256sum <theirs/config | cut -c -64)
    mv theirs/config "theirs/$id.json"
    jq -c --arg c "$id.json" '[.[0] | {Config: $c, RepoTags: ["theirs:latest"], Layers}]' \
        theirs/manifest.json >manifest
    mv manifest theirs/manifest.json
    rm theirs/index.json theirs/oci-layout
    tar -C theirs -cf theirs.tar .
    md load -q -i theirs.tar
    run -0 md build -t same - <<<"FROM theirs"
    [[ ${lines[1]} == " ---> ${id:0:12}" ]]
    [ "sha256:$id" = "$(md inspect -f '{{.Id}}' same)" ]
    md build -q -t more - <<<$'FROM theirs\nRUN echo x >/x\nENV A=b\nRUN cat /x' >/dev/null
    [ x = "$(md run --rm more cat /x)" ]
    md build -q --squash -t one - <<<$'FROM theirs\nRUN echo x >/x\nRUN echo y >/y' >/dev/null
    [ "x y" = "$(md run --rm one cat /x /y | xargs)" ]
    md rmi same theirs more one >/dev/null
}

@test "--cache-from: what an image from elsewhere has built need not be built here" {
    local id when
    printf 'FROM busybox\nARG V=1\nENV A=b\nCOPY a /a\nLABEL l=m\nRUN cat /proc/sys/kernel/random/uuid >/when; echo $V >/v\nRUN cp /a /b\n' >c/Dockerfile
    id=$(md build -q -t elsewhere c)
    when=$(md run --rm elsewhere cat /when)
    md save -o images.tar busybox elsewhere
    forget() { # As if nothing had been built here, and the images had just come.
        remove_all_images
        md builder prune -af >/dev/null
        md load -q -i images.tar >/dev/null
    }
    # It is not asked unless it is named; what is not here lends nothing.
    forget
    [ "$(anew --cache-from nowhere:1)" = "2 3 4 5 6 7 " ]
    [ "$(file_of /when)" != "$when" ]
    forget
    [ "$(anew --cache-from nowhere:1 --cache-from elsewhere | tr -d '235 ')" = "" ]
    [ "$(file_of /when)" = "$when" ]
    [ "$(md inspect -f '{{.Id}}' x)" = "$id" ]
    # Another file, another argument: from there on it is no help.
    forget
    echo other >c/a
    anew --cache-from elsewhere
    [ "$(file_of /b)" = other ]
    [ "$(file_of /when)" != "$when" ]
    forget
    echo a >c/a
    anew --cache-from elsewhere --build-arg V=2
    [ "$(file_of /v)" = 2 ]
    anew --no-cache --cache-from elsewhere
    [ "$(file_of /when)" != "$when" ]
}

@test "--add-host: for RUN to look up, and no part of the key" {
    printf 'FROM busybox\nRUN cat /etc/hosts >/seen\n' >c/Dockerfile
    anew --network none --add-host db:10.1.2.3 --add-host "six=[fd00::7]"
    file_of /seen | grep -q "^10.1.2.3[[:blank:]]db$"
    file_of /seen | grep -q "^fd00::7[[:blank:]]six$"
    [ "$(anew --network none --add-host db:10.9.9.9)" = "" ]
}

@test "--explain: what went into a key, known or not, and what has changed since; the layers" {
    mkdir c/d
    echo b >c/d/b
    printf 'FROM busybox\nARG V=1\nCOPY d /d\nRUN echo $V >/v\n' >c/Dockerfile
    explain() { md build --explain -t x "$@" c >out; grep -A 3 '^ ---> miss' out >misses || true; }
    explain
    [ "$(grep -c '^ ---> miss: never built here$' misses)" = 2 ]
    grep -qx ' ---> key [0-9a-f]\{12\}' out
    grep -qx '      words        \["d","/d"\]' out
    grep -qx '      args         \["V=1"\]' out
    diff <(sed -n 's/^      \([0-9a-f]\{12\}\) .*/\1/p' out) \
        <(md inspect -f '{{range .RootFS.Layers}}{{println .}}{{end}}' x | sed -n 's/sha256:\(.\{12\}\).*/\1/p')
    explain
    [ ! -s misses ]
    # Another file and a new one; then an argument; then nobody may know it.
    echo B >c/d/b
    touch c/d/new
    explain
    diff - <(sed 's/^--$//' misses | head -n 3) <<'END'
 ---> miss: files changed
        changed  b
        new      new
END
    [ "$(grep miss: misses | tail -n 1)" = " ---> miss: parent changed" ]
    rm c/d/new
    echo other >c/d/b
    explain
    grep -qx '        removed  new' misses
    explain --build-arg V=2
    [ "$(grep miss: misses)" = " ---> miss: args changed" ]
    explain --no-cache
    grep -qx ' ---> miss: the cache is not to be used' misses
}

@test "--trace: an instruction is a step, and what its container needs are steps of it" {
    printf 'FROM busybox\nENV A=1\nCOPY a /a\nRUN true\n' >c/Dockerfile
    md build --no-cache --trace=jsonl:trace c >/dev/null
    [ "$(jq -r 'select(.event == "step" and .chapter == "09").name' trace | xargs)" = "FROM ENV COPY RUN" ]
    jq -r 'select(.event == "step").name' trace | xargs | grep -q " RUN .* hostname .* layer remove"
    jq -e -s 'map(select(.event == "call" and .name == "pivot_root")) | length > 0' trace >/dev/null
    md build --no-cache --trace=chrome:trace c >/dev/null
    jq -e 'map(select(.name == "COPY")) | length > 0' trace >/dev/null
}
