# The rows of tests/dockerfiles, every instruction and option: what we build of each
# is what its `expect` says, entry by entry and field by field. Its first line says
# who says so: Docker's classic builder, buildah, or both; Docker's documentation where
# these cannot. Who does otherwise is named, too. A few are asked of buildah here and
# now, BUILDAH=all for all of them, DOCKER_HOST=unix://... of a Docker there;
# `tests/lib/dockerfiles buildah DIR NAME` shows what to write for a new row.
load lib/product

setup_file() {
    product_setup
    export ROWS=$BATS_TEST_DIRNAME/dockerfiles
    mkdir work
    (cd work && "$BATS_TEST_DIRNAME/lib/dockerfiles" ours ../ours)
}
teardown_file() {
    assert_clean
}
setup() {
    cd "$BATS_FILE_TMPDIR"
}

# All rows whose names begin so are as expected, and there are some.
rows() { # WORD...
    local word row bad=0 n=0
    for word; do
        for row in "$ROWS/$word"*/; do
            row=$(basename "$row")
            n=$((n + 1))
            diff <(grep -v '^#' "$ROWS/$row/expect") "ours/$row" >difference && continue
            echo "$row:"
            cat "$ROWS/$row/Dockerfile" difference
            bad=1
        done
    done
    [ $n -gt 1 ] && [ $bad = 0 ]
}

@test "table: FROM" { rows from; }
@test "table: RUN, its options and here-documents" { rows run here-run; }
@test "table: COPY and its options" { rows copy here-copy; }
@test "table: ADD, and archives" { rows add; }
@test "table: .dockerignore" { rows ignore; }
@test "table: ENV" { rows env; }
@test "table: ARG" { rows arg; }
@test "table: CMD, ENTRYPOINT, SHELL" { rows cmd entrypoint shell; }
@test "table: EXPOSE, LABEL, MAINTAINER, STOPSIGNAL" { rows expose label maintainer stopsignal; }
@test "table: HEALTHCHECK, ONBUILD" { rows healthcheck onbuild; }
@test "table: USER, VOLUME, WORKDIR" { rows user volume workdir; }
@test "table: comments, continuations, directives" { rows spelling; }

@test "table: no row is left out" {
    local seen
    seen=$(sed -n 's/^@test .* { rows \(.*\); }$/\1/p' "$BATS_TEST_FILENAME" | tr ' ' '\n')
    [ -z "$(ls "$ROWS" | grep -v -e "^$(sed 's/$/.*/' <<<"$seen" | paste -sd'|' | sed 's/|/\\|^/g')")" ]
    [ "$(ls "$ROWS" | wc -l)" -ge 90 ]
    [ "$(grep -l '^# .*buildah 1' "$ROWS"/*/expect | wc -l)" -ge 70 ]
    [ "$(grep -l '^# Docker 20' "$ROWS"/*/expect | wc -l)" -ge 79 ]
}

# What the rows that name somebody in their first line are with him.
same_with() { # WHO ROW...
    local row who=$1
    shift
    mkdir "work-$who"
    (cd "work-$who" && "$BATS_TEST_DIRNAME/lib/dockerfiles" "$who" "../$who" "$@")
    for row; do
        diff <(grep -v '^#' "$ROWS/$row/expect") "$who/$row"
    done
}
rows_of() { (cd "$ROWS" && grep -l "^# $1" -- */expect | xargs -n 1 dirname); }

@test "table: buildah says the same today" {
    command -v buildah >/dev/null || skip "buildah is not installed"
    local rows=(add-tar copy-directory run-whiteouts)
    [ "${BUILDAH-}" != all ] || mapfile -t rows < <(rows_of '.*buildah 1')
    same_with buildah "${rows[@]}"
}

@test "table: Docker says the same today" {
    [ -n "${DOCKER_HOST-}" ] || skip "no Docker to ask: DOCKER_HOST says where it is"
    local rows
    mapfile -t rows < <(rows_of 'Docker 20')
    same_with docker "${rows[@]}"
}
