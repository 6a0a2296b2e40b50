# options.bash - what the tests of `run`'s options share.

load lib/product

# inside OPTION... -- COMMAND...: the output of a command in a container, of
# busybox or of what IMAGE says.
inside() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    "$MINI_DOCKER" run --rm "${options[@]}" "${IMAGE:-busybox}" "$@" </dev/null
}

# same WANTED GOT: as [ "$1" = "$2" ], and tells what there was instead.
same() {
    [ "$1" = "$2" ] || { printf 'wanted: %s\ngot:    %s\n' "$1" "$2"; return 1; }
}

# The last command exited with 125 and said one line with these words; a
# mistake in the command line may be followed by where to read on.
said() {
    [ "$status" = 125 ] || { echo "status $status, said: $output"; return 1; }
    [[ ${lines[0]} == "mini-docker: "*"$1"* ]] || { echo "said: $output"; return 1; }
    [ "${#lines[@]}" = 1 ] ||
        same "See 'mini-docker run --help'." "${output#*$'\n'}"
}

# Lines "OPTIONS | WORDS" on the input: with these options nothing runs, and
# the words tell why. OPTIONS are words of the shell.
all_refused() {
    local options words
    while IFS='|' read -r options words; do
        eval "set -- $options"
        run md run --rm "$@" busybox echo ran </dev/null
        said "${words# }" || { echo "with: $options"; return 1; }
    done
}

# A field of /proc/self/status in a container: status_of FIELD OPTION...
status_of() {
    inside "${@:2}" -- sed -n "s/^$1:[[:space:]]*//p" /proc/self/status
}

# What is mounted at TARGET in a container, "TYPE OPTIONS SUPER-OPTIONS" each;
# fails if nothing is: mounted TARGET OPTION...
mounted() {
    inside "${@:2}" -- cat /proc/self/mountinfo |
        awk -v target="$1" '$5 == target {
            options = $6
            for (i = 7; $i != "-"; i++) options = options "," $i
            print $(i + 1), options, $(i + 3)
            found = 1
        }
        END { exit !found }'
}

# The document that is kept of a container that was not run with --rm.
record_of() {
    cat "$MINI_DOCKER_ROOT/containers/$1"*/config.json
}

# Is this controller here, and on which version? Sets VERSION, skips if not.
need_controller() {
    if [ -d "/sys/fs/cgroup/$1" ]; then
        VERSION=1 GROUP=/sys/fs/cgroup/$1
    elif grep -q -w "${1/blkio/io}" /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
        VERSION=2 GROUP=/sys/fs/cgroup
    else
        skip "this machine has no $1 controller"
    fi
}

# Lines "OPTIONS | V1 FILE | VALUE | V2 FILE | VALUE" on the input: a container
# with these options reads the value from its own group's file; where that is
# "-", this version has no such file, and the container runs all the same. The
# controller is need_controller's.
all_limited() {
    local options v1 value1 v2 value2 got
    while IFS='|' read -r options v1 value1 v2 value2; do
        [ $VERSION = 2 ] && v1=$v2 value1=$value2
        v1=${v1// /}
        if [ "$v1" = - ]; then
            inside $options -- true || return 1
            continue
        fi
        got=$(inside $options -- sh -c "tr '\n' ' ' <$GROUP/$v1")
        same "$(echo $value1)" "$(echo $got)" ||
            { echo "with: $options, $v1"; return 1; }
    done
}

# The options that help lists for a command, "NAME built" or "NAME not", one a
# line. What is told of an option may go on in the next lines.
listed() { # COMMAND
    md "$1" --help | awk '
        function tell() {
            if (name != "") print name, text ~ /\(not +built +yet\)/ ? "not" : "built"
        }
        match($0, /^ +(-[a-zA-Z], )?--[a-z0-9-]+/) {
            tell()
            name = substr($0, 1, RLENGTH)
            sub(/.*--/, "", name)
            text = ""
        }
        { text = text " " $0 }
        END { tell() }'
}
