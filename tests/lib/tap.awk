# Reads one test program's TAP and says what happened.
#
#     awk -v file=NAME -v status=EXIT -v tier=TIER -v results=FILE \
#         -f tap.awk OUTPUT
#
# Appends to `results` a line per test,
# STATUS<tab>FILE<tab>TEST<tab>REASON<tab>TIER, STATUS being passed, failed or skipped. Prints the failures with what was
# said around them. Understands the three dialects there are here:
#
#     Check    not ok 3 - test_cg.c:cgroups:frozen: SKIP: no freezer
#     cmocka   not ok 3 # SKIP two          "# why" on the lines after a failure
#     bats     ok 3 ps lists it # skip why  likewise

function record(state, test, reason) {
    print state "\t" file "\t" test "\t" reason "\t" tier >>results
    count[state]++
    if (state == "failed")
        print "    FAILED " file ": " test (reason ? ": " reason : "")
}

/^ *1\.\.[0-9]+/ {
    sub(/^ *1\.\./, "")
    planned = $1 + 0
    next
}

/^(not )?ok [0-9]+/ {
    seen++
    state = /^not/ ? "failed" : "passed"
    sub(/^(not )?ok [0-9]+ *(- )?/, "")
    reason = ""
    if (match($0, /^[^ :]+\.[ch]:[^:]*:[^ :]+: /)) { # Check: file:case:test: text
        reason = substr($0, RLENGTH + 1)
        $0 = substr($0, 1, RLENGTH - 2)
        sub(/.*:/, "")
        if (state == "passed")
            reason = ""
        else if (sub(/^SKIP: /, "", reason))
            state = "skipped"
    } else if (match($0, /# *[Ss][Kk][Ii][Pp]/)) {
        state = "skipped"
        reason = substr($0, RSTART + RLENGTH + 1)
        $0 = substr($0, 1, RSTART - 1)
        if ($0 == "") {
            $0 = reason
            reason = "the test skips itself"
        }
    }
    sub(/ +$/, "")
    record(state, $0, reason)
    if (state == "failed")
        printf "%s", said
    said = ""
    next
}

# What is said after a failure explains it; what is said before may as well.
{
    line = "           " $0 "\n"
    if (state == "failed")
        printf "%s", line
    else
        said = said line
}

END {
    if (seen == 0 || planned != seen || status >= 124)
        record("failed", "the program itself", "exit status " status ", " \
               seen + 0 " of " planned + 0 " results")
    else if (status != 0 && count["failed"] + count["skipped"] == 0)
        record("failed", "the program itself", "exit status " status)
    if (count["failed"] && state != "failed")
        printf "%s", said
}
