# The grader, graded: the reference has all points, who does nothing or cheats has
# none, and what every format says is what its reader expects. Mutants and other
# solutions are in grade_mutants.bats.
bats_require_minimum_version 1.5.0

setup_file() {
    export TOP=${BATS_TEST_DIRNAME%/tests*}
    cd "$TOP" || return
    # Not in the sandbox's /run: the sandbox of the checks has another.
    export PLACE=$PWD/${BUILD:-build}/grade-test
    rm -rf "$PLACE"
    # A result with everything in it: passed, failed, waiting.
    export HALF=$PLACE/half
    mkdir -p "$HALF/04-cgroups"
    cp chapters/04-cgroups/{cg,limits}.c "$HALF/04-cgroups"
    grade --submission "$HALF" --format json 00 04 >"$BATS_FILE_TMPDIR/json" || true
}
setup() { cd "$TOP"; }

teardown_file() { rm -rf "$PLACE"; }

grade() {
    build/grader/grade --work "$PLACE/work" "$@"
}
half() { # FORMAT
    run grade --submission "$HALF" --format "$1" 00 04
    [ "$status" = 1 ]
}

# Every check that JSON on the input tells of has passed, and shows why.
all_proved() {
    jq -e '[.labs[].exercises[].checks[]] | length > 0 and
        all(.verdict == "passed" and (.evidence | length) > 0)' >/dev/null
}

@test "the reference has all points, each with evidence" {
    grade --reference --format json >"$BATS_TEST_TMPDIR/json"
    all_proved <"$BATS_TEST_TMPDIR/json"
    jq -e '.points == .of and (.provisional | not) and (.labs | length) == 15 and
        ([.labs[].exercises[]] | length) >= 60 and
        ([.labs[].exercises[].checks[]] | length) >= 200' "$BATS_TEST_TMPDIR/json"
}

@test "in every tier: nothing fails that cannot be tried there" {
    for tier in plain userns; do
        run grade --reference --tier $tier --format json
        [ "$(jq -r '[.labs[].exercises[].checks[].verdict] | unique | join(" ")' \
            <<<"$output")" = "cannot run passed" ]
        [ "$(jq .provisional <<<"$output")" = true ]
    done
}

@test "in the lab kernel the verdicts are those of root" {
    grade --reference --tier kernel --format json 04 05 >"$BATS_TEST_TMPDIR/json"
    all_proved <"$BATS_TEST_TMPDIR/json"
    [ "$(jq -r .tier "$BATS_TEST_TMPDIR/json")" = kernel ]
}

@test "the same again has the same verdicts" {
    verdicts='[.labs[].exercises[].checks[] | {name, verdict}]'
    for _ in 1 2 3; do
        grade --submission "$HALF" --format json 00 04 >"$BATS_TEST_TMPDIR/json" || true
        [ "$(jq "$verdicts" "$BATS_TEST_TMPDIR/json")" = \
            "$(jq "$verdicts" "$BATS_FILE_TMPDIR/json")" ]
        [ "$(jq .sha256 "$BATS_TEST_TMPDIR/json")" = \
            "$(jq .sha256 "$BATS_FILE_TMPDIR/json")" ]
    done
}

@test "an untouched skeleton has no point in any lab" {
    mkdir "$BATS_TEST_TMPDIR/nothing"
    run -1 grade --submission "$BATS_TEST_TMPDIR/nothing" --format json
    [ "$(jq .points <<<"$output")" = 0 ]
    [ "$(jq '[.labs[].exercises[].checks[] | select(.verdict == "grader error")] |
        length' <<<"$output")" = 0 ]
}

# A line for each cheat: its name and what it got.
cheats() {
    tests/grading/cheats | xargs -P 3 -I NAME sh -c '
        tests/grading/cheats NAME "$1/NAME" >&2 && echo NAME $(
            build/grader/grade --work "$2/work.NAME" --submission "$1/NAME" \
                --format json 02 | jq .points)' cheats "$BATS_TEST_TMPDIR" "$PLACE"
}

@test "no cheat has a point" {
    cheats >"$BATS_TEST_TMPDIR/came"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/came")" -ge 12 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/came")" = "$(tests/grading/cheats | wc -l)" ]
    run ! grep -v ' 0$' "$BATS_TEST_TMPDIR/came"
}

@test "what fails is told with its reason and a hint, what waits with its cause" {
    half text
    [[ $output == *"lab 04-cgroups: "*"4.1 "*"passed"* ]]
    [[ $output == *"4.2 "*"failed"*"lab 4.2 is not written yet"*"hint: "* ]]
    [[ $output == *" of "*" points (tier "* ]]
    run grade --submission "$BATS_TEST_TMPDIR" 04
    [[ $output == *"4.2 "*"waits"*"first: 4.1"* ]]
}

@test "--explain shows what the kernel showed" {
    run -0 grade --reference --explain 04
    [[ $output == *'saw test_limits.c:'*' text == "33554432"'* ]]
}

@test "what does not compile is told with its first error, and is no accident" {
    mkdir "$BATS_TEST_TMPDIR/04-cgroups"
    echo 'int x = ;' >"$BATS_TEST_TMPDIR/04-cgroups/join.c"
    run grade --submission "$BATS_TEST_TMPDIR" 04
    [ "$status" = 1 ]
    [[ $output == *"it does not compile: join.c:1:9: error:"* ]]
    [[ $output == *"0 of 100 points"* ]]
}

# --- formats ------------------------------------------------------------------

@test "gradescope: scores, statuses, visibility as its specification has them" {
    half gradescope
    jq -e '(.tests | length) == 12 and (.tests | all(
        (.score | type) == "number" and .score <= .max_score and
        (.status == "passed") == (.score == .max_score) and
        (.number | test("^[0-9]+\\.[0-9]+$")) and (.output | type) == "string" and
        .visibility == "visible" and (.tags | type) == "array")) and
        ([.tests[].max_score] | add) == 200 and .stdout_visibility == "hidden" and
        (.execution_time | type) == "number" and (has("score") | not)' <<<"$output"
}

@test "classroom: what autograding-grading-reporter sums up" {
    half classroom
    [ ${#lines[@]} = 1 ]
    jq -e '.version == 1 and .status == "fail" and .max_score == 200 and
        (.tests | all((.status | IN("pass", "fail", "error")) and
        (.name | length) > 0 and (.score | type) == "number")) and
        ([.tests[].score] | add) > 0' <<<"$(base64 <<<"$output" | base64 -d)"
}

@test "autolab: the last line alone has the scores by problem" {
    half autolab
    jq -e --argjson all "$(jq .points "$BATS_FILE_TMPDIR/json")" '
        (.scores | keys) == ["00-ground", "04-cgroups"] and
        ([.scores[]] | add) == $all and .scoreboard == [$all]' <<<"${lines[-1]}"
}

@test "TAP 14: version, plan, numbers, diagnostics, escapes" {
    half tap
    [ "${lines[0]}" = "TAP version 14" ]
    count=$(grep -cE '^(not )?ok ' <<<"$output")
    [ "${lines[-1]}" = "1..$count" ]
    [ "$(grep -oE '^(not )?ok [0-9]+' <<<"$output" | grep -oE '[0-9]+$')" = \
        "$(seq "$count")" ]
    [ "$(grep -c '^  ---$' <<<"$output")" = "$(grep -c '^not ok' <<<"$output")" ]
    [ "$(grep -c '^  \.\.\.$' <<<"$output")" = "$(grep -c '^not ok' <<<"$output")" ]
    run ! grep -vE '^(TAP version 14|1\.\.[0-9]+|(not )?ok [0-9]+ - .*|  (---|\.\.\.|[a-z]+: ".*"))$' \
        <<<"$output"
}

@test "JUnit and HTML: well-formed, and the numbers agree" {
    half junit
    echo "$output" >"$BATS_TEST_TMPDIR/xml"
    python3 - "$BATS_TEST_TMPDIR/xml" <<'END'
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites" and len(root) == 2
for suite in root:
    cases = suite.findall("testcase")
    assert int(suite.get("tests")) == len(cases) > 0
    for attribute, element in (("failures", "failure"), ("errors", "error"),
                               ("skipped", "skipped")):
        assert int(suite.get(attribute)) == len(suite.findall("*/" + element))
assert root.find("*/*/failure").get("message")
END
    half html
    [[ $output == "<!DOCTYPE html>"*"</html>" ]]
    run ! grep -E 'src=|href=|@import' <<<"$output" # nothing from elsewhere
}

@test "--output is whole at every moment, and has what is known" {
    grade --submission "$HALF" --format gradescope --output "$BATS_TEST_TMPDIR/out" \
        00 04 3>&- &
    pid=$!
    seen=0
    while kill -0 $pid 2>/dev/null; do
        [ ! -s "$BATS_TEST_TMPDIR/out" ] ||
            jq -e '(.tests | length) == 12' "$BATS_TEST_TMPDIR/out" >/dev/null
        seen=$((seen + 1))
    done
    wait $pid || true
    [ $seen -gt 1 ]
    [ "$(jq '[.tests[].score] | add' "$BATS_TEST_TMPDIR/out")" = \
        "$(jq .points "$BATS_FILE_TMPDIR/json")" ]
}

@test "the archive for Gradescope has what it runs, and that grades" {
    ag=$PLACE/autograder
    git rev-parse -q --verify HEAD >/dev/null || skip "git"
    scripts/autograder-zip "$BATS_TEST_TMPDIR/a.zip" 04
    python3 - "$BATS_TEST_TMPDIR/a.zip" <<'END'
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
for name in ("setup.sh", "run_autograder", "mini-docker/labs/grade"):
    assert archive.getinfo(name).external_attr >> 16 & 0o111 == 0o111, name
assert archive.read("labs") == b"04\n"
END
    run -1 scripts/autograder-zip "$BATS_TEST_TMPDIR/a.zip" 77
    [ "$output" = "autograder-zip: no lab 77" ]
    mkdir -p "$ag/source"
    ln -s "$TOP" "$ag/source/mini-docker"
    ln -s "$HALF" "$ag/submission"
    echo 04 >"$ag/source/labs"
    TIER=root AUTOGRADER=$ag labs/autograder/run_autograder
    jq -e '(.tests | length) == 7 and ([.tests[].score] | add) > 0' \
        "$ag/results/results.json"
    # What cannot be graded says so, and is nobody's zero.
    echo 99 >"$ag/source/labs"
    run -1 env TIER=root AUTOGRADER="$ag" labs/autograder/run_autograder
    jq -e '.output | test("not your fault: grade: no lab 99")' "$ag/results/results.json"
}

# --- bad input ----------------------------------------------------------------

@test "what it cannot do is one line, and status 2" {
    while IFS='|' read -r words said; do
        run grade $words
        [ "$status" = 2 ]
        [ ${#lines[@]} -le 2 ]
        [[ ${lines[-1]} == "grade: "*"$said"* ]]
    done <<'END'
--tier moon|--tier moon: plain, userns, kernel or root
--format yaml|--format yaml: not known
-j 0|-j 0: a number from 1 to 64
99|no lab 99
--class /nowhere|/nowhere: No such file or directory
--work /run/lock --tier root|--work /run/lock: not below /run/ in tier root
--nonsense|see labs/grade --help
END
    run -0 grade --help
    [[ ${lines[0]} == "usage: labs/grade "* ]]
}

# --- a class ------------------------------------------------------------------

@test "a class: a table, CSV, what the exercises were like; nobody is trusted" {
    class=$PLACE/class
    mkdir -p "$class/=ann" "$class/zoe"
    cp -r "$HALF/04-cgroups" "$class/=ann"
    cp chapters/04-cgroups/*.c "$class/=ann/04-cgroups"
    tests/grading/cheats edits_the_tests "$class/eve"
    run -0 grade --class "$class" --output "$BATS_TEST_TMPDIR/csv" -j 2 04
    [[ $output == *"=ann "*" 100 of  100 "*"eve "*" 0 of  100 "*"zoe "*" 0 of "* ]]
    [[ $output == *"4.1 "*"make_in "*"1 of 3"* ]]
    [ "$(head -1 "$BATS_TEST_TMPDIR/csv")" = \
        "student,points,of,provisional,04-cgroups,sha256" ]
    grep -qE "^\"'=ann\",100,100,no,100,[0-9a-f]{64}$" "$BATS_TEST_TMPDIR/csv"
    grep -q '^"zoe",0,100,' "$BATS_TEST_TMPDIR/csv"
}
