# An ordinary user to whom a part of the v2 tree is delegated, as systemd does
# it: his containers are limited, counted and stopped as root's are. That is a
# question to another kernel, which this file boots.
load lib/product

# What he does there; its output is what the test looks at.
his_session() {
    cat <<'SESSION'
set -eu
$MD import "$IMAGES/busybox.tar" busybox >/dev/null
$MD run --rm -m 64m --pids-limit 30 --cpu-shares 512 busybox sh -c \
    'cd /sys/fs/cgroup; id -u; cat memory.max pids.max cpu.weight; grep -c . /proc/self/uid_map'
# More than it may have: killed, and known to be.
$MD run --name hungry -m 16m --memory-swap 16m busybox \
    tail /dev/zero && exit 1
echo "hungry ended with $?"
$MD run --rm --name held busybox sleep 60 &
until id=$($MD ps -q) && [ -n "$id" ]; do sleep 0.1; done
$MD stats --no-stream --format 'stats: {{.Name}} {{.PIDs}} {{.MemUsage}}'
find /sys/fs/cgroup -path "*mini-docker/$id*" -name pids.max | wc -l
$MD rm -f held >/dev/null
wait || true
$MD rm hungry >/dev/null
find /sys/fs/cgroup -path '*mini-docker/*' -type d | wc -l
SESSION
}

setup_file() {
    local top=${BATS_TEST_DIRNAME%/tests*}
    export MD=${MINI_DOCKER:-$top/build/mini-docker}
    export IMAGES=${IMAGES:-$top/build/images}
    "$top/scripts/lab-kernel" --user 1000 --time-out 120 -- env MD="$MD" \
        IMAGES="$IMAGES" bash -c "$(his_session)" >"$BATS_FILE_TMPDIR/out" 2>&1 ||
        {
            ! grep -q "no kernel to boot" "$BATS_FILE_TMPDIR/out" ||
                { lacks "no user-mode-linux"; return; }
            cat "$BATS_FILE_TMPDIR/out"
            false
        }
    mapfile -t said <"$BATS_FILE_TMPDIR/out"
    export SAID="${said[*]}"
}

@test "his limits hold" {
    [[ $SAID = "0 67108864 30 "[0-9]*" 2 "* ]] || { echo "$SAID"; false; }
    [[ $SAID != *WARNING* ]]
}

@test "what takes more memory than it may is killed" {
    [[ $SAID = *"hungry ended with 137"* ]] || { echo "$SAID"; false; }
}

@test "what a container uses is counted" {
    [[ $SAID =~ "stats: held 1 "[0-9.]+[KM]iB\ /\ [0-9.]+MiB ]] || { echo "$SAID"; false; }
}

@test "a group is there while the container is, and gone with it" {
    [[ $SAID = *" 1 0" ]] || { echo "$SAID"; false; }
}
