# mini-docker, with images, leaves nothing behind, wherever it fails: lib/faults.bash.
load lib/product
load lib/faults
setup_file() { faults_setup; }

@test "import leaves nothing behind, wherever it fails" { walk import; }
@test "load: likewise" { walk load; }
@test "rmi: likewise" { walk rmi; }
@test "build: likewise" { STEP=16 walk build; }
