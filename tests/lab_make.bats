# make lab-NN in a copy of this tree, in which a student works: labs build upon each
# other, or on the reference.
bats_require_minimum_version 1.5.0
load lib/labs

setup_file() {
    export TOP=${BATS_TEST_DIRNAME%/tests*}
    local built=${BUILD:-build}
    TREE=$(lab_tree copy)
    export TREE
    cd "$TOP" || return
    cp -a Makefile VERSION scripts chapters labs mini-docker "$TREE"
    mkdir "$TREE/tests" "$TREE/build"
    cp -a tests/lib "$TREE/tests"
    # What is built is not built again.
    cp -a --parents "$built"/.headers "$built"/*/*.[aod] "$TREE"
    scripts/labs-generate -f "$TREE/labs"
}
setup() { cd "$TREE"; }

teardown_file() { rm -rf "$TREE"; }

@test "nothing is written: the lab's own is the student's, the rest the reference's" {
    lab_02_with
    [[ $output != *"It has yours"* ]]
    for lab in 0.1 1.1 3.1; do
        run ! runtime_says "lab $lab is not written yet"
    done
}

@test "what is written for a lower chapter is in the runtime; REF takes ours" {
    lab_builds_up
}

@test "what there is not is told" {
    run -2 make lab-02 REF=77
    [[ $output == *"REF: no lab 77"* ]]
    run -1 scripts/lab 77
    [[ $output == "No lab 77. There are: "*"labs/04-cgroups"* ]]
}

@test "a lower chapter that does not compile stops it, with the compiler's words" {
    sed -i 's/"somebody works on 1.1"/oops/' labs/01-processes/proc.c
    run -2 make lab-02
    [[ $output == *"proc.c:"*"'oops' undeclared"* || $output == *"‘oops’ undeclared"* ]]
    rm labs/01-processes/proc.c
}
