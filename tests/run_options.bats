# The options of run, all of them: which are built, what those that are not say,
# the grammar, and those that are about the command itself. The rest is in
# run_options_limits, _mounts, _ids and _rights.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() { assert_clean; }

@test "every option that is built has a test" {
    [ "$(listed run | grep -c ' built$')" -gt 60 ]
    for name in $(listed run | sed -n 's/ built$//p'); do
        grep -q -E -e "^[^@#]*--$name([= |\`\"']|\$)" "$BATS_TEST_DIRNAME"/*.bats ||
            { echo "no test of --$name"; false; }
    done
}

@test "every option that is not built says so by name" {
    [ "$(listed run | grep -c ' not$')" -gt 10 ]
    for name in $(listed run | sed -n 's/ not$//p'); do
        run md run --rm --$name=true busybox echo ran
        said "run: --$name is not built yet"
    done
    # However it is written.
    for words in "--cpu-count 1" --cpu-count=1 "--gpus all"; do
        run md run --rm $words busybox echo ran </dev/null
        said "is not built yet"
    done
}

@test "the grammar of options" {
    same "web a 7" "$(inside -hweb -e=A=a -eB=7 -- sh -c 'echo $(hostname) $A $B')"
    same "web a" "$(inside --hostname=web --env A=a -- sh -c 'echo $(hostname) $A')"
    same "hello" "$(echo hello | md run --rm=true -ieA=1 busybox cat)"
    # What stands behind the image is the program's.
    same "--rm -x --" "$(inside -- echo --rm -x --)"
    same "-n" "$(md run --rm -- busybox echo -- -n | sed 's/-- //')"
    # The last one counts.
    same second "$(inside -h first -h second -- hostname)"
    run -0 md run --help
    [ "${lines[0]}" = "Usage:  mini-docker run [OPTIONS] IMAGE [COMMAND] [ARG...]" ]
    all_refused <<'END'
--nosuch              | unknown flag: --nosuch
--nosuch=1            | unknown flag: --nosuch
-Z                    | unknown shorthand flag: 'Z' in -Z
-iZ                   | unknown shorthand flag: 'Z' in -Z
---x                  | bad flag syntax: ---x
--interactive=x       | invalid argument "x" for "-i, --interactive" flag: strconv.ParseBool: parsing "x": invalid syntax
END
    run md run --rm -m
    said "flag needs an argument: 'm' in -m"
    run md run --rm --memory
    said "flag needs an argument: --memory"
    # As Docker: too few words are the command line's fault, with status 1.
    run -1 md run --rm
    [[ ${lines[0]} == *"'mini-docker run' requires at least 1 argument" ]]
    run -1 md commit a b c
    [[ ${lines[0]} == *"'mini-docker commit' requires at least 1 and at most 2 arguments" ]]
}

@test "create: what Docker's daemon refuses is 1, what its client does is 125" {
    while IFS='|' read -r want options words; do
        run "-$want" md create $options busybox true
        [[ ${lines[0]} == "mini-docker: $words"* ]]
        same $((want == 125 ? 2 : 1)) ${#lines[@]} # then: See '... --help'.
        run -125 md run $options busybox true
        [[ ${lines[0]} == "mini-docker: $words"* ]]
    done <<'EOF'
1|-m 1m|Minimum memory limit allowed is 6MB
1|-w relative|the working directory 'relative' is invalid
1|--oom-score-adj 5000|Invalid value 5000, range for oom score adj
1|--health-interval 1us|Interval in Healthcheck cannot be less than 1ms
1|--name /bad|Invalid container name (/bad)
1|--platform linux/no/v1/x|error parsing specified platform: "linux/no/v1/x": cannot parse platform specifier
125|--restart always --rm|conflicting options: cannot specify both --restart and --rm
125|--memory-swappiness 200|invalid value: 200. Valid memory swappiness range is 0-100
125|--health-retries -1|--health-retries cannot be negative
125|--nothing|unknown flag: --nothing
EOF
    same "" "$(md ps -aq)"
}

@test "--platform: another one than the image's is refused" {
    local ours=amd64 other=arm64
    [ "$(uname -m)" = x86_64 ] || { ours=arm64 && other=amd64; }
    same here "$(md run --rm --platform linux/$ours busybox echo here)"
    same here "$(md run --rm --platform $ours busybox echo here)"
    same here "$(md run --rm --platform= busybox echo here)"
    local words="image with reference busybox was found but its platform (linux/$ours) does not match the specified platform (linux/$other)"
    run -125 md run --rm --pull never --platform linux/$other busybox true
    same "mini-docker: $words" "$output"
    run -1 md create --pull never --platform $other busybox true
    same "mini-docker: $words" "$output"
    same "" "$(md ps -aq)"
}

@test "--rm: nothing stays, and without it the container does" {
    inside -- touch /file
    same "" "$(md ps -aq)"
    md run --name stays busybox sh -c 'echo kept >/file; exit 3' || same 3 $?
    same stays "$(md ps -a --format '{{.Names}}')"
    same kept "$(cat "$MINI_DOCKER_ROOT"/containers/*/diff/file)"
    md rm stays
    all_refused <<<"--rm=maybe | strconv.ParseBool: parsing \"maybe\""
}

@test "--interactive: our input, or nothing" {
    same hello "$(echo hello | md run --rm -i busybox cat)"
    same "" "$(echo hello | md run --rm busybox cat)"
    same 3000000 "$(head -c 3000000 /dev/zero | md run --rm -i busybox wc -c)"
}

@test "--name, --cidfile" {
    run -0 md run --name web_1.x-y --cidfile cid busybox true
    id=$(<cid)
    [[ $id =~ ^[0-9a-f]{64}$ ]]
    same "$id web_1.x-y" "$(md ps -a --no-trunc --format '{{.ID}} {{.Names}}')"
    run md run --name web_1.x-y busybox true
    said "Conflict. The container name \"/web_1.x-y\" is already in use by container \"$id\"."
    run md run --rm --cidfile cid busybox true
    said "container ID file found, make sure the other container isn't running or delete cid"
    same "$id" "$(<cid)"
    md rm web_1.x-y
    inside --name web_1.x-y --cidfile '' -- true
    # The id of what never was is not left lying about; one that could not
    # start is there.
    run -125 md run --cidfile none --user nobody-of-that-name busybox true
    [ ! -e none ]
    run -127 md run --cidfile none busybox nosuch
    same "$(<none) Created" "$(md ps -a --no-trunc --format '{{.ID}} {{.Status}}')"
    md rm "$(<none)"
    rm none
    run -0 md run --rm --cidfile none busybox true
    [ -s none ]
    all_refused <<'END'
--name a              | Invalid container name (a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed
--name a/b            | Invalid container name (a/b)
--name -ab            | Invalid container name (-ab)
--cidfile /none/cid   | write /none/cid: No such file or directory
--cidfile /tmp        | container ID file found
END
}

@test "--env, --env-file" {
    printf '\xef\xbb\xbf# first\n\nA=1\n   B=two words  \nOURS\nNONE\nQ="q"\r\n#C=no\nE=' >file
    printf 'A=2\nF=f\n' >second
    export OURS=ours
    unset NONE
    run -0 inside --env-file file --env-file second -e G=g=h -e F=last --env OURS \
        -e NONE -e HOSTNAME=mine -e EMPTY= -- env
    same "A=2|
B=two words  |
E=|
EMPTY=|
F=last|
G=g=h|
HOME=/root|
HOSTNAME=mine|
OURS=ours|
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|
Q=\"q\"|" "$(LC_ALL=C sort <<<"$output" | sed 's/$/|/')"
    # A name that we do not have takes the image's variable away.
    printf 'FROM=1' >file
    same none "$(inside --env-file file -e FROM -- sh -c 'echo ${FROM-none}')"
    printf 'A B=1\n' >blank
    printf '=x\n' >nameless
    printf 'A=\xff\n' >latin
    all_refused <<END
-e =x                 | invalid argument "=x" for "-e, --env" flag: invalid environment variable: =x
-e ''                 | invalid environment variable:
--env-file none       | open none: No such file or directory
--env-file /          | read /: Is a directory
--env-file blank      | invalid env file (blank): variable 'A B' contains whitespaces
--env-file nameless   | no variable name on line '=x'
--env-file latin      | invalid utf8 bytes at line 1
--env-file /bin/sh    | invalid env file (/bin/sh)
END
}

@test "--label, --label-file, --annotation, --expose, --stop-signal, --stop-timeout are kept" {
    printf 'from=file\na=file\n' >labels
    run -0 md run --cidfile cid --label-file labels -l a=b --label c \
        --annotation d=e --expose 80 --expose 90-91/udp --stop-signal SIGINT \
        --stop-timeout 3 --restart no busybox true
    record=$(record_of "$(<cid)" | tr -d '\n' | tr -s ' ')
    md rm "$(<cid)"
    while read -r part; do
        [[ $record == *"$part"* ]] || { echo "no $part in $record"; false; }
    done <<'END'
"a": "b"
"c": ""
"from": "file"
"Annotations": { "d": "e" }
"80/tcp": {}
"91/udp": {}
"StopSignal": "SIGINT"
"StopTimeout": 3
"Name": "no"
END
    all_refused <<'END'
-l =x                 | invalid label '=x': empty name
--label-file none     | open none: No such file or directory
--annotation x        | expected key=value
--expose x            | invalid range format for --expose: x
--expose 5-3          | invalid range format for --expose: 5-3
--expose 70000        | invalid range format for --expose: 70000
--expose 80/x         | invalid proto: x
--stop-signal FOO     | invalid signal: FOO
--stop-signal 0       | invalid signal: 0
--stop-timeout x      | parsing "x": invalid syntax
--restart foo         | invalid restart policy: unknown policy 'foo'
--restart always:3    | maximum retry count can only be used with 'on-failure'
END
}

@test "--entrypoint" {
    same "hello there" "$(inside --entrypoint echo -- hello there)"
    same plain "$(inside --entrypoint '' -- echo plain)"
    same "-c" "$(inside --entrypoint=/bin/echo -- -c)"
    # One of one's own takes the image's command away with its entry point.
    same "" "$(md run --rm --entrypoint echo busybox)"
    run md run --rm --entrypoint '' busybox
    said "no command specified"
    run -127 md run --rm --entrypoint nosuch busybox
    run -126 md run --rm --entrypoint /etc/passwd busybox
}

@test "--workdir" {
    same /tmp "$(inside -w /tmp -- pwd)"
    same /a/b/c "$(inside --workdir=/a/b/c -- pwd)"
    same / "$(inside -w '' -- pwd)"
    same "/usr/bin /" "$(inside -w /usr//bin/. -- sh -c 'echo $(pwd) $OLDPWD/')"
    all_refused <<'END'
-w rel                | the working directory 'rel' is invalid, it needs to be an absolute path
-w /etc/passwd        | chdir to "/etc/passwd": Not a directory
-w /etc/passwd/x      | chdir to "/etc/passwd/x": Not a directory
-w /proc/self/fd/7    | "/proc/self/fd/7" leads out of the container
END
}

@test "--init: a pid 1 that reaps and passes signals on" {
    run -0 inside --init -- sh -c 'tr "\0" " " </proc/1/cmdline; echo; echo $$
        (sh -c "true & exit" &)
        # It has ended long before the twentieth look; what dies is a zombie for
        # a moment.
        for i in $(seq 500); do
            n=$(grep -ls "^State:.[Z]" /proc/[0-9]*/status | wc -l)
            [ $n != 0 ] || [ $i -le 20 ] || break
            sleep 0.01
        done
        echo $n'
    [[ ${lines[0]} == "/sbin/docker-init -- sh -c"* ]]
    same "2 0" "${lines[-2]} ${lines[-1]}"
    run -7 inside --init -- sh -c 'exit 7'
    run -143 inside --init -- sh -c 'kill -TERM $$'
    [[ $(mounted /sbin/docker-init --init) == *" ro,"* ]]
    # As pid 1 itself, sh would not even see the signal.
    start_background --rm --init busybox sleep 1000
    kill -TERM $OWNER
    wait $OWNER || same 143 $?
    all_refused <<<"--init=x | strconv.ParseBool: parsing \"x\""
}

@test "--sig-proxy: our signals are the container's, or our own" {
    start_background --rm busybox sh -c \
        'trap "exit 9" TERM; echo ready; while :; do sleep 0.01; done'
    until grep -q ready background.out; do sleep 0.01; done
    kill -TERM $OWNER
    wait $OWNER || same 9 $?
    start_background --rm --sig-proxy=false busybox sleep 1000
    kill -TERM $OWNER
    wait $OWNER || same 143 $?
    running $PID
    md rm -f "$ID"
    all_refused <<<"--sig-proxy=x | strconv.ParseBool: parsing \"x\""
}

@test "--trace" {
    run -0 --separate-stderr inside --trace -- echo out
    same out "$output"
    [[ $stderr == *"mounts"*"mount("* && $stderr == *"pivot_root("* ]] || { echo "$stderr"; false; }
    run -0 --separate-stderr inside --trace=steps -- true
    [[ $stderr == *"hostname"* && $stderr != *"pivot_root("* ]]
    [[ $stderr == *" 04 cgroup "*" ms  a control group of its own"*" 04 cgroup "*" ms  taken back: "* ]]
    run -0 --separate-stderr inside --trace=prctl,waitid,unlinkat -- true
    for call in 'prctl(option=PR_CAPBSET_DROP, arg2=' 'waitid(type=P_PIDFD, ' \
        ', flags=AT_REMOVEDIR) = 0'; do
        [[ $stderr == *"$call"* ]] || { echo "no $call in $stderr"; false; }
    done
    run -0 inside --trace=chrome:file -- true
    same '[ ]' "$(head -c 1 file) $(tail -c 2 file)"
    grep -q '"ph": *"X".*"hostname"\|"hostname".*"ph": *"X"' file
    run -0 inside --trace=jsonl:lines -- true
    same 0 "$(grep -c -v '^{.*}$' lines)"
    grep -q '"pivot_root"' lines
    all_refused <<'END'
--trace=nonsense      | trace: "nonsense" is no format, chapter or call
--trace=text:/none/x  | /none/x: No such file or directory
END
}

@test "--pull, --quiet, --disable-content-trust" {
    inside --pull never --quiet --disable-content-trust -- true
    inside --pull missing -q --disable-content-trust=true -- true
    all_refused <<'END'
--pull foo            | invalid pull option: 'foo': must be one of "always", "missing" or "never"
--quiet=x             | strconv.ParseBool: parsing "x"
--disable-content-trust=x | strconv.ParseBool: parsing "x"
--disable-content-trust=false | --disable-content-trust=false is not built yet
END
}
