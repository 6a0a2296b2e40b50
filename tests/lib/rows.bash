# rows.bash - commands that are played against two daemons, and compared.

rows_setup() { # SOCKET-OF-THEIRS SOCKET-OF-OURS
    local side
    export JSON='Content-Type: application/json' THEIRS=$1 OURS=$2
    export IMPORTED=$IMAGES/busybox.tar
    for side in theirs ours; do
        mkdir -p "$BATS_FILE_TMPDIR/$side"
        export -f fields without ask until_ok
    done
}

# What must differ is made equal: ids, digests, addresses of cards, times, sizes;
# blanks, which are as many as the widest word of a column needs. containerd and
# runc put their names before what they say. Since 23.0 a message of the
# daemon's begins with a small letter.
plain() {
    sed -E -e 's/\r$//; s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+(\.[0-9]+)?(Z|[+-][0-9:]+)/TIME/g' \
        -e 's/\b[0-9a-f]{64}\b/ID/g; s/\b[0-9a-f]{12}\b/ID12/g' \
        -e 's/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/MAC/g' \
        -e 's/(About a|Less than a|[0-9]+) (second|minute)s?/SOME time/g' \
        -e 's/[0-9.]+ ?([kMG]i?B|B)\b/SIZE/g' \
        -e 's/(failed to create shim task: )?OCI runtime .* failed: unable to start container process: (.*): unknown/\2/' \
        -e 's/^((docker: )?Error response from daemon: )([A-Z][a-z])/\1\l\3/' \
        -e 's/ +/ /g; s/ $//'
}

# A document's fields and their types, one a line; entries of a list alike.
fields() {
    jq -r '. as $all | [paths as $p | ([$p[] | if type == "number" then "[]"
        else . end] | join(".")) + " " + ($all | getpath($p) | type)] | unique[]'
}

# All but these of them.
without() { # REGEX
    grep -v -E "$1"
}

# What the client would never say.
ask() { # OPTION... URL
    curl -s -m 10 --unix-socket "$SOCKET" -w '%{http_code}\n' "$@"
}

until_ok() { # COMMAND
    local try
    for ((try = 0; try < 100; try++)); do
        eval "$1" >/dev/null 2>&1 && return
        sleep 0.05
    done
    echo "never: $1"
}

# Play the rows of file $1 on side $2, at socket $3; `here` gets SIDE.N for
# each.
play() {
    local row status n=0
    cd "$BATS_FILE_TMPDIR/$2" || return
    export SOCKET=$3 DOCKER_HOST=unix://$3 DOCKER_CONFIG=$PWD/config
    while IFS= read -r row; do
        n=$((n + 1))
        status=0
        timeout -k 1 20 bash -c "$row" >out 2>err </dev/null 3>&- || status=$?
        { echo "status $status"; plain <out; echo "--- stderr"; plain <err; } >"$here/$2.$n"
    done <"$1"
}

# The rows on the input, on both sides at the same time.
rows() {
    local here=$BATS_TEST_TMPDIR row line n=0 bad=0 wanted
    cat >"$here/table"
    grep -v -e '^#' -e '^>' "$here/table" >"$here/rows"
    play "$here/rows" theirs "$THEIRS" &
    (play "$here/rows" ours "$OURS")
    wait $!
    while IFS= read -r line; do
        case $line in
        '#'*) ;;
        '>'*)
            line=${line#>}
            wanted+=${line# }$'\n'
            ;;
        *)
            judge
            row=$line n=$((n + 1)) wanted=
            ;;
        esac
    done <"$here/table"
    judge
    [ $bad = 0 ] || { echo "$bad of $n rows differ"; return 1; }
}
judge() {
    [ $n -gt 0 ] || return 0
    local theirs=$here/theirs.$n ours=$here/ours.$n
    if [ -n "$wanted" ]; then
        printf %s "$wanted" >"$here/wanted"
        cmp -s "$theirs" "$ours" && { echo "no difference any more: $row"; bad=$((bad + 1)); }
        theirs=$here/wanted
    fi
    diff -u --label dockerd --label ours "$theirs" "$ours" >"$here/diff" && return
    echo "=== $row"
    tail -n +3 "$here/diff"
    bad=$((bad + 1))
}
