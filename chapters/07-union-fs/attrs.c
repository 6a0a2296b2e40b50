#include "attrs.h"

#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

/* XATTR_LIST_MAX and XATTR_SIZE_MAX of the kernel: nothing is larger. */
enum { LARGEST = 64 * 1024 };

static bool travels(const char *name)
{
    static const char *const here_only[] = {
        "trusted.overlay.", "user.overlay.",     "security.selinux",
        "security.SMACK",   "security.apparmor", "security.evm",
        "system.nfs",
    };
    for (size_t i = 0; i < sizeof here_only / sizeof here_only[0]; i++)
        if (text_starts(name, here_only[i]))
            return false;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct attr *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* One that went away since it was listed is left out. */
static int read_one(const char *path, const char *name, char *buffer,
                    struct attrs *ret)
{
    ssize_t n = getxattr(path, name, buffer, LARGEST);
    if (n < 0)
        return errno == ENODATA ? 0 : -errno;
    ret->v = own_grow(ret->v, (ret->n + 1) * sizeof *ret->v);
    struct attr *attr = &ret->v[ret->n++];
    *attr = (struct attr){.name = own_strdup(name),
                          .value = own_alloc((size_t)n + 1),
                          .size = (size_t)n};
    memcpy(attr->value, buffer, (size_t)n);
    return 0;
}

int attrs_read(int fd, struct attrs *ret, struct err *e)
{
    /* The calls for descriptors refuse O_PATH. This link leads to the file
     * itself, a symbolic link too, and no name is resolved again. */
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = listxattr(path, NULL, 0);
    if (n == 0 || (n < 0 && errno == EOPNOTSUPP))
        return 0;
    auto_free char *names = own_room(LARGEST);
    auto_free char *buffer = own_room(LARGEST);
    n = listxattr(path, names, LARGEST);
    if (n < 0)
        return err_sys(e, errno, "list its attributes");
    for (const char *at = names; at < names + n; at += strlen(at) + 1) {
        int r = travels(at) ? read_one(path, at, buffer, ret) : 0;
        if (r < 0)
            return err_sys(e, r, "read attribute %.80s", at);
    }
    if (ret->n > 0)
        qsort(ret->v, ret->n, sizeof *ret->v, by_name);
    return 0;
}

void attrs_done(struct attrs *attrs)
{
    for (size_t i = 0; i < attrs->n; i++) {
        free(attrs->v[i].name);
        free(attrs->v[i].value);
    }
    own_free(&attrs->v);
    attrs->n = 0;
}

bool attrs_equal(const struct attrs *a, const struct attrs *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = strcmp(a->v[i].name, b->v[i].name) == 0 &&
               a->v[i].size == b->v[i].size &&
               memcmp(a->v[i].value, b->v[i].value, a->v[i].size) == 0;
    return same;
}

/* The order is that of unpacking a layer: chown(2) takes away what follows. */
int attrs_give(int source, const struct stat *st, int to, const char *name,
               struct err *e)
{
    auto_attrs struct attrs attrs = {0};
    auto_free char *path = text_format("/proc/self/fd/%d/%s", to, name);
    int r = sys_fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW);
    if (r == 0 && !S_ISLNK(st->st_mode))
        r = sys_fchmodat(to, name, st->st_mode & 07777);
    if (r < 0)
        return err_sys(e, r, "set owner and mode");
    r = attrs_read(source, &attrs, e);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < attrs.n; i++)
        r = sys_lsetxattr(path, attrs.v[i].name, attrs.v[i].value,
                          attrs.v[i].size, 0);
    if (r == 0 || r == -EOPNOTSUPP)
        r = sys_utimensat(to, name,
                          (struct timespec[2]){st->st_mtim, st->st_mtim},
                          AT_SYMLINK_NOFOLLOW);
    return r < 0 ? err_sys(e, r, "set attributes and time") : 0;
}
