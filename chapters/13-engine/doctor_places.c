/* Where images, containers and what runs lie: is that a place for them? */
#include "doctor.h"

#include "idmap.h"
#include "mnt.h"
#include "own.h"
#include "place.h"
#include "rootless.h"
#include "snap.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Below that, an image of a distribution does not fit. */
#define LITTLE_BYTES (INT64_C(1) << 30)

/* statfs(2) tells the kind of a file system as a number. */
static const struct {
    unsigned long magic;
    const char *name;
} systems[] = {
    {EXT4_SUPER_MAGIC,      "ext4"   },
    {0x58465342,            "xfs"    },
    {BTRFS_SUPER_MAGIC,     "btrfs"  },
    {F2FS_SUPER_MAGIC,      "f2fs"   },
    {0x2fc12fc1,            "zfs"    },
    {TMPFS_MAGIC,           "tmpfs"  },
    {OVERLAYFS_SUPER_MAGIC, "overlay"},
    {NFS_SUPER_MAGIC,       "nfs"    },
    {0xff534d42,            "cifs"   },
    {FUSE_SUPER_MAGIC,      "fuse"   },
    {V9FS_MAGIC,            "9p"     },
    {MSDOS_SUPER_MAGIC,     "vfat"   },
    {0x00c0ffee,            "hostfs" },
    {RAMFS_MAGIC,           "ramfs"  },
};

/* The name, or the number where nobody gave it one. */
static char *system_of(const char *path)
{
    struct statfs fs;
    if (statfs(path, &fs) < 0)
        return own_strdup("unknown");
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
        if (systems[i].magic == (unsigned long)fs.f_type)
            return own_strdup(systems[i].name);
    return text_format("%#lx", (unsigned long)fs.f_type);
}

/* 0, or -errno of a new entry there. */
static int may_write(const char *place)
{
    return faccessat(AT_FDCWD, place, W_OK | X_OK, AT_EACCESS) == 0 ? 0
                                                                    : -errno;
}

static uint64_t free_bytes(const char *place)
{
    struct statvfs fs;
    if (statvfs(place, &fs) < 0)
        return 0;
    return (uint64_t)fs.f_frsize * (geteuid() == 0 ? fs.f_bfree : fs.f_bavail);
}

static void look_at_root(const struct doctor *doctor, int which,
                         struct doctor_finding *f)
{
    (void)which;
    auto_free char *place = place_existing(doctor->root);
    auto_free char *system = system_of(place);
    int r = may_write(place);
    if (r < 0) {
        doctor_say(f, DOCTOR_FAIL,
                   "export MINI_DOCKER_ROOT=DIR, where you may write (or "
                   "--root DIR)",
                   "%s: %s", doctor->root, strerror(-r));
        return;
    }
    uint64_t bytes = free_bytes(place);
    char size[16];
    bool little = bytes < LITTLE_BYTES;
    doctor_say(f, little ? DOCTOR_WARN : DOCTOR_OK,
               little ? "remove images (mini-docker rmi), or export "
                        "MINI_DOCKER_ROOT=DIR on a larger disk"
                      : NULL,
               "%s on %s, %s free", doctor->root, system,
               text_from_bytes(bytes, size));
}

static void look_at_run(const struct doctor *doctor, int which,
                        struct doctor_finding *f)
{
    (void)which;
    auto_free char *place = place_existing(doctor->run);
    auto_free char *system = system_of(place);
    bool memory = strcmp(system, "tmpfs") == 0 || strcmp(system, "ramfs") == 0;
    int r = may_write(place);
    const char *remedy =
        doctor->facts.user == 0
            ? "mkdir -p /run/mini-docker && mount -t tmpfs -o mode=711 "
              "tmpfs /run/mini-docker"
            : "export XDG_RUNTIME_DIR=DIR, a directory of yours on a tmpfs "
              "(loginctl enable-linger makes /run/user/$(id -u))";
    if (r < 0)
        doctor_say(f, DOCTOR_FAIL, remedy, "%s: %s", doctor->run, strerror(-r));
    else
        doctor_say(f, memory ? DOCTOR_OK : DOCTOR_WARN, memory ? NULL : remedy,
                   "%s on %s", doctor->run, system);
}

static int enter(struct err *e)
{
    struct rootless who;
    return rootless_enter(&who, e);
}

/* What keeps from an overlay or a mapped mount: no user namespace, or a file
 * system that does not serve. */
static const char *remedy_for(int r, bool in_user, const char *file_system)
{
    const char *remedy = NULL;
    if (r == -ENODEV)
        return "as root, modprobe overlay";
    if (in_user && (r == -EPERM || r == -ENOSPC))
        remedy = rootless_explain(-r).remedy;
    else if (r != -EPERM)
        remedy = file_system;
    return remedy != NULL ? remedy : "mend the namespaces above first";
}

/* In a user namespace it is what ordinary users need; root does not. */
enum { AS_ROOT, AS_USER };
static void look_at_overlay(const struct doctor *doctor, int which,
                            struct doctor_finding *f)
{
    auto_free char *tmp = text_format("%s/tmp", doctor->root);
    auto_free char *place = place_existing(tmp);
    bool is_root = doctor->facts.user == 0, as_user = which == AS_USER;
    if (!as_user && !is_root) {
        doctor_say(f, DOCTOR_OK, NULL, "for root alone; see the next line");
        return;
    }
    struct err e = {0};
    int r = may_write(place) < 0
                ? err_set(&e, EACCES, "not tried: %s cannot be written", place)
                : snap_try(place, as_user ? enter : NULL, &e);
    if (r == 0)
        doctor_say(f, DOCTOR_OK, NULL, "mounted and written to, on %s", place);
    else
        doctor_say(f, is_root == as_user ? DOCTOR_WARN : DOCTOR_FAIL,
                   remedy_for(r, as_user,
                              "export MINI_DOCKER_ROOT=DIR, yours, on ext4, "
                              "xfs, btrfs or tmpfs"),
                   "%s", e.msg);
}

/* A mount that nobody sees, and that is gone with its descriptor. */
static int map_mount(const char *place, struct err *e)
{
    struct idmap one = {.v = {{0, 0, 1}}, .n = 1};
    auto_fd int userns = idmap_open(&one, &one, e);
    if (userns < 0)
        return userns;
    auto_free char *source = own_strdup(place);
    const struct mnt mount = {.source = source};
    auto_fd int tree = mnt_open_mapped(&mount, userns, e);
    return tree < 0 ? tree : 0;
}

static void look_at_idmapped(const struct doctor *doctor, int which,
                             struct doctor_finding *f)
{
    (void)which;
    if (doctor->facts.user != 0) {
        doctor_say(f, DOCTOR_OK, NULL, "for root alone");
        return;
    }
    auto_free char *place = place_existing(doctor->root);
    struct err e = {0};
    int r = map_mount(place, &e);
    if (r == 0)
        doctor_say(f, DOCTOR_OK, NULL, "made, of %s", place);
    else
        doctor_say(f, DOCTOR_WARN,
                   remedy_for(r, true,
                              "keep volumes on a file system that can: ext4, "
                              "xfs, btrfs; tmpfs from Linux 6.3 on"),
                   "%s", e.msg);
}

enum { INIT, WEB };

static void look_at_helper(const struct doctor *doctor, int which,
                           struct doctor_finding *f)
{
    const char *name = which == INIT ? "mini-docker-init" : "mini-docker-web";
    auto_free char *path = place_helper(name);
    (void)doctor;
    if (path != NULL)
        doctor_say(f, DOCTOR_OK, NULL, "%s", path);
    else
        doctor_say(f, DOCTOR_WARN, "make install, or make product",
                   "%s is not installed beside mini-docker", name);
}

/* clang-format off */
const struct doctor_check doctor_places[] = {
    {"state root", "images and containers are kept here", look_at_root, 0},
    {"run directory", "what runs now, to be forgotten at a reboot",
     look_at_run, 0},
    {"overlayfs", "layers under a container's own", look_at_overlay, AS_ROOT},
    {"overlayfs for users", "the same without root", look_at_overlay, AS_USER},
    {"idmapped mounts", "volumes whose files have other owners inside",
     look_at_idmapped, 0},
    {"mini-docker-init", "--init", look_at_helper, INIT},
    {"mini-docker-web", "pull and push", look_at_helper, WEB},
    {0},
};
/* clang-format on */
