# diff: what a container changed, told as Docker tells it.
load lib/product

setup_file() { product_setup; }
teardown() {
    remove_all_containers
    assert_clean
}

@test "diff: added, changed and deleted, each once and parents first" {
    md run --name web --network none busybox sh -c '
        mkdir -p /srv/a/b; echo 1 >/srv/a/f
        rm /bin/ls; echo x >>/etc/passwd; chmod 751 /root
        mkdir /passing; rmdir /passing; : >/tmp/passing; rm /tmp/passing'
    [ "$(md diff web)" = "$(printf '%s\n' 'C /bin' 'D /bin/ls' 'C /etc' 'C /etc/passwd' \
        'C /root' 'A /srv' 'A /srv/a' 'A /srv/a/b' 'A /srv/a/f')" ]
    [ "$(md container diff web)" = "$(md diff web)" ]
}

@test "diff: a tree that is gone is one line; one made anew is compared" {
    md run --name web --network none busybox sh -c 'rm -r /var/spool; mkdir -m 755 /var/spool; : >/var/spool/new; rm -r /var/www'
    run -0 md diff web
    [ "${lines[0]}" = 'C /var' ]
    [[ $output == *$'\nC /var/spool\n'* ]]
    [[ $output == *$'\nD /var/spool/mail\n'* ]]
    [[ $output == *$'\nA /var/spool/new\n'* ]]
    [ "$(grep -c /var/www <<<"$output")" = 1 ]
}

@test "diff: what is mounted is not the container's, and nothing is nothing" {
    mkdir -p vol
    md run --name web --network none -v "$PWD/vol:/var/www" --tmpfs /tmp busybox sh -c 'echo 1 >/var/www/f; echo 2 >/tmp/f'
    [ "$(cat vol/f)" = 1 ]
    [ -z "$(md diff web)" ]
}

@test "diff: a file opened for writing and left as it was is unchanged" {
    md run --name web --network none busybox sh -c ': >>/etc/group; : <>/etc/passwd'
    [ -e "$MINI_DOCKER_ROOT/containers/$(md ps -aq --no-trunc)/diff/etc/group" ]
    [ -z "$(md diff web)" ]
}

@test "diff: of a running container" {
    start_background --name web --network none busybox sh -c ': >/made; sleep 100'
    eventually eval '[ "$(md diff web)" = "A /made" ]'
    stop_background
}

@test "diff: a container that is not there, and names with odd bytes" {
    run md diff nothing
    refused 1 "No such container: nothing"
    md run --name web --network none busybox sh -c 'echo >"/$(printf "\\377")"'
    [ "$(md diff web)" = 'A /?' ]
}
