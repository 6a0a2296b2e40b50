# labs.bash - a tree in which labs are done: the student edition, or a copy of ours.
#
#     load lib/labs
#     lab_tree NAME       # makes an empty directory, below build/; prints its path
#     break_proc          # tree's labs/01-processes is worked on: proc_clone fails
#     runtime_says TEXT   # build/lab-02/mini-docker has this string in it
#
# Not in the sandbox's /run: the sandbox of the checks has another.
lab_tree() {
    local tree=$TOP/${BUILD:-build}/tree.$1
    rm -rf "$tree" && mkdir -p "$tree" && echo "$tree"
}

break_proc() {
    sed 's/"lab 1.1 is not written yet"/"somebody works on 1.1"/' \
        labs/01-processes/proc.c >proc.new
    mv proc.new labs/01-processes/proc.c
}

runtime_says() { grep -q -F "$1" build/lab-02/mini-docker; }

# make lab-02, with all that follows from it.
lab_02_with() { # WORD...
    run make lab-02 "$@"
    [ "$status" = 2 ]
    [[ $output == *"lab 2.1 "*"0 of 7 exercises passed"* ]]
    runtime_says "lab 2.1 is not written yet"
}

# What is written for a lower chapter is in the runtime, unless REF names it; what
# is not is the reference's.
lab_builds_up() {
    break_proc
    lab_02_with
    [[ $output == *"It has yours of 01-processes, too"* ]]
    runtime_says "somebody works on 1.1"
    run ! runtime_says "lab 0.1 is not written yet"
    lab_02_with REF="00 01"
    [[ $output != *"It has yours"* ]]
    run ! runtime_says "somebody works on 1.1"
    run ! runtime_says "lab 1.1 is not written yet"
}
