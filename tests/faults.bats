# mini-docker leaves nothing behind, wherever it fails: lib/faults.bash.
load lib/product
load lib/faults
setup_file() { faults_setup; }

@test "run leaves nothing behind, wherever it fails" { walk run; }
@test "import: likewise" { walk import; }
@test "rmi: likewise" { walk rmi; }
@test "rm: likewise" { walk rm; }
@test "run with volumes, filled from the image: likewise" { walk run-volumes; }
@test "volume create: likewise" { walk volume-create; }
@test "volume rm: likewise" { walk volume-rm; }
