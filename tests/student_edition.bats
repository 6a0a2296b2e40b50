# What students get: no source of what they write, and everything that works with
# the source here works there, too.
bats_require_minimum_version 1.5.0
load lib/labs

setup_file() {
    export TOP=${BATS_TEST_DIRNAME%/tests*}
    local tree
    tree=$(lab_tree edition)
    export EDITION=$tree/mini-docker
    cd "$TOP" || return
    scripts/student-edition "$tree/edition.tar.gz"
    tar -C "$tree" -xf "$tree/edition.tar.gz"
}
setup() { cd "$EDITION"; }

teardown_file() { rm -rf "${EDITION%/*}"; }

# What came of it, without times.
verdicts() {
    jq -c '[.tier, .points, [.labs[].exercises[].checks[] | {name, verdict}]]'
}
grade() { labs/grade --format json "$@" | verdicts; }
full_tree() {
    cd "$TOP"
    build/grader/grade --work "${EDITION%/*}/work" --format json "$@" | verdicts
}

@test "no body of an exercise is in it, and nothing of the compiler's about one" {
    run -0 "$TOP/tests/lib/lab-bodies" "$TOP/chapters" .
    # It would be found.
    found=$("$TOP/tests/lib/lab-bodies" "$TOP/chapters" "$TOP/chapters" || true)
    [ "$(cut -d ' ' -f 1 <<<"$found" | sort -u | wc -l)" = \
        "$(grep -h '^[0-9]' labs/*/exercises | wc -l)" ]
    run -0 find edition -name '*.o' -size +0
    [ ${#lines[@]} -gt 400 ]
    run ! grep -q -F .debug_ <(objdump -h "${lines[@]}")
    # Sections tell nothing of lines when their names do not.
    run ! grep -q -F -e "$TOP" -r .
    run -0 find . -name .git -o -path '*/chapters/*.c' ! -name 'test_*.c' \
        ! -name 'demo.c' ! -name 'sketch*.c'
    [ -z "$output" ]
}

@test "a lesson's quote of an exercise is cut, and says which it is" {
    grep -qx '\*Here the lesson quotes `cg_join`, which you write in `join.c`: exercise 4.2.\*' \
        chapters/04-cgroups/README.md
    grep -qx '```c limits.c:knobs' chapters/04-cgroups/README.md
}

@test "untouched nothing, as in the full tree; with the true source everything" {
    mkdir -p build/nothing build/solved
    for tier in plain root; do
        run grade --tier $tier 02
        [[ $output == "[\"$tier\",0,"* ]]
    done
    [ "$output" = "$(full_tree --tier root --submission "$PWD/build/nothing" 02)" ]
    cp "$TOP"/chapters/02-namespaces/*.c build/solved
    run grade --tier kernel --submission build/solved 02
    [[ $output == '["kernel",100,'* ]]
    run grade --tier userns --reference 02
    [[ $output == '["userns",80,'* ]]
}

@test "make lab-NN has your code in the runtime, REF takes ours" {
    lab_builds_up
}

@test "make labs leaves alone what was worked on" {
    echo '/* mine */' >>labs/02-namespaces/ns.c
    rm labs/02-namespaces/idmap.c
    run -2 make labs
    [[ $output == *"labs/02-namespaces/ns.c has been worked on: kept"* ]]
    grep -q mine labs/02-namespaces/ns.c
    cmp labs/02-namespaces/idmap.c edition/skeletons/02-namespaces/idmap.c
}

@test "on another machine it says for which it is" {
    rm -f build/.headers
    echo mips-linux-gnu >edition/machine
    run -2 make product
    [[ $output == *"This student edition is for mips-linux-gnu."* ]]
}
