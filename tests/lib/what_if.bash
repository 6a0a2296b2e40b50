# what_if.bash - runs the experiments of a text and compares what they say.
#
#     what_if labs/NN-name/WHAT-IF.md
#
# "    $ COMMAND" is run, in one shell for the whole text, and says the indented
# lines below it, standard error among them; "..." in them is anything.

# What a text's commands are to say, as patterns: what_if_pattern <LINES
what_if_pattern() {
    sed 's/[][\\*?]/\\&/g; s/\.\.\./*/g'
}

what_if() {
    local n=0 i got wanted command=() expected=() line in=
    while IFS= read -r line; do
        case $line in
        "    $ "*) command[n]=${line#"    $ "} in=1 n=$((n + 1)) ;;
        "    "*) [ -z "$in" ] || expected[n - 1]+=${line#    }$'\n' ;;
        *) in= ;;
        esac
    done <"$1"
    for ((i = 0; i < n; i++)); do
        printf '{ %s\n} >%s 2>&1 </dev/null 3>&-\n' "${command[i]}" "$BATS_TEST_TMPDIR/said.$i"
    done >"$BATS_TEST_TMPDIR/commands"
    timeout -s KILL 30 bash "$BATS_TEST_TMPDIR/commands" >/dev/null 2>&1 || true
    for ((i = 0; i < n; i++)); do
        got=$(<"$BATS_TEST_TMPDIR/said.$i")
        wanted=$(what_if_pattern <<<"${expected[i]-}")
        # shellcheck disable=SC2053 # a pattern it is
        [[ $got == $wanted ]] || {
            printf '%s: %s\nwanted:\n%s\ngot:\n%s\n' "$1" "${command[i]}" "${expected[i]-}" "$got"
            return 1
        }
    done
    [ $n -gt 0 ]
}
