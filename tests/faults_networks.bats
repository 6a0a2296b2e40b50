# mini-docker, with networks, leaves nothing behind, wherever it fails: lib/faults.bash.
load lib/product
load lib/faults
setup_file() { faults_setup; }

@test "network create leaves nothing behind, wherever it fails" { walk network-create; }
@test "network rm: likewise" { walk network-rm; }
@test "run with a published port: likewise" { STEP=12 walk run-port; }
@test "network connect: likewise" { STEP=12 walk network-connect; }
@test "network disconnect: likewise" { STEP=8 walk network-disconnect; }
