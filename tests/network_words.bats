# network_words: what is refused of networks is refused in Docker's words, and
# what Docker lets through is let through.

load lib/product
load lib/options
load lib/networks

setup_file() { product_setup; }
teardown() { networks_teardown; }

field() { md inspect -f "{{$2}}" "$1"; }

# Each line "OPTIONS|WORDS" of the input is refused so, of `md COMMAND OPTIONS
# OPERAND...`.
all_refused() { # STATUS COMMAND [OPERAND...]
    local code=$1 command=$2 options words
    shift 2
    while IFS='|' read -r options words; do
        run --separate-stderr md $command $options "$@"
        [ "$status" = "$code" ] && [ -z "$output" ] &&
            [ "${stderr_lines[0]}" = "mini-docker: $words" ] ||
            { echo "$command $options: $status, $output$stderr"; return 1; }
    done
}

@test "another's network: who shares it has no names, ports and addresses of its own" {
    md run -d --name web busybox sleep 100 >/dev/null
    all_refused 125 "run --rm --network container:web" busybox true <<'END'
-p 80:80|conflicting options: port publishing and the container type network mode
-P|conflicting options: port publishing and the container type network mode
--expose 80|conflicting options: port exposing and the container type network mode
--hostname x|conflicting options: hostname and the network mode
--add-host a:1.2.3.4|conflicting options: custom host-to-IP mapping and the network mode
--dns 1.2.3.4|conflicting options: dns and the network mode
--mac-address 02:00:00:00:00:01|conflicting options: mac-address and the network mode
--link web|links are only supported for user-defined networks
--network-alias x|network-scoped aliases are only supported for user-defined networks
END
    same 0 "$(md ps -aq -f status=created | wc -l)"
    run md run --rm --network container: busybox true
    [ "$status" = 125 ]
    same "mini-docker: Invalid network mode: invalid container format container:<name|id>" "${lines[0]}"
}

@test "the host's network: names may be given, ports are let go with a word" {
    all_refused 125 "run --rm --network host" busybox true <<'END'
--mac-address 02:00:00:00:00:01|conflicting options: mac-address and the network mode
--link web|links are only supported for user-defined networks
--network-alias x|network-scoped aliases are only supported for user-defined networks
--ip 1.2.3.4|user specified IP address is supported on user defined networks only
--uts host --hostname x|conflicting options: hostname and the UTS mode
END
    run -0 --separate-stderr md run --rm --network host --hostname x --add-host a:1.2.3.4 \
        -p 18080:80 busybox sh -c 'hostname; grep -c 1.2.3.4 /etc/hosts'
    same "x 1" "$(xargs <<<"$output")"
    same "WARNING: Published ports are discarded when using host network mode" "$stderr"
}

@test "aliases and addresses are for networks of one's own, and for subnets of one's own" {
    md network create --subnet 10.77.0.0/24 n1 >/dev/null
    md network create n2 >/dev/null
    all_refused 125 "run --rm" busybox true <<'END'
--network-alias x|network-scoped alias is supported only for containers in user defined networks
--network bridge --network-alias x|network-scoped aliases are only supported for user-defined networks
--network none --network-alias x|network-scoped aliases are only supported for user-defined networks
--ip 172.17.0.9|user specified IP address is supported on user defined networks only
--network none --ip 1.2.3.4|user specified IP address is supported on user defined networks only
--network n2 --ip 1.2.3.4|user specified IP address is supported only when connecting to networks with user configured subnets
--network n1 --ip 1.2.3.4|Invalid address 1.2.3.4: It does not belong to any of this network's subnets
--network n1 --ip x|invalid IPv4 address: x
--network n1 --network host|conflicting options: cannot attach both user-defined and non-user-defined network-modes
--network n1 --network n1|network "n1" is specified multiple times
--mac-address x|x is not a valid mac address
--dns-search a_b|invalid argument "a_b" for "--dns-search" flag: a_b is not a valid domain
END
    run md run --rm --dns-search '' busybox true
    [ "$status" = 125 ]
    same 'mini-docker: invalid argument "" for "--dns-search" flag:  is not a valid domain' "${lines[0]}"
    # A dot alone is no domain at all; one at the end says nothing.
    run ! grep -q '^search' <(md run --rm --dns-search . busybox cat /etc/resolv.conf)
    md run --rm --dns-search a.b. busybox grep -qx 'search a.b' /etc/resolv.conf
    md run -d --name web --network n2 busybox sleep 100 >/dev/null
    all_refused 1 "network connect" <<'END'
--alias x bridge web|network-scoped alias is supported only for containers in user defined networks
--ip 172.17.0.9 bridge web|user specified IP address is supported on user defined networks only
--ip 1.2.3.4 n1 web|Invalid address 1.2.3.4: It does not belong to any of this network's subnets
--ip x n1 web|invalid IPv4 address: x
n2 web|endpoint with name web already exists in network n2
host web|container cannot be disconnected from host network or connected to host network
none web|container cannot be connected to multiple networks with one of the networks in private (none) mode
nosuch web|network nosuch not found
n1 nosuch|No such container: nosuch
END
    same '["n2"]' "$(field web 'json .NetworkSettings.Networks' | jq -c keys)"
}

@test "network connect and disconnect: host and none; what is not there, by force too" {
    md network create n1 >/dev/null
    md network create n2 >/dev/null
    md run -d --name web --network n2 busybox sleep 100 >/dev/null
    md run -d --name alone --network none busybox sleep 100 >/dev/null
    md run -d --name atop --network host busybox sleep 100 >/dev/null
    local web=$(field web .Id)
    all_refused 1 "network" <<END
connect n1 alone|container cannot be connected to multiple networks with one of the networks in private (none) mode
connect n1 atop|container sharing network namespace with another container or host cannot be connected to any other network
disconnect host atop|container cannot be disconnected from host network or connected to host network
disconnect n1 web|container $web is not connected to network n1
disconnect -f n1 web|container $web is not connected to network n1
disconnect nosuch web|network nosuch not found
disconnect n1 nosuch|No such container: nosuch
disconnect -f n1 nosuch|endpoint nosuch not found
disconnect -f nosuch web|container $web is not connected to the network nosuch
disconnect -f nosuch nosuch|network nosuch not found
END
    md network disconnect none alone
    md network connect n1 alone
    same "eth0 lo" "$(md exec alone ls /sys/class/net | xargs)"
    # The network goes while it does not run: by force it forgets that.
    md stop -t 0 web >/dev/null
    md network rm n2 >/dev/null
    all_refused 1 "network disconnect" <<<"n2 web|network n2 not found"
    md network disconnect -f n2 web
    same '{}' "$(field web 'json .NetworkSettings.Networks')"
    all_refused 1 "network disconnect" <<<"n1 web|container $web is not connected to the network n1"
}

@test "network ls: n9 before n10; names and ids by regular expressions" {
    for name in n10 n9 other; do md network create $name >/dev/null; done
    names() { md network ls "$@" --format '{{.Name}}' | xargs; }
    same "bridge host n9 n10 none other" "$(names)"
    same "n9 n10 none" "$(names -f 'name=^n')"
    same "n9 n10" "$(names -f 'name=^n\d+$')"
    same "n9 n10" "$(names -f 'name=(?i)N[0-9]')"
    same "n9 other" "$(names -f 'name=n9$' -f name=the)"
    same "" "$(names -f 'name=(')"
    same n9 "$(names -f "id=^$(md network inspect -f '{{.Id}}' n9)\$")"
    all_refused 1 "network ls" <<'END'
-f foo=a|invalid filter 'foo'
-f type=a|invalid filter: 'type'='a'
-f dangling=a|invalid filter 'dangling=[a]'
--format {{|template parsing error: template: :1: unclosed action
END
    all_refused 1 "network ls -f dangling=true" <<<"-f dangling=0|invalid filter 'dangling=[true 0]'"
    # What is no format is told apart, and before anything is looked for.
    all_refused 64 "network inspect" nosuch <<<"-f {{.Name|template parsing error: template: :1: unclosed action"
    run md network inspect -f '{{.Nope}}' n9
    refused 1 'template parsing error: template: :1:2: executing "" at <.Nope>: map has no entry for key "Nope"'
    same n9 "$(md network inspect -v -f '{{.Name}}' n9)"
    run md network inspect nosuch
    same "1 [] mini-docker: network nosuch not found" "$(echo $status $output)"
}

@test "network create: drivers, scopes, options and subnets that cannot be had" {
    md network create -o com.docker.network.bridge.name=mine n1 >/dev/null
    all_refused 1 "network create" n2 <<'END'
-d x|plugin "x" not found
-d overlay|This node is not a swarm manager.
--ipam-driver x|plugin "x" not found
--scope swarm|cannot create a swarm scoped network when swarm is not active
--subnet 10.80.0.0/24 --subnet 10.81.0.0/24|bridge driver doesn't support multiple subnets
--gateway 10.80.0.1|every ip-range or gateway must have a corresponding subnet
--subnet 10.80.0.0/24 --gateway 10.80.0.1 --gateway 10.80.0.2|every ip-range or gateway must have a corresponding subnet
-d macvlan -o parent=lo|loopback interface is not a valid macvlan parent link
-d macvlan -o parent=nosuch|-o parent interface was not found on the host: nosuch
-o com.docker.network.bridge.name=lo|network n2: existing interface lo is not a bridge
-o com.docker.network.bridge.enable_icc=x|failed to parse com.docker.network.bridge.enable_icc value: x (strconv.ParseBool: parsing "x": invalid syntax)
END
    run md network create -o com.docker.network.bridge.name=mine n2
    refused 1 "(mine): conflicts with network $(md network inspect -f '{{.Id}}' n1) (mine): networks have same bridge name"
    same n1 "$(md network ls -q -f type=custom --format '{{.Name}}')"
    # A bridge has one address of a family. A link of the host may have more.
    ip link add up0 type veth peer name up1
    md network create -d macvlan -o parent=up0 --subnet 10.80.0.0/24 --subnet 10.81.0.0/24 n2 >/dev/null
    md network rm n2 >/dev/null
    ip link delete up0
}

@test "-p 0:80 is any port, as -p 80" {
    md run -d --name web -p 127.0.0.1:0:80 busybox sleep 100 >/dev/null
    local port=$(md port web 80)
    [[ $port =~ ^127\.0\.0\.1:[0-9]+$ && ${port##*:} -gt 1023 ]]
}
