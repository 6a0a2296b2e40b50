# The grader, graded by mistakes that it must notice and by other ways that it must
# accept. Each run takes some of tests/grading, others after every commit; `make
# mutants` takes all of them.
bats_require_minimum_version 1.5.0

setup() {
    cd "${BATS_TEST_DIRNAME%/tests*}" || return
    turn=$(git rev-list --count HEAD 2>/dev/null || echo 0)
}

all_well() { # ARGUMENT OF VARIANTS...
    run tests/grading/variants "$@"
    [ "$status" = 0 ] && ! grep -v '^ok \|^1\.\.' <<<"$output" || { echo "$output"; false; }
}

@test "a mistake loses the points of its exercise and of no other" {
    all_well --every 60 --from "$turn" mutants
}

@test "another way to do it right has all points" {
    all_well --every 5 --from "$turn" solutions
}

@test "every lab has ten mistakes and more" {
    for lab in labs/*/exercises; do
        lab=$(basename "${lab%/*}")
        [ "$(grep -c '^[0-9]' "tests/grading/mutants/$lab")" -ge 10 ]
    done
    [ "$(ls tests/grading/solutions | wc -l)" -ge 3 ]
    for lab in tests/grading/solutions/*; do
        [ "$(ls "$lab" | wc -l)" -ge 5 ]
    done
}

@test "a mutant that is none, or that nobody notices, is told" {
    lab=$'mutant\t00-ground\t0.1\twords\t'
    judge() { tests/grading/variants --judge "$lab$1" bats; }
    [[ $(judge 'no such text ==> x') == "not ok - 00-ground 0.1: words: the text is "* ]]
    [[ $(judge 'path ==> x') == *": the text is there "*" times, not once" ]]
    [[ $(judge 'int r = sys_mkdirat ==> int r; r = sys_mkdirat') == \
        *": words: failed: -, not 0.1" ]]
    [[ $(judge 'int r = ==> int') == *": not graded: "*"it does not compile: "* ]]
    rm -rf build/variants/bats
}
