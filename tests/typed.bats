# What the texts show, typed as it stands there, line by line: each line that they
# show has to come out, and only those commands fail of which it is known here.
load lib/product
load lib/options
load lib/walks

setup_file() {
    product_setup
    restore_images -c 'CMD ["sh"]'
    ip link set lo up
    export TOP=${BATS_TEST_DIRNAME%/tests*}
    mkdir bin
    ln -s "$MINI_DOCKER" bin/mini-docker
    ln -s /usr/bin/env bin/sudo # one is root here, who may do without it
    export PATH=$PWD/bin:$PATH
}
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir walk walk/tmp
    md image inspect busybox >/dev/null 2>&1 || restore_images -c 'CMD ["sh"]'
}
teardown() {
    local pids
    pids=$(grep -lzFx "TYPED=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ 2>/dev/null |
        cut -d / -f 3) || true
    [ -z "$pids" ] || kill -9 $pids 2>/dev/null || true
    rm -f /run/d.sock /run/d.pid
    remove_all_containers
    assert_clean
}

needs() { # PROGRAM...
    local program
    for program; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

# Where the text has a directory of the machine's, it is one of the test's.
here() {
    sed "s,/tmp/,$BATS_TEST_TMPDIR/walk/tmp/,g; s,/var/lib/mini-docker,$MINI_DOCKER_ROOT,g"
}
# What is another one each time: ids, pids, sockets, pointers, times, durations.
alike() {
    sed -E 's/\r$//
        s/:\[[0-9]+\]/:[INODE]/
        s/\b[0-9a-f]{8,64}\b/ID/g
        s/^\[[0-9]+\]/[PID]/
        s/^ *[0-9]+ +[0-9]+ ([a-z])/PID PPID \1/
        s/\b(pidfd|id)=[0-9]+/\1=NUMBER/
        s,(we: )/.*,\1OURS,
        s,(run-|/proc/|stat:)[0-9]+,\1PID,g
        s/0x[0-9a-f]+/POINTER/
        s/[0-9]+\.[0-9]+ ms/TIME/
        s/\bprocess [0-9]+/process PID/
        s/[A-Z][a-z]{2} +[0-9]+ [0-9]{2}:[0-9]{2}/DATE/'
}

# Who types waits, while something goes on behind it, until nothing more happens:
# all processes that came since then sleep, and none has been woken for a while.
settle() {
    local before now=- pid tries
    [ -n "$(jobs -r)" ] || return 0
    for ((tries = 0; tries < 100; tries++)); do
        before=$now now=
        for pid in /proc/[0-9]*; do
            [[ $OLDER == *" $pid "* ]] ||
                now+=$(grep -hE '^State|ctxt' "$pid"/task/*/status 2>/dev/null || :)
        done
        [[ $now != "$before" || $now == *State:?[RD]* ]] || return 0
        sleep 0.1
    done
}

came_out() {
    alike <said >printed
    says_in_order wanted printed
}

# Who was ended because he stayed; 4 is jq's, behind one who was ended in the
# middle of a document.
stayed() { [[ $1 == 124 || $1 == 4 ]] || echo "$2 did not stay: $1" >>../failed; }

# Type what a section says, in a directory from which the paths of the text lead
# somewhere. What would stay to look on is ended. The file failed has what did
# not succeed.
typed() { # TEXT SECTION
    ln -s "$TOP/build" "$TOP/tests" "$TOP/${1%/*}"/sketch*.c walk
    commands_of "$1" "$2" | here | sed -E '
        s/^(mini-docker events|tail -f|watch)[^#]*/timeout 0.5 & || stayed $? "\1" /
        /<<.EOF.$/,/^EOF$/ b
        /[^\\]$/ a settle
        $ a :' >script
    # (The number of a job is told at a terminal.)
    outputs_of "$1" "$2" | here | alike | grep -vE '^\[PID\] [0-9]+$' >wanted
    [ -s script ] && [ -s wanted ]
    (
        cd walk || exit
        OLDER=" ${BASHPID/#//proc/} $(echo /proc/[0-9]*) "
        set +e -E
        trap 'echo "$BASH_COMMAND" >>../failed' ERR
        export TYPED=$BATS_TEST_TMPDIR TERM=xterm # as who types has one
        . ../script
    ) >said 2>&1 </dev/null 3>&- 4>&-
    local end=$((SECONDS + 10))
    until came_out >missing; do
        [ $SECONDS -lt $end ] || { cat missing said; return 1; }
        sleep 0.5
    done
    touch failed
}
# What failed, one a line, is what is known.
failed() { same "$(printf '%s\n' "$@" | here)" "$(cat failed)"; }

# Made already; but there has to be such a goal.
make() { command make -n -C "$TOP" "$@" >/dev/null; }

@test "the sketches, compiled and run as their lessons do" {
    local chapter
    needs cc
    came_out() { # of two processes in whichever order
        alike <said | sort >printed
        sort wanted >sorted
        says_in_order sorted printed
    }
    for chapter in 00-ground 01-processes 02-namespaces 07-union-fs 10-networking; do
        cd "$BATS_TEST_TMPDIR" && mkdir $chapter && cd $chapter && mkdir -p walk/tmp
        typed chapters/$chapter/README.md "The sketch"
        grep -v 'exit 3' failed >more || true # which is what that one shows
        [ ! -s more ]
    done
}
@test "12-supervision: the demo, a signal, and who waits for whom" {
    typed chapters/12-supervision/README.md "Try it"
    failed "MINI_DOCKER_TRACE=pidfd_send_signal,waitid $(: \
        )build/12-supervision/demo sh -c 'kill -TERM \$PPID; sleep 5'"
}
@test "13-engine: the sketch" {
    typed chapters/13-engine/README.md "The sketch"
    failed
}
@test "13-engine: a killed monitor, a network, events, health, a volume" {
    typed chapters/13-engine/README.md "Try it"
    failed "build/13-engine/demo busybox sh -c 'echo I am pid \$\$; exit 7'" \
        "MINI_DOCKER_FAULT='*:5:kill' mini-docker run --rm busybox true" \
        "mini-docker run --rm -v programs:/x:ro busybox sh -c 'ls /x; rm /x/sh'"
}
@test "14-api: the sketch" {
    needs docker
    typed chapters/14-api/README.md "The sketch"
    failed 'docker -H unix:///tmp/s ps'
}
@test "14-api: who waits, who attaches, and a daemon that is killed" {
    needs docker
    typed chapters/14-api/README.md "Try it"
    failed "docker ps" \
        "docker run --name talk busybox sh -c 'sleep 5; echo still here; exit 5'"
}
@test "11-registry: push, pull, and the one that lies" {
    needs docker-registry
    typed chapters/11-registry/README.md "Try it"
    failed "mini-docker pull localhost:8065/wrongdigest"
}

# In a line of the trace also descriptors, names, results and columns are others.
alike_calls() {
    alike | sed -E 's/\b(\w*fd)=[0-9]+/\1=NUMBER/g; s/ = [0-9]+/ = NUMBER/
        s,names/[a-z]+_[a-z]+,names/NAME,; s/ID\.\.\.ID|7b4b\.\.\./ID/g; s/ +/ /g'
}
# All lines of a process of the text are, in their order, lines of one process.
told_by_one() { # PID
    local file
    grep -F "[$1]" wanted | sed -E 's/^\[[0-9]+\]//; /ms( |$)/! s/$/.../' |
        alike_calls >its
    for file in of.*; do
        says_in_order its "$file" >"missing.${file#of.}" && return
    done
    echo "no process did what $1 does:"
    cat its "$(ls -S missing.* | head -1)"
    return 1
}
@test "what happens: each line of the trace, by the process that it names" {
    needs docker
    commands_of what-happens >script
    [ "$(grep -c . script)" = 4 ]
    outputs_of what-happens | grep -E '^\[[0-9]+\]' >wanted
    export TYPED=$BATS_TEST_TMPDIR
    # Its own lines come before the calls.
    sed -n 1p script >daemon
    . ./daemon
    eventually curl -sf --unix-socket /run/d.sock http://x/_ping
    docker -H unix:///run/d.sock run -d --name web busybox sleep 1000
    run -0 bash -c "$(sed -n 2p script)"
    same hi "$output"
    run -4 bash -c "$(sed -n 4p script)"
    eventually grep -q 'argv="sh -c' trace
    awk -F '[][]' '/^\[/ { file = "of." $2; sub(/^\[[0-9]+\]/, ""); print >file }' trace
    for file in of.*; do alike_calls <"$file" >x && mv x "$file"; done
    for pid in $(grep -oE '^\[[0-9]+\]' wanted | tr -d '[]' | sort -u); do
        told_by_one "$pid" || echo "$pid" >>untold
    done
    same "" "$(cat untold 2>/dev/null)"
}

# Without prompts, a command a line. Who typed it waits until what he started is up.
@test "README: the commands, and Docker's client" {
    needs docker
    local line
    ip link set lo up
    outputs_of ./README.md | sed 's/ *#.*//; s/mini-docker.sock/d.sock/' |
        grep -E '^(build/mini-docker|docker) ' | grep -v ' debian ' >script
    [ "$(grep -c . script)" = 10 ]
    ln -s "${MINI_DOCKER%/*}" build
    export TYPED=$BATS_TEST_TMPDIR
    while read -r line <&6; do
        case $line in
        *" -it "*) "$BATS_TEST_DIRNAME/lib/terminal" $line <<<$'see /\ntype exit\\r' ;;
        *" logs -f "*) run -124 timeout 3 $line && [[ $output == *:*:* ]] ;;
        *\&) eval "$line" >daemon.out 2>&1 3>&- 6>&- ;;
        docker*) eventually $line && [ "$($line)" = hello ] ;;
        *wget*) eventually $line && [[ $($line) =~ ^[0-9a-f]{12}$ ]] ;;
        *) eval "$line" >said 2>&1 || { cat said; false; } ;;
        esac || { echo "$line"; return 1; }
    done 6<script
    md rm -f web clock
    md network rm front
}
