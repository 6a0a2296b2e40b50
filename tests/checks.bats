# Each check of the house rules can fail: it is fed something bad, and must say
# so, and something good, and must be quiet. Each test is a little tree of its
# own. What a machine lacks the tool for is skipped by name.

setup() {
    CHECKS=$BATS_TEST_DIRNAME/../scripts/checks
    cd "$BATS_TEST_TMPDIR"
    mkdir -p chapters/00-ground chapters/01-next mini-docker build scripts
    echo 'NEEDS =' >chapters/00-ground/Makefile
    echo 'NEEDS = 00-ground' | tee mini-docker/Makefile >chapters/01-next/Makefile
    cp "$BATS_TEST_DIRNAME/../.clang-format" "$BATS_TEST_DIRNAME/../.clang-tidy" .
}

# Put standard input into FILE of chapter 01.
file() { cat >"chapters/01-next/$1"; }

quiet() {
    run "$CHECKS/$1"
    echo "$output"
    [ "$status" = 0 ] && [ -z "$output" ]
}
finds() {
    run "$CHECKS/$1"
    echo "$output"
    [ "$status" != 0 ] || [ -n "$output" ]
    [[ "$output" == *"$2"* ]]
}
needs_tool() { command -v "$1" >/dev/null || skip "no $1"; }

# A function of $1 lines, braces included.
long_function() {
    echo 'int next_long(void)'
    echo '{'
    for ((i = 2; i < $1; i++)); do echo '    next_call();'; done
    echo '}'
}

@test "format: code as clang-format would not leave it" {
    needs_tool clang-format
    printf 'int next_a(void);\n' | file a.h
    quiet format
    printf 'int   next_a( void );\n' | file a.h
    finds format a.h
}

@test "text: tab, trailing blank, unfinished, no last newline" {
    echo good >README.md
    quiet text
    printf 'a\tb\n' >README.md && finds text tab
    printf 'a \n' >README.md && finds text 'trailing blank'
    printf 'FIX''ME later\n' >README.md && finds text unfinished
    printf 'a' >README.md && finds text newline
}

@test "sizes: 50 lines pass, 51 do not, a waiver is heard" {
    long_function 50 | file a.c
    quiet sizes
    long_function 51 | file a.c
    finds sizes '51'
    { echo '/* waiver: long function: one table */'; long_function 51; } | file a.c
    quiet sizes
}

@test "sizes: five parameters pass, six do not" {
    printf 'int next_f(int a, int b, int c, int d,\n           int e)\n{\n}\n' | file a.c
    quiet sizes
    printf 'int next_f(int a, int b, int c, int d,\n           int e, int f)\n{\n}\n' | file a.c
    finds sizes '6, not 5'
}

@test "sizes: a file of 401 lines" {
    seq 400 | sed 's/.*/\/\/ &/' | file a.c
    quiet sizes
    seq 401 | sed 's/.*/\/\/ &/' | file a.c
    finds sizes 'more than 400'
}

@test "language: banned functions, but not in comments and strings" {
    printf '/* strcpy() */\nconst char *next_s = "system(";\n' | file a.c
    quiet language
    printf 'void next_a(char *a)\n{\n    strcpy(a, "");\n}\n' | file a.c
    finds language strcpy
}

@test "language: typedef'd struct, #if, a name in _t" {
    printf 'typedef struct next next;\n' | file a.c && finds language typedef
    printf '#ifdef X\n#endif\n' | file a.c && finds language '#ifdef'
    printf 'struct next_t { int a; };\n' | file a.c && finds language next_t
}

@test "headers: one that does not compile alone, one that says nothing" {
    printf '/* a.h - is a header. */\n#include <stddef.h>\nsize_t next_a(void);\n' | file a.h
    quiet headers
    printf '/* a.h - is a header. */\nsize_t next_a(void);\n' | file a.h
    finds headers size_t
    printf 'int next_a(void);\n' | file a.h
    finds headers 'does not open'
}

archive() { # make the archive of chapter 01 from a.c
    mkdir -p build/01-next
    gcc -c -fno-pie -ffunction-sections -fdata-sections -o build/01-next/a.o \
        chapters/01-next/a.c
    rm -f build/01-next/lib01-next.a
    ar rcs build/01-next/lib01-next.a build/01-next/a.o
}

@test "symbols: a function without its module's name" {
    echo '/* next.h - is a header. */' | file next.h
    echo 'int next_f(void) { return 0; }' | file a.c && archive && quiet symbols
    echo 'int other(void) { return 0; }' | file a.c && archive && finds symbols other
}

@test "state: a variable, even a static one in a function; tables are none" {
    echo 'const char *const next_table[] = {"a"};' | file a.c && archive && quiet state
    echo 'int next_count;' | file a.c && archive && finds state next_count
    echo 'int next_f(void) { static int n; return n++; }' | file a.c && archive &&
        finds state 'n.'
}

@test "needs: a chapter above, one that is not there, a path around" {
    quiet needs
    echo 'NEEDS = 01-next' >chapters/00-ground/Makefile
    finds needs 'not lower'
    echo 'NEEDS = 00-nowhere' >chapters/01-next/Makefile
    finds needs 'no 00-nowhere'
    echo 'NEEDS =' >chapters/00-ground/Makefile
    echo 'NEEDS =' >chapters/01-next/Makefile
    echo '#include "../00-ground/err.h"' | file a.c
    finds needs err.h
}

@test "lessons: a sketch of 101 lines, one that is not alone, a long demo" {
    echo 'int main(void) { return 0; }' | file sketch.c
    quiet lessons
    seq 101 | sed 's/.*/\/\/ &/' | file demo.c
    finds lessons '101 lines'
    rm chapters/01-next/demo.c
    echo 'int main(void) { return err; }' | file sketch.c
    finds lessons err
    printf '#include "err.h"\n' | file sketch.c
    finds lessons 'not alone'
}

@test "quotes: changed, moved to another function, or of no file" {
    printf 'int next_a(void)\n{\n    return 1;\n}\n\nint next_b(void)\n{\n    return 2;\n}\n' | file a.c
    printf '```c a.c:next_a\n    return 1;\n```\n' | file README.md
    quiet quotes
    printf '```c a.c:next_a\n    return 3;\n```\n' | file README.md
    finds quotes 'not found'
    printf '```c a.c:next_a\n    return 2;\n```\n' | file README.md
    finds quotes 'not found'
    printf '```c gone.c:next_a\n    return 1;\n```\n' | file README.md
    finds quotes 'cannot be read'
}

@test "quotes: of a table, which its own name opens" {
    printf 'struct row {\n    int a;\n} rows[] = {\n    {1},\n};\n' | file a.c
    printf '```c a.c:rows\n    {1},\n```\n' | file README.md
    quiet quotes
    printf '```c a.c:other\n    {1},\n```\n' | file README.md
    finds quotes 'not found'
}

@test "links: to nothing" {
    echo '[a](chapters/01-next/Makefile#part) [b](https://example.org)' >README.md
    quiet links
    echo '[a](chapters/nowhere)' >README.md
    finds links nowhere
}

# A source with an exercise, and a lab for it that is as it has to be.
lab_of_one() {
    {
        printf '#include "err.h"\n\n/* Does it.\n * @lab 1.1 do it */\n'
        printf 'int next_do(struct err *e)\n{\n    return 0;\n}\n'
    } | file a.c
    printf 'START_TEST(\n    lab_1_1_it_is_done)\n' | file test_a.c
    mkdir -p labs
    "$CHECKS/../labs-generate" labs
    lab="labs/01-next"
    echo '1.1 100 easy 20 plain - next_do # whole' >$lab/exercises
    {
        printf '# Next\n\n## 1.1 `next_do`\n\n*easy, about 20 minutes*\n\n'
        printf '**%s.** x\n' Goal Why Read Contract 'Hint 1' 'Hint 2' 'Hint 3'
        printf '\n## Questions\n\n1. a\n2. b\n3. c\n4. d\n'
    } >$lab/EXERCISES.md
}

@test "labs: a skeleton out of date, one left over, no exercises" {
    lab_of_one
    quiet labs
    grep -q 'TODO lab 1.1: do it' labs/01-next/a.c
    rm labs/01-next/a.c
    finds labs 'out of date'
    "$CHECKS/../labs-generate" labs
    rm labs/01-next/EXERCISES.md
    finds labs 'no EXERCISES.md'
    rm labs/01-next/exercises
    finds labs 'no exercises'
    lab_of_one
    quiet labs
    echo >labs/01-next/b.c
    finds labs 'no @lab'
}

# A lab of one exercise in which the table, or the text, has `$1` for `$2`.
wrong_table() {
    lab_of_one
    sed -i "s/$1/$2/" labs/01-next/exercises
    finds labs "$3"
}
wrong_text() {
    lab_of_one
    sed -i "s/$1/$2/" labs/01-next/EXERCISES.md
    finds labs "$3"
}

@test "labs: a table that is not right" {
    wrong_table 100 99 'exercises: 99 points, not 100'
    wrong_table 100 all '1.1: not a row'
    wrong_table easy simple '1.1: not a row'
    wrong_table plain root '1.1: not a row'
    wrong_table ' next_do' '' '1.1: not a row'
    wrong_table '^1.1' 1.2 'no source has "@lab 1.2"'
    wrong_table '^1.1' '#' 'no row for 1.1'
    wrong_table ' - ' ' 1.2 ' '1.1 needs 1.2, which is not above'
    wrong_table next_do other 'no section "## 1.1 `other`"'
    lab_of_one
    echo '1.1 0 easy 20 plain - next_do' >>labs/01-next/exercises
    finds labs '1.1 is there twice'
    lab_of_one
    printf 'START_TEST(lab_1_2_it_is_done)\n' | file test_a.c
    finds labs 'no test is called lab_1_1_'
}

@test "labs: a text that is not right" {
    wrong_text 'about 20' 'about 25' '1.1: not "*easy, about 20 minutes*"'
    wrong_text '^.*easy, .*' '' '1.1: not "*easy, about 20 minutes*"'
    wrong_text '^## 1.1' '## 1.2' 'no section "## 1.1 `next_do`"'
    wrong_text 'Hint 2' 'Hint' '1.1: not three hints'
    wrong_text 'Why' 'Because' '1.1: not Goal, Why, Read and Contract'
    wrong_text '^4. d' '' 'fewer than four questions'
    wrong_text '^## Questions' '## 1.1 `next_do`' '1.1 is there twice'
}

@test "labs-add: an exercise is begun, and the check tells what is missing" {
    lab_of_one
    {
        printf '#include "err.h"\n\n/* Does more. */\n'
        printf 'static int more(int n,\n                struct err *e)\n'
        printf '{\n    return n;\n}\n\n/*\n * Does all.\n */\n'
        printf 'int all(struct err *e)\n{\n    return 0;\n}\n\n'
        printf 'void none(void)\n{\n}\n'
    } | file b.c
    "$CHECKS/../labs-add" 1.2 more do it once more, and say so if it fails \
        for whatever reason there may be
    diff - <(sed -n 3,8p chapters/01-next/b.c) <<'END'
/* Does more.
 * @lab 1.2 do it once more, and say so if it fails for whatever reason there
 * may be */
static int more(int n,
                struct err *e)
{
END
    "$CHECKS/../labs-add" 1.3 all do all
    grep -q 'TODO lab 1.3: do all' labs/01-next/b.c
    finds labs '1.2: not three hints'
    finds labs 'no test is called lab_1_3_'
    sed -i 's/^\(\*\*.*\*\*\)$/\1 x/' labs/01-next/EXERCISES.md
    printf 'START_TEST(lab_1_%d_x)\n' 1 2 3 | file test_a.c
    quiet labs
}

@test "labs-add: what cannot be an exercise changes nothing" {
    lab_of_one
    printf '/* No. */\nint no(void)\n{\n}\n\nint bare(struct err *e)\n{\n}\n' |
        file b.c
    cp -r . "$BATS_TEST_TMPDIR.before"
    for words in '1.1 no x' '1.2 no x' '1.2 bare x' '1.2 missing x' '7.1 no x' \
        'x no x' '1.2 no'; do
        run "$CHECKS/../labs-add" $words
        echo "$words: $output"
        [ "$status" = 1 ]
        [ "${#lines[@]}" = 1 ]
    done
    diff -r . "$BATS_TEST_TMPDIR.before"
}

@test "labs-generate: a directory or a chapter that is not there" {
    run "$CHECKS/../labs-generate" -f nowhere
    [ "$status" = 1 ]
    [ "$output" = "labs-generate: nowhere: no such directory" ]
    ! [ -e nowhere ]
    mkdir labs
    run "$CHECKS/../labs-generate" labs 99-none
    [ "$status" = 1 ]
    [ "$output" = "labs-generate: 99-none: no such chapter" ]
    run "$CHECKS/../labs-generate"
    [ "$status" = 1 ]
    [[ "$output" == *usage* ]]
}

@test "fuzz: a harness that does not compile, without seeds, too long" {
    mkdir -p tests/fuzz/corpus/a
    echo seed >tests/fuzz/corpus/a/1
    echo 'int next_a(void);' | file a.h
    printf '#include "a.h"\nint f(void);\n' >tests/fuzz/fuzz_a.c
    quiet fuzz
    printf '#include "b.h"\n' >tests/fuzz/fuzz_a.c
    finds fuzz b.h
    seq 80 | sed 's/.*/\/\/ &/' >tests/fuzz/fuzz_a.c
    finds fuzz '80 lines'
    echo >tests/fuzz/fuzz_a.c
    rm tests/fuzz/corpus/a/1
    finds fuzz 'no seeds'
}

@test "scripts: what shellcheck warns of" {
    needs_tool shellcheck
    printf '#!/bin/bash\ncd "$1" || exit\n' >scripts/a
    quiet scripts
    printf '#!/bin/bash\ncd $1/x\n' >scripts/a
    finds scripts scripts/a
}

@test "tidy: a null pointer followed" {
    needs_tool clang-tidy
    echo 'int next_a(const int *p);' | file a.h
    printf '#include "a.h"\nint next_a(const int *p)\n{\n    if (p)\n        return 0;\n    return *p;\n}\n' | file a.c
    finds tidy a.c
    printf '#include "a.h"\nint next_a(const int *p)\n{\n    return *p;\n}\n' | file a.c
    quiet tidy
}

@test "check: a rule that is broken makes it fail, and is named" {
    run "$CHECKS/../check" needs
    [ "$status" = 0 ]
    echo 'NEEDS = 01-next' >chapters/00-ground/Makefile
    run "$CHECKS/../check" needs
    [ "$status" = 1 ]
    [[ "$output" == *"needs     FAILED"* ]]
}

@test "run-tests: what an earlier run found counts no more" {
    mkdir -p build/units build/sandbox
    printf 'passed\tx/unit_x\tit\t\tunits\n' >build/units/results
    printf 'failed\tx/test_x\tit\tbroken\tsandbox\n' >build/sandbox/results
    TIERS="units sandbox" BUILD=$PWD/build run "$CHECKS/../run-tests" no-such-file
    echo "$output"
    [ "${lines[-1]}" = "0 passed, 0 failed, 0 skipped" ]
}

@test "run-files: what one file leaves fails it, and is taken away before the next" {
    program() { { echo '#!/bin/bash' && cat; } >"$1" && chmod +x "$1"; }
    program leaves <<'EOF'
mkdir -p /run/mini-docker/ab/names && touch /run/mini-docker/ab/names/left
mkdir -p /run/sandbox/left && mount -t tmpfs left /run/sandbox/left
group=$(dirname "$(find /sys/fs/cgroup -name cgroup.procs | head -1)")/left
mkdir "$group"
setsid sleep 1001 >/dev/null 2>&1 <&- &
echo $! >"$group/cgroup.procs"
echo "$! $group" >"$OUT/made"
printf '1..1\nok 1 it seems\n'
EOF
    program looks <<'EOF'
read -r pid group <"$OUT/made"
if [ ! -e /run/mini-docker/ab/names/left ] && [ ! -d "$group" ] &&
    [ ! -d "/proc/$pid" ] && ! mountpoint -q /run/sandbox/left; then
    printf '1..1\nok 1 nothing there\n'
else
    printf '1..1\nnot ok 1 it is all there\n'
fi
EOF
    export OUT=$BATS_TEST_DIRNAME/../build/run-files # what is in /run counts as left
    rm -rf "$OUT" && mkdir -p "$OUT"
    run "$CHECKS/../run-files" --leaks sandbox "$PWD/leaves" "$PWD/looks"
    cut -f 1,2 "$OUT/results" | sed "s|$PWD/||" | xargs >said
    [ "$(<said)" = "passed leaves failed leak:leaves passed looks" ] ||
        { cat said; echo "$output"; false; }
}
