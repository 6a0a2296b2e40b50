/* The files of one log, while they are being renamed: log_parts.h. */
#include "log_parts.h"

#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

void log_chain_done(struct log_chain *chain)
{
    for (size_t i = 0; i < chain->n; i++)
        own_close(&chain->fds[i]);
    free(chain->fds);
    *chain = (struct log_chain){0};
}

char *log_chain_name(const char *name, unsigned age)
{
    return age == 0 ? own_strdup(name) : text_format("%s.%u", name, age);
}

bool log_chain_same(int fd, int other)
{
    struct stat a, b;
    return fd >= 0 && other >= 0 && fstat(fd, &a) == 0 &&
           fstat(other, &b) == 0 && a.st_ino == b.st_ino &&
           a.st_dev == b.st_dev;
}

static int open_age(int dirfd, const char *name, unsigned age)
{
    auto_free char *file = log_chain_name(name, age);
    return sys_openat(dirfd, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
}

/* Files only ever move to a higher number. So going upwards meets each of them,
 * a few perhaps twice. The gap that moves down while they are renamed may be
 * met on the way; where two in a row are missing is the end. */
static int scan(int dirfd, const char *name, int after, struct log_chain *ret)
{
    unsigned missing = 0;
    for (unsigned age = 0; missing < 2; age++) {
        int fd = open_age(dirfd, name, age);
        if (fd == -ENOENT) {
            missing++;
            continue;
        }
        if (fd < 0)
            return fd;
        missing = 0;
        if (log_chain_same(fd, after)) {
            own_close(&fd);
            break;
        }
        if (ret->n > 0 && log_chain_same(fd, ret->fds[ret->n - 1])) {
            own_close(&fd);
            continue;
        }
        ret->fds = own_grow(ret->fds, (ret->n + 1) * sizeof *ret->fds);
        ret->fds[ret->n++] = fd;
    }
    return 0;
}

/* Between the last renaming of a rotation and the first byte that comes after
 * it, the newest file has the number 1. */
static int open_newest(int dirfd, const char *name)
{
    int fd = open_age(dirfd, name, 0);
    return fd == -ENOENT ? open_age(dirfd, name, 1) : fd;
}

int log_chain_open(int dirfd, const char *name, int after,
                   struct log_chain *ret, struct err *e)
{
    /* A rotation that was finished meanwhile may have shown us more gaps than
     * one, and one file at two numbers: then the newest file is another than in
     * the beginning. */
    for (;;) {
        *ret = (struct log_chain){0};
        auto_fd int before = open_newest(dirfd, name);
        int r = scan(dirfd, name, after, ret);
        auto_fd int now = open_newest(dirfd, name);
        if (r < 0) {
            log_chain_done(ret);
            return err_sys(e, r, "open %s", name);
        }
        if (before == now || log_chain_same(before, now))
            return 0;
        log_chain_done(ret);
    }
}
