# mini-runc leaves nothing behind, wherever it fails: lib/faults.bash.
load lib/product
load lib/faults
setup_file() { faults_setup; }

@test "create leaves nothing behind, wherever it fails" { walk create; }
@test "start: likewise" { walk start; }
@test "delete, of what has ended: likewise" { walk delete; }
@test "delete --force, of what runs: likewise" { walk delete-force; }
