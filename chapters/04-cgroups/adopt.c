/*
 * Second reading: a group that is there already. Whoever plans for a whole
 * machine may make groups before the containers that go into them. But one with
 * somebody in it is somebody's, who would be killed with the container; and in
 * one that is frozen it would never begin.
 */
#include "cg_parts.h"

#include "files.h"

#include <errno.h>
#include <string.h>

int cg_check_deserted(const struct cg *cg, struct err *e)
{
    auto_text struct text members = {0};
    for (size_t i = 0; i < cg->layout.n; i++) {
        text_clear(&members);
        int r = cg->dirs[i] < 0
                    ? 0
                    : files_read(cg->dirs[i], "cgroup.procs", &members, e);
        if (r < 0 && r != -EOPNOTSUPP) /* a threaded group of v2 */
            return r;
        if (r > 0)
            return err_set(e, EEXIST, "%s/%s is not empty",
                           cg->layout.v[i].mount, cg->path);
    }
    return cg_is_frozen(cg) ? err_set(e, EEXIST, "it is frozen") : 0;
}

int cg_adopt(struct cg *ret, const char *path, struct err *e)
{
    auto_cg struct cg there = CG_INIT;
    int r = cg_create(ret, path, e);
    if (r != -EEXIST)
        return r;
    r = cg_open(&there, path, e);
    if (r == 0)
        r = cg_check_deserted(&there, e);
    if (r < 0 && r != -ENOENT) {
        err_add(e, "use cgroup %s", path);
        return r;
    }
    return cg_make(ret, path, true, e);
}
