# mini-docker, with volumes, leaves nothing behind, wherever it fails: lib/faults.bash.
load lib/product
load lib/faults
setup_file() { faults_setup; }

@test "volume create leaves nothing behind, wherever it fails" { walk volume-create; }
@test "volume rm: likewise" { walk volume-rm; }
@test "run with volumes, filled from the image: likewise" { walk run-volumes; }
