# What the program says of itself and of the machine: version, info, help; and
# that the commands of the first chapters know Docker's options, long and short.
load lib/options

setup_file() { product_setup; }
setup() { cd "$BATS_TEST_TMPDIR"; }
teardown() {
    remove_all_containers
    assert_clean
}

# How Docker and Go call this machine.
case $(uname -m) in x86_64) ARCH=amd64 ;; aarch64) ARCH=arm64 ;; *) ARCH=$(uname -m) ;; esac

@test "version: a client and a server, on this kernel" {
    version=$(<"${BATS_TEST_DIRNAME%/tests*}/VERSION")
    run -0 md version
    same "Client: Server:" "$(grep -o '^[A-Z].*' <<<"$output" | xargs)"
    same 2 "$(grep -c "^ Version: *$version\$" <<<"$output")"
    same 2 "$(grep -c "^ OS/Arch: *linux/$ARCH\$" <<<"$output")"
    same 1 "$(grep -c "^ Kernel: *$(uname -r)\$" <<<"$output")"
    same "$version $version linux $ARCH $(uname -r)" "$(md version --format \
        '{{.Client.Version}} {{.Server.Version}} {{.Server.Os}} {{.Server.Arch}} {{.Server.KernelVersion}}')"
    md version -f json | jq -e --arg v "$version" '.Client.Version == $v and
        .Server.ApiVersion == .Client.DefaultAPIVersion' >/dev/null
    for words in -v --version; do
        [[ $(md $words) == "mini-docker version $version, build "* ]]
    done
    run -1 md version -f '{{.Nothing}}'
    [[ $output == "mini-docker: template parsing error: "*'"Nothing"' ]]
    run -1 md version words
    same "mini-docker: 'mini-docker version' accepts no arguments" "${lines[0]}"
}

@test "info: the machine, as the kernel has it" {
    same "$(nproc) $(uname -r) $(uname -m) $(uname -n)" "$(md info --format \
        '{{.NCPU}} {{.KernelVersion}} {{.Architecture}} {{.Name}}')"
    same $(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) * 1024)) \
        "$(md info -f '{{.MemTotal}}')"
    same "$MINI_DOCKER_ROOT linux overlay2" \
        "$(md info -f '{{.DockerRootDir}} {{.OSType}} {{.Driver}}')"
    [ -e /sys/fs/cgroup/cgroup.controllers ] && version=2 || version=1
    same $version "$(md info -f '{{.CgroupVersion}}')"
    run -0 --separate-stderr md system info
    for line in "CPUs: $(nproc)" "Kernel Version: $(uname -r)" "Name: $(uname -n)" \
        "Docker Root Dir: $MINI_DOCKER_ROOT" "Cgroup Version: $version"; do
        grep -q -x " $line" <<<"$output" || { echo "no $line in $output"; false; }
    done
    version=$(md version -f '{{.Client.Version}}')
    [[ $output == $'Client:\n Version:    '"$version"$'\n Context:    default\n Debug Mode: false\n\nServer:\n'* ]]
    same "$version default" "$(md info -f '{{.ClientInfo.Version}} {{.ClientInfo.Context}}')"
    md info -f json | jq -e '.SecurityOptions | index("name=seccomp,profile=builtin")' >/dev/null
}

counts() {
    md info -f '{{.Images}} {{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}}'
}

@test "info: what there is" {
    same "1 0 0 0 0" "$(counts)"
    md create --name never busybox true >/dev/null
    md run --name ended busybox true
    start_background --name runs busybox sleep 1000
    same "1 3 1 0 2" "$(counts)"
    md pause runs
    same "1 3 0 1 2" "$(counts)"
    md unpause runs
    md rm -f runs >/dev/null
    wait $OWNER || same 137 $?
    same "1 2 0 0 2" "$(counts)"
}

@test "help: the same by three ways, and for what is no command" {
    for words in run "container ls" "image rm" "volume create" "system prune"; do
        run -0 md $words --help
        [[ ${lines[0]} == "Usage:  mini-docker "* ]]
        same "$output" "$(md help $words)"
    done
    for words in "" -- --help help; do
        [[ $(md $words) == "Usage:  mini-docker [OPTIONS] COMMAND"* ]]
    done
    for group in container image network volume system; do
        [[ $(md $group) == "Usage:  mini-docker $group COMMAND"* ]]
        same "$(md $group)" "$(md $group --help)"
    done
    run -1 md help nosuch
    same "mini-docker: unknown help topic: nosuch" "$output"
    run -1 md nosuch
    same "mini-docker: 'nosuch' is not a mini-docker command." "${lines[0]}"
    run -1 md volume nosuch
    same "mini-docker: 'volume nosuch' is not a mini-docker command." "${lines[0]}"
    for words in swarm "image trust"; do
        run -125 md $words
        same "mini-docker: $words is not built yet" "${lines[0]}"
    done
}

@test "every option that another command has not built says so by name" {
    local command name n=0
    for command in create ps rm images rmi import version info help; do
        for name in $(listed $command | sed -n 's/ not$//p'); do
            run -125 md $command --$name=true a b
            same "mini-docker: $command: --$name is not built yet" "${lines[0]}"
            n=$((n + 1))
        done
    done
    [ $n -gt 10 ]
}

@test "create has run's options, but those about who sits in front" {
    same "detach detach-keys sig-proxy" "$(comm -13 <(listed create | sort) \
        <(listed run | sort) | sed 's/ built$//' | xargs)"
    while read -r words; do
        run -125 md create $words busybox true
        [[ ${lines[0]} == "mini-docker: unknown "*"flag: "* ]] || { echo "$output"; false; }
    done <<<$'-d\n--detach\n--detach-keys=a\n--sig-proxy=false'
    same "" "$(md ps -aq)"
    # Its failures are the command's, with status 1.
    run -1 md create --pull never nosuch true
    same "mini-docker: No such image: nosuch:latest" "$output"
    id=$(md create -it --name web -e A=1 -m 64m busybox sh)
    same "created true true 67108864" "$(md inspect --format \
        '{{.State.Status}} {{.Config.Tty}} {{.Config.OpenStdin}} {{.HostConfig.Memory}}' "$id")"
}

@test "ps, images: long options and their letters say the same" {
    md create --name first busybox true >/dev/null
    md create --name second busybox true >/dev/null
    while IFS='|' read -r long short wanted; do
        same "$wanted" "$(echo $(md $long --format '{{.Names}}'))"
        same "$wanted" "$(echo $(md $short --format '{{.Names}}'))"
    done <<'END'
ps --all|ps -a|second first
ps --last=1|ps -n1|second
ps --latest|ps -l|second
ps --all --filter name=first|ps -af name=first|first
END
    same "$(md ps -aq)" "$(md container list --all --quiet)"
    same "$(md images -aq)" "$(md image list --all --quiet)"
    same busybox "$(md images --filter reference=busy* --format '{{.Repository}}')"
    same "" "$(md images -f reference=none --format '{{.Repository}}')"
}

@test "rm, rmi, import: long options and their letters do the same" {
    for letters in -f -v -fv "--force --volumes" --volumes=true; do
        md create --name one -v /data busybox true >/dev/null
        same 1 "$(md volume ls -q | wc -l)"
        same one "$(md rm $letters one)"
        same "" "$(md ps -aq)"
        [ "$letters" = -f ] && left=1 || left=0
        same $left "$(md volume ls -q | wc -l)"
        [ $left = 0 ] || md volume rm $(md volume ls -q) >/dev/null
    done
    for words in "-c -m" "--change --message"; do
        read -r change message <<<"$words"
        id=$(md import $change 'CMD ["true"]' $message why "$IMAGES/busybox.tar" other)
        same why "$(md history --format '{{.Comment}}' other)"
        same '["true"]' "$(md inspect -f '{{json .Config.Cmd}}' other)"
        md rmi --no-prune "$id" >/dev/null
    done
}
