/* Executing ourselves once more, through what cannot be written to. */
#include "shield.h"

#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The kernel's word, not the environment's, which anybody can set. */
static bool is_shielded(int program)
{
    struct statvfs fs;
    int seals = fcntl(program, F_GET_SEALS);
    return (fstatvfs(program, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0) ||
           (seals >= 0 && (seals & F_SEAL_WRITE) != 0);
}

/* Only what is executed through this very mount is stopped by it. */
static int clone_readonly(int program)
{
    auto_fd int tree = sys_open_tree(
        program, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
    int r = tree < 0 ? tree
                     : sys_mount_setattr(tree, "", AT_EMPTY_PATH, &readonly,
                                         sizeof readonly);
    return r < 0 ? r : fd_take(&tree);
}

/* The kernel refuses with EBUSY as long as somebody, itself too, still holds a
 * page that was just written. */
static int seal(int file)
{
    enum { TRIES = 1000, PAUSE_US = 1000 };
    int r = -EBUSY;
    for (int i = 0; i < TRIES && r == -EBUSY; i++) {
        if (i > 0)
            usleep(PAUSE_US);
        r = fcntl(file, F_ADD_SEALS, SHIELD_SEALS) < 0 ? -errno : 0;
    }
    return r;
}

static int copy_sealed(int program)
{
    auto_fd int copy =
        memfd_create("mini-docker", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct stat st;
    if (copy < 0 || fstat(program, &st) < 0)
        return -errno;
    off_t done = 0;
    while (done < st.st_size) {
        ssize_t n = sendfile(copy, program, &done, (size_t)(st.st_size - done));
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
    }
    int r = seal(copy);
    return r < 0 ? r : fd_take(&copy);
}

static int read_exe(char path[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (n < 0)
        return -errno;
    path[n] = '\0';
    return 0;
}

static int execute_shielded(int program, char *const argv[], struct err *e)
{
    char path[PATH_MAX];
    auto_fd int shielded = clone_readonly(program);
    if (shielded < 0)
        shielded = copy_sealed(program);
    if (shielded < 0)
        return err_sys(e, shielded, "copy our own program");
    if (!is_shielded(shielded)) /* and never once more, in a circle */
        return err_set(e, EACCES, "our own program can be written to");
    int r = read_exe(path);
    if (r == 0 && setenv(SHIELD_VARIABLE, path, 1) < 0)
        r = -errno;
    auto_free char *file = text_format("/proc/self/fd/%d", shielded);
    if (r == 0)
        r = sys_execve(file, argv, environ);
    return err_sys(e, r, "execute our own program, shielded");
}

/*
 * A program on a read-only file system may be shielded by chance, and only
 * until somebody remounts that: so the first start always is followed by a
 * second, which the environment tells apart.
 */
int shield_self(char *const argv[], struct err *e)
{
    auto_fd int program =
        sys_openat(AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
    if (program < 0)
        return err_sys(e, program, "open /proc/self/exe");
    const char *path = getenv(SHIELD_VARIABLE);
    if (path == NULL || !is_shielded(program))
        return execute_shielded(program, argv, e);
    /* The kernel has called us by the number of a descriptor. */
    const char *slash = strrchr(path, '/');
    int r =
        sys_prctl(PR_SET_NAME,
                  (unsigned long)(slash != NULL ? slash + 1 : path), 0, 0, 0);
    return r < 0 ? err_sys(e, r, "set our name") : 0;
}

char *shield_program(void)
{
    char path[PATH_MAX];
    const char *known = getenv(SHIELD_VARIABLE);
    if (known != NULL)
        return own_strdup(known);
    return read_exe(path) == 0 ? own_strdup(path) : NULL;
}
