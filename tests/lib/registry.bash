# registry.bash - Debian's docker-registry, for a file of tests.

# What a file's registries need, PROGRAMs among it; whom to believe is said in
# /etc/docker, which is the sandbox's alone. Fails where something is lacking.
registry_setup() { # PROGRAM...
    local program
    for program; do
        command -v "$program" >/dev/null || { lacks "$program is not installed"; return 1; }
    done
    product_setup
    ip link set lo up
    [ -d /etc/docker ] || { lacks "no /etc/docker"; return 1; }
    mount -t tmpfs docker /etc/docker
}
# NAME.yml says how it serves, NAME is its store, NAME.pid who is to be killed at
# the end.
serve() { # NAME HTTP [MORE]
    cat >"$1.yml" <<END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $PWD/$1}, delete: {enabled: true}}
http: {$2}
${3-}
END
    docker-registry serve "$1.yml" >"$1.out" 2>&1 3>&- &
    echo $! >"$1.pid"
}
