# walks.bash - the walk-throughs of the texts, typed as they stand there.

# What section $2 of docs/$1.md, or of the text $1 if that is a path, or all of
# them, says to type, "> " before each line, and what it says comes out, "< ". A
# command stands after "$ " or root's "# ", with its here-document and with what
# follows a backslash; what is after another prompt ("ann$ ") is for somebody else.
walk_of() {
    local text=$1
    [[ $text == */* ]] || text=docs/$1.md
    awk -v section="## ${2-}" '
        BEGIN { here = section == "## " }
        /^## / { here = index($0, section) == 1 }
        !here || !/^    / { next }
        { line = substr($0, 5) }
        inside { print "> " line; inside = line != "EOF"; next }
        more { print "> " line; more = line ~ /\\$/; next }
        line ~ /^[a-z]+\$ / { next }
        sub(/^[$#] /, "", line) {
            print "> " line
            inside = line ~ /<<.EOF.$/
            more = line ~ /\\$/
            next
        }
        { print "< " line }
    ' "$BATS_TEST_DIRNAME/../$text"
}
commands_of() { walk_of "$@" | sed -n 's/^> //p'; }
outputs_of() { walk_of "$@" | sed -n 's/^< //p'; }

# Each line of file $1 is one of file $2, in their order. "..." stands for
# anything; blanks at both ends do not count.
says_in_order() {
    local wanted pattern line
    exec 5<"$2"
    while read -r wanted; do
        pattern=$(sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g' <<<"$wanted")
        # shellcheck disable=SC2053 # a pattern is what it is
        until [[ ${line-} == $pattern ]]; do
            read -r line <&5 || { echo "not printed: $wanted"; return 1; }
        done
        line=
    done <"$1"
}
