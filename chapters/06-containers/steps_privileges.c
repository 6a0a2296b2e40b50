/* Steps of chapter 05: what the process may still do when it runs. */
#include "steps.h"

#include "files.h"
#include "sys.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/prctl.h>

bool ctr_has_keyring(const struct ctr *ctr)
{
    return !ctr->spec->process.keep_keyring;
}

int ctr_in_keyring(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    /* NULL: an anonymous session keyring (session-keyring(7)). */
    int r = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0);
    /* A kernel without keys has none to leak; a quota that is used up must
     * not keep containers from starting, and neither must a filter that we
     * run under ourselves. */
    if (r == -ENOSYS || r == -EDQUOT || r == -EPERM)
        return 0;
    return r < 0 ? err_sys(e, r, "join a new session keyring") : 0;
}

int ctr_in_undumpable(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    int r = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return r < 0 ? err_sys(e, r, "become undumpable") : 0;
}

bool ctr_has_oom_score(const struct ctr *ctr)
{
    return ctr->spec->process.has_oom_score_adj;
}

/*
 * From outside: to be spared takes CAP_SYS_RESOURCE of the host, which nobody
 * has in a user namespace; and once the child has changed its ids, its files
 * in /proc belong to the host's root.
 */
int ctr_out_oom_score(struct ctr *ctr, struct err *e)
{
    char file[32], value[16];
    snprintf(file, sizeof file, "/proc/%d/oom_score_adj", (int)ctr->pid);
    snprintf(value, sizeof value, "%d", ctr->spec->process.oom_score_adj);
    return files_write(AT_FDCWD, file, value, e);
}

bool ctr_has_limits(const struct ctr *ctr)
{
    return ctr->spec->process.n_limits > 0;
}

int ctr_in_limits(struct ctr *ctr, struct err *e)
{
    const struct spec_process *process = &ctr->spec->process;
    return limits_apply(process->limits, process->n_limits, e);
}

bool ctr_has_no_new_privs(const struct ctr *ctr)
{
    return ctr->spec->process.no_new_privs;
}

int ctr_in_no_new_privs(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    return caps_set_no_new_privs(e);
}

bool ctr_has_filter(const struct ctr *ctr)
{
    return ctr->spec->process.filter.n > 0;
}

int ctr_in_filter(struct ctr *ctr, struct err *e)
{
    return ctr_has_notify(ctr)
               ? ctr_install_notifying(ctr, e)
               : filter_install(&ctr->spec->process.filter, NULL, e);
}

int ctr_in_caps(struct ctr *ctr, struct err *e)
{
    const struct spec_process *process = &ctr->spec->process;
    umask(process->umask);
    int r = caps_become(&process->caps, process->uid, process->gid,
                        process->groups, process->n_groups, e);
    /* A change of ids clears the parent-death signal (prctl(2)). */
    return r < 0 ? r : ctr_die_with_parent(ctr, e);
}
