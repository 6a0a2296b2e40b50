# Turns a chapter's source into a lab's skeleton: each function whose comment
# has a line "@lab N.k hint" keeps its comment and signature, loses its body
# and gets the hint instead.
#
#     awk -f scripts/skeleton.awk chapters/04-cgroups/join.c
#
# The house style makes functions easy to find: their { and } stand alone in
# column 0. A lab's function returns int and its last parameter is `struct err
# *e`, so that every skeleton compiles and says what is not written yet.

{ line[NR] = $0 }

function fail(at, why) {
    print FILENAME ":" at ": @lab: " why >"/dev/stderr"
    exit 1
}

# Print `text` as a comment in a function's body, wrapped at 80 columns.
function print_comment(text,    words, n, i, row) {
    n = split(text, words, " ")
    row = "    /* " words[1]
    for (i = 2; i <= n; i++) {
        if (length(row " " words[i]) > (i == n ? 77 : 80)) {
            print row
            row = "     *"
        }
        row = row " " words[i]
    }
    print row " */"
}

# The line before which "#include <errno.h>" belongs; 0 if it is there already.
function errno_place(    i, last) {
    for (i = 1; i <= NR; i++) {
        if (line[i] == "#include <errno.h>")
            return 0
        if (line[i] ~ /^#include </) {
            if (line[i] > "#include <errno.h>")
                return i
            last = i
        }
    }
    if (!last)
        for (i = 1; i <= NR; i++)
            if (line[i] ~ /^#include "/)
                last = i
    return last + 1
}

# The line on which the comment that begins on line `at` ends.
function comment_end(at) {
    while (line[at] !~ /\*\/$/)
        at++
    return at
}

# Whether the comment has the mark. Sets `exercise` and `hint`, and `kept` to
# the comment without them, still open.
function find_mark(first, last,    i, row, in_hint, gap) {
    exercise = hint = kept = gap = ""
    for (i = first; i <= last; i++) {
        row = line[i]
        sub(/ *\*\/$/, "", row)
        if (match(row, /@lab [0-9]+\.[0-9]+ /)) {
            exercise = substr(row, RSTART + 5, RLENGTH - 6)
            hint = substr(row, RSTART + RLENGTH)
            in_hint = 1
        } else if (row == " *" || row == "") {
            gap = row == "" ? "" : "\n *"
            in_hint = 0
        } else if (in_hint) {
            sub(/^ \* */, "", row)
            hint = hint " " row
        } else {
            kept = kept (i == first ? "" : gap "\n") row
            gap = ""
        }
    }
    return exercise != ""
}

# Print comment, signature and new body; returns the line of the final "}".
function print_skeleton(at,    signature, rows, n) {
    n = split(kept, rows, "\n")
    if (n > 1 || kept !~ /^\/?\*?$/)
        print kept (length(rows[n]) > 77 ? "\n" : "") " */"
    for (; line[at] != "{"; at++) {
        if (at > NR || line[at] == "")
            fail(at, "no function follows")
        signature = signature line[at]
        print line[at]
    }
    if (signature !~ /(^|[ \t])int / || signature !~ /struct err \*e\)$/)
        fail(at, "the function must be int f(..., struct err *e)")
    print "{"
    print_comment("TODO lab " exercise ": " hint)
    print "    return err_set(e, ENOSYS, \"lab " exercise \
          " is not written yet\");"
    while (line[at] != "}")
        if (++at > NR)
            fail(at, "the function does not end")
    print "}"
    return at
}

END {
    place = errno_place()
    for (i = 1; i <= NR; i++) {
        if (i == place)
            print "#include <errno.h>"
        if (line[i] ~ /^\/\*/) {
            last = comment_end(i)
            if (find_mark(i, last)) {
                i = print_skeleton(last + 1)
                continue
            }
        }
        print line[i]
    }
}
