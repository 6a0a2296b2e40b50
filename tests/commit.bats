# commit: an image of what a container has become.
load lib/product

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    restore_images -c 'CMD ["sh"]'
    assert_clean
}

layers() { md image inspect "$1" | jq -c '.[0].RootFS.Layers'; }

@test "commit: a layer above the image's, with history and configuration" {
    md run --name web --network none -e A=1 -w /srv busybox sh -c 'echo new >/root/f; rm /bin/ls'
    md commit -a 'A <a@b>' -m why -c 'ENV B=2' -c 'CMD ["cat", "/root/f"]' web app:1 >id
    grep -qxE 'sha256:[0-9a-f]{64}' id
    [ "$(md run --rm --network none app:1)" = new ]
    run -127 md run --rm --network none app:1 ls
    [ "$(md run --rm --network none app:1 sh -c 'echo $A$B; pwd')" = $'12\n/srv' ]
    md image inspect app:1 >doc
    [ "$(jq -r '.[0].Id' doc)" = "$(cat id)" ]
    [ "$(jq -r '.[0].Author' doc)" = 'A <a@b>' ]
    [ "$(jq -r '.[0].Comment' doc)" = why ]
    [ "$(jq -c '.[0].Config | with_entries(select(.value | . and . != "")) | keys' doc)" = '["Cmd","Env","WorkingDir"]' ]
    [ "$(layers app:1 | jq '.[0]')" = "$(layers busybox | jq '.[0]')" ]
    [ "$(layers app:1 | jq length)" = 2 ]
    [ "$(md history --no-trunc --format '{{.CreatedBy}}' app:1 | head -1)" = \
        "sh -c echo new >/root/f; rm /bin/ls" ]
}

@test "commit: nothing changed is a step without a layer" {
    md run --name web --network none busybox true
    md commit web same >id
    [ "$(layers same)" = "$(layers busybox)" ]
    md save same | tar xO manifest.json | jq -r '.[0].Config' >config
    md save same | tar xO "$(cat config)" | jq -e '.history[-1].empty_layer' >/dev/null
    # And the same change twice is the same layer.
    md run --name web2 --network none -e SOURCE= busybox sh -c 'mkdir /d; touch -d @7 /d'
    md commit web2 one >/dev/null && md commit web2 two >/dev/null
    [ "$(layers one)" = "$(layers two)" ]
}

@test "commit: a running container stands still for it and goes on" {
    start_background --name web --network none busybox sh -c 'while :; do echo a >>/f; echo a >>/g; done'
    eventually test -s "$MINI_DOCKER_ROOT/containers/$ID/diff/g"
    md commit web still >/dev/null
    md commit --pause=false web moving >/dev/null
    local before=$(stat -c %s "$MINI_DOCKER_ROOT/containers/$ID/diff/f")
    eventually eval '[ "$(stat -c %s "$MINI_DOCKER_ROOT/containers/$ID/diff/f")" != "$before" ]'
    stop_background
    # Written one after the other: at no moment do they differ by more than one.
    run -0 md run --rm --network none still sh -c 'expr $(wc -l </f) - $(wc -l </g) || true'
    [ "$output" = 0 ] || [ "$output" = 1 ]
}

@test "commit: killed at any call, the container goes on and nothing is half there" {
    start_background --name web --network none busybox sh -c ': >/f; while :; do sleep 0.01; done'
    eventually test -e "$MINI_DOCKER_ROOT/containers/$ID/diff/f"
    local n
    for ((n = 1; n < 400; n += 1 + n / 12)); do
        run env MINI_DOCKER_FAULT="*:$n:kill" "$MINI_DOCKER" commit web half
        eventually sh -c "! cat /sys/fs/cgroup/freezer/mini-docker/$ID/freezer.state 2>/dev/null | grep -q FR"
        # 1: it was a process of its own that was killed, igzip's.
        [ "$status" = 137 ] || [ "$status" = 1 ] || break
        ! md images -q half | grep -q . || md run --rm --network none half test -e /f
    done
    [ "$status" = 0 ] && [ "$n" -gt 40 ]
    md run --rm --network none half test -e /f
    stop_background
    md rm web >/dev/null
    md rmi -f $(md images -q --no-trunc | sort -u) >/dev/null
    [ -z "$(ls "$MINI_DOCKER_ROOT/layers" "$MINI_DOCKER_ROOT/images/blobs/sha256" | grep -v : )" ]
}

@test "commit: refused in Docker's words, and nothing is made" {
    md run --name web --network none busybox sh -c ': >/f'
    run md commit nothing
    refused 1 "No such container: nothing"
    run md commit web UPPER
    refused 1 "repository name"
    run md commit -c 'RUN x' web
    refused 1 "RUN is not a valid change command"
    [ "$(md images -q | wc -l)" = 1 ]
    md commit web >id
    [ "$(md images --format '{{.Repository}}')" = $'<none>\nbusybox' ] ||
        [ "$(md images --format '{{.Repository}}')" = $'busybox\n<none>' ]
}

@test "commit: what a layer cannot hold is left out and told" {
    start_background --name web --network none busybox sh -c 'mkfifo /p; : >/.wh.etc; nc -l -U /s & sleep 100' || true
    stop_background
    run --separate-stderr md commit web odd
    [ "$status" = 0 ]
    [[ $stderr == *"/.wh.etc: skipping: in a layer it would be a whiteout"* ]]
    md run --rm --network none odd sh -c 'test -p /p && test -e /etc/passwd'
}
