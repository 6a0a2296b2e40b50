/* Second reading: where an ordinary user keeps things. See rootless.h. */
#include "rootless.h"

#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not getpwuid(3): it loads libraries, for directories that hardly anybody has,
 * and a program that is linked statically had better not. */
const struct passwd *rootless_find_user(uid_t uid)
{
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *user = NULL;
    while (file != NULL && (user = fgetpwent(file)) != NULL)
        if (user->pw_uid == uid)
            break;
    if (file != NULL)
        fclose(file);
    return user;
}

/* "All paths set in these environment variables must be absolute"; what is not
 * counts as not set. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] == '/' ? value : NULL;
}

/* In a directory where everybody may write. */
static char *shared_dir(void)
{
    return text_format("/tmp/mini-docker-%d", (int)geteuid());
}

char *rootless_run_dir(void)
{
    const char *dir = variable("XDG_RUNTIME_DIR");
    return dir != NULL ? own_strdup(dir) : shared_dir();
}

char *rootless_data_dir(void)
{
    const char *dir = variable("XDG_DATA_HOME");
    if (dir != NULL)
        return own_strdup(dir);
    const char *home = variable("HOME");
    const struct passwd *user =
        home == NULL ? rootless_find_user(geteuid()) : NULL;
    if (user != NULL && user->pw_dir[0] == '/')
        home = user->pw_dir;
    return home != NULL ? text_format("%s/.local/share", home) : shared_dir();
}

/* Somebody else may have been there first, to look on or to put things into
 * our way. What is ours nobody can replace: /tmp has its sticky bit. */
int rootless_secure(const char *path, struct err *e)
{
    auto_free char *dir = shared_dir();
    struct stat st;
    if (!text_starts(path, dir))
        return 0;
    int r = sys_mkdirat(AT_FDCWD, dir, 0700);
    if (r < 0 && r != -EEXIST)
        return err_sys(e, r, "mkdir %s", dir);
    if (lstat(dir, &st) < 0)
        return err_sys(e, errno, "look at %s", dir);
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return err_set(e, EPERM,
                       "%s is not a directory of yours alone; remove it, or "
                       "set XDG_RUNTIME_DIR",
                       dir);
    return 0;
}
