# network map: bridges, who is plugged into them, what is published, and whether the
# kernel has the rules.

load lib/product
load lib/options
load lib/networks

setup_file() { product_setup; }
teardown() { networks_teardown; }

map() { md network map --format json | jq -c ".Networks[] | select(.Name == \"$1\") | $2"; }
id12_of() { md network inspect -f '{{printf "%.12s" .Id}}' "$1"; }

@test "network map: who is in which network, and what is published" {
    md network create --subnet 10.88.0.0/24 front >/dev/null
    md network create --internal back >/dev/null
    md run -d --name web --network front --ip 10.88.0.9 -p 127.0.0.1:18080:80 busybox sleep 100 >/dev/null
    same '"10.88.0.9/24"' "$(map front '.Containers[] | select(.Name == "web").Addresses[0]')"
    same "\"$(md exec web cat /sys/class/net/eth0/address)\"" "$(map front '.Containers[0].Mac')"
    same '["127.0.0.1:18080 -> 80/tcp"]' "$(map front '.Containers[0].Ports')"
    same '["10.88.0.0/24 by 10.88.0.1"]' "$(map front .Subnets)"
    same '"nothing"' "$(map back .Out)"
    same '[]' "$(map back .Containers)"
    same '"everything, with the host'\''s address"' "$(map front .Out)"
    run -0 md network map
    [[ $output == *"─ front  (bridge $(bridge_of front), up)  10.88.0.0/24 by 10.88.0.1"* ]]
    [[ $output == *"└─ web              10.88.0.9/24"* ]]
    [[ $output == *"port 127.0.0.1:18080 -> 80/tcp"* ]]
    md stop -t 0 web >/dev/null
    same '[]' "$(map front .Containers)"
}

@test "network map: rules and bridges that somebody took away are missing" {
    md network create n1 >/dev/null
    same '"in force"' "$(map n1 .Rules)"
    nft delete table inet "mini-docker-$(id12_of n1)"
    same '"missing"' "$(map n1 .Rules)"
    [[ $(md network map) == *"rules: missing"* ]]
    ip link set "$(bridge_of n1)" down
    same false "$(map n1 .Up)"
    ip link delete "$(bridge_of n1)"
    same '"none"' "$(map n1 .Rules)"
    # The next container repairs.
    md run --rm --network n1 busybox true
    same 'true "in force"' "$(map n1 .Up) $(map n1 .Rules)"
}

@test "network map --html: one page that needs nothing else" {
    md network create --label a n1 >/dev/null
    md run -d --name web --network n1 -p 127.0.0.1::80 busybox sleep 100 >/dev/null
    md network map --html >page.html
    grep -q "<b>web</b>" page.html
    grep -q "<code class=\"port\">$(md port web 80/tcp) -&gt; 80/tcp</code>" page.html
    run ! grep -qiE '<script|src=|https?://' page.html
    python3 - page.html <<'PYTHON'
import sys
from html.parser import HTMLParser
class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
    def handle_starttag(self, tag, attrs):
        if tag not in ('meta', 'br'):
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
page = Page()
page.feed(open(sys.argv[1]).read())
assert not page.open, page.open
PYTHON
}
