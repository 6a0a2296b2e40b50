# What feedback says of the order in which a student's functions ask the kernel:
# students whose functions do the right things at the wrong time.
bats_require_minimum_version 1.5.0

setup_file() {
    export TOP=${BATS_TEST_DIRNAME%/tests*}
    cd "$TOP" || return
    # Not in the sandbox's /run: the sandbox of the checks has another.
    export PLACE=$PWD/${BUILD:-build}/grade-trace
    rm -rf "$PLACE"
    local lab
    for lab in 02-namespaces 03-rootfs 06-containers; do
        mkdir -p "$PLACE/wrong/$lab"
        cp "chapters/$lab"/*.c "$PLACE/wrong/$lab"
    done
    cd "$PLACE/wrong" || return
    # Other kinds of namespaces than were asked for.
    edit 02-namespaces/ns_join.c 's/\(int\)ns_clone_flags\(kinds\)/CLONE_NEWUTS/'
    # The root is bound before "/" is private.
    edit 03-rootfs/root.c 's/int r = mnt_set_propagation\(.*?return r;\n/int r = 0;\n/s;
        s/(r = bind_on_itself\(dir, e\);)/$1\nif (r >= 0 &&
            mnt_set_propagation("\/", propagation, e) < 0)\nreturn -EPERM;/'
    # The undo functions in the order of the table.
    edit 06-containers/walk.c 's/size_t i = table->n; i-- > 0;/size_t i = 0; i < table->n; i++/'
    cd "$TOP" || return
    # A second one: the pivot before the new root was entered; and what is not
    # written asks for nothing.
    mkdir "$PLACE/second"
    cp "$PLACE/wrong/03-rootfs"/*.c "$PLACE/second"
    cp chapters/03-rootfs/root.c labs/03-rootfs/mask.c "$PLACE/second"
    edit "$PLACE/second/root.c" 's/(int r = )(sys_fchdir\(rootfd\))(;.*?)(sys_pivot_root\(".", "."\))/$1$4$3$2/s'
    grade --submission "$PLACE/wrong" --format json 02 03 06 >"$PLACE/json" || true
}
setup() { cd "$TOP"; }

teardown_file() { rm -rf "$PLACE"; }

edit() { # FILE PERL
    cp "$1" "$1.as-it-was"
    perl -0pi -e "$2" "$1"
    ! cmp -s "$1" "$1.as-it-was"
    rm "$1.as-it-was"
}

grade() {
    build/grader/grade --tier root --work "$PLACE/work" "$@"
}

# "CHECK: DIFFERENCE" for each that has one.
differences() {
    jq -r '.labs[].exercises[].checks[] | select(.difference != "") |
        "\(.name): \(.difference)"'
}

ORDER="in child 1: in yours openat(AT_FDCWD, O_DIRECTORY|O_CLOEXEC|O_PATH) comes before mount(MS_REC|MS_SLAVE), in the reference after it"

@test "calls and steps in the wrong order, and other flags, are told by name" {
    run -0 differences <"$PLACE/json"
    [ ${#lines[@]} = 3 ]
    [ "${lines[0]}" = "lab_2_2_join_is_in_the_same_namespaces: in child 2: yours has setns(CLONE_NEWUTS), the reference has setns with other flags there" ]
    [ "${lines[1]}" = "lab_3_4_no_mount_travels_to_the_host: $ORDER" ]
    [ "${lines[2]}" = "lab_6_4_the_last_step_is_undone_first: in yours step one comes before step three, in the reference after it" ]
}

@test "a call that the reference has before: its name, and no more" {
    run -1 grade --submission "$PLACE/second" --format json 03
    # Nothing of 3.6, which is not written.
    [ "$(differences <<<"$output")" = "lab_3_5_a_refused_pivot_detaches_nothing: the reference has fchdir before pivot_root, yours has not" ]
    jq -e '[.labs[].exercises[].checks[] | select(.verdict == "failed")] |
        length > 2' <<<"$output"
}

@test "it is the same each time" {
    run -1 grade --submission "$PLACE/wrong" --format json 02 03 06
    [ "$(differences <<<"$output")" = "$(differences <"$PLACE/json")" ]
}

@test "people see it below the check that failed, and programs where they look" {
    run -1 grade --submission "$PLACE/wrong" 03
    [[ $output == *"lab_3_4_no_mount_travels_to_the_host: "*"    trace: $ORDER"* ]]
    run -1 grade --submission "$PLACE/wrong" --format html 03
    [[ $output == *"trace: $ORDER"* ]]
    run -1 grade --submission "$PLACE/wrong" --format tap 03
    grep -qxF "  trace: \"$ORDER\"" <<<"$output"
}

@test "what was passed, and the reference, are not compared" {
    run -0 grade --reference --format json 03
    [ -z "$(differences <<<"$output")" ]
    jq -e '.labs[].exercises[] | select(.verdict == "passed") |
        .checks | all(.difference == "")' "$PLACE/json" >/dev/null
}
