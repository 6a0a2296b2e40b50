# The options of run about who it is: users and groups, names of the host, and
# which namespaces are its own.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() { assert_clean; }

@test "--user: names, numbers, and both; the groups that follow" {
    while IFS='|' read -r user id; do
        same "$id" "$(inside -u "${user%% *}" -- id)"
        same "$(sed 's/.*groups=//; s/([a-z]*)//g; s/,/ /g' <<<"$id")" \
            "$(status_of Groups -u "${user%% *}" | sed 's/ *$//')"
    done <<'END'
nobody        |uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)
1000          |uid=1000 gid=0(root) groups=0(root)
1000:5        |uid=1000 gid=5(tty) groups=5(tty)
nobody:audio  |uid=65534(nobody) gid=29(audio) groups=29(audio)
8:2000        |uid=8(mail) gid=2000 groups=2000
0:wheel       |uid=0(root) gid=10(wheel) groups=10(wheel)
root          |uid=0(root) gid=0(root) groups=0(root),10(wheel)
:5            |uid=0(root) gid=5(tty) groups=5(tty)
daemon:       |uid=1(daemon) gid=1(daemon) groups=1(daemon)
2147483647    |uid=2147483647 gid=0(root) groups=0(root)
END
    # It owns what it makes, and its home is what passwd says.
    same "33 /var/www" "$(inside --user=www-data -- \
        sh -c 'touch /tmp/x; echo $(stat -c %u /tmp/x) $HOME')"
    same / "$(inside -u 1000 -- sh -c 'echo $HOME')"
}

@test "--user: all four uids and gids, and no capability in effect" {
    same $'8\t8\t8\t8' "$(status_of Uid -u mail)"
    same $'5\t5\t5\t5' "$(status_of Gid -u mail:tty)"
    same 0000000000000000 "$(status_of CapEff -u mail)"
}

@test "--group-add" {
    same "0 10 29 777" "$(status_of Groups --group-add audio --group-add 777 | xargs)"
    same "29 65534" "$(status_of Groups -u nobody --group-add audio | xargs)"
}

@test "--hostname, --domainname" {
    run -0 inside -h web --domainname example.org -- sh -c '
        hostname; cat /etc/hostname /proc/sys/kernel/domainname; echo $HOSTNAME'
    same "web web example.org web" "$(echo $output)"
    same web.example.org "$(inside --hostname=web.example.org -- hostname)"
    before=$(uname -n)
    inside -h other -- true
    same "$before" "$(uname -n)"
}

# The namespaces of a container with these options that are ours too.
shared_namespaces() {
    local ns
    start_background --rm "$@" busybox sleep 1000
    for ns in mnt pid uts ipc net cgroup user; do
        [ "$(readlink "/proc/$PID/ns/$ns")" != "$(readlink /proc/self/ns/$ns)" ] || echo $ns
    done | xargs
    stop_background
}

@test "--pid, --ipc, --uts, --network, --cgroupns, --userns: whose namespace" {
    while IFS='|' read -r options shared; do
        same "$shared" "$(shared_namespaces $options)" || { echo "with: $options"; false; }
    done <<'END'
--pid host                      |pid user
--ipc host                      |ipc user
--ipc private                   |user
--ipc none                      |user
--ipc shareable                 |user
--uts host                      |uts user
--network host                  |net user
--net=host                      |net user
--network none                  |user
--network default               |user
--cgroupns host                 |cgroup user
--cgroupns private              |user
--userns host                   |user
--pid= --ipc= --uts= --userns=  |user
END
}

@test "--pid host: it sees our processes" {
    run -0 inside --pid host -- sh -c 'cat /proc/'$$'/comm; test $$ != 1'
    same "$(<"/proc/$$/comm")" "$output"
    # Ours are not killed with it.
    kill -0 $$
}

@test "--ipc host: our queues and shared memory; none: no /dev/shm" {
    [ -d /dev/shm ] || skip "this machine has no /dev/shm"
    file=/dev/shm/options-$$
    echo ours >"$file"
    run -0 inside --ipc host -- cat "$file"
    rm "$file"
    same ours "$output"
    [[ $(mounted /dev/mqueue --ipc host) == mqueue* ]]
    run ! mounted /dev/shm --ipc none
    [[ $(mounted /dev/mqueue --ipc none) == mqueue* ]]
}

@test "--uts host and --network host: the host's name" {
    same "$(uname -n)" "$(inside --uts host -- hostname)"
    same "$(uname -n) $(uname -n) $(uname -n)" "$(inside --network host -- \
        sh -c 'echo $(hostname) $HOSTNAME $(cat /etc/hostname)')"
    same other "$(inside --network host -h other -- hostname)"
    same "$(cat /etc/hosts)" "$(inside --network host -- cat /etc/hosts)"
}

@test "--network: the host's interfaces, or lo alone" {
    ip address add 10.99.99.99/32 dev lo
    host=$(inside --network host -- ip address)
    none=$(inside --network none -- ip address)
    ip address delete 10.99.99.99/32 dev lo
    [[ $host == *10.99.99.99* && $none != *10.99.99.99* && $none == *127.0.0.1* ]]
    same 1 "$(grep -c '^[0-9]' <<<"$none")"
}

@test "--cgroupns: what it reads of its own group's path" {
    run -0 inside --cgroupns private -- cat /proc/self/cgroup
    same "" "$(grep -v ':/$' <<<"$output")"
    run -0 inside --cgroupns host -- cat /proc/self/cgroup
    grep -q '/mini-docker/[0-9a-f]*$' <<<"$output"
}

@test "--sysctl" {
    run -0 inside --sysctl net.core.somaxconn=100 --sysctl kernel.msgmax=1000 \
        --sysctl net.ipv4.ip_forward=1 --sysctl fs.mqueue.msg_max=5 \
        --sysctl 'net.ipv4.ping_group_range=0 5' -- sh -c 'cd /proc/sys && cat \
        net/core/somaxconn kernel/msgmax net/ipv4/ip_forward fs/mqueue/msg_max \
        net/ipv4/ping_group_range'
    same "100 1000 1 5 0 5" "$(echo $output)"
    before=$(cat /proc/sys/kernel/msgmax)
    inside --sysctl kernel.msgmax=1000 -- true
    same "$before" "$(cat /proc/sys/kernel/msgmax)"
}

@test "wrong users, names and namespaces" {
    long=$(printf 'a%.0s' {1..65})
    all_refused <<END
-u nosuch                       | unable to find user nosuch: no matching entries in passwd file
-u 0:nosuch                     | unable to find group nosuch: no matching entries in group file
-u -1                           | uids and gids must be in range 0-2147483647
-u 2147483648                   | uids and gids must be in range 0-2147483647
-u 0:4294967295                 | uids and gids must be in range 0-2147483647
-u 99999999999                  | uids and gids must be in range 0-2147483647
--group-add nosuch              | unable to find group nosuch: no matching entries in group file
-h $long                        | hostname "$long" is longer than 64 bytes
--uts host -h web               | conflicting options: hostname and the UTS mode
--pid foo                       | --pid: invalid PID mode
--pid container:                | --pid: invalid PID mode
--pid container:x               | No such container: x
--ipc foo                       | invalid IPC mode
--ipc container:x               | --ipc container:x is not built yet
--uts foo                       | --uts: invalid UTS mode
--userns foo                    | --userns: invalid USER mode
--cgroupns foo                  | --cgroupns: invalid CGROUP mode
--network ''                    | no name set for network
--network none --network host   | conflicting options: cannot attach both user-defined and non-user-defined network-modes
--network container:x           | No such container: x
--sysctl x                      | sysctl 'x' is not allowed
--sysctl kernel.panic=1         | sysctl 'kernel.panic=1' is not allowed
--sysctl net.none=1             | set sysctl "net.none": open sys/net/none: No such file or directory
--sysctl net.core.somaxconn=x   | set sysctl "net.core.somaxconn": write "x" to sys/net/core/somaxconn: Invalid argument
--sysctl net.../../kernel/panic=1 | sysctl
--network host --sysctl net.core.somaxconn=1 | sysctl "net.core.somaxconn" is not allowed in the host's network namespace
--ipc host --sysctl kernel.msgmax=1 | sysctl "kernel.msgmax" is not allowed in the host's ipc namespace
END
}
