# network_changes: what changes while a container runs. Its way out, the ports
# that go by it, the processes that serve it; and how it can be found there.

load lib/product
load lib/options
load lib/networks

setup_file() { product_setup; }
teardown() {
    networks_teardown && [ -z "$(ls /run/netns 2>/dev/null)" ]
}

field() { md inspect -f "{{$2}}" "$1"; }
way_out() { md exec "$1" ip route | sed -n 's/^default via //p'; }
two_networks() {
    md network create --subnet 10.77.0.0/24 n1 >/dev/null
    md network create --subnet 10.78.0.0/24 n2 >/dev/null
}

@test "published ports go by the network that leads out, and move with it" {
    two_networks
    serve web --network n2 -p 18080:80
    md network connect n1 web
    # Of equals it is the one whose name comes first.
    same "10.77.0.1 dev eth1" "$(way_out web | xargs)"
    same "page of web" "$(page 127.0.0.1 18080)"
    nft list ruleset | grep -q '18080 : 10.77.0.2 . 80'
    run ! grep -q '18080 : 10.78.0.2' <(nft list ruleset)
    md network disconnect n1 web
    same "10.78.0.1 dev eth0" "$(way_out web | xargs)"
    same "page of web" "$(page 127.0.0.1 18080)"
    same "page of web" "$(page 10.77.0.1 18080)"
    nft list ruleset | grep -q '18080 : 10.78.0.2 . 80'
    md network disconnect n2 web
    run ! page 127.0.0.1 18080
    same "" "$(md port web)"
    md network connect n1 web
    same "page of web" "$(page 127.0.0.1 18080)"
    same "0.0.0.0:18080 [::]:18080" "$(md port web 80 | xargs)"
}

# Each time another answer of the kernel is not heard by the container's owner.
@test "connect fails over the ports: they lead where they led, and it can be said again" {
    md network create n1 >/dev/null
    local n failed=0 moves="network connect --gw-priority 1 n1 web"
    for n in {46..66}; do
        MINI_DOCKER_FAULT=recvmsg:$n:EIO md run -d --name web -p 18080:80 busybox \
            sleep 100 >/dev/null
        if ! md $moves 2>/dev/null; then
            same "$n: 18080 : $(field web .NetworkSettings.Networks.bridge.IPAddress) . 80" \
                "$n: $(nft list ruleset | grep -o '18080 : [0-9.]* \. 80')"
            md $moves
            failed=$((failed + 1))
        fi
        md rm -f web >/dev/null
    done
    [ "$failed" -gt 5 ]
}

@test "--gw-priority, of run and of connect; no way out through an internal network" {
    two_networks
    md network create --internal --subnet 10.76.0.0/24 n0 >/dev/null
    md run -d --name web --network n1 --network name=n2,gw-priority=1 -p 18080:80 busybox \
        sleep 100 >/dev/null
    same "10.78.0.1 dev eth1" "$(way_out web | xargs)"
    same 1 "$(field web .NetworkSettings.Networks.n2.GwPriority)"
    md network disconnect n1 web
    md network connect --gw-priority 2 n1 web
    same "10.77.0.1 dev eth0" "$(way_out web | xargs)"
    md network connect --gw-priority 9 n0 web
    same "10.77.0.1 dev eth0" "$(way_out web | xargs)"
    nft list ruleset | grep -q '18080 : 10.77.0.* . 80'
    run -0 md run --rm --network n0 -p 18081:80 busybox ip route
    [[ $output != *default* ]]
}

@test "IPv6: the way out and its route move likewise" {
    [ -e /proc/net/if_inet6 ] || skip "this kernel has no IPv6"
    md network create --ipv6 --subnet fd77::/64 n1 >/dev/null
    md network create --ipv6 --subnet fd78::/64 n2 >/dev/null
    md run -d --name web --network n1 --network n2 busybox sleep 100 >/dev/null
    [[ $(md exec web ip -6 route) == *"default via fd77::1 dev eth0"* ]]
    md network disconnect n1 web
    [[ $(md exec web ip -6 route) == *"default via fd78::1 dev eth1"* ]]
}

@test "--link-local-ip, --ip6, --driver-opt" {
    two_networks
    md run -d --name one --network n1 --link-local-ip 169.254.7.1 busybox sleep 100 >/dev/null
    md run -d --name other --network n2 busybox sleep 100 >/dev/null
    md network connect --link-local-ip 169.254.7.2 \
        --driver-opt com.docker.network.endpoint.ifname=inner0 \
        --driver-opt com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.conf.IFNAME.proxy_arp=1 \
        n1 other
    same "eth0 inner0 lo" "$(md exec other ls /sys/class/net | xargs)"
    same "1 1" "$(md exec other cat /proc/sys/net/ipv4/conf/inner0/{log_martians,proxy_arp} | xargs)"
    [[ $(md exec other ip -4 addr show inner0) == *"inet 169.254.7.2/16"* ]]
    # The guard knows it for its own.
    md exec other ping -c 1 -W 2 -I inner0 169.254.7.1 >/dev/null
    same '["169.254.7.2"]' "$(field other 'json .NetworkSettings.Networks.n1.IPAMConfig.LinkLocalIPs')"
    local options message
    while IFS='|' read -r options message; do
        run md network connect $options n2 one
        refused 1 "$message" || { echo "of: $options"; return 1; }
    done <<'END'
--link-local-ip x|invalid link-local IP address: x
--driver-opt a=b|unknown endpoint option: a
--driver-opt com.docker.network.endpoint.ifname=a/b|invalid interface name: "a/b"
--driver-opt com.docker.network.endpoint.sysctls=net.ipv4.ip_forward=1|invalid sysctl of an interface
--driver-opt com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.x/y=1|invalid sysctl of an interface
END
    run md network connect --driver-opt com.docker.network.endpoint.ifname=eth0 n2 one
    refused 1 "File exists"
    same "eth0 lo" "$(md exec one ls /sys/class/net | xargs)"
    run ! grep -q 'n2' <(field one 'json .NetworkSettings.Networks')
}

@test "the relay and the name server are killed: others take their place" {
    md network create n1 >/dev/null
    serve web --network n1 -p 18080:80
    md run -d --name other --network n1 busybox sleep 100 >/dev/null
    local pid=$(field web .State.Pid) monitor server turn
    monitor=$(awk '{ print $4 }' "/proc/$pid/stat")
    for turn in 1 2 3; do
        for server in $(pgrep -P "$monitor"); do
            [ "$server" = "$pid" ] || kill -KILL "$server"
        done
        eventually page 127.0.0.1 18080 >/dev/null
        eventually md exec web ping -c 1 -W 2 other >/dev/null
    done
    same 3 "$(pgrep -P "$monitor" | wc -l)"
    md rm -f web other >/dev/null
    run ! page 127.0.0.1 18080
}

@test "SandboxKey leads to its network namespace, while it has one" {
    md run -d --name web busybox sleep 100 >/dev/null
    local key=$(field web .NetworkSettings.SandboxKey) pid=$(field web .State.Pid)
    same "$(readlink "/proc/$pid/ns/net")" "$(readlink "$key")"
    [[ $(field web .NetworkSettings.SandboxID) =~ ^[0-9a-f]{64}$ ]]
    md run -d --name inner --network container:web busybox sleep 100 >/dev/null
    same "" "$(field inner .NetworkSettings.SandboxKey)"
    md stop -t 0 web >/dev/null
    same "" "$(field web '.NetworkSettings.SandboxKey')$(field web '.NetworkSettings.SandboxID')"
}

# The sandbox has a /run of its own.
@test "--netns-name: ip netns knows it, and nobody else's is touched" {
    ip netns add mine
    run md run --rm --netns-name mine busybox true
    refused 125 "network namespace /run/netns/mine is there already"
    ip netns exec mine true
    md run -d --name web --netns-name web busybox sleep 100 >/dev/null
    same /run/netns/web "$(field web .NetworkSettings.SandboxKey)"
    same "mine web" "$(ip netns list | cut -d' ' -f1 | sort | xargs)"
    same "$(md exec web ip -o -4 addr show eth0 | awk '{ print $4 }')" \
        "$(ip netns exec web ip -o -4 addr show eth0 | awk '{ print $4 }')"
    run md run --rm --netns-name web --network none busybox true
    refused 125 "network namespace /run/netns/web is there already"
    run md run --rm --netns-name x --network host busybox true
    refused 125 "conflicting options"
    run md run --rm --netns-name a/b busybox true
    refused 125 'invalid name of a network namespace: "a/b"'
    md stop -t 0 web >/dev/null
    same mine "$(ls /run/netns)"
    md start web >/dev/null
    local pid=$(field web .State.Pid)
    kill -KILL "$(awk '{ print $4 }' "/proc/$pid/stat")"
    eventually eval '[ "$(field web .State.Status)" = exited ]'
    same mine "$(ls /run/netns)"
    eventually eval '! ip link | grep -q veth'
    ip netns del mine
    umount /run/netns
    rmdir /run/netns
}
