# State roots where no overlay can be: containers get copies, and all works.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }

# A file system that overlayfs refuses as an upper layer: another overlay.
root_without_overlay() {
    mkdir -p lower upper work "$BATS_TEST_TMPDIR/odd"
    mount -t overlay overlay -o "lowerdir=$PWD/lower,upperdir=$PWD/upper,workdir=$PWD/work" odd
    export MINI_DOCKER_ROOT=$BATS_TEST_TMPDIR/odd/root
    md import -c 'CMD ["sh"]' "$IMAGES/busybox.tar" busybox >/dev/null
}
# A state root that has learnt to do without.
root_of_copies() {
    export MINI_DOCKER_ROOT=$BATS_TEST_TMPDIR/root
    md import -c 'CMD ["sh"]' "$IMAGES/busybox.tar" busybox >/dev/null
    echo "copy $(uname -r)" >"$MINI_DOCKER_ROOT/cache/snapshots"
}
teardown() {
    local left
    remove_all_containers
    left=$(ls "$MINI_DOCKER_ROOT/containers")
    [ ! -d odd ] || umount odd
    [ -z "$left" ]
}

@test "copies: a container runs where no overlay can be, and changes only its own" {
    root_without_overlay
    [ "$(md run --rm --network none busybox sh -c 'echo new >/etc/group; cat /etc/group')" = new ]
    [ "$(md run --rm --network none busybox head -c 4 /etc/passwd)" = root ]
    [ "$(cat "$MINI_DOCKER_ROOT/cache/snapshots")" = "copy $(uname -r)" ]
    [ -z "$(ls "$MINI_DOCKER_ROOT/tmp" | grep -v lock)" ]
}

@test "copies: diff, commit, export and cp say what they say of an overlay" {
    root_of_copies
    md run --name web --network none busybox sh -c '
        mkdir -p /srv/a; echo 1 >/srv/a/f; ln /srv/a/f /srv/g; rm /bin/ls; echo x >>/etc/passwd; chmod 751 /root'
    [ -e "$MINI_DOCKER_ROOT/containers/$(md ps -aq --no-trunc)/copied" ]
    [ "$(md inspect -f '{{.Driver}}' web)" = vfs ]
    [ "$(md diff web)" = "$(printf '%s\n' 'C /bin' 'D /bin/ls' 'C /etc' 'C /etc/passwd' \
        'C /root' 'A /srv' 'A /srv/a' 'A /srv/a/f' 'A /srv/g')" ]
    md commit web app >/dev/null
    [ "$(md image inspect app | jq '.[0].RootFS.Layers | length')" = 2 ]
    [ "$(md run --rm --network none app sh -c 'cat /srv/g; stat -c %h /srv/g; cat /bin/ls' 2>/dev/null)" = $'1\n2' ]
    md export web | tar xO srv/a/f | grep -qx 1
    md cp web:/srv/g . && [ "$(cat g)" = 1 ]
    md cp g web:/srv/new
    [[ $(md diff web) == *"A /srv/new"* ]]
}

@test "copies: what another kernel could not do is tried again" {
    root_of_copies
    echo "copy 5.0.0-other" >"$MINI_DOCKER_ROOT/cache/snapshots"
    md run --name web --network none busybox true
    [ "$(md inspect -f '{{.Driver}}' web)" = overlay2 ]
    # And a request that fails for its own reasons teaches nothing.
    run md run --rm --network none -w /etc/passwd busybox true
    [ "$status" != 0 ]
    [ "$(cat "$MINI_DOCKER_ROOT/cache/snapshots")" = "copy 5.0.0-other" ]
}
