# ADD and import of what lies on another machine: files by curl, trees by git, both
# from servers on the sandbox's own loopback.
load lib/product
load lib/api

PORT=8061
setup_file() {
    product_setup
    need_servers
    ip link set lo up
    mkdir -p www/cgi-bin work
    echo one >www/file.txt
    touch -d @981173106 www/file.txt
    echo blank >"www/a b"
    tar -C www -cf www/t.tar file.txt
    cgi loop 'Status: 302 Found\nLocation: /cgi-bin/loop'
    cgi there 'Status: 302 Found\nLocation: /file.txt'
    cgi leak 'Status: 302 Found\nLocation: file:///etc/passwd'
    cat >answer <<'END'
while read -r line && [ "${#line}" -gt 1 ]; do :; done
printf 'HTTP/1.0 200 OK\r\nContent-Disposition: attachment; filename="../given name"\r\n\r\nbody\n'
END
    make_repository
    printf '#!/bin/sh\nGIT_PROJECT_ROOT=%s GIT_HTTP_EXPORT_ALL=1 exec git http-backend\n' "$PWD/repos" >www/cgi-bin/git
    chmod +x www/cgi-bin/*
    busybox httpd -f -p 127.0.0.1:$PORT -h "$PWD/www" 3>&- &
    echo $! >server
    eventually curl -sf -o got http://127.0.0.1:$PORT/file.txt
}
teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/server")"
    assert_clean
}
setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir c
    echo a >c/a
    URL=http://127.0.0.1:$PORT
}
need_servers() {
    local program
    for program in curl git openssl; do
        command -v $program >/dev/null || skip "$program is not installed"
    done
}
cgi() { # NAME HEADERS
    printf '#!/bin/sh\nprintf "%s\\n\\nbody\\n"\n' "${2//\\n/\\\\n}" >"www/cgi-bin/$1"
}
# Branches "main", "other" and "built", a tag, and a directory.
make_repository() {
    export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b
    git init -q -b main work/p
    mkdir work/p/sub
    echo first >work/p/f
    echo deep >work/p/sub/g
    printf '#!/bin/sh\n' >work/p/run
    chmod 755 work/p/run
    git -C work/p add .
    git -C work/p commit -q -m 1
    git -C work/p tag v1
    git -C work/p rev-parse HEAD >first
    git -C work/p checkout -q -b other
    echo other >work/p/f
    git -C work/p commit -q -a -m 2
    git -C work/p checkout -q main
    echo second >work/p/f
    git -C work/p commit -q -a -m 3
    git -C work/p rev-parse HEAD >second
    git -C work/p checkout -q -b built
    printf 'FROM busybox\nCOPY f /\n' >work/p/sub/Dockerfile.sub
    git -C work/p add .
    git -C work/p commit -q -m 4
    git -C work/p checkout -q main
    mkdir repos
    git clone -q --bare work/p repos/p.git
}
# Build these lines on nothing; the files are in out/.
build() { # TEXT [OPTION...]
    printf 'FROM scratch\n%b\n' "$1" >c/Dockerfile
    rm -rf out
    md build -o out "${@:2}" c >said
}
refuses() { # TEXT MESSAGE
    printf 'FROM scratch\n%b\n' "$1" >c/Dockerfile
    run --separate-stderr md build c
    [ "$status" = 1 ] && [[ ${stderr_lines[-1]} == "mini-docker: "*"$2"* ]] && [[ $stderr == *" | $1"* ]] && return
    echo "status $status, expected: $2"
    echo "$stderr"
    return 1
}
look() { (cd out && stat -c '%n %a %u:%g %Y' "$@"); }

@test "a file has the URL's name, mode 600 and the server's time" {
    build "ADD $URL/file.txt /d/\nADD --chown=3:4 --chmod=644 $URL/file.txt#part /named\nADD $URL/a%20b?query=/x /d/"
    [ "$(look d/file.txt)" = "d/file.txt 600 0:0 981173106" ]
    [ "$(look named)" = "named 644 3:4 981173106" ]
    [ "$(cat out/d/file.txt out/named "out/d/a b" | xargs)" = "one one blank" ]
}

@test "a name that the server gives, and none at all" {
    # A server of one answer.
    busybox nc -ll -p 8063 -e sh "$BATS_FILE_TMPDIR/answer" 3>&- &
    local server=$!
    eventually curl -sfo got http://127.0.0.1:8063/
    build "ADD http://127.0.0.1:8063 /d/\nADD http://127.0.0.1:8063/ /other"
    kill $server
    [ "$(ls out/d)" = "given name" ]
    [ "$(look other)" = "other 600 0:0 0" ]
    mkdir -p "$BATS_FILE_TMPDIR/www/sub"
    echo index >"$BATS_FILE_TMPDIR/www/sub/index.html"
    build "ADD $URL/sub/ /index"
    [ "$(cat out/index)" = index ]
    refuses "ADD $URL/sub/ /d/" "ADD failed: cannot determine filename for source $URL/sub/"
}

@test "what does not come: the URL and the reason" {
    refuses "ADD $URL/nowhere /x" "ADD failed: failed to GET $URL/nowhere with status 404 Not Found"
    refuses "ADD http://127.0.0.1:1/x /x" 'ADD failed: Get "http://127.0.0.1:1/x": Failed to connect to 127.0.0.1 port 1'
    refuses "ADD $URL/cgi-bin/loop /x" "Get \"$URL/cgi-bin/loop\": Maximum (10) redirects followed"
    refuses "ADD $URL/cgi-bin/leak /x" "Get \"$URL/cgi-bin/leak\": Protocol \"file\" not supported"
    refuses "ADD https://127.0.0.1:$PORT/x /x" "Get \"https://127.0.0.1:$PORT/x\": "
    refuses "COPY $URL/file.txt /x" "COPY failed: source can't be a URL for COPY"
    printf 'FROM scratch\nADD %s/file.txt /x\n' "$URL" >c/Dockerfile
    run env PATH="$PWD/c" "$MINI_DOCKER" build c
    [ "$status" = 1 ]
    [ "${lines[-1]}" = "mini-docker: ADD failed: $URL/file.txt: curl: not found: install curl" ]
    build "ADD $URL/cgi-bin/there /d/"
    [ "$(cat out/d/there)" = one ]
}

@test "the key is the content: known while that is the same, whatever its time" {
    local www=$BATS_FILE_TMPDIR/www
    echo 1 >"$www/changes"
    build "ADD $URL/changes /x"
    touch -d 2001-01-01 "$www/changes"
    build "ADD $URL/changes /x"
    grep -q "Using cache" said
    echo 2 >"$www/changes"
    build "ADD $URL/changes /x"
    grep -q "Using cache" said && return 1
    [ "$(cat out/x)" = 2 ]
}

@test "--checksum is what came, or nothing is built" {
    local sum
    sum=sha256:$(sha256sum <"$BATS_FILE_TMPDIR/www/file.txt" | cut -d' ' -f 1)
    build "ARG SUM\nADD --checksum=\$SUM $URL/file.txt /x" --build-arg SUM="$sum"
    [ "$(cat out/x)" = one ]
    refuses "ADD --checksum=sha256:$(printf %064d 0) $URL/file.txt /x" \
        "digest mismatch for $URL/file.txt: $sum (expected: sha256:$(printf %064d 0))"
    refuses "ADD --checksum=md5:1 $URL/file.txt /x" "invalid checksum digest format: md5:1"
    refuses "ADD --checksum=$sum a /x" "checksum requires HTTP(S) or Git sources"
    refuses "ADD --checksum=$sum $URL/file.txt a /x/" "checksum can't be specified for multiple sources"
}

@test "an archive that was fetched stays one, unless --unpack says otherwise" {
    cp "$BATS_FILE_TMPDIR/www/t.tar" c/
    build "ADD $URL/t.tar /d/\nADD --unpack=true $URL/t.tar /e/\nADD --unpack=false t.tar /f/\nADD --unpack t.tar /g/"
    [ "$(cd out && echo ?/*)" = "d/t.tar e/file.txt f/t.tar g/file.txt" ]
    cmp c/t.tar out/d/t.tar
    build "ADD $URL/file.txt a $URL/t.tar /all/"
    [ "$(ls out/all | xargs)" = "a file.txt t.tar" ]
    refuses "ADD $URL/file.txt a /all" "When using ADD with more than one source file"
}

@test "a git repository: branch, tag, commit and directory" {
    local repo=$URL/cgi-bin/git/p.git first
    first=$(cat "$BATS_FILE_TMPDIR/first")
    build "ADD $repo /p\nADD $repo#other /o\nADD --chown=5:6 $repo#v1:sub /s/\nADD $repo#$first /c\nADD --keep-git-dir=true $repo /k"
    [ "$(cat out/p/f out/o/f out/c/f out/s/g | xargs)" = "second other first deep" ]
    [ "$(cd out && echo p/.g* s/*)" = "p/.g* s/g" ]
    [ "$(look p/run s/g | cut -d' ' -f -3 | xargs)" = "p/run 755 0:0 s/g 644 5:6" ]
    [ "$(git -c safe.directory='*' -C out/k rev-parse HEAD)" = "$(cat "$BATS_FILE_TMPDIR/second")" ]
    build "ADD --checksum=$first $repo#v1 /p"
    build "ADD --checksum=$first $repo#v1 /p"
    grep -q "Using cache" said
    refuses "ADD --checksum=$first $repo#other /p" "expected checksum to match $first, got "
    refuses "ADD $repo#nowhere /p" "repository does not contain ref nowhere"
    refuses "ADD $repo#--upload-pack=x /p" "invalid ref --upload-pack=x"
    refuses "ADD $repo#v1:../../etc /p" "file not found"
    refuses "ADD $URL/none.git /p" "ADD failed: $URL/none.git: git fetch: "
}

@test "https, and a certificate that nobody knows" {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 1 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1 2>/dev/null
    echo secret >s.txt
    openssl s_server -quiet -accept 127.0.0.1:8062 -key key -cert cert -WWW 3>&- &
    local server=$!
    eventually curl -sfo got --cacert cert https://127.0.0.1:8062/s.txt
    CURL_CA_BUNDLE=$PWD/cert build "ADD https://127.0.0.1:8062/s.txt /x"
    [ "$(cat out/x)" = secret ]
    refuses "ADD https://127.0.0.1:8062/s.txt /x" 'SSL certificate problem'
    kill $server
}

@test "interrupted while it waits for the server: curl is gone, and nothing stays" {
    local signal builder
    printf '#!/bin/sh\necho $$ >%s\nexec tail -f /dev/null\n' "$PWD/waiter" >"$BATS_FILE_TMPDIR/www/cgi-bin/waits"
    chmod +x "$BATS_FILE_TMPDIR/www/cgi-bin/waits"
    printf 'FROM scratch\nADD %s/cgi-bin/waits /x\n' "$URL" >c/Dockerfile
    for signal in INT KILL; do
        env --default-signal=INT "$MINI_DOCKER" build c >out.$signal 2>&1 3>&- &
        builder=$!
        eventually test -s waiter
        pgrep -P $builder curl
        kill -$signal $builder
        wait $builder && return 1
        eventually eval '! pgrep -f "^curl .*cgi-bin/waits"'
        kill "$(cat waiter)" || true
        rm waiter
    done
    rm -rf c/Dockerfile
    build "COPY a /a"
    assert_clean
}

@test "import of a URL" {
    run -0 --separate-stderr md import "$URL/t.tar" far:1
    [ -z "$stderr" ]
    [ "${lines[0]}" = "Downloading from $URL/t.tar" ]
    [[ ${lines[1]} =~ ^sha256:[0-9a-f]{64}$ ]] && [ "${#lines[@]}" = 2 ]
    [ "$(md image inspect -f '{{.Comment}}' far:1)" = "Imported from $URL/t.tar" ]
    md build -o out - <<<$'FROM far:1'
    [ "$(cat out/file.txt)" = one ]
    # Elsewhere, packed, a change, a message.
    gzip -c "$BATS_FILE_TMPDIR/www/t.tar" >"$BATS_FILE_TMPDIR/www/t.tgz"
    printf '#!/bin/sh\nprintf "Status: 302 Found\\nLocation: /t.tgz\\n\\nbody\\n"\n' >"$BATS_FILE_TMPDIR/www/cgi-bin/moved"
    chmod +x "$BATS_FILE_TMPDIR/www/cgi-bin/moved"
    md import -c "CMD there" -m mine "$URL/cgi-bin/moved" far:2
    [ "$(md image inspect -f '{{.Comment}} {{.Config.Cmd}}' far:2)" = "mine [/bin/sh -c there]" ]
    "$BATS_TEST_DIRNAME/lib/terminal" "$MINI_DOCKER" import "$URL/t.tar" far:3 >shown </dev/null
    grep -q "t.tar: Importing  *10.2kB/10.2kB" shown
    md rmi far:1 far:2 far:3
}

@test "import of a URL that does not come: one line, and no image" {
    local before
    before=$(md images -q)
    run -1 md import "$URL/nowhere" far
    [ "$output" = "mini-docker: failed to GET $URL/nowhere with status 404 Not Found" ]
    run -1 md import http://127.0.0.1:1/x far
    [[ $output == 'mini-docker: Get "http://127.0.0.1:1/x": Failed to connect to 127.0.0.1 port 1'* ]]
    run -1 env PATH="$PWD/c" "$MINI_DOCKER" import "$URL/t.tar"
    [ "$output" = "mini-docker: $URL/t.tar: curl: not found: install curl" ]
    run -1 md import "$URL/file.txt" far
    [ "${#lines[@]}" = 2 ] && [[ ${lines[1]} == "mini-docker: "*"archive"* ]]
    run -1 md import ftp://127.0.0.1/x far
    [ "$output" = "mini-docker: open ftp://127.0.0.1/x: No such file or directory" ]
    # Half of it comes.
    printf 'while read -r line && [ "${#line}" -gt 1 ]; do :; done\nprintf "HTTP/1.0 200 OK\\r\\nContent-Length: 99999\\r\\n\\r\\n"; cat %s\n' "$BATS_FILE_TMPDIR/www/t.tar" >half
    busybox nc -ll -p 8064 -e sh "$PWD/half" 3>&- &
    local server=$!
    eventually eval 'curl -s http://127.0.0.1:8064/ -o got; [ -s got ]'
    run -1 md import http://127.0.0.1:8064/x far
    kill $server
    [ "${lines[1]}" = "mini-docker: Get \"http://127.0.0.1:8064/x\": transfer closed with 89759 bytes remaining to read" ]
    [ "$(md images -q)" = "$before" ]
}

@test "build of a URL: an archive, a Dockerfile alone, a git repository" {
    local www=$BATS_FILE_TMPDIR/www
    printf 'FROM busybox\nCOPY a /got\n' >c/Dockerfile
    printf 'FROM busybox\nRUN cp /got /other 2>/dev/null; echo other >/got\n' >c/Other
    tar -C c -czf "$www/context.tar.gz" .
    cp c/Other "$www/Dockerfile"
    [ "$(md build -q -t x "$URL/context.tar.gz" | cut -c 1-7)" = sha256: ]
    [ "$(md run --rm --network none x cat /got)" = a ]
    md build -q -t x -f Other "$URL/context.tar.gz" >/dev/null
    [ "$(md run --rm --network none x cat /got)" = other ]
    md build -q -t x "$URL/Dockerfile" >/dev/null
    [ "$(md run --rm --network none x cat /got)" = other ]
    printf 'FROM busybox\nCOPY f run /\nRUN ls -A / | grep -c git >/n; true\n' >c/Git
    md build -q -t x -f - "$URL/cgi-bin/git/p.git#v1" <c/Git >/dev/null
    [ "$(md run --rm --network none x cat /f)" = first ]
    printf 'FROM busybox\nCOPY . /all/\n' >c/Git
    md build -q -t x -f - "$URL/cgi-bin/git/p.git#v1:sub" <c/Git >/dev/null
    [ "$(md run --rm --network none x ls -A /all)" = g ]
    # And where the daemon is to fetch it.
    daemon_start
    ask "/build?t=x&dockerfile=sub/Dockerfile.sub&remote=$URL/cgi-bin/git/p.git%23built" -X POST >out
    daemon_stop
    grep -q 'Successfully tagged x:latest' out
    [ "$(md run --rm --network none x cat /f)" = second ]
    run -1 md build "$URL/nothing"
    refused 1 "error downloading remote context: failed to GET $URL/nothing with status 404 Not Found"
    run -1 md build "$URL/cgi-bin/git/p.git#nosuch"
    refused 1 "repository does not contain ref nosuch"
    PATH=$PWD run -1 "$MINI_DOCKER" build "$URL/cgi-bin/git/p.git"
    refused 1 "git"
    [ -z "$(find "$MINI_DOCKER_ROOT/tmp" -mindepth 1 ! -name lock)" ]
}
