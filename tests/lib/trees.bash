# trees.bash - trees of files as lists, to be compared with diff(1).

need() { type -P "$1" >/dev/null || skip "$1 is not installed"; }

copy() { skopeo --insecure-policy copy -q "$@"; }

# podman and buildah on storage of our own.
own_storage() {
    "$(type -P "$1")" --root "$PWD/storage" --runroot "$PWD/run" --storage-driver vfs "${@:2}" </dev/null 3>&-
}
podman() { own_storage podman --tmpdir "$PWD/tmp" --events-backend none "$@"; }
buildah() { own_storage buildah "$@"; }

# entries TREE: every entry of it: kind, mode, owner, size, time, link count,
# target, attributes. What is only a mount point of ours is left out. Directories
# have times of their own where the tree was not lived in: entries TREE times.
entries() {
    local directory='%p %y %m %U:%G'
    [ "${2-}" = times ] && directory+=' %T@'
    (cd "$1" && find . -mindepth 1 ! -path ./.dockerenv ! -path './etc/host*' ! -path ./etc/resolv.conf \
        ! -path ./proc ! -path ./sys ! -path ./dev \( -type d -printf "$directory\n" -o \
        -printf '%p %y %m %U:%G %s %T@ %n %l\n' \) | sort)
    python3 - "$1" <<'END'
import os, sys
for top, dirs, files in sorted(os.walk(sys.argv[1])):
    for name in sorted(dirs + files):
        path = os.path.join(top, name)
        for a in sorted(os.listxattr(path, follow_symlinks=False)):
            if not a.startswith("trusted.") and "overlay" not in a:
                print(name, a, os.getxattr(path, a, follow_symlinks=False))
END
}
