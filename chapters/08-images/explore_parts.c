#include "explore_parts.h"

#include "own.h"
#include "sys.h"

#include <stdlib.h>
#include <sys/xattr.h>

int explore_open(const struct image *image, struct explore_layers *ret,
                 struct err *e)
{
    size_t n = image->layers.n;
    *ret = (struct explore_layers){own_alloc((n + 1) * sizeof *ret->fds), n};
    for (size_t i = 0; i < n; i++)
        ret->fds[i] = -1;
    for (size_t i = 0; i < n; i++) {
        /* The image lists them from the top. */
        const char *path = image->layers.v[n - 1 - i];
        ret->fds[i] =
            sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        if (ret->fds[i] < 0)
            return err_sys(e, ret->fds[i], "open layer %zu: %s", i + 1, path);
    }
    return 0;
}

void explore_close(struct explore_layers *layers)
{
    for (size_t i = 0; i < layers->n; i++)
        own_close(&layers->fds[i]);
    own_free(&layers->fds);
    layers->n = 0;
}

bool explore_is_whiteout(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

bool explore_is_opaque(int layer, const char *path)
{
    /* The second is that of a user namespace (mount option userxattr). */
    static const char *const names[] = {"trusted.overlay.opaque",
                                        "user.overlay.opaque"};
    auto_fd int fd = sys_openat(
        layer, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    for (size_t i = 0; fd >= 0 && i < 2; i++) {
        char value = '\0';
        if (fgetxattr(fd, names[i], &value, 1) == 1 && value == 'y')
            return true;
    }
    return false;
}

const char *explore_type(const struct stat *st)
{
    static const struct {
        mode_t format;
        const char *name;
    } types[] = {
        {S_IFREG,  "file"            },
        {S_IFDIR,  "directory"       },
        {S_IFLNK,  "symbolic link"   },
        {S_IFCHR,  "character device"},
        {S_IFBLK,  "block device"    },
        {S_IFIFO,  "fifo"            },
        {S_IFSOCK, "socket"          },
    };
    if (explore_is_whiteout(st))
        return "whiteout";
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if ((st->st_mode & S_IFMT) == types[i].format)
            return types[i].name;
    return "unknown";
}

json_t *explore_text(const char *text)
{
    json_t *value = json_string(text);
    auto_text struct text spelt = {0};
    for (; value == NULL && *text != '\0'; text++)
        if ((unsigned char)*text < 0x80)
            text_addn(&spelt, text, 1);
        else
            text_addf(&spelt, "\\x%02x", (unsigned char)*text);
    return value != NULL ? value : json_string(spelt.s);
}

json_t *explore_name(const char *path)
{
    auto_free char *whole = text_format("/%s", path);
    return explore_text(whole);
}

uint64_t explore_size(const struct stat *st)
{
    return S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
}
