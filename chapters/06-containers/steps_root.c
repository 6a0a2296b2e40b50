/* Steps of chapter 03: the tree that becomes "/". */
#include "steps.h"

#include "files.h"
#include "own.h"
#include "root.h"
#include "sys.h"

#include <errno.h>
#include <sys/mount.h>
#include <unistd.h>

int ctr_in_root(struct ctr *ctr, struct err *e)
{
    const struct spec_root *root = &ctr->spec->root;
    /* First of all: nothing that is mounted from here on may appear on the
     * host. A private tree of mounts would keep the host's busy, a slave one
     * lets its unmounts through. */
    int r = mnt_set_propagation("/", MS_SLAVE | MS_REC, e);
    if (r == 0 && root->mount != NULL)
        r = root->mount(root->arg, e);
    if (r < 0)
        return r;
    ctr->rootfd = root_prepare(root->path, root->propagation, e);
    return ctr->rootfd < 0 ? ctr->rootfd : 0;
}

int ctr_in_mounts(struct ctr *ctr, struct err *e)
{
    const struct mnt_list *mounts = &ctr->spec->mounts;
    for (size_t i = 0; i < mounts->n; i++) {
        int r = mnt_make(ctr->rootfd, &mounts->v[i], e);
        if (r < 0)
            return r;
    }
    return 0;
}

bool ctr_has_group_mount(const struct ctr *ctr)
{
    return ctr->spec->mount_cgroups && ctr->spec->cgroup != NULL;
}

int ctr_in_group_mount(struct ctr *ctr, struct err *e)
{
    return cg_mount(&ctr->cg, ctr->rootfd, "/sys/fs/cgroup", e);
}

bool ctr_has_dev(const struct ctr *ctr)
{
    return ctr->spec->default_dev || ctr->spec->n_devices > 0;
}

int ctr_in_dev(struct ctr *ctr, struct err *e)
{
    int r = ctr->spec->default_dev ? dev_populate(ctr->rootfd, e) : 0;
    for (size_t i = 0; i < ctr->spec->n_devices && r == 0; i++)
        r = dev_add(ctr->rootfd, &ctr->spec->devices[i], e);
    return r;
}

static int for_each(int rootfd, const struct strv *paths,
                    int (*act)(int rootfd, const char *path, struct err *e),
                    struct err *e)
{
    for (size_t i = 0; i < paths->n; i++) {
        int r = act(rootfd, paths->v[i], e);
        if (r < 0)
            return r;
    }
    return 0;
}

int ctr_in_readonly(struct ctr *ctr, struct err *e)
{
    return for_each(ctr->rootfd, &ctr->spec->readonly, root_make_readonly, e);
}

int ctr_in_masks(struct ctr *ctr, struct err *e)
{
    return for_each(ctr->rootfd, &ctr->spec->masked, root_mask, e);
}

int ctr_in_pivot(struct ctr *ctr, struct err *e)
{
    int r = 0;
    if (ctr->spec->root.readonly)
        r = root_set_readonly(ctr->rootfd, e);
    if (r == 0)
        r = root_enter(ctr->rootfd, e);
    own_close(&ctr->rootfd);
    /* Inside, nothing propagates at all, as Docker has it. */
    if (r == 0 && ctr->spec->root.propagation == 0)
        r = mnt_set_propagation("/", MS_PRIVATE | MS_REC, e);
    return r;
}

int ctr_in_cwd(struct ctr *ctr, struct err *e)
{
    const char *cwd = ctr->spec->process.cwd;
    int r = sys_chdir(cwd);
    if (r == -ENOENT) {
        r = files_mkdirs(AT_FDCWD, cwd, 0755, e);
        if (r < 0)
            return r;
        r = sys_chdir(cwd);
    }
    if (r < 0)
        return err_sys(e, r, "chdir to \"%s\"", cwd);
    /* A path such as /proc/self/fd/7 may lead to a directory of the host. The
     * kernel then cannot name where we are: "(unreachable)/...". */
    auto_free char *where = getcwd(NULL, 0);
    if (where == NULL || where[0] != '/')
        return err_set(e, EACCES, "\"%s\" is outside of the container", cwd);
    return 0;
}
