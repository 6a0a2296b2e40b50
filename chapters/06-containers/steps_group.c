/* Steps of chapter 04: the control group a container lives in. */
#include "steps.h"

#include "devices.h"

#include <errno.h>
#include <poll.h>

bool ctr_has_group(const struct ctr *ctr)
{
    return ctr->spec->cgroup != NULL && !ctr->no_group;
}

/* What an ordinary user is not allowed is no error to him. */
int ctr_out_group(struct ctr *ctr, struct err *e)
{
    int r = cg_adopt(&ctr->cg, ctr->spec->cgroup, e);
    ctr->made_group = r == 0;
    bool refused = r == -EACCES || r == -EPERM || r == -EBUSY || r == -EROFS;
    if (!refused || !ctr->spec->cgroup_optional)
        return r;
    ctr->no_group = true;
    return 0;
}

int ctr_undo_group(struct ctr *ctr, struct err *e)
{
    return cg_destroy(&ctr->cg, e);
}

int ctr_out_limits(struct ctr *ctr, struct err *e)
{
    return cg_set_limits(&ctr->cg, &ctr->spec->limits, e);
}

int ctr_out_devices(struct ctr *ctr, struct err *e)
{
    return device_rules_apply(&ctr->spec->rules, &ctr->cg, e);
}

int ctr_in_group(struct ctr *ctr, struct err *e)
{
    return cg_join(&ctr->cg, e);
}

bool ctr_has_group_namespace(const struct ctr *ctr)
{
    return (ctr->spec->new_namespaces & NS_BIT(NS_CGROUP)) != 0;
}

int ctr_in_group_namespace(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    return ns_unshare(NS_BIT(NS_CGROUP), e);
}

/* A process whose owner was killed just now dies with it, but not at once. */
static bool is_deserted_soon(const struct cg *cg)
{
    enum { PATIENCE_MS = 2000, NAP_MS = 5 };
    for (int waited = 0; cg_check_deserted(cg, NULL) < 0; waited += NAP_MS) {
        if (waited >= PATIENCE_MS)
            return false;
        poll(NULL, 0, NAP_MS);
    }
    return true;
}

/* Whose it is, if anybody is in it, the path alone does not say. */
int ctr_remove_unused(const char *cgroup, struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    bool free = cgroup != NULL && cg_open(&cg, cgroup, NULL) == 0 &&
                is_deserted_soon(&cg);
    return free ? cg_destroy(&cg, e) : 0;
}

int ctr_remove_remains(const char *cgroup, struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    struct err why = {0};
    if (cgroup == NULL)
        return 0;
    int r = cg_open(&cg, cgroup, &why);
    if (r == -ENOENT)
        return 0;
    if (r < 0) {
        if (e != NULL)
            *e = why;
        return r;
    }
    return cg_destroy(&cg, e);
}
