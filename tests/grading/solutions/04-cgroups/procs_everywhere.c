/* cgroup.procs is there on both versions, and takes a number as well as 0. */

/* @lab 4.1 */
static int make_in(struct cg *cg, size_t i, bool adopt, struct err *e)
{
    const struct cg_hierarchy *h = &cg->layout.v[i];
    auto_free char *path = text_format("%s/%s", h->mount, cg->path);
    auto_fd int root = cg_open_hierarchy(h);
    int r = root < 0 ? root : make_directory(root, cg->path);
    if (out_of_reach(r))
        return 0;
    if (r < 0 && !(r == -EEXIST && adopt))
        return err_sys(e, r, "make %s", path);
    cg->dirs[i] = sys_openat(
        AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (cg->dirs[i] < 0)
        return err_sys(e, cg->dirs[i], "open %s", path);
    if (h->version != 2 && cg->layout.where[CG_CPUSET] != (int8_t)i)
        return 1;
    int (*const prepare)(struct cg *, int, int, struct err *) =
        cg_enable_controllers;
    r = h->version == 2 ? prepare(cg, root, cg->dirs[i], e)
                        : cg_copy_cpuset(cg, root, cg->dirs[i], e);
    return r < 0 ? r : 1;
}

/* @lab 4.2 */
#include "own.h"

int cg_join(const struct cg *cg, struct err *e)
{
    auto_free char *self = text_format("%d\n", (int)getpid());
    for (size_t i = cg->layout.n; i-- > 0;) {
        int r = cg->dirs[i] < 0
                    ? 0
                    : files_write(cg->dirs[i], "cgroup.procs", self, e);
        if (r < 0)
            return err_add(e, "join %s/%s", cg->layout.v[i].mount, cg->path);
    }
    return 0;
}
