# system df: sizes are those of the files there are, and what is shared counts once.
load lib/product

setup_file() { product_setup; }
teardown() {
    remove_all_containers
    md volume prune -af >/dev/null
    restore_images
    assert_clean
}

# One line of the table, its columns parted by "|".
line() { # TYPE [OPTION...]
    md system df "${@:2}" --format '{{.Type}}|{{.TotalCount}}|{{.Active}}|{{.Size}}|{{.Reclaimable}}' |
        grep "^$1|"
}
# Bytes of files below, as images count them.
bytes() {
    find "$1" -type f -printf '%i %s\n' | sort -u | awk '{ n += $2 } END { print n }'
}

# With four digits, as df has it; `images` has three.
in_mb() { # BYTES
    awk -v n="$1" 'BEGIN { printf "%.4gMB", n / 1e6 }'
}

@test "df: nothing but an image" {
    size=$(in_mb "$(md image inspect -f '{{.Size}}' busybox)")
    run -0 md system df
    [ "${#lines[@]}" = 5 ]
    [[ ${lines[0]} =~ ^TYPE\ +TOTAL\ +ACTIVE\ +SIZE\ +RECLAIMABLE$ ]]
    [[ ${lines[1]} =~ ^Images\ +1\ +0\ +$size\ +$size\ \(100%\)$ ]]
    [[ ${lines[2]} =~ ^Containers\ +0\ +0\ +0B\ +0B$ ]]
    [[ ${lines[3]} =~ ^Local\ Volumes\ +0\ +0\ +0B\ +0B$ ]]
    [[ ${lines[4]} =~ ^Build\ Cache\ +0\ +0\ +0B\ +0B$ ]]
    [ "$(md system df --format json | head -n 1)" = \
        "{\"Active\":\"0\",\"Reclaimable\":\"$size (100%)\",\"Size\":\"$size\",\"TotalCount\":\"1\",\"Type\":\"Images\"}" ]
}

@test "df: containers by what they wrote, active while they run" {
    md run --name old busybox sh -c 'head -c 5000 /dev/zero >/f'
    start_background --name web busybox sh -c 'head -c 15000 /dev/zero >/f; sleep 1000'
    eventually eval '[ "$(line Containers)" = "Containers|2|1|20kB|5kB (25%)" ]'
    [[ $(line Images) == "Images|1|1|"*"|0B (0%)" ]]
    run -0 md system df -v
    [[ $output =~ $'\n'"Containers space usage:"$'\n'  ]]
    [[ $output =~ [0-9a-f]{12}\ +busybox\ +\"sh\ -c\ .*…\"\ +0\ +5kB\ .*Exited\ \(0\).*\ old ]]
    stop_background
}

@test "df: volumes, links, and what nobody uses" {
    md volume create spare >/dev/null
    head -c 3000 /dev/zero >"$(md volume inspect -f '{{.Mountpoint}}' spare)/f"
    md create --name a1 -v kept:/v busybox true >/dev/null
    md create --name b1 -v kept:/v busybox true >/dev/null
    md run --rm -v kept:/v busybox sh -c 'head -c 1000 /dev/zero >/v/f'
    [ "$(line 'Local Volumes')" = "Local Volumes|2|1|4kB|3kB (75%)" ]
    run -0 md system df -v
    [[ $output =~ VOLUME\ NAME\ +LINKS\ +SIZE$'\n'kept\ +2\ +1kB$'\n'spare\ +0\ +3kB ]]
    [[ $output == *"Build cache usage: 0B"*"CACHE ID"*"CACHE TYPE"*"SHARED" ]]
}

@test "df: what images share counts once" {
    md create --name c1 busybox true >/dev/null
    head -c 7000 /dev/urandom >f
    md cp f c1:/f
    md commit c1 above >/dev/null
    md rm c1 >/dev/null
    layers=$MINI_DOCKER_ROOT/layers
    total=$(bytes "$layers")
    base=$(in_mb "$(md image inspect -f '{{.Size}}' busybox)")
    run -0 md system df -v --format '{{range .Images}}{{.Repository}} {{.SharedSize}} {{.UniqueSize}} {{.Containers}};{{end}}'
    [ "$output" = "above $base 7kB 0;busybox $base 0B 0;" ]
    [ "$(md system df --format '{{.Size}}' | head -n 1)" = \
        "$(in_mb "$total")" ]
    # Docker: only what a used image has alone cannot be reclaimed.
    md create --name c1 above true >/dev/null
    [[ $(line Images) == "Images|2|1|"*"|$base (99%)" ]]
    md rm c1 >/dev/null
}

@test "df: what it refuses" {
    run md system df operand
    [ "$status" = 1 ] && [[ $output == *"accepts no arguments"* ]]
    run md system df --format '{{.Nothing}}'
    [ "$status" != 0 ]
}
