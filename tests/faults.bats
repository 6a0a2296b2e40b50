# mini-docker leaves nothing behind, wherever it fails: lib/faults.bash.
load lib/product
load lib/faults
setup_file() { faults_setup; }

@test "run leaves nothing behind, wherever it fails" { walk run; }
@test "rm: likewise" { walk rm; }
