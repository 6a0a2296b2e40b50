# An image of a whole distribution: its own tools work in a container, those
# that change users and those that keep files of many owners. Making the image
# needs packages from the network, so it is made by hand: make image-debian.
load lib/product

setup_file() {
    product_setup
    if [ -s "$IMAGES/debian.tar" ]; then
        md import -c 'CMD ["bash"]' "$IMAGES/debian.tar" debian >/dev/null
    fi
}
setup() {
    [ -s "$IMAGES/debian.tar" ] || skip "no debian.tar: run make image-debian"
}
teardown() { assert_clean; }

inside() {
    md run --rm --network none debian "$@"
}

@test "the image is already made: making it again only names it" {
    before=$(stat -c '%i %Y' "$IMAGES/debian.tar")
    # An empty PATH: nothing could be made anew.
    run -0 env PATH=/nowhere:"$(make_path)" \
        "$BATS_TEST_DIRNAME/../scripts/image-debian" "$IMAGES/debian.tar"
    [ "$output" = "$(realpath "$IMAGES/debian.tar")" ]
    [ "$(stat -c '%i %Y' "$IMAGES/debian.tar")" = "$before" ]
}
make_path() {
    mkdir -p only
    for tool in sh dirname readlink realpath; do
        ln -sf "$(command -v $tool)" only/
    done
    echo "$PWD/only"
}

@test "it says that it is Debian, and its own CMD is a shell" {
    [[ $(inside sh -c '. /etc/os-release; echo $ID') == debian ]]
    run -0 bash -c 'echo "echo \$BASH_VERSION" | \
        "$MINI_DOCKER" run --rm -i --network none debian'
    [[ $output == [5-9].* ]]
}

@test "dpkg knows its packages and finds none of them damaged" {
    run -0 inside dpkg -l dpkg bash libc6
    [ "$(grep -c '^ii ' <<<"$output")" = 3 ]
    run -0 inside sh -c 'dpkg --audit && dpkg --verify coreutils bash'
    # Manuals and documents are left out of the image on purpose.
    run -1 grep -v '/usr/share/\(man\|doc\|locale\)/' <<<"$output"
}

@test "apt reads its lists, builds its tree, and drops to its own user" {
    run -0 inside apt-get check
    [[ $output == *"Reading state information"* ]]
    run -0 inside sh -c 'apt-cache policy bash'
    [[ $output == *Installed:* ]]
}

@test "apt installs a package that lies beside it" {
    run -0 inside sh -ec '
        mkdir -p /tmp/p/DEBIAN /tmp/p/opt
        echo works >/tmp/p/opt/hello
        printf "%s\n" "Package: hello-here" "Version: 1" "Architecture: all" \
            "Maintainer: nobody <nobody@example.org>" "Description: a test" \
            >/tmp/p/DEBIAN/control
        dpkg-deb -b /tmp/p /tmp/hello-here.deb
        apt-get install -y /tmp/hello-here.deb
        cat /opt/hello; apt-get remove -y hello-here; ! [ -e /opt/hello ]'
    [[ $output == *works* ]]
}

@test "su and useradd change users; another user may not read the shadow" {
    run -0 inside su nobody -s /bin/sh -c 'id -un; cat /etc/shadow || echo no'
    [ "${lines[0]}" = nobody ]
    [ "${lines[-1]}" = no ]
    run -0 inside sh -ec 'useradd -m ada; su - ada -c "id -un; pwd"'
    [ "$output" = "ada
/home/ada" ]
    run -0 md run --rm -u nobody --network none debian id -u
    [ "$output" = 65534 ]
}

@test "modes and owners of the tree are the distribution's" {
    run -0 inside stat -c '%a %U:%G %n' /tmp /etc/shadow /usr/bin/su \
        /var/mail /usr/bin/passwd
    [ "$output" = "1777 root:root /tmp
640 root:shadow /etc/shadow
4755 root:root /usr/bin/su
2775 root:mail /var/mail
4755 root:root /usr/bin/passwd" ]
}
