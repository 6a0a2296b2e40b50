# Wrong Dockerfiles, and files that lead out of the context: an error with the line
# and a caret below it, exit code 1, and nothing left of the build.
load lib/product

setup_file() {
    product_setup
    md images -aq --no-trunc >images
}
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir c
    echo a >c/a
}
teardown() {
    diff "$BATS_FILE_TMPDIR/images" <(md images -aq --no-trunc) && assert_clean
}

# The Dockerfile is refused in these words, and its last line shown, or that of
# the number.
refuses() { # TEXT MESSAGE [LINE]
    printf '%b\n' "$1" >c/Dockerfile
    run --separate-stderr md build c
    local line=${3:-$(sed -n '$=' c/Dockerfile)} shown=("${stderr_lines[@]}")
    # What fails when it is done says where first; a wrong line does in its message.
    [ "${shown[0]}" != "Dockerfile:$line" ] || shown=("${shown[@]:1}")
    [ "$status" = 1 ] && [ "${#shown[@]}" = 3 ] &&
        [[ ${shown[0]} == *" | $(sed -n "${line}p" c/Dockerfile)" ]] &&
        [ "$((${shown[0]%% | *}))" = "$line" ] &&
        [[ ${shown[1]} =~ ^\ {5}\|[[:blank:]]+\^$ ]] &&
        [[ ${shown[2]} == "mini-docker: "*"$2"* ]] && return
    echo "$1: status $status, expected: $2"
    printf '%s\n' "${stderr_lines[@]}"
    return 1
}
# The same for each row of the input, an instruction and what is said of it.
refuses_all() {
    local row bad=0
    while IFS= read -r row; do
        refuses "FROM busybox\n${row%% => *}" "${row#* => }" || bad=1
    done
    return $bad
}

@test "what is misspelt is shown, and the right word suggested" {
    refuses "ROM busybox" "parse error on line 1: unknown instruction: ROM (did you mean FROM?)"
    refuses "FROM busybox\nWOKERDIR /x" "parse error on line 2: unknown instruction: WOKERDIR (did you mean WORKDIR?)"
    refuses "FROM busybox\n\n# and\nEXPSOE 80" "parse error on line 4: unknown instruction: EXPSOE (did you mean EXPOSE?)"
    refuses "FROM busybox\nCOPY --chwn=1 a /a" "unknown flag: --chwn (did you mean chown?)"
    refuses "FROM busybox\nNOTHING like it" "unknown instruction: NOTHING"
    [[ ${stderr_lines[2]} != *"did you mean"* ]]
    refuses "FROM busybox\nRUN echo \\\\\n  one\nrunn two\nCMD x" "unknown instruction: runn (did you mean run?)" 4
}

@test "the caret is below the word that is wrong" {
    refuses "FROM busybox\nCOPY --form=x a /a" "unknown flag: --form"
    [ "${stderr_lines[1]}" = "     |      ^" ]
    refuses "FROM busybox\nFROM busybox AS 1x" "invalid name for build stage"
    [ "${stderr_lines[1]}" = "     |                 ^" ]
}

@test "instructions without what they need" {
    refuses_all <<'END'
ADD a => ADD requires at least two arguments, but only one was provided
ARG => ARG requires at least one argument
ARG =x => ARG names can not be blank
CMD => CMD requires at least one argument
COPY a => COPY requires at least two arguments, but only one was provided
ENTRYPOINT => ENTRYPOINT requires at least one argument
ENV => ENV requires at least one argument
ENV A => ENV must have two arguments
ENV =x => ENV names can not be blank
EXPOSE => EXPOSE requires at least one argument
HEALTHCHECK => HEALTHCHECK requires at least one argument
HEALTHCHECK CMD => Missing command after HEALTHCHECK CMD
HEALTHCHECK NONE x => HEALTHCHECK NONE takes no arguments
LABEL => LABEL requires at least one argument
MAINTAINER => MAINTAINER requires exactly one argument
ONBUILD => ONBUILD requires at least one argument
RUN => RUN requires at least one argument
SHELL => SHELL requires at least one argument
STOPSIGNAL => STOPSIGNAL requires exactly one argument
USER => USER requires exactly one argument
VOLUME => VOLUME requires at least one argument
WORKDIR => WORKDIR requires exactly one argument
FROM => FROM requires either one or three arguments
FROM a b => FROM requires either one or three arguments
END
}

@test "instructions with what they cannot mean" {
    refuses_all <<'END'
ADD http://127.0.0.1:1/x /x => ADD failed: Get "http://127.0.0.1:1/x": Failed to connect
COPY a a /file => When using COPY with more than one source file, the destination must be a directory and end with a /
COPY --chmod=9 a /a => invalid chmod parameter: '9'
COPY --chown=nobodyknows a /a => nobodyknows
COPY --from=1 a /a => invalid from flag value 1: index out of bounds
COPY --from=127.0.0.1:1/x a /a => Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused
COPY --link --link a /a => duplicate flag specified: link
COPY --link=perhaps a /a => expecting boolean value for flag link, not: perhaps
COPY --chown a /a => missing a value on flag: chown
COPY <<EOF /x => unterminated heredoc
ENV A=${B:?needed} => B: needed
ENV A=${B => syntax error: missing '}'
ENV A="b => looking for matching double-quote
ENV A=b c => can't find = in "c". Must be of the form: name=value
EXPOSE many => invalid containerPort: many
EXPOSE 80/tpc => invalid proto: tpc
EXPOSE 70000 => invalid containerPort: 70000
FROM busybox AS a-/ => invalid name for build stage
FROM 127.0.0.1:1/nowhere:1 => Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused
FROM --platform=linux/s390x busybox => image with reference busybox was found but its platform
FROM --platform=many/more/of/them busybox => "many/more/of/them"
FROM ${NONE} => base name (${NONE}) should not be blank
HEALTHCHECK --interval=soon CMD x => time: invalid duration "soon"
HEALTHCHECK SOMETIMES x => Unknown type "SOMETIMES" in HEALTHCHECK (try CMD)
ONBUILD FROM busybox => FROM isn't allowed as an ONBUILD trigger
ONBUILD ONBUILD RUN x => Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed
RUN --mount=type=nfs,target=/x true => unsupported mount type "nfs"
RUN --mount=type=cache true => target is required
RUN --mount=type=secret,id=key,required true => secret key: not found
SHELL /bin/sh -c => SHELL requires the arguments to be in JSON form
STOPSIGNAL SIGNOTHING => invalid signal: SIGNOTHING
VOLUME [""] => VOLUME specified can not be an empty string
WORKDIR /bin/sh => /bin/sh is not a directory
END
}

@test "stages that are not there" {
    refuses "RUN true" "no build stage in current context"
    refuses "FROM busybox AS a\nFROM busybox AS A" "duplicate name a"
    printf 'FROM busybox AS a\n' >c/Dockerfile
    run -1 md build -q --target b c
    [[ $output == "mini-docker: "*"failed to reach build target b in Dockerfile" ]]
}

@test "a Dockerfile that is no file, or has nothing in it" {
    run md build c
    refused 1 "Dockerfile"
    : >c/Dockerfile
    run md build c
    refused 1 "the Dockerfile (Dockerfile) cannot be empty"
    printf '# nothing\n\n' >c/Dockerfile
    run md build c
    refused 1 "file with no instructions"
    rm c/Dockerfile
    mkdir c/Dockerfile
    run md build c
    refused 1 "Is a directory"
    run md build nowhere
    refused 1 'unable to prepare context: path "nowhere" not found'
    run md build c/a
    refused 1 "unable to prepare context: context must be a directory: c/a"
    run md build
    [ "$status" = 1 ]
    head -c 3000 /dev/urandom >c/noise
    run -1 md build -f c/noise c
    run -1 md build - </dev/null
    run -1 md build -f - - </dev/null
}

@test "a .dockerignore that is none; links to one, or to a Dockerfile, that lead out" {
    echo FROM busybox >c/Dockerfile
    printf 'a\n[\n' >c/.dockerignore
    run md build c
    refused 1 "mini-docker: .dockerignore: line 2: syntax error in pattern: ["
    rm c/.dockerignore
    mkdir c/.dockerignore
    run md build c
    refused 1 "mini-docker: read .dockerignore: Is a directory"
    rmdir c/.dockerignore
    # What lies outside is not there.
    echo a >outside
    ln -s ../outside c/.dockerignore
    printf 'FROM scratch\nCOPY a /a\n' >c/Dockerfile
    md build -q -o out c >/dev/null
    [ -e out/a ]
    rm c/Dockerfile
    for to in ../outside "$PWD/outside" /etc/passwd; do
        ln -sf "$to" c/Dockerfile
        run md build c
        refused 1 "mini-docker: Cannot locate specified Dockerfile: Dockerfile"
    done
    md rmi -f $(md images -q -f dangling=true) >/dev/null
}

@test "a context that is a hostile archive" {
    local how name=1
    # Up, through a link, and hard links to what is the host's.
    while read -r how; do
        eval "'$BATS_TEST_DIRNAME/lib/tarball' 'file Dockerfile FROM busybox' $how" >$((name++)).tar
    done <<END
'file ../evil x'
'symlink up $PWD' 'file up/evil x'
'link hard /etc/passwd'
'link hard ../../../../../../etc/passwd'
'symlink etc /etc' 'link hard etc/passwd'
END
    for name in [1-5].tar; do
        run md build - <$name
        refused 1 "mini-docker: build context: "
    done
    [ -z "$(find "$PWD" "$MINI_DOCKER_ROOT" -name evil)" ]
    run md build - < <(head -c 1200 1.tar)
    refused 1 "mini-docker: build context: read the archive: "
}

@test "options that cannot be" {
    echo FROM busybox >c/Dockerfile
    run md build -t UPPER c
    refused 1 "UPPER"
    run md build --progress=loud c
    refused 1 "invalid progress mode loud"
    run md build -o type=carrier-pigeon,dest=x c
    refused 1 'output type "carrier-pigeon" is not supported'
    run md build --secret id=key,src=nowhere c
    refused 1 "mini-docker: secret key: nowhere: No such file or directory"
    run -125 md build --add-host one c
    [ "${lines[0]}" = "mini-docker: invalid argument \"one\" for \"--add-host\" flag: bad format for add-host: \"one\"" ]
    echo FROM 127.0.0.1:1/busybox >c/Dockerfile
    run -1 md build --pull c
    [[ ${lines[-1]} == *": dial tcp 127.0.0.1:1: connect: connection refused" ]]
    [ ! -e x ]
}

@test "no name leads out of the context" {
    echo secret >secret
    ln -s /etc/passwd c/absolute
    ln -s ../secret c/relative
    ln -s .. c/up
    refuses "FROM busybox\nCOPY ../secret /x" "COPY failed: forbidden path outside the build context: ../secret"
    refuses "FROM busybox\nADD ../../../../etc/hostname /x" "ADD failed: forbidden path outside the build context: ../../../../etc/hostname"
    refuses "FROM busybox\nCOPY a/../../secret /x" "forbidden path outside the build context"
    refuses "FROM busybox\nCOPY relative /x" "file not found in build context"
    refuses "FROM busybox\nCOPY up/secret /x" "file not found in build context"
    refuses "FROM busybox\nCOPY up/*ret /x" "no source files were specified"
    refuses "FROM busybox\nCOPY absolute /x" "file not found in build context"
    refuses "FROM busybox\nCOPY missing /x" "COPY failed: file not found in build context: stat missing: file does not exist"
    refuses "FROM busybox\nCOPY *.none /x" "no source files were specified"
    refuses "FROM busybox\nRUN --mount=type=bind,source=up,target=/x cat /x/secret 2>/dev/null" "cat /x/secret"
    # ".." above the root is the root: the context, or the image.
    printf 'FROM busybox\nCOPY ../a /a\nCOPY a ../../../b\nCOPY up/a /c\n' >c/Dockerfile
    md build -q -o out c
    [ "$(cat out/a out/b out/c | xargs)" = "a a a" ]
    md rmi -f $(md images -q -f dangling=true) >/dev/null
}

@test "a link in the image does not lead out of it" {
    mkdir -p outside
    printf 'FROM busybox\nRUN ln -s %s /to && ln -s / /root/up\nCOPY a /to/\nCOPY a /root/up/../../b\nWORKDIR /to/new\n' \
        "$PWD/outside" >c/Dockerfile
    md build -q -o out c
    [ -z "$(ls outside)" ]
    [ "$(cat "out/$PWD/outside/a" out/b | xargs)" = "a a" ]
    [ -d "out/$PWD/outside/new" ]
    md rmi -f $(md images -q -f dangling=true) >/dev/null
}

@test "names with blanks, line feeds, and no UTF-8; ten thousand files" {
    mkdir c/d
    touch "c/d/ a b " c/d/$'line\nfeed' c/d/$'\xff\xfe' c/d/'*' c/d/'$HOME' c/d/-x
    (cd c/d && mkdir many && cd many && seq -f f%g 10000 | xargs touch)
    printf 'FROM scratch\nCOPY d /d\nCOPY ["d/ a b ", "d/$HOME", "/e/"]\n' >c/Dockerfile
    md build -q -o out c
    diff <(cd c/d && find . -print0 | sort -z | xxd) <(cd out/d && find . -print0 | sort -z | xxd)
    md rmi -f $(md images -q -f dangling=true) >/dev/null
}

@test "-q says nothing, unless the build fails; limits are as those of run" {
    printf 'FROM busybox\nRUN echo said; exit 3\n' >c/Dockerfile
    run -3 --separate-stderr md build -q c
    [ -z "$output" ]
    [[ $stderr == "Step 1/2 : FROM busybox"*"said"*"non-zero code: 3" ]]
    run md build -m 1 c
    refused 1 "mini-docker: Minimum memory limit allowed is 6MB"
}
