# registry.bash - Debian's docker-registry, for a file of tests: NAME.yml says how it
# serves, NAME is its store, NAME.pid who is to be killed at the end.
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
