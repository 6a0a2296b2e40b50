/* Without the help that the newer kernels give: no cgroup.kill, no events. */

/* @lab 4.5 */
#include <string.h>

static int set_frozen(const struct cg *cg, bool frozen, struct err *e)
{
    int dir = cg_dir(cg, CG_FREEZER), version = cg_version(cg, CG_FREEZER);
    if (version == 0)
        return err_set(e, EOPNOTSUPP, "nothing can be frozen here");
    const char *file = version == 1 ? "freezer.state" : "cgroup.freeze";
    const char *wish = version == 1 ? frozen ? "FROZEN" : "THAWED"
                       : frozen     ? "1"
                                    : "0";
    const char *where = version == 1 ? "freezer.state" : "cgroup.events";
    const char *sign = version == 1 ? wish : frozen ? "frozen 1" : "frozen 0";
    for (unsigned int round = 0;; round++) {
        auto_text struct text state = {0};
        int r = files_write(dir, file, wish, e);
        if (r >= 0)
            r = files_read(dir, where, &state, e);
        if (r < 0)
            return r;
        if (strstr(state.s, sign) != NULL)
            return 0;
        if (!cg_pause(round))
            return err_set(e, ETIMEDOUT, "it does not become %s", wish);
    }
}

/* @lab 4.6 */
int cg_kill(const struct cg *cg, struct err *e)
{
    cg_thaw(cg, NULL);
    for (size_t i = 0; i < cg->layout.n; i++) {
        int r = cg->dirs[i] < 0 ? 0 : 1;
        for (int round = 0; r > 0; round++) {
            r = kill_some(cg, cg->dirs[i], e);
            if (r > 0 && round == 1000)
                r = err_set(e, EBUSY, "they fork faster than we kill");
        }
        if (r < 0)
            return err_add(e, "kill %s", cg->path);
    }
    return 0;
}

/* @lab 4.7 */
int cg_destroy(struct cg *cg, struct err *e)
{
    int r;
    unsigned int round = 0;
    do {
        if ((r = cg_kill(cg, e)) < 0)
            return err_add(e, "remove cgroup %s", cg->path);
        for (size_t i = 0; i < cg->layout.n; i++)
            if (cg->dirs[i] >= 0)
                remove_children(cg->dirs[i]);
        r = remove_all(cg, e);
    } while (r == -EBUSY && cg_pause(round++));
    return r;
}
