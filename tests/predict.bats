# labs/predict: its questions are made from a seed, and the kernel has the word.

bats_require_minimum_version 1.5.0

setup_file() {
    export PREDICT=${BATS_TEST_DIRNAME%/tests*}/labs/predict
    export ORACLE=$BATS_TEST_DIRNAME/lib/predict-oracle
    cd "$BATS_FILE_TMPDIR" || return
}

@test "predict: what rules foretell without a kernel is right, for many seeds" {
    local seed
    for seed in 1 2 5; do
        "$PREDICT" --seed $seed --ask >questions
        "$ORACLE" <questions >answers
        [ "$(wc -l <answers)" = "$(grep -cE '^  [a-z]+\.[0-9]' questions)" ]
        "$PREDICT" --seed $seed --answers answers >out || { cat out; false; }
        [[ $(tail -n 1 out) =~ ^([0-9]+)\ of\ ([0-9]+)\ right$ ]]
        [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
        [ "${BASH_REMATCH[2]}" -ge 15 ]
    done
}

@test "predict: wrong answers are told, with what the kernel says, and counted" {
    "$PREDICT" --seed 3 --ask | "$ORACLE" >answers
    sed -e 's/^pids.1 .*/pids.1 4711/' -e '/^mounts.2 /d' answers >wrong
    run "$PREDICT" --seed 3 --answers wrong
    [ "$status" = 2 ]
    [[ $output =~ wrong\ +pids\.1\ [^$'\n']*', not "4711"'$'\n'\ +the\ kernel:\ /proc/[0-9]+/status\ says\ NSpid: ]]
    [[ $output =~ wrong\ +mounts\.2\ [^$'\n']*', not ""'$'\n'\ +the\ kernel:\ /proc/self/mountinfo ]]
    # All of them: as many as there are. From the keyboard, too.
    run "$PREDICT" 04 03 --seed 3 < <(yes nonsense)
    [ "$status" = 5 ]
    [ "${lines[-1]}" = "0 of 5 right" ]
}

@test "predict: an answer is the same in capitals, with commas and more blanks" {
    "$PREDICT" mounts --seed 3 --ask | "$ORACLE" >answers
    sed -e 's/ \([A-E]\)/, \L\1/g' -e 's/,/:/' answers >other
    run -0 "$PREDICT" mounts --seed 3 --answers other
}

@test "predict: the same seed asks the same, another one something else" {
    "$PREDICT" --seed 7 --ask >seven
    "$PREDICT" --seed 7 --ask >again
    "$PREDICT" --seed 8 --ask >eight
    cmp seven again
    local subject
    for subject in pids ids mounts limits overlay ports; do
        "$PREDICT" $subject --seed 7 --ask | tail -n +2 >one
        "$PREDICT" $subject --seed 8 --ask | tail -n +2 >other
        run ! cmp -s one other
        # Alone as among the others.
        [[ $(<seven) == *"$(<one)"* ]]
    done
    # What it asks by chance, it asks again.
    local try
    for try in 1 2 3 4 5 6 7 8; do
        "$PREDICT" 02 --ask >chance
        "$PREDICT" 02 --ask --seed "$(awk 'NR == 1 { print $2 }' chance)" >again
        cmp chance again
    done
}

@test "predict: --show has each question with the kernel's answer" {
    "$PREDICT" 07 --seed 5 --show >shown
    "$PREDICT" 07 --seed 5 --ask | "$ORACLE" >answers
    while read -r question answer; do
        grep -qE "^  $question +[A-Z]" shown
        grep -qE "^$question +$answer\$" shown
    done <answers
    [ "$(grep -c 'the kernel: ' shown)" = "$(wc -l <answers)" ]
}

@test "predict: what it does not know is refused in one line" {
    local words
    for words in "11" "nosuch" "--seed x" "--seed" "--answers /nonexistent" "--nosuch"; do
        run -124 "$PREDICT" $words
        [ "${#lines[@]}" = 1 ]
        [[ $output == "predict: "* ]]
    done
    run -0 "$PREDICT" --help
    [[ $output == "predict [CHAPTER"* ]]
}
