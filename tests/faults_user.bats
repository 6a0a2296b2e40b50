# Without root likewise: lib/faults.bash.
load lib/product
load lib/faults
setup_file() {
    [ "$(id -u)" = 0 ] || { lacks "root, to become an ordinary user"; return; }
    faults_setup
}

@test "an ordinary user's run leaves nothing behind, wherever it fails" {
    walk --user run
}
@test "an ordinary user's mini-runc create: likewise" { walk --user create; }
@test "an ordinary user's mini-runc delete --force: likewise" {
    walk --user delete-force
}
