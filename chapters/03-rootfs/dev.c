/* /dev: device nodes where the kernel lets us make them, binds where not. */
#include "dev.h"

#include "files.h"
#include "mnt_target.h"
#include "mnt_tree.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What every program may expect (the OCI runtime specification, "Default
 * Devices"); the numbers are those of the kernel's devices.txt. */
static const struct {
    const char *name;
    unsigned int major, minor;
} defaults[] = {
    {"null",    1, 3},
    {"zero",    1, 5},
    {"full",    1, 7},
    {"random",  1, 8},
    {"urandom", 1, 9},
    {"tty",     5, 0},
};

static const struct {
    const char *name, *text;
} links[] = {
    {"fd",     "/proc/self/fd"  },
    {"stdin",  "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
    {"core",   "/proc/kcore"    },
    {"ptmx",   "pts/ptmx"       },
};

static const struct {
    char type;
    mode_t mode;
} types[] = {
    {'c', S_IFCHR},
    {'u', S_IFCHR},
    {'b', S_IFBLK},
    {'p', S_IFIFO}
};

static mode_t type_bits(char type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].mode;
    return 0;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool is_node(const struct stat *st, const struct dev_node *node)
{
    mode_t type = type_bits(node->type);
    return (st->st_mode & S_IFMT) == type &&
           (type == S_IFIFO ||
            st->st_rdev == makedev(node->major, node->minor));
}

/* What an image or a bind of the host's /dev brought is kept if it is the
 * very device, and never taken for it otherwise. */
static int check_existing(int dir, const struct dev_node *node, struct err *e)
{
    struct stat st;
    if (fstatat(dir, last_name(node->path), &st, AT_SYMLINK_NOFOLLOW) < 0)
        return err_sys(e, errno, "stat %s", node->path);
    if (!is_node(&st, node))
        return err_set(e, EEXIST, "%s is there and is something else",
                       node->path);
    return 0;
}

/* The host's node of the same numbers, under the same name or the one udev
 * gives all devices. Returns a descriptor. */
static int open_host_node(const struct dev_node *node, struct err *e)
{
    auto_free char *by_number =
        text_format("/dev/%s/%u:%u", node->type == 'b' ? "block" : "char",
                    node->major, node->minor);
    const char *names[] = {node->path, by_number};
    for (int i = 0; i < 2; i++) {
        auto_fd int fd = sys_openat(AT_FDCWD, names[i], O_PATH | O_CLOEXEC, 0);
        struct stat st;
        if (fd >= 0 && fstat(fd, &st) == 0 && is_node(&st, node))
            return fd_take(&fd);
    }
    return err_set(e, ENODEV, "the host has no %s of %u:%u", node->path,
                   node->major, node->minor);
}

/* Put what `fd` is open on where `path` ends, in its directory `dir`. A link
 * there is not followed: the image chose where it leads. */
static int bind_on(int dir, int fd, const char *path, struct err *e)
{
    const char *name = last_name(path);
    int r = sys_mknodat(dir, name, S_IFREG | 0600, 0);
    if (r < 0 && r != -EEXIST)
        return err_sys(e, r, "create %s", path);
    auto_fd int target =
        sys_openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    struct stat st;
    if (target < 0 || fstat(target, &st) < 0)
        return err_sys(e, target < 0 ? target : errno, "open %s", path);
    if (S_ISLNK(st.st_mode))
        return err_set(e, ELOOP, "%s is a symbolic link", path);
    auto_fd int tree = mnt_tree_clone(fd, "", false, e);
    if (tree < 0)
        return tree;
    r = mnt_tree_attach(tree, target);
    return r < 0 ? err_sys(e, r, "bind %s", path) : 0;
}

/* mknod(2) of a device asks for CAP_MKNOD in the first user namespace; a bind
 * of an existing node does not. */
static int bind_node(int dir, const struct dev_node *node, struct err *e)
{
    auto_fd int host = open_host_node(node, e);
    return host < 0 ? host : bind_on(dir, host, node->path, e);
}

/*
 * The umask is 0 here, so that 0666 is 0666.
 * @lab 3.7 mknodat, then the owner; EEXIST is checked, EPERM becomes a bind
 */
static int add_node(int dir, const struct dev_node *node, struct err *e)
{
    const char *name = last_name(node->path);
    int r = sys_mknodat(dir, name, type_bits(node->type) | node->mode,
                        makedev(node->major, node->minor));
    if (r == -EEXIST)
        return check_existing(dir, node, e);
    if (r == -EPERM)
        return bind_node(dir, node, e);
    if (r == 0 && (node->uid != 0 || node->gid != 0))
        r = sys_fchownat(dir, name, node->uid, node->gid, AT_SYMLINK_NOFOLLOW);
    return r < 0 ? err_sys(e, r, "create device %s", node->path) : 0;
}

static int add_link(int dir, const char *text, const char *name, struct err *e)
{
    int r = sys_symlinkat(text, dir, name);
    return r < 0 && r != -EEXIST ? err_sys(e, r, "link /dev/%s", name) : 0;
}

static int add_default(int dir, size_t i, struct err *e)
{
    auto_free char *path = text_format("/dev/%s", defaults[i].name);
    const struct dev_node node = {
        .path = path,
        .type = 'c',
        .major = defaults[i].major,
        .minor = defaults[i].minor,
        .mode = 0666,
    };
    return add_node(dir, &node, e);
}

static int populate(int dir, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < sizeof defaults / sizeof *defaults; i++)
        r = add_default(dir, i, e);
    for (size_t i = 0; r >= 0 && i < sizeof links / sizeof *links; i++)
        r = add_link(dir, links[i].text, links[i].name, e);
    return r;
}

int dev_populate(int rootfd, struct err *e)
{
    auto_fd int dir = mnt_target_open(rootfd, "/dev", MNT_MISSING_DIR, e);
    if (dir < 0)
        return dir;
    mode_t before = umask(0);
    int r = populate(dir, e);
    umask(before);
    return r;
}

int dev_add(int rootfd, const struct dev_node *node, struct err *e)
{
    if (type_bits(node->type) == 0)
        return err_set(e, EINVAL, "device %s: no type '%c'", node->path,
                       node->type);
    auto_fd int dir = mnt_target_open_parent(rootfd, node->path, e);
    if (dir < 0)
        return err_add(e, "device %s", node->path);
    mode_t before = umask(0);
    int r = add_node(dir, node, e);
    umask(before);
    return r;
}

int dev_bind(int rootfd, int fd, const char *path, struct err *e)
{
    auto_fd int dir = mnt_target_open_parent(rootfd, path, e);
    return dir < 0 ? dir : bind_on(dir, fd, path, e);
}

int dev_from_host(const char *host_path, struct dev_node *ret, struct err *e)
{
    struct stat st;
    if (stat(host_path, &st) < 0)
        return err_sys(e, errno, "device %s", host_path);
    char type = S_ISCHR(st.st_mode) ? 'c' : S_ISBLK(st.st_mode) ? 'b' : '\0';
    if (type == '\0')
        return err_set(e, ENODEV, "%s is not a device", host_path);
    *ret = (struct dev_node){
        .path = own_strdup(host_path),
        .type = type,
        .major = major(st.st_rdev),
        .minor = minor(st.st_rdev),
        .mode = st.st_mode & 0777,
        .uid = st.st_uid,
        .gid = st.st_gid,
    };
    return 0;
}
