# network: bridges, names, published ports, and the commands for them.

load lib/product
load lib/options
load lib/networks

setup_file() { product_setup; }
teardown() {
    networks_teardown && [ -z "$(ls "$MINI_DOCKER_ROOT/networks" 2>/dev/null)" ]
}

field() { md inspect -f "{{$2}}" "$1"; }
ip_of() { field "$1" ".NetworkSettings.Networks.${2:-bridge}.IPAddress"; }

# --- the default bridge ------------------------------------------------------

@test "by default: an address on the bridge, the host as the way out" {
    run -0 md run --rm busybox sh -c 'ip -o -4 addr show eth0; ip route; cat /etc/hosts'
    [[ ${lines[0]} == *"inet 172."*".0.2/16 "* ]]
    [[ ${lines[1]} == "default via 172."*".0.1 dev eth0"* ]]
    [[ $output == *172.*.0.2$'\t'* ]]
    run -0 md run --rm busybox sh -c 'ping -c 1 -W 2 $(ip route | sed -n "s/default via \([0-9.]*\).*/\1/p")'
}

@test "neighbours reach each other; addresses are not given again at once" {
    serve one
    first=$(ip_of one)
    same "page of one" "$(md run --rm busybox wget -qO- "http://$first/")"
    md rm -f one >/dev/null
    serve two
    [ "$(ip_of two)" != "$first" ]
}

@test "NetworkSettings: what it has, and nothing when it has ended" {
    md run -d --name web -p 127.0.0.1::80 --expose 81 busybox sleep 100 >/dev/null
    settings=$(md inspect -f '{{json .NetworkSettings}}' web)
    same bridge "$(jq -r '.Networks | keys[]' <<<"$settings")"
    same "$(jq -r .IPAddress <<<"$settings")" "$(jq -r .Networks.bridge.IPAddress <<<"$settings")"
    same "$(jq -r .MacAddress <<<"$settings")" "$(md exec web cat /sys/class/net/eth0/address)"
    same 16 "$(jq .IPPrefixLen <<<"$settings")"
    same "80/tcp 81/tcp" "$(jq -r '.Ports | keys | join(" ")' <<<"$settings")"
    same null "$(jq -c '.Ports["81/tcp"]' <<<"$settings")"
    same '127.0.0.1' "$(jq -r '.Ports["80/tcp"][0].HostIp' <<<"$settings")"
    md stop -t 0 web >/dev/null
    settings=$(md inspect -f '{{json .NetworkSettings}}' web)
    same "{}" "$(jq -c .Ports <<<"$settings")"
    same "" "$(jq -r '.IPAddress + .Networks.bridge.IPAddress' <<<"$settings")"
}

# --- modes -------------------------------------------------------------------

@test "none has lo alone; host is the host; container:NAME shares" {
    same lo "$(md run --rm --network none busybox ls /sys/class/net)"
    same "$(readlink /proc/self/ns/net)" "$(md run --rm --network host busybox readlink /proc/self/ns/net)"
    serve web
    same "page of web" "$(md run --rm --network container:web busybox wget -qO- http://127.0.0.1/)"
    same "$(md exec web cat /etc/hosts)" "$(md run --rm --network container:web busybox cat /etc/hosts)"
    md stop -t 0 web >/dev/null
    run md run --rm --network container:web busybox true
    refused 125 "cannot join network of a non running container: $(field web .Id)"
    # To be created it need not run; and it is that container, whatever its name.
    md create --name later --network container:web --pid container:web busybox ls /proc/1/cwd
    same "container:$(field web .Id) container:$(field web .Id)" \
        "$(md inspect -f '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}}' later)"
    same private "$(md inspect -f '{{.HostConfig.CgroupnsMode}}' later)"
    run md start later
    [[ $status = 1 && $output == *"cannot join "*" of a non running container: $(field web .Id)"* ]]
    run md run --name too --network container:web busybox true
    refused 125 "cannot join network of a non running container: $(field web .Id)"
    md rename web renamed
    md start renamed
    md start -a later
    md start -a too
    md rm later too
    run md run --rm --network container:nobody busybox true
    refused 125 "No such container: nobody"
    run md run --rm --network nosuch busybox true
    refused 125 "network nosuch not found"
}

@test "--pid container:NAME: its processes are seen" {
    md run -d --name web busybox sleep 12345 >/dev/null
    [[ $(md run --rm --pid container:web busybox ps) == *"sleep 12345"* ]]
}

# --- networks of one's own ---------------------------------------------------

@test "network create, ls, inspect, rm" {
    run -0 md network create --label a=b n1
    id=$output
    [ ${#id} = 64 ]
    run md network create n1
    refused 1 "network with name n1 already exists"
    same "bridge host n1 none" "$(md network ls --format '{{.Name}}' | xargs)"
    [[ $(md network ls | head -1) == "NETWORK ID     NAME      DRIVER    SCOPE" ]]
    same n1 "$(md network ls -q -f label=a=b --no-trunc | xargs "$MINI_DOCKER" network inspect -f '{{.Name}}')"
    same n1 "$(md network ls -f driver=bridge -f type=custom --format '{{.Name}}')"
    same n1 "$(md network inspect -f '{{.Name}}' "${id:0:7}")"
    ip -o link show "$(bridge_of n1)" >/dev/null
    run md network rm bridge
    refused 1 "bridge is a pre-defined network and cannot be removed"
    md run -d --name web --network n1 busybox sleep 100 >/dev/null
    same web "$(md network inspect -f '{{json .Containers}}' n1 | jq -r '.[].Name')"
    run md network rm n1
    refused 1 "error while removing network: network n1 id $id has active endpoints"
    md rm -f web >/dev/null
    same n1 "$(md network rm n1)"
    run ! ip link show "br-${id:0:12}" 2>/dev/null
    run md network rm n1
    refused 1 "network n1 not found"
    md network rm -f n1
}

@test "network create: subnet, gateway, range, options" {
    md network create --subnet 10.77.0.0/24 --gateway 10.77.0.254 --ip-range 10.77.0.128/25 \
        -o com.docker.network.bridge.name=mybr -o com.docker.network.driver.mtu=1400 n1 >/dev/null
    [[ $(ip -o -4 addr show mybr) == *"inet 10.77.0.254/24"* ]]
    run -0 md run --rm --network n1 busybox sh -c 'ip -o -4 addr show eth0; ip route; cat /sys/class/net/eth0/mtu'
    [[ ${lines[0]} == *"inet 10.77.0.128/24"* ]]
    [[ ${lines[1]} == "default via 10.77.0.254"* ]]
    same 1400 "${lines[-1]}"
    run -0 md run --rm --network n1 --ip 10.77.0.7 --mac-address 02:11:22:33:44:55 busybox \
        sh -c 'ip -o -4 addr show eth0; cat /sys/class/net/eth0/address'
    [[ ${lines[0]} == *"inet 10.77.0.7/24"* ]]
    same 02:11:22:33:44:55 "${lines[1]}"
}

@test "network create: what cannot be" {
    md network create --subnet 10.77.0.0/24 n1 >/dev/null
    local row
    while IFS='|' read -r options message; do
        run md network create $options
        refused 1 "$message" || { echo "of: $options"; return 1; }
    done <<'END'
--subnet 10.77.0.0/25 n2|Pool overlaps with other one on this address space
--subnet 10.78.0.0 n2|invalid CIDR address: 10.78.0.0
--subnet 10.78.0.1/24 n2|it should be 10.78.0.0/24
--subnet 10.78.0.0/24 --gateway 10.79.0.1 n2|no matching subnet for gateway 10.79.0.1
--subnet 10.78.0.0/24 --ip-range 10.79.0.0/25 n2|no matching subnet for range 10.79.0.0/25
-d nosuch n2|plugin "nosuch" not found
-d host n2|only one instance of "host" network is allowed
-o x=y n2|unknown network option: x
-o com.docker.network.driver.mtu=9 n2|invalid MTU number: 9
bridge|operation is not permitted on predefined bridge network
a/b|invalid network name: "a/b"
END
    same n1 "$(md network ls -f type=custom --format '{{.Name}}')"
    run md run --rm --network n1 --ip 10.79.0.7 busybox true
    refused 125 "Invalid address 10.79.0.7: It does not belong to any of this network's subnets"
    run md run --rm --ip 172.17.0.9 busybox true
    refused 125 "user specified IP address is supported on user defined networks only"
    run md run --rm --network-alias x busybox true
    refused 125 "network-scoped alias is supported only for containers in user defined networks"
    md run -d --name web --network n1 --ip 10.77.0.7 busybox sleep 100 >/dev/null
    run md run --rm --network n1 --ip 10.77.0.7 busybox true
    refused 125 "Address already in use"
    md network create --subnet 10.78.0.0/30 n2 >/dev/null
    md run -d --network n2 busybox sleep 100 >/dev/null
    run md run --rm --network n2 busybox true
    refused 125 "no available IPv4 addresses on this network's address pools: n2"
}

@test "names: containers, aliases, short ids, from one another; not on the default bridge" {
    md network create n1 >/dev/null
    serve web --network n1 --network-alias www
    id=$(field web .Id)
    for name in web www "${id:0:12}" web.n1; do
        same "page of web" "$(md run --rm --network n1 busybox wget -qO- "http://$name/")"
    done
    same "nameserver 127.0.0.11" "$(md exec web grep nameserver /etc/resolv.conf)"
    run ! md run --rm --init busybox timeout 2 wget -qO- http://web/ 2>/dev/null
    same "page of web" "$(md run --rm --link web:w --network n1 busybox wget -qO- http://w/)"
}

@test "--dns, --dns-search, --dns-option, --add-host" {
    run -0 md run --rm --dns 1.2.3.4 --dns-search a.b --dns-option ndots:7 --add-host db:10.9.8.7 \
        --add-host h:host-gateway busybox sh -c 'cat /etc/resolv.conf /etc/hosts'
    for line in "nameserver 1.2.3.4" "search a.b" "options ndots:7" $'10.9.8.7\tdb'; do
        says <(echo "$output") "$line"
    done
    [[ $output == *172.*.0.1$'\th'* ]]
}

@test "networks are apart, and internal ones have no way out" {
    md network create n1 >/dev/null
    md network create --internal n2 >/dev/null
    serve web --network n1
    ip=$(ip_of web n1)
    run ! md run --rm --init busybox timeout 1 wget -qO- "http://$ip/" 2>/dev/null
    run ! md run --rm --init --network n2 busybox timeout 1 wget -qO- "http://$ip/" 2>/dev/null
    same "" "$(md run --rm --network n2 busybox ip route | grep default)"
    same "page of web" "$(md run --rm --network n1 busybox wget -qO- "http://$ip/")"
}

@test "several networks; connect and disconnect while it runs, and before" {
    md network create --subnet 10.77.0.0/24 n1 >/dev/null
    md network create --subnet 10.78.0.0/24 n2 >/dev/null
    md run -d --name web --network n1 --network name=n2,alias=x,ip=10.78.0.9 busybox sleep 100 >/dev/null
    same "eth0 eth1 lo" "$(md exec web ls /sys/class/net | xargs)"
    same 10.78.0.9 "$(ip_of web n2)"
    [[ $(md exec web ip route) == "default via 10.77.0.1 dev eth0"* ]]
    md network disconnect n1 web
    same "eth1 lo" "$(md exec web ls /sys/class/net | xargs)"
    [[ $(md exec web ip route) == "default via 10.78.0.1 dev eth1"* ]]
    md network connect --alias y --ip 10.77.0.5 n1 web
    same 10.77.0.5 "$(ip_of web n1)"
    same 0 "$(md run --rm --network n1 busybox ping -c 1 -W 2 y >/dev/null; echo $?)"
    run md network connect n1 web
    refused 1 "endpoint with name web already exists in network n1"
    md stop -t 0 web >/dev/null
    md network disconnect n1 web
    run md network disconnect n1 web
    refused 1 "is not connected to the network n1"
    md start web >/dev/null
    same "eth0 lo" "$(md exec web ls /sys/class/net | xargs)"
    md run -d --name alone --network host busybox sleep 100 >/dev/null
    run md network connect n1 alone
    refused 1 "container sharing network namespace with another container or host cannot be connected to any other network"
}

# --- ports -------------------------------------------------------------------

@test "-p: from the host by loopback and by address, from a neighbour, and told" {
    serve web -p 18080:80 -p 127.0.0.1:18081:80
    gateway=$(field web .NetworkSettings.Gateway)
    same "page of web" "$(page 127.0.0.1 18080)"
    same "page of web" "$(page 127.0.0.1 18081)"
    same "page of web" "$(page "$gateway" 18080)"
    run ! page "$gateway" 18081
    same "page of web" "$(md run --rm busybox wget -qO- "http://$gateway:18080/")"
    same "0.0.0.0:18080->80/tcp, 127.0.0.1:18081->80/tcp, [::]:18080->80/tcp" \
        "$(md ps --format '{{.Ports}}')"
    same "80/tcp -> 0.0.0.0:18080 80/tcp -> [::]:18080 80/tcp -> 127.0.0.1:18081" "$(md port web | xargs)"
    same "0.0.0.0:18080 [::]:18080 127.0.0.1:18081" "$(md port web 80 | xargs)"
    run md port web 81
    refused 1 "No public port '81/tcp' published for web"
    run md run --rm -p 18080:80 --name other busybox true
    refused 125 "Bind for 0.0.0.0:18080 failed: port is already allocated"
    md stop -t 0 web >/dev/null
    run ! page 127.0.0.1 18080
    same "" "$(md port web)"
    md start web >/dev/null
    eventually page 127.0.0.1 18080
}

@test "-P, ranges and udp" {
    md run -d --name web -P --expose 80-81 --expose 53/udp busybox sleep 100 >/dev/null
    same 3 "$(md port web | grep -c '0.0.0.0')"
    md rm -f web >/dev/null
    md run -d --name web -p 18080-18082:80-82 -p 18053:53/udp busybox sleep 100 >/dev/null
    same "0.0.0.0:18080-18082->80-82/tcp, [::]:18080-18082->80-82/tcp, 0.0.0.0:18053->53/udp, [::]:18053->53/udp" \
        "$(md ps --format '{{.Ports}}')"
    md run -d --name other -p 18080-18089:80 busybox sleep 100 >/dev/null
    same 0.0.0.0:18083 "$(md port other 80 | head -1)"
}

@test "options by their long and old names" {
    [ -e /proc/net/if_inet6 ] || skip "this kernel has no IPv6"
    md network create --ipv6 --subnet fd77::/64 n1 >/dev/null
    md run -d --name web --network n1 --net-alias old --ip6 fd77::9 --publish 18080:80 \
        --publish-all --expose 81 --dns-opt ndots:3 busybox sleep 100 >/dev/null
    same fd77::9 "$(field web .NetworkSettings.Networks.n1.GlobalIPv6Address)"
    same 2 "$(md port web | grep -c 0.0.0.0)"
    md exec web grep -q ndots:3 /etc/resolv.conf
    md run --rm --network n1 busybox ping -c 1 -W 2 old >/dev/null
}

# --- bad luck ----------------------------------------------------------------

@test "its monitor is killed: address, port and link are free again" {
    md network create --subnet 10.77.0.0/24 n1 >/dev/null
    start_background --name web --network n1 --ip 10.77.0.5 -p 18080:80 busybox sleep 100
    kill -KILL "$MONITOR"
    wait "$OWNER" || true
    eventually eval '! ip link | grep -q veth'
    run md run --rm --network n1 --ip 10.77.0.5 -p 18080:80 busybox true
    same 0 "$status$output"
    same "" "$(md network inspect -f '{{json .Containers}}' n1 | jq -r '.[].Name')"
}

@test "somebody deletes the bridge, or all rules: the next start mends it" {
    md network create n1 >/dev/null
    ip link delete "$(bridge_of n1)"
    nft flush ruleset
    serve web --network n1
    same "page of web" "$(md run --rm --network n1 busybox wget -qO- http://web/)"
    nft list ruleset | grep -q masquerade
    # Who ran while they were gone is guarded again.
    nft flush ruleset
    md run --rm --network n1 busybox true
    nft list ruleset | grep -q "$(ip_of web n1)"
    local table
    table="mini-docker-$(md network inspect -f '{{printf "%.12s" .Id}}' n1)"
    same 1 "$(nft -j list set bridge "$table" links | jq '.nftables[1].set.elem | length')"
}

@test "network prune: those that nobody is in" {
    md network create --label keep n1 >/dev/null
    md network create n2 >/dev/null
    md network create n3 >/dev/null
    md run -d --network n3 busybox sleep 100 >/dev/null
    same "Deleted Networks: n2" "$(md network prune -f --filter 'label!=keep' | xargs)"
    same "Deleted Networks: n1" "$(md network prune -f | xargs)"
    same n3 "$(md network ls -f type=custom --format '{{.Name}}')"
}

@test "IPv6: addresses, names, published ports" {
    [ -e /proc/net/if_inet6 ] || skip "this kernel has no IPv6"
    md network create --ipv6 --subnet fd77::/64 n1 >/dev/null
    serve web --network n1 -p '[::1]:18080:80'
    same fd77::2 "$(field web .NetworkSettings.Networks.n1.GlobalIPv6Address)"
    [[ $(md run --rm --network n1 busybox ping -6 -c 1 -W 2 web) == *fd77::2* ]]
    same "page of web" "$(page ::1 18080)"
}
