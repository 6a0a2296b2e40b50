# The walk-through of docs/networking.md, typed as it stands there; each line that
# it shows has to come out.

load lib/product
load lib/options
load lib/networks
load lib/walks

setup_file() { product_setup; }
teardown() { networks_teardown; }

@test "networks: names, ports, addresses, map and trace, as the walk-through shows them" {
    # A server answers as soon as it listens, and the text asks only once. (Not all
    # that is typed succeeds: what is refused is shown.)
    md() {
        "$MINI_DOCKER" "$@" || return
        [[ $* != *"httpd -f"* ]] || eventually "$MINI_DOCKER" exec "$4" \
            wget -qO /dev/null http://127.0.0.1/hostname
    }
    commands_of networking >script
    outputs_of networking >wanted
    [ -s script ] && [ -s wanted ]
    typed() { . ./script; }
    run typed
    echo "$output" >printed
    says_in_order wanted printed
}
