# What is large about images, both ways: nearly as many layers as Docker allows,
# an index with several platforms.
load lib/product
load lib/trees

setup_file() { product_setup; }
setup() {
    need skopeo
    cd "$BATS_TEST_TMPDIR"
}
teardown() {
    remove_all_containers
    restore_images
    assert_clean
}

# layout DIR LAYERS ARCHITECTURE...: an OCI layout whose image "it" is an index
# with an image for each of them. Layer i writes i into "top" and makes f/i;
# every tenth takes a file of five layers below away.
layout() {
    python3 - "$@" <<'END'
import gzip, hashlib, io, json, os, sys, tarfile
top, count, archs = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
oci = "application/vnd.oci.image."
os.makedirs(top + "/blobs/sha256")

def put(kind, data, **more):
    name = hashlib.sha256(data).hexdigest()
    with open(f"{top}/blobs/sha256/{name}", "wb") as f:
        f.write(data)
    return dict(mediaType=oci + kind, digest="sha256:" + name, size=len(data), **more)

def layer(i, arch):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        files = {"top": str(i), f"f/{i}": arch}
        if i % 10 == 0:
            files[f"f/.wh.{i - 5}"] = ""
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(text), 1000000000 + i
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()

def image(arch):
    tars = [layer(i, arch) for i in range(1, count + 1)]
    config = put("config.v1+json", json.dumps(dict(
        architecture=arch, os="linux", config=dict(Cmd=["sh"]), rootfs=dict(
            type="layers", diff_ids=["sha256:" + hashlib.sha256(t).hexdigest() for t in tars]))).encode())
    layers = [put("layer.v1.tar+gzip", gzip.compress(t, mtime=0)) for t in tars]
    return put("manifest.v1+json", json.dumps(dict(
        schemaVersion=2, mediaType=oci + "manifest.v1+json", config=config, layers=layers)).encode(),
        platform=dict(os="linux", architecture=arch))

images = [image(arch) for arch in archs]
it = images[0] if len(images) == 1 else put("index.v1+json", json.dumps(dict(
    schemaVersion=2, mediaType=oci + "index.v1+json", manifests=images)).encode())
it["annotations"] = {"org.opencontainers.image.ref.name": "it"}
with open(top + "/index.json", "w") as f:
    json.dump(dict(schemaVersion=2, manifests=[it]), f)
with open(top + "/oci-layout", "w") as f:
    f.write('{"imageLayoutVersion": "1.0.0"}')
END
}

# The tree of the image "it" as a container has it.
mount_it() {
    md create --name web it true >/dev/null
    md export web | tar -x --exclude=.dockerenv --exclude=dev --exclude=proc --exclude=sys --exclude=etc -C "$1"
}

@test "120 layers: skopeo's archive, packed as a whole; what it is here; and back, to umoci" {
    need umoci
    layout deep 120 amd64
    copy oci:deep:it docker-archive:d.tar:it:latest
    gzip -1 d.tar
    run -0 md load -i d.tar.gz
    [ "$output" = "Loaded image: it:latest" ]
    [ "$(md inspect -f '{{.Id}}' it)" = "$(skopeo inspect --raw oci:deep:it | jq -r .config.digest)" ]
    [ "$(md inspect -f '{{len .RootFS.Layers}}' it)" = 120 ]
    mkdir ours back && mount_it ours
    [ "$(cat ours/top)" = 120 ]
    [ "$(ls ours/f | wc -l)" = 108 ]
    [ ! -e ours/f/115 ] && [ -e ours/f/116 ]
    md save it | tar -x -C back
    umoci unpack --image back:latest bundle 2>/dev/null
    diff <(entries ours) <(entries bundle/rootfs)
}

@test "an index of skopeo's: the platform that is asked for, this machine's unless" {
    here=$(md version --format '{{.Client.Arch}}')
    layout two 2 s390x "$here"
    copy --all oci:two:it oci-archive:two.tar:it
    [ "$(skopeo inspect --raw oci-archive:two.tar | jq '.manifests | length')" = 2 ]
    md load -q -i two.tar
    [ "$(md inspect -f '{{.Architecture}}' it)" = "$here" ]
    mkdir ours && mount_it ours
    [ "$(cat ours/f/1)" = "$here" ]
    md rm web >/dev/null
    md load -q --platform linux/s390x -i two.tar
    [ "$(md image inspect --platform s390x -f '{{.Architecture}}' it)" = s390x ]
    run md load --platform linux/arm/v7 -i two.tar
    refused 1 "no matching manifest for linux/arm/v7 in the manifest list entries"
    # What is saved is the one that is here, and names it.
    md save -o one.tar it
    [ "$(skopeo --override-arch s390x inspect --config oci-archive:one.tar | jq -r .architecture)" = s390x ]
}
