#include "files.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int files_read(int dirfd, const char *path, struct text *out, struct err *e)
{
    auto_fd int fd = sys_openat(dirfd, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "open %s", path);
    /* Pages of the stack that a small file does not reach cost nothing. */
    char block[32 * 1024];
    size_t before = out->len;
    ssize_t n;
    while ((n = TEMP_FAILURE_RETRY(read(fd, block, sizeof block))) > 0)
        text_addn(out, block, (size_t)n);
    if (n < 0)
        return err_sys(e, errno, "read %s", path);
    text_addn(out, "", 0); /* an empty file is an empty string */
    return (int)(out->len - before);
}

int files_write(int dirfd, const char *path, const char *value, struct err *e)
{
    auto_fd int fd = sys_openat(dirfd, path, O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "open %s", path);
    ssize_t n = sys_write(fd, value, strlen(value));
    if (n < 0)
        return err_sys(e, (int)n, "write \"%s\" to %s", value, path);
    if ((size_t)n < strlen(value))
        return err_set(e, EIO, "write \"%s\" to %s: cut short", value, path);
    return 0;
}

int files_write_all(int fd, const void *bytes, size_t len)
{
    const char *next = bytes;
    while (len > 0) {
        ssize_t n = sys_write(fd, next, len);
        if (n == -EINTR)
            continue;
        if (n < 0)
            return (int)n;
        next += n;
        len -= (size_t)n;
    }
    return 0;
}

/* fsync the directory that holds `path`: it is what remembers the name. */
static int sync_parent(int dirfd, const char *path)
{
    const char *slash = strrchr(path, '/');
    auto_free char *parent =
        slash == NULL ? own_strdup(".")
                      : text_format("%.*s/", (int)(slash - path), path);
    auto_fd int dir =
        sys_openat(dirfd, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return dir < 0 ? dir : sys_fsync(dir);
}

static int write_new(int dirfd, const char *path, const void *bytes, size_t len,
                     int flags)
{
    auto_fd int fd =
        sys_openat(dirfd, path,
                   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fd;
    int r = files_write_all(fd, bytes, len);
    if (r == 0 && (flags & FILES_DURABLE) != 0)
        r = sys_fsync(fd);
    return r;
}

/* waiver: parameters: where, what and how, as openat(2) and write(2) want it */
/* Readers see the old file or the new one, never a part.
 * @lab 0.2 write a new file beside the old one, rename it over, sync both */
int files_replace(int dirfd, const char *path, const void *bytes, size_t len,
                  int flags, struct err *e)
{
    /* The pid keeps two writers apart; readers never see this name. */
    auto_free char *fresh = text_format("%s.new%d", path, (int)getpid());
    int r = write_new(dirfd, fresh, bytes, len, flags);
    if (r == 0)
        r = sys_renameat2(dirfd, fresh, dirfd, path, 0);
    if (r < 0) {
        sys_unlinkat(dirfd, fresh, 0);
        return err_sys(e, r, "write %s", path);
    }
    if ((flags & FILES_DURABLE) != 0)
        r = sync_parent(dirfd, path);
    return r < 0 ? err_sys(e, r, "sync %s", path) : 0;
}

static bool is_beginning(const char *name)
{
    const char *end = strstr(name, ".new");
    return end != NULL && end[4] != '\0' &&
           strspn(end + 4, "0123456789") == strlen(end + 4);
}

void files_remove_beginnings(int dirfd_, const char *path)
{
    int fd = sys_openat(dirfd_, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (is_beginning(entry->d_name))
            sys_unlinkat(dirfd(dir), entry->d_name, 0);
}

static bool is_directory(int dirfd, const char *path)
{
    struct stat st;
    return fstatat(dirfd, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* Most of the time everything but the last component is there: so begin at
 * the end, and go up only where the kernel says that the parent is missing.
 * @lab 0.1 make the directory, and its parent first where that is missing */
int files_mkdirs(int dirfd, const char *path, mode_t mode, struct err *e)
{
    int r = sys_mkdirat(dirfd, path, mode);
    if (r == -ENOENT) {
        const char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path)
            return err_sys(e, r, "mkdir %s", path);
        auto_free char *parent = text_format("%.*s", (int)(slash - path), path);
        r = files_mkdirs(dirfd, parent, mode, e);
        if (r < 0)
            return r;
        r = sys_mkdirat(dirfd, path, mode);
    }
    if (r == -EEXIST && is_directory(dirfd, path))
        return 0;
    return r < 0 ? err_sys(e, r, "mkdir %s", path) : 0;
}

/* The one way to open a path that a container chose.
 * @lab 0.3 openat2 with RESOLVE_IN_ROOT, again where it says EAGAIN */
int files_open_in(int rootfd, const char *path, int flags, mode_t mode,
                  struct err *e)
{
    bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    struct open_how how = {
        .flags = (unsigned int)(flags | O_CLOEXEC),
        /* openat2 refuses a mode where nothing is created. */
        .mode = creates ? mode : 0,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    /* EAGAIN: something was renamed while a ".." was followed, so the kernel
     * cannot vouch for the result. A bounded number of tries, since whoever
     * renames may never stop. */
    int fd = -EAGAIN;
    for (int tries = 0; fd == -EAGAIN && tries < 100; tries++)
        fd = sys_openat2(rootfd, path, &how, sizeof how);
    return fd < 0 ? err_sys(e, fd, "open %s", path) : fd;
}

/* A lock is good while others would find the same file under this name.
 * @lab 0.4 open, flock, and start over if the file was removed meanwhile */
int files_lock(int dirfd, const char *path, int flags, struct err *e)
{
    int operation = LOCK_EX | ((flags & FILES_TRY) != 0 ? LOCK_NB : 0);
    for (;;) {
        auto_fd int fd = sys_openat(
            dirfd, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
            return err_sys(e, fd, "open %s", path);
        int r;
        do
            r = sys_flock(fd, operation);
        while (r == -EINTR);
        if (r < 0)
            return err_sys(e, r, "lock %s", path);
        /* Its last holder may have removed the file while we waited: then
         * this lock keeps nobody out, and the next one starts afresh. */
        struct stat st;
        if (fstat(fd, &st) < 0)
            return err_sys(e, errno, "lock %s", path);
        if (st.st_nlink > 0)
            return fd_take(&fd);
    }
}

bool files_is_named(int dirfd, const char *path, int fd)
{
    struct stat own, named;
    return fstat(fd, &own) == 0 &&
           fstatat(dirfd, path, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}
