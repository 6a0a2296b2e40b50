# The commands of mini-runc beside those of runc: the same exit status, the same
# words where something is refused, the same members in what is printed.
load lib/product
load lib/oci

setup_file() {
    export RUNC=$(command -v runc)
    [ -n "$RUNC" ] || { lacks "runc is not installed"; return; }
    oci_setup
    mkdir -p bundle
    ln -sf ../b bundle/mini-runc
    cp -a b bundle/runc
}
setup() {
    skip_lacking
    cd "$BATS_FILE_TMPDIR"
}
teardown() {
    [ -z "${LACKS-}" ] || return 0
    theirs delete -f t-1
    oci_clean
}

# Both as in lib/oci's out: output to a file, which a container may hold.
theirs() {
    timeout -k 1 20 "$RUNC" --root "$BATS_FILE_TMPDIR/runc" "$@" </dev/null \
        >theirs.txt 2>&1 3>&-
}
ours() {
    status=0
    timeout -k 1 20 "$RUNTIME" --root "$OCI_ROOT" "$@" </dev/null >ours.txt 2>&1 \
        3>&- || status=$?
}

# Each in its bundle: a container that sleeps, in a group of its own. FILTER
configure() {
    local name
    for name in mini-runc runc; do
        jq ".process.args = [\"sleep\", \"1000\"] | .linux.cgroupsPath = \"/t-$name\" |
            ${1-.}" docker.json >"bundle/$name/config.json"
    done
}
# Both do it: ARG..., where BUNDLE is each one's own.
both() {
    local wanted=0
    theirs "${@/#BUNDLE/bundle/runc}" || wanted=$?
    ours "${@/#BUNDLE/bundle/mini-runc}"
    [ "$status" = "$wanted" ] && return
    echo "$*: status $status, runc's $wanted: $(cat ours.txt theirs.txt)"
    return 1
}

# Lines "COMMAND | WORDS": both refuse with these words, and with one status.
refuse() {
    local command words
    while IFS='|' read -r command words; do
        read -r words <<<"$words"
        eval "both $command" || return
        [ "$status" != 0 ] || { echo "$command: was done"; return 1; }
        grep -qF -e "$words" ours.txt && grep -qF -e "$words" theirs.txt && continue
        echo "$command: \"$words\" is not in both:"
        cat ours.txt theirs.txt
        return 1
    done
}

@test "what is not there, and what is no command" {
    configure
    refuse <<'END'
state none               | container does not exist
start none               | container does not exist
kill none KILL           | container does not exist
delete none              | container does not exist
ps none                  | container does not exist
pause none               | container does not exist
update --memory 64m none | container does not exist
exec none true           | container does not exist
run -b BUNDLE a/b        | invalid container
nonsense                 | No help topic for 'nonsense'
state                    | state
exec                     | exec
END
    both delete -f none
    both list -f json
    cmp ours.txt theirs.txt
}

@test "in each of its states: what can be done, and what is refused" {
    configure
    both create -b BUNDLE t-1
    refuse <<'END'
create -b BUNDLE t-1     | container with given ID already exists
resume t-1               | container not paused
END
    both start t-1
    refuse <<'END'
start t-1                | cannot start an already running container
delete t-1               | that is not stopped: running
resume t-1               | container not paused
kill t-1 BOGUS           | unknown signal
exec t-1                 | exec
exec t-1 nosuch          | executable file not found in $PATH
exec t-1 /etc/passwd     | permission denied
exec -u bogus t-1 true   | bogus
exec --cwd x t-1 true    | Cwd must be an absolute path
exec -e NAME t-1 true    | invalid environment variable
update --memory x t-1    | invalid size: 'x'
update --memory 1 t-1    | unable to set memory limit to 1
END
    both exec t-1 sh -c 'exit 7'
    both exec t-1 sh -c 'kill -9 $$'
    both kill t-1 0
    both pause t-1
    refuse <<'END'
pause t-1                | container not running
start t-1                | cannot start a container in the paused state
exec t-1 true            | cannot exec in a paused container
delete t-1               | that is not stopped: paused
END
    both resume t-1
    both kill t-1 KILL
    eventually eval 'theirs state t-1; grep -q stopped theirs.txt'
    eventually eval 'ours state t-1; grep -q stopped ours.txt'
    refuse <<'END'
start t-1                | cannot start a container that has stopped
kill t-1                 | container not running
pause t-1                | container not running
resume t-1               | container not paused
update --memory 64m t-1  | container not running
exec t-1 true            | cannot exec in a stopped container
END
    both ps t-1
    cmp ours.txt theirs.txt
    both delete t-1
}

# Which members there are, and of which type: PATH TYPE, with 0 for any index.
members() { # FILE [FILTER]
    jq -r "${2-.}"' | paths as $path | getpath($path) as $value |
        ($path | map(if type == "number" then 0 else . end) | join(".")) + " " +
        ($value | type)' "$1" | sort -u
}
# Ours has all of runc's, with the same types.
has_theirs() { # [FILTER]
    local missing
    missing=$(comm -13 <(members ours.txt "$@") <(members theirs.txt "$@"))
    [ -z "$missing" ] || { echo "only runc has: $missing"; return 1; }
}

@test "the members of what is printed: state, list, events, features, spec" {
    configure
    both run -d -b BUNDLE t-1
    both state t-1
    has_theirs
    both list -f json
    has_theirs
    both list
    [ "$(head -n 1 ours.txt | xargs)" = "$(head -n 1 theirs.txt | xargs)" ]
    both events --stats t-1
    # The kernel's own list differs from group to group; what is zero runc omits,
    # and a device that was not used has no lines.
    has_theirs 'del(.data.memory.raw, .data.blkio)'
    both features
    has_theirs 'del(.annotations)' # runc tells its version there
    # Of the words in its lists we lack none; acl is the file system's own to us.
    jq -n --slurpfile a ours.txt --slurpfile b theirs.txt -e '[$b[0] | paths(arrays)] |
        map(. as $list | ($b[0] | getpath($list)) - ($a[0] | getpath($list))) | add |
        . - ["acl", "noacl"] == []'
    mkdir -p s
    both spec -b s || true # the second finds that of the first
    mv s/config.json theirs.txt
    ours spec -b s
    mv s/config.json ours.txt
    # Inherited capabilities are nobody's default any more.
    has_theirs 'del(.process.capabilities.ambient)'
}

@test "ps: the lines of the container alone, whatever ps is asked for" {
    configure
    both run -d -b BUNDLE t-1
    ours ps t-1 -e -o pid,comm
    [ "$(wc -l <ours.txt)" = 2 ] && grep -q ' sleep$' ours.txt
    theirs ps t-1 -e -o pid,comm
    [ "$(wc -l <theirs.txt)" = 2 ]
    both ps -f json t-1
    jq -e 'length == 1' ours.txt theirs.txt
    refuse <<'END'
ps -f xml t-1            | format
ps t-1 -o comm           | PID
END
}

# Lines "CHANGE | WORDS": a bundle so changed is refused by both.
refuse_config() {
    local change words
    while IFS='|' read -r change words; do
        configure "$change"
        refuse <<<"run -b BUNDLE t-1 | $words" || { echo "$change"; return 1; }
    done
}

@test "configs that both refuse" {
    refuse_config <<'END'
del(.root) | root
.process.args = ["nosuch"] | executable file not found in $PATH
.process.cwd = "x" | absolute
.process.rlimits[0].type = "RLIMIT_X" | RLIMIT_X
.linux.namespaces += [{type: "moon"}] | moon
.linux.sysctl = {"kernel.x": "1"} | is not in a separate kernel namespace
.linux.rootfsPropagation = "x" | rootfsPropagation
.linux.resources.memory.limit = "x" | memory.limit
.linux.seccomp = {defaultAction: "SCMP_ACT_NOTIFY"} | SCMP_ACT_NOTIFY cannot be used as default action
.linux.seccomp.syscalls = [{names: ["write"], action: "SCMP_ACT_NOTIFY"}] | SCMP_ACT_NOTIFY cannot be used for the write syscall
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]} | listenerPath is not set
END
    # The specification's word, which runc does not hold to.
    configure '.linux.seccomp.listenerMetadata = "x"'
    ours run -b bundle/mini-runc t-1
    [ "$status" = 1 ] && grep -q 'listenerMetadata: there is no listenerPath' ours.txt
    # Where nothing asks the agent nobody has to be there.
    configure '.process.args = ["true"] | .linux.seccomp = {listenerPath: "/nosuch",
        defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
        syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
    both run -b BUNDLE t-1
    [ "$status" = 0 ]
}
