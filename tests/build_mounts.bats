# RUN --mount, whose options are more than a place: what is seen, who may change it,
# and what is left. And scripts that name their interpreter, which are mounted, too.
load lib/product

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p c/sub
    echo a >c/a
    echo b >c/sub/b
}
teardown() {
    [ -z "${BUILDERS-}" ] || kill -KILL $BUILDERS 2>/dev/null || true
    md ps -aq >/dev/null
    eventually is_clean
    restore_images
    md builder prune -af >/dev/null
    rm -rf "$MINI_DOCKER_ROOT"/cache/mounts/*
    nothing_lent && assert_clean
}

# What was made for a RUN to see is gone: also secrets, in the run directory.
nothing_lent() {
    [ -z "$(find /run/mini-docker/*/tmp "$MINI_DOCKER_ROOT/tmp" -mindepth 1 ! -name lock 2>/dev/null)" ]
}
dockerfile() { printf 'FROM busybox\n%b\n' "$1" >c/Dockerfile; }
# What the last RUN of these lines writes to /got.
got() { # TEXT [OPTION...]
    dockerfile "$1"
    md build -q -t x "${@:2}" c >/dev/null && md run --rm --network none x cat /got
}
refuses() { # TEXT MESSAGE
    dockerfile "$1"
    run -1 --separate-stderr md build c
    [[ ${stderr_lines[-1]} == "mini-docker: $2"* ]] || { echo "$stderr"; return 1; }
}
# Set BUILDERS, and wait until its step begins.
build_in_background() { # OUT OPTION...
    env --default-signal=INT "$MINI_DOCKER" build --no-cache "${@:2}" c </dev/null >"$1" 2>"$1.err" 3>&- &
    BUILDERS+=" $!"
    eventually grep -q "^Step 2/2" "$1"
}

@test "bind: what .dockerignore leaves out is not there, and no input" {
    echo sub >c/.dockerignore
    [ "$(got 'RUN --mount=target=/home ls -A /home | xargs >/got')" = ".dockerignore Dockerfile a" ]
    echo other >c/sub/b
    md build c | grep -q "Using cache"
    # What is below it is not mounted beside it either.
    refuses "RUN --mount=source=sub,target=/home true" "COPY failed: file not found in build context or excluded"
    printf 'sub/*\n!sub/b\n*.log\n' >c/.dockerignore
    touch c/x.log c/sub/c
    [ "$(got 'RUN --mount=source=sub,target=/home cd /home && echo $(find) >/got')" = ". ./b" ]
}

@test "bind: written to with rw, and that is lost; of the context, a stage and an image" {
    [ "$(got 'RUN --mount=target=/home,rw echo new >/home/a && rm -r /home/sub && ls /home | xargs >/got')" = "Dockerfile a" ]
    [ "$(cat c/a c/sub/b | xargs)" = "a b" ]
    [ "$(got 'RUN --mount=source=a,target=/home/f,rw echo new >/home/f && cat /home/f >/got')" = new ]
    [ "$(<c/a)" = a ]
    printf 'FROM busybox AS one\nRUN mkdir /s && echo 1 >/s/f && chown 3:4 /s/f\nFROM busybox\n%s\n%s\n' \
        'RUN --mount=from=one,source=/s,target=/home,rw stat -c %u:%g /home/f >/got; echo 2 >>/home/f; cat /home/f >>/got' \
        'RUN --mount=from=one,source=/s,target=/home --mount=from=busybox,target=/mnt,rw rm /mnt/bin/busybox; cat /home/f >>/got' >c/Dockerfile
    md build -q -t x c >/dev/null
    [ "$(md run --rm --network none x cat /got | xargs)" = "3:4 1 2 1" ]
}

@test "tmpfs: its size" {
    [ "$(got 'RUN --mount=type=tmpfs,target=/home,size=64k dd if=/dev/zero of=/home/f bs=1k count=99 2>/dev/null; stat -c %s /home/f >/got')" = 65536 ]
    refuses "RUN --mount=type=tmpfs,target=/home,size=big true" "invalid value big for size"
}

@test "secret: of root alone, or as asked; from a file or a variable" {
    echo words >key
    local run='RUN --mount=type=secret,id=key%s stat -c "%%a %%u:%%g" /run/secrets/key >/got; cat /run/secrets/key >>/got'
    chmod 666 key
    [ "$(got "$(printf "$run" "")" --secret id=key,src=key | xargs)" = "400 0:0 words" ]
    [ "$(got "$(printf "$run" ,mode=0440,uid=5,gid=6)" --secret id=key,src=key | xargs)" = "440 5:6 words" ]
    [ "$(KEY=v got "$(printf "$run" "")" --no-cache --secret id=key,env=KEY | xargs)" = "400 0:0 v" ]
    [ "$(key=w got "$(printf "$run" "")" --no-cache --secret id=key | xargs)" = "400 0:0 w" ]
    # As a variable of this RUN, and as a file too where a place is named.
    local env='RUN --mount=type=secret,id=key,env=V%s sh -c "echo \\$V; ls -A /run/secrets /s 2>/dev/null" >/got || true'
    [ "$(got "$(printf "$env" "")" --secret id=key,src=key | xargs)" = words ]
    [ "$(got "$(printf "$env" ,target=/s)" --secret id=key,src=key | xargs)" = "words /s" ]
    [ "$(md inspect -f '{{.Config.Env}}' x | grep -c words)" = 0 ]
    refuses 'RUN --mount=type=secret,id=key,env=V,required true' "secret key: not found"
    refuses "RUN --mount=type=secret,id=key,mode=999 true" "invalid value 999 for mode"
    run md build --secret id=key,env=NOT_THERE c
    refused 1 "mini-docker: secret key: no variable NOT_THERE"
    run md build --secret id=key,type=ssh c
    refused 1 'mini-docker: unsupported secret type "ssh"'
}

@test "a builder that is killed: the next command takes the secret away, the next build its copies" {
    echo words >key
    dockerfile 'RUN --mount=type=secret,id=key --mount=target=/home,rw echo started; sleep 1000'
    build_in_background out --secret id=key,src=key
    eventually says out started
    grep -rqw words /run/mini-docker/*/tmp
    kill -KILL $BUILDERS
    wait $BUILDERS || true
    BUILDERS=
    md ps -q >/dev/null
    ! grep -rqw words /run/mini-docker
    # And by ctrl-c at once.
    build_in_background out2 --secret id=key,src=key
    eventually says out2 started
    kill -INT $BUILDERS
    wait $BUILDERS && return 1
    BUILDERS=
    nothing_lent
}

@test "cache: begins with files of a stage or an image, with an owner and a mode; later only with what it has" {
    local run='RUN --mount=type=cache,id=k,target=/home,from=busybox,source=/etc,uid=5,gid=6,mode=0750%s stat -c "%%a %%u:%%g" /home >/got; ls /home | grep -c -e passwd -e mine >>/got; touch /home/mine'
    [ "$(got "$(printf "$run" "")" | xargs)" = "750 5:6 1" ]
    [ "$(got "$(printf "$run" "")" --no-cache | xargs)" = "750 5:6 2" ]
    [ "$(got "$(printf "$run" ,ro) || echo refused >>/got" --no-cache | xargs)" = "750 5:6 2 refused" ]
    refuses "RUN --mount=type=cache,target=/home,from=nowhere:1 true" "RUN --mount=from=nowhere:1: "
    refuses "RUN --mount=type=cache,target=/home,uid=-1 true" "invalid value -1 for uid"
    refuses "RUN --mount=type=cache,target=/home,sharing=no true" 'unsupported sharing value "no"'
}

@test "cache: locked, one after the other; private, each his own; shared, together" {
    local sharing i cache
    for sharing in locked private shared; do
        BUILDERS=
        rm -rf "$MINI_DOCKER_ROOT"/cache/mounts/*
        dockerfile "RUN --mount=type=cache,target=/go,id=go --mount=type=cache,target=/k,id=k,sharing=$sharing echo in >>/k/log; until [ -e /go/go ]; do sleep 0.01; done; echo out >>/k/log"
        build_in_background 1
        cache=$(printf k | sha256sum | cut -c -32)
        eventually test -s "$MINI_DOCKER_ROOT/cache/mounts/$cache/log"
        build_in_background 2
        case $sharing in
        locked) sleep 0.3 ;; # it does not begin
        private) eventually test -s "$MINI_DOCKER_ROOT/cache/mounts/$cache-1/log" ;;
        shared) eventually eval '[ "$(grep -c in "$MINI_DOCKER_ROOT/cache/mounts/$cache/log")" = 2 ]' ;;
        esac
        touch "$MINI_DOCKER_ROOT/cache/mounts/$(printf go | sha256sum | cut -c -32)/go"
        for i in $BUILDERS; do wait "$i"; done
        cat "$MINI_DOCKER_ROOT/cache/mounts/$cache"*/log | xargs >>logs
    done
    diff - logs <<<$'in out in out\nin out in out\nin in out out'
}

@test "cache: two locked in both orders, and one at two places" {
    local i m='--mount=type=cache,sharing=locked,id'
    for i in a b; do
        [ $i = a ] && m2="$m=a,target=/1 $m=b,target=/2" || m2="$m=b,target=/2 $m=a,target=/1"
        printf 'FROM busybox\nRUN %s %s=a,target=/3 echo x >>/3/log; for i in 1 2 3 4 5; do cat /1/log >>/2/log; done\n' "$m2" "$m" >c/$i
    done
    BUILDERS=
    for i in a b a b; do
        "$MINI_DOCKER" build -q --no-cache -f c/$i c </dev/null >>out 2>&1 3>&- &
        BUILDERS+=" $!"
    done
    for i in $BUILDERS; do wait "$i"; done
    BUILDERS=
    [ "$(grep -c x "$MINI_DOCKER_ROOT/cache/mounts/$(printf a | sha256sum | cut -c -32)/log")" = 4 ]
}

@test "cache: ctrl-c while it waits for somebody's" {
    dockerfile 'RUN --mount=type=cache,target=/k,id=k,sharing=locked echo started; sleep 1000'
    build_in_background 1
    eventually says 1 started
    build_in_background 2
    local first second
    read -r first second <<<"$BUILDERS"
    local status=0
    kill -INT "$second"
    wait "$second" || status=$?
    [ $status = 130 ]
    kill -INT "$first"
    wait "$first" || status=$?
    [ $status = 1 ]
    BUILDERS=
}

@test "a script that names its interpreter is for that" {
    [ "$(got 'RUN <<"X"\n#!/bin/awk -f\nBEGIN { print "awk" >"/got" }\nX')" = awk ]
    md build c | grep -q "Using cache"
    [ "$(got 'RUN <<-X\n\t#!/bin/sed wgot\n\tX\nRUN <<X cat >/got\n#!no interpreter\nX')" = "#!no interpreter" ]
    # Without one it is for the shell.
    [ "$(got 'SHELL ["/bin/ash", "-c"]\nRUN <<X\necho $0 >/got\nX')" = /bin/ash ]
    dockerfile 'RUN <<X\n#!/nowhere\nX'
    run -127 md build c
}

@test "RUN --device, --security and --network that cannot be" {
    refuses "RUN --device=x true" "RUN --device is not supported"
    refuses "RUN --security=insecure true" "RUN --security=insecure is not allowed"
    refuses "RUN --network=nowhere true" "network nowhere not found"
}

@test "cache: builder prune removes what no build uses" {
    local run='RUN --mount=type=cache,target=/kept,id=%s echo %s >>/kept/f; cat /kept/f >/got'
    [ "$(got "$(printf "$run" one 1)")" = 1 ]
    [ "$(got "$(printf "$run" one 2)" | xargs)" = "1 2" ]
    dockerfile 'RUN --mount=type=cache,target=/kept,id=two until [ -e /kept/go ]; do sleep 0.01; done'
    build_in_background out
    eventually [ -d "$MINI_DOCKER_ROOT/cache/mounts/$(printf two | sha256sum | cut -c 1-32)" ]
    md system df --format '{{.Type}} {{.TotalCount}}' | grep 'Build Cache'
    run -0 md builder prune -f --filter type=exec.cachemount
    [ "${lines[-1]}" = "Total reclaimed space: 4B" ]
    [ "$(ls "$MINI_DOCKER_ROOT/cache/mounts")" = "$(printf two | sha256sum | cut -c 1-32)" ]
    touch "$(echo "$MINI_DOCKER_ROOT"/cache/mounts/*)/go"
    wait $BUILDERS
    BUILDERS=
    [ "$(got "$(printf "$run" one 3)")" = 3 ]
    md builder prune -af >/dev/null
    [ -z "$(ls "$MINI_DOCKER_ROOT/cache/mounts")" ]
}
