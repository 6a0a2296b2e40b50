# mini-runc: hooks, config.md of the specification: when each is called, in which
# namespaces, with which state; what follows from one that fails.
load lib/product
load lib/oci

setup_file() {
    oci_setup
    export NOTES=$BATS_FILE_TMPDIR/notes
    mkdir "$NOTES"
    # As a hook: note the name, the state and the mount namespace. Inside, "/" is
    # the container's, which has the script's twin and a directory of notes.
    cat >b/rootfs/note <<'END'
#!/bin/sh
echo "$1" >>"$2/order"
cat >"$2/$1.state"
readlink /proc/self/ns/mnt >"$2/$1.mnt"
pwd >"$2/$1.cwd"
env >"$2/$1.env"
[ "$1" != "$3" ]
END
    chmod +x b/rootfs/note
    mkdir -p b/rootfs/notes
}
setup() {
    rm -rf "$NOTES" b/rootfs/notes
    mkdir -p "$NOTES" b/rootfs/notes
}
teardown() { oci_clean; }

# All six, where the hook named $1 fails, for a program $2.
hooked() {
    config ".process.args = ${2-[\"sleep\", \"1000\"]} |
        def hook(name): {path: \"$PWD/b/rootfs/note\",
            args: [\"note\", name, \"$NOTES\", \"${1-}\"], env: [\"PATH=/bin:/usr/bin\", \"E=1\"]};
        .mounts += [{destination: \"/notes\", type: \"bind\", source: \"$NOTES\",
                     options: [\"bind\"]}] |
        .annotations = {\"k\": \"v\"} |
        .hooks = {prestart: [hook(\"prestart\")],
            createRuntime: [hook(\"createRuntime\")],
            createContainer: [hook(\"createContainer\")],
            startContainer: [{path: \"/note\",
                args: [\"note\", \"startContainer\", \"/notes\", \"${1-}\"],
                env: [\"PATH=/bin:/usr/bin\"]}],
            poststart: [hook(\"poststart\")], poststop: [hook(\"poststop\")]}"
}
order() { xargs <"$NOTES/order"; }
state() { jq -r "$2" "$NOTES/$1.state"; }

@test "the six, in order, each at its operation" {
    hooked
    out create --bundle b t-1
    [ "$(order)" = "prestart createRuntime createContainer" ]
    out start t-1
    [ "$(order)" = "prestart createRuntime createContainer startContainer poststart" ]
    out delete --force t-1
    [[ $(order) == *" poststart poststop" ]]
}

@test "each is told the state, with the pid that the host knows" {
    hooked
    out create --bundle b t-1
    local pid name
    pid=$(pid_in t-1)
    out start t-1
    for name in prestart createRuntime createContainer startContainer poststart; do
        [ "$(state $name .id)" = t-1 ]
        [ "$(state $name .pid)" = "$pid" ]
        [ "$(state $name .bundle)" = "$PWD/b" ]
        [ "$(state $name .annotations.k)" = v ]
        [ "$(state $name .ociVersion)" = 1.2.0 ]
        [ "$(state $name .hooks)" = null ]
    done
    [ "$(state createRuntime .status)" = creating ]
    [ "$(state startContainer .status)" = created ]
    [ "$(state poststart .status)" = running ]
    out delete --force t-1
    [ "$(state poststop .status)" = stopped ]
}

@test "in whose namespaces, with which environment" {
    hooked
    out run -d --bundle b t-1
    local ours theirs name
    ours=$(readlink /proc/self/ns/mnt)
    theirs=$(readlink "/proc/$(pid_in t-1)/ns/mnt")
    for name in prestart createRuntime poststart; do
        [ "$(<"$NOTES/$name.mnt")" = "$ours" ]
        says "$NOTES/$name.env" E=1
        run ! grep -q ^HOME= "$NOTES/$name.env"
    done
    for name in createContainer startContainer; do
        [ "$(<"$NOTES/$name.mnt")" = "$theirs" ]
    done
}

@test "one that fails before the start takes all away again" {
    local name
    for name in prestart createRuntime createContainer; do
        rm -f "$NOTES/order"
        hooked $name
        says_no 1 "$name hook #0" create --bundle b t-1
        says_no 1 'does not exist' state t-1
        [ -z "$(find /sys/fs/cgroup -type d -name t-1)" ]
        [[ $(order) != *startContainer* ]]
        [[ $(order) == *" poststop" ]]
    done
}

@test "startContainer fails: the program does not run" {
    hooked startContainer '["touch", "/notes/ran"]'
    out create --bundle b t-1
    says_no 1 'startContainer hook #0' start t-1
    [ ! -e "$NOTES/ran" ]
    eventually eval '[ "$(status_of t-1)" = stopped ]'
}

@test "poststart fails: the container ends" {
    hooked poststart
    out create --bundle b t-1
    says_no 1 'poststart hook #0' start t-1
    eventually eval '[ "$(status_of t-1)" = stopped ]'
}

@test "poststart fails under run: nothing is left, and poststop is told" {
    hooked poststart
    says_no 1 'poststart hook #0' run -d --bundle b t-1
    says_no 1 'does not exist' state t-1
    [[ $(order) == *" poststart poststop" ]]
}

@test "poststop fails: a warning, and the next ones and the end all the same" {
    hooked poststop
    jq '.hooks.poststop += [{path: "/none"}, .hooks.poststop[0]]' b/config.json >new
    mv new b/config.json
    out run -d --bundle b t-1
    out delete --force t-1
    [ "$(grep -c 'warning: poststop hook #[012]: ' out.txt)" = 3 ]
    [[ $(order) == *" poststop poststop" ]]
    says_no 1 'does not exist' state t-1
}

@test "a hook that takes too long is ended; one that is not there" {
    config '.process.args = ["true"] | .hooks.createRuntime =
        [{path: "/bin/sleep", args: ["sleep", "60"], timeout: 1}]'
    says_no 1 'not done after 1 s' create --bundle b t-1
    config '.process.args = ["true"] | .hooks.createRuntime = [{path: "/none"}]'
    says_no 1 '/none: No such file' create --bundle b t-1
}

@test "several of a kind, in order, up to the first that fails" {
    config '.process.args = ["true"] |
        def say(words): {path: "/bin/sh",
            args: ["sh", "-c", "echo " + words + " >>'"$NOTES"'/order"]};
        .hooks.createRuntime = [say("one"), say("two"),
            {path: "/bin/false"}, say("three")]'
    says_no 1 'createRuntime hook #2' create --bundle b t-1
    [ "$(order)" = "one two" ]
}
