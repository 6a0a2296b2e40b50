# escape.bash - what the tests of escapes share. A file begins with
#
#     load escape
#     setup_file() { escape_setup; }
#
# An attack is a command in a container that has the programs of this directory
# below /a. It is tried in four ways: by `mini-docker run` (in_docker) and
# `mini-docker exec` (in_exec); and, with the bundle that Docker would have made
# of the same, by `mini-runc run` (in_bundle) and `mini-runc exec` (in_box). And
# once more, as the control, where just the protection is missing: then it must
# work, or the test proves nothing.
load ../lib/product

escape_setup() {
    command -v jq >/dev/null || skip "no jq"
    product_setup
    local top=${BATS_TEST_DIRNAME%/tests*}
    # Ours is a name that changes nothing but the name: see runc.h.
    export RUNC=${MINI_DOCKER%/*}/mini-runc ATTACKS=${MINI_DOCKER%/*}/escape
    export CONFIG=$top/tests/bench/docker-config
    make -s -C "$top/tests/escape" BUILD="${MINI_DOCKER%/*}" || return
    mkdir -p bundle/rootfs/{a,mnt,proc,dev,sys}
    tar -C bundle/rootfs -xf "$IMAGES/busybox.tar"
    "$CONFIG" rootfs | jq --arg attacks "$ATTACKS" '.mounts += [{destination: "/a",
        type: "bind", source: $attacks, options: ["rbind", "ro"]}] |
        .process.args = ["@ARGS@"]' >docker.json
    ALL_CAPABILITIES=$(all_capabilities)
    export ALL_CAPABILITIES
}

# How attacks are tried. The lab kernel is there for its control groups and its
# age, and slow: one way is enough.
WAYS="in_docker in_exec in_bundle in_box"
! grep -q 'User Mode Linux' /proc/cpuinfo || WAYS=in_docker
not_in_lab_kernel() {
    [ "$WAYS" != in_docker ] || skip "not in the lab kernel: it is slow"
}

# What is taken away, by name: for `mini-docker run`, and for the bundle. The
# name of a capability means that one, and --cap-add opens Docker's filter as
# far as it goes with that; in the bundle the filter is gone altogether.
declare -gA OPTIONS=(
    [-]=""
    [unmasked]="--security-opt systempaths=unconfined"
    [unfiltered]="--security-opt seccomp=unconfined"
    [privileged]="--privileged"
    [no-mknod]="--cap-drop MKNOD"
    [rule]="--device-cgroup-rule 'c 240:* rwm'"
    [host-pids]="--pid host"
    [host-network]="--network host"
    [nnp]="--security-opt no-new-privileges"
    [few-processes]="--pids-limit 20"
    [many-processes]="--pids-limit -1"
    [few-files]="--ulimit nofile=64:64"
    [enough-files]="--ulimit nofile=4096:4096"
    [little-memory]="-m 16m --memory-swap 16m"
    [enough-memory]="-m 128m --memory-swap 128m"
    # --cap-add opens Docker's filter too: only a bundle can tell them apart.
    [all-capabilities]="--cap-add ALL"
)
declare -gA CHANGES=(
    [-]=.
    [unmasked]='.linux.maskedPaths = [] | .linux.readonlyPaths = []'
    [unfiltered]='del(.linux.seccomp)'
    [x86-64-alone]='.linux.seccomp.architectures = ["SCMP_ARCH_X86_64"]'
    [no-mknod]='.process.capabilities |= map_values(. - ["CAP_MKNOD"])'
    [rule]='.linux.resources.devices += [{allow: true, type: "c", major: 240,
        access: "rwm"}]'
    [host-pids]='.linux.namespaces |= map(select(.type != "pid"))'
    [host-network]='.linux.namespaces |= map(select(.type != "network"))'
    [nnp]='.process.noNewPrivileges = true'
    [few-processes]='.linux.resources.pids = {limit: 20}'
    [many-processes]='.linux.resources.pids = {limit: -1}'
    [few-files]='.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 64, hard: 64}]'
    [enough-files]='.process.rlimits[0] |= (.soft = 4096 | .hard = 4096)'
    [little-memory]='.linux.resources.memory = {limit: 16777216, swap: 16777216}'
    [enough-memory]='.linux.resources.memory = {limit: 134217728, swap: 134217728}'
    [user-namespace]='([{containerID: 0, hostID: 100000, size: 65536}]) as $map |
        .linux.namespaces += [{type: "user"}] | .linux.uidMappings = $map |
        .linux.gidMappings = $map'
    [all-capabilities]='.process.capabilities |= map_values($all)'
)
CHANGES[privileged]="${CHANGES[unmasked]} | ${CHANGES[unfiltered]} |
    ${CHANGES[all-capabilities]} | .mounts |= map(.options -= [\"ro\"]) |
    .linux.resources.devices = [{allow: true, access: \"rwm\"}]"

# options_of NAME+NAME, change_of NAME+NAME
options_of() {
    local name
    for name in ${1//+/ }; do
        [[ $name == [A-Z]* ]] && echo "--cap-add $name" || echo "${OPTIONS[$name]}"
    done
}
change_of() {
    local name change=.
    for name in ${1//+/ }; do
        [[ $name == [A-Z]* ]] && change+=" | ${CHANGES[unfiltered]} |
            .process.capabilities |= map_values(. + [\"CAP_$name\"])" ||
            change+=" | ${CHANGES[$name]}"
    done
    echo "$change"
}
# All there are to give: a sandbox may lack some.
all_capabilities() {
    local set=$((16#$(sed -n 's/^CapBnd:\t//p' /proc/self/status)))
    "$RUNC" features | jq -c --argjson set $set '[.linux.capabilities | to_entries[] |
        select(($set / pow(2; .key) | floor) % 2 == 1) | .value]'
}
# WORD... as the words of a JSON array.
json_words() {
    local word list=()
    for word; do
        word=${word//\\/\\\\}
        word=${word//\"/\\\"}
        list+=("\"${word//$'\n'/\\n}\"")
    done
    local IFS=,
    echo "${list[*]}"
}
# bundle/config.json. What is changed for one test is changed once: jq is slow.
make_bundle() { # NAME+NAME COMMAND...
    local made=$BATS_TEST_TMPDIR/$1.json config
    [ -e "$made" ] || jq --argjson all "$ALL_CAPABILITIES" "$(change_of "$1")" \
        <docker.json >"$made"
    config=$(<"$made")
    echo "${config/'"@ARGS@"'/"$(json_words "${@:2}")"}" >bundle/config.json
}

runc() {
    ${VIA-} "$RUNC" --root "$BATS_FILE_TMPDIR/state" "$@"
}

# Each: NAME+NAME COMMAND... VIA is a program that executes the runtime.
in_docker() {
    local options
    eval "options=($(options_of "$1"))"
    # As a bundle has it: no cable, unless the host's network is asked for.
    [[ ${options[*]} == *--network* ]] || options+=(--network none)
    ${VIA-} "$MINI_DOCKER" run --rm -v "$ATTACKS:/a:ro" "${options[@]}" busybox "${@:2}" \
        </dev/null
}
in_bundle() {
    make_bundle "$@"
    runc run -b bundle escape </dev/null
}
# A container that sleeps is there once for all attacks of a test; its output
# goes to a file, or else `run` would wait for its end.
in_exec() {
    local box options
    box=$(box_of exec "$1")
    eval "options=($(options_of "$1"))"
    [[ ${options[*]} == *--network* ]] || options+=(--network none)
    [ -e "$box" ] ||
        ${VIA-} "$MINI_DOCKER" run -d --name "${box##*/}" -v "$ATTACKS:/a:ro" \
            "${options[@]}" busybox sleep 1000 </dev/null >"$box" 2>&1 3>&- || return
    ${VIA-} "$MINI_DOCKER" exec "${box##*/}" "${@:2}" </dev/null
}
in_box() {
    local box
    box=$(box_of box "$1")
    if [ ! -e "$box" ]; then
        : >"$box"
        BOX=${box##*/} start_box "$1" sleep 1000 || return
    fi
    runc exec "${box##*/}" "${@:2}" </dev/null
}
start_box() { # NAME+NAME COMMAND...
    make_bundle "$@"
    runc create -b bundle "${BOX-box}" </dev/null >"${BOX-box}.out" 2>&1 3>&- &&
        runc start "${BOX-box}"
}
box_of() { # KIND NAME+NAME
    echo "$BATS_TEST_TMPDIR/$1.${2//+/_}"
}
leave_boxes() {
    local box
    for box in "$BATS_TEST_TMPDIR"/{exec,box}.*; do
        [ -e "$box" ] || continue
        case ${box##*/} in
        exec.*) md rm -f "${box##*/}" >/dev/null ;;
        box.*) runc delete -f "${box##*/}" ;;
        esac
        rm "$box"
    done
}

# The control without any runtime: COMMAND...
naively() {
    "$ATTACKS/naive" run "$BATS_FILE_TMPDIR/bundle/rootfs" / "$@"
}

# The last output is this, line by line, each a pattern; "a, b" are two lines.
answers() { # WANTED WHERE
    local wanted line
    mapfile -t wanted <<<"${1//, /$'\n'}"
    mapfile -t lines <<<"$output"
    for line in "${!wanted[@]}"; do
        [[ ${lines[line]} == ${wanted[line]} ]] && continue
        printf '%s\nwanted: %s\ngot:    %s\n' "$2" "${wanted[line]}" "$output"
        return 1
    done
    [ ${#lines[@]} = ${#wanted[@]} ] || { echo "$2: too much: $output"; return 1; }
}

# Lines "ATTACK | WITH | ANSWER | WITHOUT | ANSWER" on the input: in a container
# with what the second column names the attack is answered so, and where the
# fourth is taken away as well, otherwise.
withstood() {
    local attack with blocked without works way extra
    while IFS='|' read -r attack with blocked without works; do
        [ -n "${attack// /}" ] || continue
        read -r with <<<"$with"
        read -r blocked <<<"$blocked"
        read -r without <<<"$without"
        read -r works <<<"$works"
        eval "attack=($attack)"
        for way in $WAYS; do
            run $way $with "${attack[@]}"
            answers "$blocked" "$way $with: ${attack[*]}" || return 1
            extra=$with+$without
            run $way "${extra#-+}" "${attack[@]}"
            answers "$works" "control $way $extra: ${attack[*]}" || return 1
        done
    done
}

# Import an image like busybox, in whose root the command has been at work; the
# same tree as the directory image.
image_made_by() { # COMMAND
    rm -rf image
    mkdir image
    tar -C image -xf "$IMAGES/busybox.tar"
    (cd image && eval "$1")
    tar -C image -c . | md import - hostile >/dev/null
}

# Nothing of any container is left, as in assert_clean, nor of a bundle's.
escape_clean() {
    leave_boxes
    assert_clean
    [ -z "$(ls "$BATS_FILE_TMPDIR/state")" ]
}
