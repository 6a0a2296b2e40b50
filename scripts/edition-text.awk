# Takes out of a lesson what it quotes of functions that students write:
#
#     awk -f scripts/edition-text.awk EXERCISES README.md
#
# EXERCISES has lines "FILE FUNCTION EXERCISE". A quote begins with "```c
# FILE:FUNCTION" (scripts/checks/quotes).

NR == FNR { exercise[$1 ":" $2] = $3; next }

/^ *```c [^ ]+:[^ ]+ *$/ && ($2 in exercise) {
    split($2, part, ":")
    print "*Here the lesson quotes `" part[2] "`, which you write in `" part[1] \
        "`: exercise " exercise[$2] ".*"
    cut = 1
    next
}
cut {
    if (/^ *```/)
        cut = 0
    next
}
{ print }
