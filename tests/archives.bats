# Archives that want out, lie or break off, and imports that are killed, race or
# meet a full disk. Nothing gets out, and what is refused leaves nothing.
load lib/product

setup_file() {
    product_setup
    # Many files, for what takes time.
    make_files 10000 many.tar
    make_files 1000 thousand.tar
}
make_files() {
    mkdir files
    (cd files && seq -f 'file%05g' "$1" | xargs touch)
    tar -C files -cf "$2" .
    rm -r files
}
setup() {
    cd "$BATS_TEST_TMPDIR"
    # The canary: whoever gets out changes this directory.
    mkdir outside
    echo canary >outside/file
    OUTSIDE=$PWD/outside
    before=$(world)
}
teardown() {
    # A failure in here counts only if it is the last one.
    [ "$(<outside/file),$(ls -A outside)" = canary,file ] || return
    ! mountpoint -q small || eventually umount small # its monitor may end late
    remove_all_containers
    restore_images
    assert_clean
}

tarball() { "$BATS_TEST_DIRNAME/lib/tarball" "$@"; }

# All there is in the state root, and beside it, but for what readers note down.
world() {
    find "$OUTSIDE" "$MINI_DOCKER_ROOT" "$BATS_FILE_TMPDIR" -maxdepth 4 \
        ! -path "*/test/*" ! -path "*/cache/images" -printf '%p %y %s %m %l\n' | sort -u
    ls -A "$MINI_DOCKER_ROOT/tmp" /
    cat "$OUTSIDE/file"
}

# The archive made of these entries is refused with these words, and then
# everything is as it was before.
refuses() {
    local words=$1
    tarball "${@:2}" >bad.tar
    run quick import bad.tar bad
    refused 1 "$words" && unchanged
}
unchanged() {
    diff <(echo "$before") <(world)
}

# The archive of these entries and busybox is accepted; `inside` runs in it.
accepts() {
    { tarball -n "$@"; cat "$IMAGES/busybox.tar"; } | quick import - odd >/dev/null
}
inside() {
    md run --rm odd "$@"
}

# --- ways out ----------------------------------------------------------------

@test "names with .. are refused" {
    for name in ../escape a/../../escape .. ../../../../../../etc/escape \
        dir/..; do
        refuses '".." in the name' "file $name x"
    done
    refuses '".." in the name ../dir' 'dir ../dir'
    refuses '".." in the name' "symlink ../link $OUTSIDE"
}

@test "absolute names lie inside" {
    accepts "file $OUTSIDE/file pwned" "file //$OUTSIDE/new pwned" \
        'file /./top pwned'
    [ "$(inside cat "$OUTSIDE/file" "$OUTSIDE/new" /top)" = pwnedpwnedpwned ]
}

@test "a file through a symbolic link lands inside" {
    accepts "dir $OUTSIDE" "symlink out $OUTSIDE" 'file out/file pwned' \
        'symlink up ../../../../../../../..' "file up$OUTSIDE/new pwned" \
        "symlink first second" "symlink second $OUTSIDE" 'file first/x pwned'
    [ "$(inside sh -c "cd $OUTSIDE; cat file new x")" = pwnedpwnedpwned ]
    md rmi odd >/dev/null
    # What is not there inside is not there, even if it is outside.
    refuses 'open out: No such file' "symlink out $OUTSIDE" 'file out/x pwned'
}

@test "a symbolic link is replaced, and not written through" {
    accepts "symlink f $OUTSIDE/file" 'file f pwned' \
        "symlink d $OUTSIDE" 'dir d' 'file d/file pwned'
    [ "$(inside cat /f)" = pwned ]
}

@test "a directory that becomes a symbolic link" {
    accepts "dir $OUTSIDE" 'dir a' 'file a/one x' "symlink a $OUTSIDE" \
        'file a/file pwned'
    [ "$(inside readlink /a)" = "$OUTSIDE" ]
    [ "$(inside cat "$OUTSIDE/file")" = pwned ]
    md rmi odd >/dev/null
    refuses 'open a: No such file' 'dir a' 'file a/one x' \
        "symlink a $OUTSIDE" 'file a/file pwned'
}

@test "a loop of symbolic links is an error" {
    refuses 'Too many levels of symbolic links' \
        'symlink a b' 'symlink b a' 'file a/x pwned'
}

@test "hard links outward are refused" {
    refuses '".." in the name' "link h ../../../../../..$OUTSIDE/file"
    refuses 'hard link' "link h $OUTSIDE/file"
    refuses 'hard link' "symlink d $OUTSIDE" 'link h d/file'
    refuses 'hard link' 'link h h'
    refuses 'hard link' 'link h nothing'
}

@test "a hard link to a symbolic link is the link, not what it leads to" {
    accepts "symlink s $OUTSIDE/file" 'link h s' 'file h pwned'
    [ "$(inside cat /h)" = pwned ]
}

@test "ends: the root is a directory, a name is not empty" {
    refuses 'the root must be a directory' 'file . x'
    refuses 'the root must be a directory' 'symlink / /etc'
    refuses '' 'link x .'
}

# --- kinds, modes, names -----------------------------------------------------

@test "device nodes are kept and cannot be opened" {
    accepts 'char mem 1:1' 'block disk 254:0' 'fifo pipe' \
        'mode=0666 char null 1:3'
    [ "$(inside stat -c '%F %t:%T' /mem /disk /pipe | xargs)" = \
        "character special file 1:1 block special file fe:0 fifo 0:0" ]
    for device in mem disk; do
        run inside head -c 1 /$device
        [[ $output == *"Operation not permitted"* ]]
    done
    run inside sh -c 'echo x >/null'
    [ "$status" = 0 ]
}

@test "set-user-id bits are kept for the container alone" {
    accepts 'mode=4755 file su x' 'mode=2755 file sg x' 'mode=1777 dir sticky'
    [ "$(inside stat -c %a /su /sg /sticky | xargs)" = "4755 2755 1777" ]
    # Nobody but root comes near them.
    [ "$(stat -c %a "$MINI_DOCKER_ROOT/layers")" = 711 ]
    run setpriv --reuid 65534 --clear-groups ls "$MINI_DOCKER_ROOT/layers"
    [[ $output == *"Permission denied"* ]]
}

@test "a kind that nobody knows is a file or refused" {
    tarball 'odd x' >odd.tar
    run quick import odd.tar odd
    [ "$status" = 0 ] || { refused 1 "unknown kind" && unchanged; }
}

@test "names of 255 bytes, and not of 256" {
    long=$(printf n%.0s {1..255})
    mkdir tree
    echo x >"tree/$long"
    tar -cf long.tar -C tree .
    md import long.tar odd >/dev/null
    md rmi odd >/dev/null
    tar -cf long.tar -C tree --transform 's/nnn$/nnnn/' .
    run md import long.tar odd
    refused 1 "File name too long"
    [[ $output != *"$long"* ]] # messages stay short
    unchanged
}

@test "names that are not UTF-8, or control a terminal" {
    accepts 'file bad\xff\xfe x' 'file esc\x1b[31m x' 'file line\x0abreak x'
    [ "$(inside sh -c 'ls / | grep -c -e bad -e esc -e line')" = 3 ]
    inside sh -c 'cat "$(printf "/bad\377\376")"'
    md rmi odd >/dev/null
    tarball 'file ../esc\x1b[31m\x0a x' >bad.tar
    run md import bad.tar bad
    refused 1 '../esc?[31m?'
    unchanged
}

@test "of entries with one name the last counts" {
    accepts 'file a one' 'file a two' 'dir a' 'file a three' \
        'symlink b /x' 'dir b' 'file b/in x' 'file b last'
    [ "$(inside cat /a /b)" = threelast ]
}

@test "marks of layers are no files" {
    accepts 'file .wh.gone x' 'dir d' 'file d/.wh..wh..opq x' 'file d/stays x' \
        'file bin/.wh.true x' 'file .wh..wh.plnk x'
    [ -z "$(inside find / -xdev -name '.wh.*')" ]
    [ "$(inside ls /d)" = stays ]
    md rmi odd >/dev/null
    refuses 'a whiteout of nothing' 'file .wh. x'
    refuses 'a whiteout of nothing' 'file .wh... x'
}

@test "ten thousand files" {
    md import "$BATS_FILE_TMPDIR/many.tar" many
    [ "$(ls "$MINI_DOCKER_ROOT"/layers/*/diff | grep -c '^file')" = 10000 ]
}

# --- lies and broken archives ------------------------------------------------

@test "sizes that are not true" {
    refuses '' 'size=max file big x'
    refuses '' 'size=8589934591 file big x'
    refuses '' 'size=4096 file a x'
}

@test "a hole costs nothing" {
    truncate -s 100G hole
    tar -S -cf hole.tar hole
    md import hole.tar odd >/dev/null
    [ "$(stat -c %s "$MINI_DOCKER_ROOT"/layers/*/diff/hole)" = 107374182400 ]
    [ "$(du -sm "$MINI_DOCKER_ROOT/layers" | cut -f 1)" -lt 20 ]
}

@test "cut off anywhere, plain and packed" {
    head -c 300000 /dev/urandom >noise # far longer than what ends a tar
    tar -cf whole.tar noise
    gzip -k whole.tar
    zstd -q whole.tar
    for file in whole.tar whole.tar.gz whole.tar.zst; do
        size=$(stat -c %s $file)
        for part in 1 10 30 60 95; do
            head -c $((size * part / 100)) $file >cut
            run quick import cut bad
            refused 1 "read the archive" ||
                refused 1 "unpack " || { echo "$part % of $file"; false; }
            unchanged
        done
    done
}

@test "no archive at all" {
    : >empty
    head -c 100000 /dev/urandom >noise
    head -c 100000 /dev/zero | tr '\0' a >letters
    gzip -k noise
    printf '\037\213' >begun
    cat noise.gz letters >tail
    for file in empty noise letters noise.gz begun "$MINI_DOCKER"; do
        run quick import "$file" bad
        refused 1 "read the archive: "
        run quick import - bad < <(cat "$file")
        refused 1 "read the archive: "
        unchanged
    done
    # A checksum that is wrong.
    tarball 'file a x' | tr a b >sum.tar
    run quick import sum.tar bad
    refused 1 "read the archive: "
    unchanged
}

@test "an archive of nothing is an image of nothing" {
    tarball >nothing.tar
    md import nothing.tar odd
    run -127 inside true
}

# --- killed, racing, full ----------------------------------------------------

# The garbage of imports that were killed.
garbage() {
    ls -A "$MINI_DOCKER_ROOT/tmp" | grep -v '^lock$'
}

@test "an import is killed at any moment; the next one clears away" {
    local i found=0
    tarball 'file a x' >small.tar
    for ((i = 0; i < 12; i++)); do
        struck_after $((i * i * 2000)) import "$BATS_FILE_TMPDIR/many.tar" many ||
            [ $? = 137 ]
        [ -z "$(garbage)" ] || found=1
        # There is all of it or nothing.
        if [ -n "$(md images -q many)" ]; then
            [ "$(ls "$MINI_DOCKER_ROOT"/layers/*/diff | grep -c '^file')" = 10000 ]
            md rmi many >/dev/null
        fi
        md import small.tar small >/dev/null
        [ -z "$(garbage)" ]
        md rmi small >/dev/null
        unchanged
    done
    [ $found = 1 ]
}

@test "rmi is killed at any moment; the image is there or it is not" {
    local i
    tarball 'file a x' >small.tar
    for ((i = 0; i < 10; i++)); do
        md import "$BATS_FILE_TMPDIR/thousand.tar" many >/dev/null
        struck_after $((i * 700)) rmi many || [ $? = 137 ]
        if [ -n "$(md images -q many)" ]; then
            [ "$(ls "$MINI_DOCKER_ROOT"/layers/*/diff | grep -c '^file')" = 1000 ]
            md rmi many >/dev/null
        fi
        md import small.tar small >/dev/null
        md rmi small >/dev/null
        unchanged
    done
}

@test "imports at once: each has its image" {
    local pids=() i
    for i in {1..8}; do
        tarball "file number $i" >$i.tar
        md import $i.tar many:$i >id$i 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    [ "$(md images -q many | wc -l)" = 8 ]
    for i in {1..8}; do
        [ "$(md images -q --no-trunc many:$i)" = "$(<id$i)" ]
    done
    [ -z "$(garbage)" ]
}

@test "imports of one name at once: one has it, the others are whole" {
    local pids=() i
    for i in {1..6}; do
        md import -m $i "$IMAGES/busybox.tar" same >id$i 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    [ "$(md images -q same | wc -l)" = 1 ]
    for i in {1..6}; do
        [ "$(md run --rm "$(<id$i)" echo whole)" = whole ]
    done
    [ -z "$(garbage)" ]
}

@test "the disk is full: nothing is half done" {
    mkdir small
    mount -t tmpfs -o size=2500k tmpfs small
    local MINI_DOCKER_ROOT=$PWD/small/root
    export MINI_DOCKER_ROOT
    md images
    used=$(df --output=used small | tail -n 1)
    gzip -k <"$IMAGES/busybox.tar" >b.tar.gz
    for file in "$IMAGES/busybox.tar" b.tar.gz; do
        for i in 1 2; do
            run md import "$file" busybox
            refused 1 "No space left on device"
            [ -z "$(md images -q)$(garbage)" ]
            [ -z "$(find "$MINI_DOCKER_ROOT" -type f -size +16k)" ]
        done
    done
    [ $(($(df --output=used small | tail -n 1) - used)) -lt 100 ]
    mount -o remount,size=8m small
    md import "$IMAGES/busybox.tar" busybox
    # Full while it runs: the container is told, and can be removed.
    run md run --name web busybox sh -c 'cat /dev/zero >/big; echo $?'
    [ "${lines[0]}" = "cat: write error: No space left on device" ]
    [ "${lines[1]}" = 1 ]
    run md run --name other busybox true
    [ "$status" = 0 ] || refused 125 "No space left on device"
    # It is still seen, and after a reboot too.
    [ "$(md ps -a -f name=web --format '{{.State}}')" = exited ]
    rm -r "$(run_dir)"
    [ "$(md ps -a -f name=web --format '{{.State}}')" = exited ]
    md rm web
    [ "$(md run --rm busybox echo again)" = again ]
    md ps -aq | xargs -r "$MINI_DOCKER" rm >/dev/null
}
