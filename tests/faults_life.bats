# A container's life leaves nothing half done, wherever one of its commands
# fails: lib/faults.bash.
load lib/product
load lib/faults
setup_file() { faults_setup; }

@test "create leaves nothing behind, wherever it fails" { walk md-create; }
@test "start: likewise, and the container can be started again" { STEP=16 walk md-start; }
@test "stop: likewise, and it can be stopped again" { walk md-stop; }
@test "exec: likewise, and the container runs on" { STEP=8 walk md-exec; }
@test "rename: likewise, and it has one of the two names" { walk md-rename; }
