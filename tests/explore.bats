# What each layer of an image did, and the story of a path: image explore.
load lib/product
load lib/stack

setup_file() { product_setup; }
setup() {
    cd "$BATS_TEST_TMPDIR"
    tarball 'dir etc' 'file etc/passwd me:x:0' 'dir var' 'dir var/cache' \
        "file var/cache/big $(printf %05000d 0)" 'file etc/motd hi' \
        'symlink run var/run' 'dir var/run' >2.tar
    tarball 'dir etc' 'file etc/passwd me:x:0:more' 'file var/cache/.wh.big ' \
        'file var/run/pid 1' >3.tar
    tarball 'file etc/.wh.motd ' 'file opt/<b>\x07&' 'file "no\xff" x' >4.tar
    stack app "$IMAGES/busybox.tar" 2.tar 3.tar 4.tar
}
teardown() {
    restore_images
    assert_clean
}

tarball() { "$BATS_TEST_DIRNAME/lib/tarball" "$@"; }

@test "explore: what each layer added, changed, removed, and what is wasted" {
    run -0 md image explore app
    [[ ${lines[0]} == "app:latest: "*" in 4 layers, "*" wasted, 99."*"% efficient" ]]
    [[ ${lines[1]} == "LAYER     SIZE      ADDED     CHANGED   REMOVED   HIDES     WASTED    CREATED BY" ]]
    [[ ${lines[3]} =~ ^'3         12B       1         1         1         5.01kB    0B        COPY 3.tar /'$ ]]
    grep -qx '  removed             /var/cache/big' <<<"$output"
    grep -qx '  changed        11B  /etc/passwd' <<<"$output"
    grep -qx '  added           1B  /var/run/pid' <<<"$output"
    md explore app --format json >told
    # What is hidden is what no container sees.
    seen=$(md run --rm app sh -c 'find / -xdev -type f -links 1 -exec cat {} +' | wc -c)
    [ "$seen" -gt 0 ]
    [ "$(jq '[.Layers[].Wasted] | add' told)" = "$(jq .Wasted told)" ]
    [ "$(jq '[.Layers[].Size] | add' told)" = "$(jq .Size told)" ]
    [ "$(jq .Size told)" = "$(md inspect -f '{{.Size}}' app)" ]
    [ "$(md explore --format '{{len .Layers}} {{(index .Layers 2).Removed}}' app)" = "4 1" ]
}

@test "explore --path: the layer that wins is the one that a container sees" {
    story() { md explore --path "$1" app; }
    [ "$(story /etc/passwd | tail -n 1)" = "/etc/passwd: layer 3's /etc/passwd" ]
    [ "$(md run --rm app cat /etc/passwd)" = me:x:0:more ]
    [ "$(story /run/pid | tail -n 1)" = "/run/pid: layer 3's /var/run/pid" ]
    story /run/pid | grep -q -- 'wins    symbolic link, .* -> var/run: '
    [ "$(story /var/cache/big | tail -n 1)" = "/var/cache/big: removed" ]
    story /var/cache/big | grep -q "layer 2   hidden  file, 5kB, .*: removed by layer 3's whiteout"
    [ "$(story /nowhere | tail -n 1)" = "/nowhere: not in the image" ]
    [ "$(md explore --path /etc/passwd --format '{{.Layer}} {{len .Steps}}' app)" = "3 2" ]
}

@test "explore --html: one page that needs nothing else" {
    md explore --html --path /etc/motd app >page.html
    ! grep -qiE '(src|href)=|url\(|@import|<script|https?:' page.html
    # What a name has in it is shown, not obeyed.
    grep -q '/opt/&lt;b&gt;\\x07&amp;' page.html
    ! grep -q '<b>\x07' page.html
    grep -q 'A container does not see it: removed' page.html
    [ "$(grep -c '<details>' page.html)" = 4 ]
    [ "$(grep -c '</details>' page.html)" = 4 ]
    [ "$(tail -n 1 page.html)" = "</body></html>" ]
}

@test "explore: what is not there" {
    run md image explore nothing
    refused 1 "No such image: nothing:latest"
    rm -r "$MINI_DOCKER_ROOT/layers/$(sha256sum <3.tar | cut -c -64)"
    run md explore app
    refused 1 "open layer 3: "
    run -1 md explore
    [ "${lines[0]}" = "mini-docker: 'mini-docker explore' requires 1 argument" ]
}
