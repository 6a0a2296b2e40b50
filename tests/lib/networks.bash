# networks.bash - what the tests of networks share, after lib/product and
# lib/options. Each test leaves neither containers nor networks of its own.

networks_teardown() {
    remove_all_containers
    md network ls -q -f type=custom | xargs -r "$MINI_DOCKER" network rm >/dev/null
    assert_clean
}

# The name of a network's bridge.
bridge_of() { md network inspect -f '{{printf "br-%.12s" .Id}}' "$1"; }

# A page to fetch from NAME, with OPTIONS of run.
serve() { # NAME OPTION...
    md run -d --name "$@" busybox sh -c "mkdir -p /w && echo page of $1 >/w/index.html &&
        exec httpd -f -h /w" >/dev/null
    eventually md exec "$1" wget -qO- http://127.0.0.1/
}
