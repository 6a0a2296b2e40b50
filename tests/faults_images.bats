# mini-docker, with images, leaves nothing behind, wherever it fails: lib/faults.bash.
load lib/product
load lib/faults
setup_file() { faults_setup; }

@test "import leaves nothing behind, wherever it fails" { STEP=8 walk import; }
@test "load: likewise" { STEP=8 walk load; }
@test "rmi: likewise" { walk rmi; }
@test "build: likewise" { STEP=16 walk build; }
