# network trace: each verdict is compared with a connection that is tried.

load lib/product
load lib/options
load lib/networks

setup_file() { product_setup; }
teardown() { networks_teardown; }

# What is said of the way, and what becomes of a connection: SRC IP:PORT BY.
agree() {
    local said=passes really=passes limit=10
    md network trace "$1" "$2" >told || said=fails limit=1
    if [ "$1" = host ]; then
        timeout $limit busybox wget -qO- "http://$2/" >page 2>/dev/null || really=fails
    else
        md exec "$1" timeout $limit wget -qO- "http://$2/" >page 2>/dev/null || really=fails
    fi
    same "$1 $2 $really" "$1 $2 $said"
    [[ $(tail -1 told) == *": $3" ]]
}

@test "network trace: neighbours, networks, published ports, the host, and nothing" {
    md network create --subnet 10.91.0.0/24 a >/dev/null
    md network create --subnet 10.92.0.0/24 b >/dev/null
    md network create --subnet 10.93.0.0/24 --internal in >/dev/null
    serve web --network a --ip 10.91.0.9 -p 18081:80
    md run -d --name near --network a busybox sleep 1000 >/dev/null
    md run -d --name far --network b busybox sleep 1000 >/dev/null
    md run -d --name shut --network in busybox sleep 1000 >/dev/null
    agree near 10.91.0.9:80 "neighbours reach each other"
    agree near 10.91.0.77:80 "no such neighbour"
    agree near 10.91.0.1:18081 "a published port, by the relay"
    agree far 10.91.0.9:80 "not published"
    agree far 10.92.0.1:18081 "a published port"
    agree far 10.91.0.1:18081 "a published port"
    agree shut 10.91.0.9:80 "no route"
    agree shut 10.93.0.1:18081 "internal"
    agree host 10.91.0.9:80 "nothing holds back the host itself"
    agree host 10.91.0.1:18081 "a published port"
    agree host 127.0.0.1:18081 "a published port, by the relay"
    # A rule that is not there decides nothing.
    nft flush ruleset
    agree far 10.91.0.9:80 "no rule"
    agree far 10.92.0.1:18081 "a published port, by the relay"
    # Names lead to addresses.
    same 10.91.0.9:80/tcp "$(md network trace --format '{{.Target}}' near web:80)"
}

@test "network trace: icc=false, a route that is gone, a bridge that is down" {
    md network create --subnet 10.94.0.0/24 -o com.docker.network.bridge.enable_icc=false q >/dev/null
    serve web --network q --ip 10.94.0.9
    md run -d --name near --network q --cap-add NET_ADMIN busybox sleep 1000 >/dev/null
    agree near 10.94.0.9:80 "icc=false"
    md exec near ip route del default
    agree near 10.99.0.1:80 "no route"
    ip link set "$(md network inspect -f '{{printf "br-%.12s" .Id}}' q)" down
    agree near 10.94.0.9:80 "no bridge"
}

@test "network trace: what is not there" {
    md run -d --name web busybox sleep 1000 >/dev/null
    run md network trace nobody web:80
    refused 1 "No such container: nobody"
    run md network trace web nobody:80
    refused 1 "nobody is no address, and no container that runs in a network"
    run md network trace web web
    refused 1 "web: want DESTINATION:PORT"
    run md network trace web web:0
    refused 1 "invalid port '0'"
    run md network trace web web:80/sctp
    refused 1 "invalid port '80/sctp'"
    md stop -t 0 web >/dev/null
    run md network trace web 10.0.0.1:80
    refused 1 "container web is not running"
}
