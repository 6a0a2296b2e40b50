/* What mounting leaves in a RUN's layer: the names that were mounted on. */
#include "build.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Remove `path` from the upper directory, and the directories that lead there,
 * where they were made to be mounted on: the image has them not, and they are
 * empty. */
static void remove_stub(const struct tree *image, int upper, char *path)
{
    for (char *slash = path; slash != NULL; slash = strrchr(path, '/')) {
        struct tree_entry entry;
        auto_free char *found = NULL;
        if (slash != path)
            *slash = '\0';
        if (path[0] == '\0' ||
            tree_resolve(image, path, true, &entry, &found, NULL) != -ENOENT)
            return;
        struct stat st;
        if (fstatat(upper, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            (S_ISREG(st.st_mode) && st.st_size > 0))
            return;
        if (unlinkat(upper, path, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0)
            return;
    }
}

void build_remove_stubs(const struct tree *image, int upper, const json_t *host)
{
    size_t i;
    const json_t *mount;
    json_array_foreach(json_object_get(host, "Mounts"), i, mount)
    {
        struct tree_entry entry;
        auto_free char *path = NULL;
        const char *target = field_string(mount, "Target");
        if (tree_resolve(image, target, true, &entry, &path, NULL) == -ENOENT)
            remove_stub(image, upper, path);
    }
}
