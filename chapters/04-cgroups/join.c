/*
 * Entering a group. The number that is written costs nothing; the lock behind
 * it may.
 *
 * `cgroup.procs` moves a process with all its threads, and no thread may be
 * born or die meanwhile: the kernel stops every fork and exit of the whole
 * machine for it, which on an idle machine means waiting for an RCU grace
 * period: milliseconds. v1's `tasks` moves one thread. For a process that has
 * only one that is the same, and where the thread is the caller itself the
 * kernel knows that it neither forks nor exits and skips that lock.
 *
 * v2 has no such file (cgroup.threads does not leave the domain), but there
 * clone3(2) makes the child a member before it runs, which is free. So on a
 * mixed machine a container starts with CLONE_INTO_CGROUP and then joins the
 * v1 hierarchies itself.
 */
#include "cg_parts.h"

#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* True if the caller is a member already, by CLONE_INTO_CGROUP. Reading our
 * group's list is cheap, moving where we already are is not. */
static bool is_member(int dir)
{
    auto_text struct text members = {0};
    char self[16];
    snprintf(self, sizeof self, "%d", (int)getpid());
    return files_read(dir, "cgroup.procs", &members, NULL) > 0 &&
           cg_has_word(members.s, self);
}

/*
 * "0" means whoever writes: no pid, which the new pid namespace would number
 * differently.
 *
 * @lab 4.2 write "0" to the file that moves the writer, in every hierarchy
 */
int cg_join(const struct cg *cg, struct err *e)
{
    for (size_t i = 0; i < cg->layout.n; i++) {
        int dir = cg->dirs[i];
        bool v2 = cg->layout.v[i].version == 2;
        if (dir < 0 || (v2 && is_member(dir)))
            continue;
        int r = files_write(dir, v2 ? "cgroup.procs" : "tasks", "0", e);
        if (r < 0)
            return err_add(e, "join %s/%s", cg->layout.v[i].mount, cg->path);
    }
    return 0;
}

int cg_join_pid(const struct cg *cg, pid_t pid, struct err *e)
{
    char number[16];
    snprintf(number, sizeof number, "%d", (int)pid);
    for (size_t i = 0; i < cg->layout.n; i++) {
        if (cg->dirs[i] < 0)
            continue;
        int r = files_write(cg->dirs[i], "cgroup.procs", number, e);
        if (r < 0)
            return err_add(e, "join %s/%s", cg->layout.v[i].mount, cg->path);
    }
    return 0;
}
