# stats: what containers use, as the kernel counts it in their control groups.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

# What the kernel's files of a container's group hold: those of v1, or of v2.
counter() { # CONTAINER FILE-OF-V1 FILE-OF-V2
    local group file
    for group in $(groups_of "$(md inspect -f '{{.Id}}' "$1")"); do
        for file in "$group/$2" "$group/$3"; do
            if [ -e "$file" ]; then
                cat "$file"
                return
            fi
        done
    done
    return 1
}

# Used memory as the kernel counts it, without the cache that would go first.
memory_of() {
    local usage cache
    usage=$(counter "$1" memory.usage_in_bytes memory.current)
    cache=$(counter "$1" memory.stat memory.stat |
        awk '$1 == "total_inactive_file" || (!n && $1 == "inactive_file") { n = $2 }
             END { print n }')
    awk -v n=$((usage - cache)) 'BEGIN {
        split("B KiB MiB GiB", unit)
        for (i = 1; n >= 1024; i++) n /= 1024
        printf "%.4g%s", n, unit[i] }'
}
# Some of it may be given back between two looks.
memory_agrees() {
    md stats --no-stream >table
    grep -q -F " $(memory_of web) / 64MiB " table || { cat table; return 1; }
}

# bats test_tags=lab-kernel
@test "stats: processes, memory and its limit are what the kernel says" {
    md run -d --name web --network none -m 64m --pids-limit 20 busybox \
        sh -c 'dd if=/dev/zero of=/dev/shm/x bs=1M count=8 2>/dev/null
               sleep 1000 & echo ready; wait' >/dev/null
    eventually grep -q ready <(md logs -f web)
    eventually memory_agrees
    mapfile -t lines <table
    same 2 "${#lines[@]}"
    [[ ${lines[0]} =~ ^CONTAINER\ ID\ +NAME\ +CPU\ %\ +MEM\ USAGE\ /\ LIMIT\ +MEM\ %\ +NET\ I/O\ +BLOCK\ I/O\ +PIDS$ ]]
    id=$(md inspect -f '{{.Id}}' web)
    [[ ${lines[1]} =~ ^${id:0:12}\ +web\ +[0-9.]+%\ +([0-9.]+)MiB\ /\ 64MiB\ +([0-9.]+)%\ +0B\ /\ 0B\ +[-0-9.kMB]+\ /\ [-0-9.kMB]+\ +2$ ]] || {
        echo "${lines[1]}"
        false
    }
    # Eight and a little; a percentage of the limit.
    awk -v used="${BASH_REMATCH[1]}" -v part="${BASH_REMATCH[2]}" 'BEGIN {
        exit !(used >= 8 && used < 16 &&
               part - used / 0.64 < 0.02 && used / 0.64 - part < 0.02) }'
    same 2 "$(counter web pids.current pids.current)"
}

@test "stats: who works uses processors, who sleeps none; without a limit, memory is the machine's" {
    md run -d --name busy busybox sh -c 'while :; do :; done' >/dev/null
    md run -d --name idle busybox sleep 1000 >/dev/null
    run -0 md stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemUsage}}' busy idle
    [[ ${lines[0]} =~ ^busy\ [0-9]+\.[0-9][0-9]%\  ]]
    [[ ${lines[0]} != "busy 0.00%"* && ${lines[1]} == "idle 0.00% "* ]]
    same "$(md info | sed -n 's/^ *Total Memory: //p')" "${lines[1]#* / }"
}

@test "stats: what went through its own network, the loopback left out" {
    md run -d --name web --network none busybox sleep 1000 >/dev/null
    md run -d --name host --network host busybox sleep 1000 >/dev/null
    pid=$(md inspect -f '{{.State.Pid}}' web)
    inside=(nsenter -n -t "$pid")
    "${inside[@]}" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' || true
    "${inside[@]}" ip link add v0 type veth peer name v1 ||
        skip "the kernel has no veth"
    # One packet, to somebody whose address needs no question.
    "${inside[@]}" sh -c 'ip link set v0 up; ip link set v1 up; ip link set lo up
        ip addr add 10.0.0.1/24 dev v0
        ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0'
    "${inside[@]}" bash -c 'printf %2000s >/dev/udp/10.0.0.2/9
        printf %2000s >/dev/udp/127.0.0.1/9'
    wanted=$(awk '/v[01]:/ { in_ += $2; out += $10 }
        END { printf "%.3gkB / %.3gkB", in_ / 1000, out / 1000 }' "/proc/$pid/net/dev")
    [[ $wanted == 2.* ]]
    run -0 md stats --no-stream --format '{{.Name}} {{.NetIO}}' web host
    same "web $wanted host 0B / 0B" "$(xargs <<<"$output")"
}

@test "stats: those that are named, those that run, or all" {
    md create --name made busybox true >/dev/null
    md run --name over busybox true
    md run -d --name first busybox sleep 1000 >/dev/null
    id=$(md run -d --name last busybox sleep 1000)
    md pause first >/dev/null
    same $'last 1\nfirst 1' "$(md stats --no-stream --format '{{.Name}} {{.PIDs}}')"
    # Docker has zeros for what does not run.
    run -0 md stats -a --no-stream --format \
        '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.MemPerc}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}'
    zeros="0.00% 0B / 0B 0.00% 0B / 0B 0B / 0B 0"
    same 4 "${#lines[@]}"
    same "over $zeros made $zeros" "${lines[2]} ${lines[3]}"
    same "${id:0:5} last over over" "$(md container stats --no-stream --format \
        '{{.Container}} {{.Name}}' "${id:0:5}" over | xargs)"
    run md stats --no-stream last nowhere
    refused 1 "No such container: nowhere"
}

@test "stats: formats, and ids cut or whole" {
    id=$(md run -d --name web busybox sleep 1000)
    same "CONTAINER      PIDS ${id:0:12}   1" "$(md stats --no-stream \
        --format 'table {{.Container}}\t{{.PIDs}}' | paste -s -d ' ')"
    md stats --no-stream --no-trunc --format json web |
        jq -e --arg id "$id" '.ID == $id and .PIDs == "1" and keys ==
            ["BlockIO", "CPUPerc", "Container", "ID", "MemPerc", "MemUsage",
             "Name", "NetIO", "PIDs"]'
    run md stats --no-stream --format '{{.Nothing}}' web
    [ "$status" = 1 ]
}

@test "stats on a terminal: drawn over, again and again, while containers come and go" {
    md run -d --name web busybox sleep 1000 >/dev/null
    md run -d --name db busybox sleep 1000 >/dev/null
    run -130 "$BATS_TEST_DIRNAME/lib/terminal" "$MINI_DOCKER" stats <<END
see ~\x1b\[HCONTAINER ID[^\n]*\x1b\[K\n\w+ +db [^\n]*\x1b\[K\n\w+ +web [^\n]*\x1b\[K\n\x1b\[J
background $MINI_DOCKER rm -f web
see ~\x1b\[HCONTAINER ID[^\n]*\n\w+ +db [^\n]*\x1b\[K\n\x1b\[J
type \x03
END
}

@test "stats of one that is removed meanwhile: its name stays, its numbers go" {
    md run -d --name web busybox sleep 1000 >/dev/null
    "$MINI_DOCKER" stats --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' web \
        >out 2>&1 3>&- &
    stats=$!
    eventually grep -q '^web 1 ' out
    md stop -t 0 web >/dev/null
    eventually says out "web 0 0B / 0B"
    md rm web >/dev/null
    eventually says out "web -- -- / --"
    kill $stats
    run wait $stats
    ! grep -v -e '^web 1 ' -e '^web 0 0B / 0B$' -e '^web -- -- / --$' out
}
