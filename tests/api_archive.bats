# docker cp by the Engine API, in all four directions.
load lib/product
load lib/api
load lib/options

setup_file() {
    product_setup
    daemon_start
    md run -d --name box --network none busybox sleep 1000 >/dev/null
    md create --name still busybox true >/dev/null
}
teardown_file() {
    daemon_stop
    remove_all_containers
    assert_clean
}
setup() {
    needs_client
    cd "$BATS_TEST_TMPDIR"
    mkdir -p tree/deep
    echo one >file
    echo two >tree/deep/two
    md exec box sh -c 'rm -rf /work; mkdir -p /work; cd /work; mkdir d; echo in >d/in
        ln -s d link; ln -s /work/d/in far; echo x >x; chmod 4755 x; mkfifo pipe'
}
inside() { md exec box cat "$@"; }
stat_of() { # PATH: the header, decoded
    ask "/containers/${2-box}/archive?path=$1" -I | sed -n 's/^X-Docker-Container-Path-Stat: //p' |
        tr -d '\r' | base64 -d
}

@test "api: what a file is, in Go's bits" {
    local mode
    stat_of /work/d | jq -e '.name == "d" and .linkTarget == ""'
    mode() { stat_of "$1" | jq .mode; }
    same $(((1 << 31) | 0755)) "$(mode /work/d)"
    same $(((1 << 23) | 0755)) "$(mode /work/x)"
    same $(((1 << 27) | 0777)) "$(mode /work/link)"
    same $(((1 << 25) | 0644)) "$(mode /work/pipe)"
    same $(((1 << 26) | (1 << 21) | 0666)) "$(mode /dev/null)"
    same $(((1 << 31) | (1 << 20) | 01777 & 0777)) "$(mode /tmp)"
    same /work/d "$(stat_of /work/link | jq -r .linkTarget)"
    same /work/d/in "$(stat_of /work/far | jq -r .linkTarget)"
    same 2 "$(stat_of /work/x | jq .size)"
    stat_of /work/x | jq -e '.mtime | test("^20..-..-..T..:..:..[.][0-9]{9}Z$")'
    same 404 "$(http_status '/containers/box/archive?path=/nosuch' -I)"
    same 404 "$(http_status '/containers/nosuch/archive?path=/')"
    same 400 "$(http_status /containers/box/archive)"
}

@test "api: files go in: to a directory, to a name, through a link" {
    d cp file box:/work
    same one "$(inside /work/file)"
    d cp file box:/work/new
    same one "$(inside /work/new)"
    d cp file box:/work/link
    same one "$(inside /work/d/file)"
    d cp tree box:/work
    same two "$(inside /work/tree/deep/two)"
    d cp tree/. box:/work/other
    same two "$(inside /work/other/deep/two)"
    tar c file | d cp - box:/work/d
    same one "$(inside /work/d/file)"
    d cp file still:/tmp/file
    d cp still:/tmp/file back
    cmp file back
}

@test "api: files come out: one, a tree, what is in it, a link and what it leads to" {
    d cp box:/work/d/in a
    same in "$(<a)"
    d cp box:/work/d b
    same in "$(<b/in)"
    d cp box:/work/d/. c
    same in "$(<c/in)"
    d cp box:/work/far e
    same /work/d/in "$(readlink e)"
    d cp -L box:/work/far f
    same in "$(<f)"
    same $'d/\nd/in' "$(d cp box:/work/d - | tar t)"
}

@test "api: what cannot be copied is said" {
    run -1 d cp file box:/nosuch/x
    [[ $output == *"Could not find the file /nosuch in container box"* ]]
    run -1 d cp file box:/work/x/y
    run -1 d cp tree box:/work/x
    run -1 d cp box:/nosuch out
    [[ $output == *"Could not find the file /nosuch in container box"* ]]
    run -1 d cp file nosuch:/x
    [[ $output == *"No such container: nosuch"* ]]
    same 400 "$(http_status '/containers/box/archive?path=/work/x' -T file)"
    same 400 "$(http_status '/containers/box/archive?path=/work' -T file)"
    md create --name ro --read-only busybox true >/dev/null
    same 403 "$(tar c file | http_status '/containers/ro/archive?path=/tmp' -T -)"
    md rm ro >/dev/null
}

@test "api: an archive may replace a directory by a file, and give all to who runs there" {
    put() { http_status "/containers/box/archive?path=/work$1" -X PUT -T a.tar; }
    echo now >d
    tar -cf a.tar d
    same 409 "$(put '&noOverwriteDirNonDir=1')"
    same in "$(inside /work/d/in)"
    same 200 "$(put '')"
    same now "$(inside /work/d)"
    rm d
    mkdir d
    tar --owner=7:7 --group=8:8 -cf a.tar d
    same 409 "$(put '&noOverwriteDirNonDir=true')"
    same 200 "$(put '&noOverwriteDirNonDir=false')"
    same 7:8 "$(md exec box stat -c %u:%g /work/d)"
    same 200 "$(put '&copyUIDGID=1')"
    same 0:0 "$(md exec box stat -c %u:%g /work/d)"
    printf 'FROM busybox\nRUN echo ada:x:31:32::/:/bin/sh >>/etc/passwd\nUSER ada\n' | md build -q -t withada - >/dev/null
    md create --name ada withada true >/dev/null
    same 200 "$(http_status '/containers/ada/archive?path=/tmp&copyUIDGID=1' -X PUT -T a.tar)"
    same 31:32 "$(ask '/containers/ada/archive?path=/tmp/d' | tar -tv --numeric-owner | awk '{ print $2; exit }' | tr / :)"
    md rm ada >/dev/null
    md rmi withada >/dev/null
}
