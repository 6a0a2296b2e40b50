/* Steps of chapter 03: the tree that becomes "/". */
#include "steps.h"

#include "mnt_target.h"
#include "own.h"
#include "root.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

int ctr_in_root(struct ctr *ctr, struct err *e)
{
    const struct spec_root *root = &ctr->spec->root;
    int r = 0;
    if (root->mount != NULL) {
        /* First of all: nothing that is mounted from here on may appear on the
         * host. Private would do, but keep every mount of the host busy until
         * the pivot; a slave follows when one is unmounted. */
        r = mnt_set_propagation("/", MS_SLAVE | MS_REC, e);
        if (r == 0)
            r = root->mount(root->arg, e);
    }
    if (r == 0)
        r = ctr->rootfd = root_prepare(root->path, root->propagation, e);
    /* Nor does the host's later mounting go on inside, as Docker has it; a
     * volume that shall see it says so itself, afterwards. */
    if (r >= 0 && root->propagation == 0)
        r = mnt_set_propagation(root->path, MS_PRIVATE | MS_REC, e);
    return r < 0 ? r : 0;
}

/* A list may say itself where, and after what, the groups are mounted. */
static int mount_groups(const struct ctr *ctr, const struct mnt *mount,
                        struct err *e)
{
    auto_fd int target =
        mnt_target_open(ctr->rootfd, mount->target, MNT_MISSING_DIR, e);
    bool writable = (mount->flags & MS_RDONLY) == 0;
    int r = target < 0
                ? target
                : cg_mount(&ctr->cg, ctr->rootfd, mount->target, writable, e);
    return r < 0 ? err_add(e, "mount %s", mount->target) : 0;
}

static int make_mount(const struct ctr *ctr, size_t i, struct err *e)
{
    const struct mnt *mount = &ctr->spec->mounts.v[i];
    int ready = ctr->mapped != NULL ? ctr->mapped[i] : -1;
    if (ready >= 0)
        return mnt_make_mapped(ctr->rootfd, mount, ready, e);
    /* Where an ordinary user got no group, there is none to be shown. */
    if (strcmp(mount->type, "cgroup") == 0)
        return ctr_has_group(ctr) ? mount_groups(ctr, mount, e) : 0;
    return mnt_make(ctr->rootfd, mount, e);
}

int ctr_in_mounts(struct ctr *ctr, struct err *e)
{
    for (size_t i = 0; i < ctr->spec->mounts.n; i++) {
        int r = make_mount(ctr, i, e);
        if (r < 0)
            return r;
    }
    return 0;
}

bool ctr_has_group_mount(const struct ctr *ctr)
{
    return ctr->spec->mount_cgroups && ctr_has_group(ctr);
}

int ctr_in_group_mount(struct ctr *ctr, struct err *e)
{
    return cg_mount(&ctr->cg, ctr->rootfd, "/sys/fs/cgroup",
                    ctr->spec->cgroups_writable, e);
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
        r = ctr->spec->root.no_pivot ? root_enter_moved(ctr->rootfd, e)
                                     : root_enter(ctr->rootfd, e);
    own_close(&ctr->rootfd);
    if (r == 0 && ctr->spec->root.propagation != 0)
        r = mnt_set_propagation("/", ctr->spec->root.propagation, e);
    return r;
}

/*
 * An image says where its program starts, and "/proc/self/fd/7" leads to
 * whatever the runtime has open as 7: a directory of the host, from which ".."
 * goes on (CVE-2024-21626). So the path is resolved as every path that comes
 * from a container: below its root, and through no such magic link; also when
 * the directory has to be made first.
 *
 * @lab 6.6 open "/" with O_PATH, mnt_target_open the directory in it, fchdir
 */
int ctr_in_cwd(struct ctr *ctr, struct err *e)
{
    const char *cwd = ctr->spec->process.cwd;
    auto_fd int root =
        sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (root < 0)
        return err_sys(e, root, "open /");
    /* Without the pivot it would be made among the host's files. */
    bool exists = ctr->spec->process.cwd_exists || ctr_skips(ctr, "pivot");
    enum mnt_missing missing = exists ? MNT_MISSING_FAIL : MNT_MISSING_DIR;
    auto_fd int dir = mnt_target_open(root, cwd, missing, NULL);
    int r = dir < 0 ? dir : sys_fchdir(dir);
    if (r == -ELOOP)
        return err_set(e, r, "\"%s\" leads out of the container", cwd);
    return r < 0 ? err_sys(e, r, "chdir to \"%s\"", cwd) : 0;
}
