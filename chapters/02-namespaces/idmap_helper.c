/* Second reading: may newuidmap(1) and newgidmap(1) do their work? */
#include "idmap.h"

#include "own.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A set-uid program is looked for in known places, not along $PATH: what we
 * run there decides about ids. */
static const char *const places[] = {"/usr/bin", "/bin", "/usr/local/bin"};

char *idmap_helper_path(const char *helper, size_t i)
{
    return i < sizeof places / sizeof places[0]
               ? text_format("%s/%s", places[i], helper)
               : NULL;
}

/* Root's power comes with the set-uid bit, or as file capabilities
 * (capabilities(7)) in an attribute; on a mount with "nosuid" with neither. */
static int check(const char *path, struct err *e)
{
    struct stat info;
    struct statvfs fs;
    if (stat(path, &info) < 0 || statvfs(path, &fs) < 0)
        return err_sys(e, errno, "look at %s", path);
    bool is_root = (info.st_mode & S_ISUID) != 0 && info.st_uid == 0;
    if (!is_root && getxattr(path, "security.capability", NULL, 0) <= 0)
        return err_set(e, EPERM, "%s is not set-uid root", path);
    if ((fs.f_flag & ST_NOSUID) != 0)
        return err_set(e, EACCES, "%s lies on a mount with nosuid", path);
    return 0;
}

int idmap_check_helpers(struct err *e)
{
    static const char *const helpers[] = {"newuidmap", "newgidmap"};
    for (size_t h = 0; h < sizeof helpers / sizeof helpers[0]; h++) {
        auto_free char *path = NULL;
        for (size_t i = 0;; i++) {
            own_free(&path);
            path = idmap_helper_path(helpers[h], i);
            if (path == NULL)
                return err_set(e, ENOENT, "%s is not installed", helpers[h]);
            if (access(path, X_OK) == 0)
                break;
        }
        int r = check(path, e);
        if (r < 0)
            return r;
    }
    return 0;
}
