/* One more process in a running container: a shorter table. */
#include "steps.h"

#include "own.h"
#include "proc.h"
#include "rootless.h"
#include "talk.h"

#include <errno.h>
#include <stdio.h>

/* What exec needs beyond a struct ctr. */
struct exec {
    struct ctr ctr; /* first, so that a pointer to it is one to all */
    const struct ctr_identity *target;
    int target_pidfd;
    bool other_user; /* its user namespace is not ours */
};

static struct exec *exec_of(struct ctr *ctr)
{
    return (struct exec *)ctr;
}

static int out_target(struct ctr *ctr, struct err *e)
{
    struct exec *exec = exec_of(ctr);
    exec->target_pidfd = ctr_identity_open(exec->target, e);
    exec->other_user =
        ns_inode(exec->target->pid, NS_USER) != ns_inode(0, NS_USER);
    return exec->target_pidfd < 0 ? exec->target_pidfd : 0;
}

static int out_group(struct ctr *ctr, struct err *e)
{
    int r = cg_open(&ctr->cg, ctr->spec->cgroup, e);
    ctr->no_group = r == -ENOENT && ctr->spec->cgroup_optional;
    return ctr->no_group ? 0 : r;
}

static int join_for_child(struct ctr *ctr, struct err *e)
{
    const struct exec *exec = exec_of(ctr);
    return ns_join_process(exec->target->pid, exec->target_pidfd,
                           NS_BIT(NS_USER) | NS_BIT(NS_PID), e);
}

/*
 * Joining a pid namespace holds for the children that come after (setns(2)):
 * so it is the parent that joins, makes the child, and goes back. From another
 * user namespace there is no way back, nor to a pid namespace that is not our
 * user namespace's, as that of an ordinary user's monitor: another process
 * goes.
 */
static int out_process(struct ctr *ctr, struct err *e)
{
    const struct exec *exec = exec_of(ctr);
    if (exec->other_user || rootless_is_inside())
        return ctr_make_process_via(ctr, 0, join_for_child, e);
    auto_fd int own = ns_open(0, NS_PID, e);
    if (own < 0)
        return own;
    int r = ns_join_process(exec->target->pid, exec->target_pidfd,
                            NS_BIT(NS_PID), e);
    if (r == 0)
        r = ctr_make_process(ctr, 0, e);
    if (r == CTR_CHILD)
        return r;
    int back = ns_join(own, NS_PID, r == 0 ? e : NULL);
    return r < 0 ? r : back;
}

static bool has_ids(const struct ctr *ctr)
{
    return ((const struct exec *)ctr)->other_user;
}

/*
 * Only the namespaces that differ: setns(2) refuses to enter one's own user
 * namespace. With the pidfd the kernel joins those of the very process that
 * was meant, or none, should it have ended and its number be another's.
 *
 * @lab 6.7 gather the kinds whose inodes differ, but the pid namespace; then
 * ns_join_process
 */
static int in_namespaces(struct ctr *ctr, struct err *e)
{
    const struct exec *exec = exec_of(ctr);
    pid_t target = exec->target->pid;
    unsigned int kinds = 0;
    for (int kind = 0; kind < NS_COUNT; kind++)
        if (kind != NS_PID && ns_inode(target, kind) != ns_inode(0, kind))
            kinds |= NS_BIT(kind);
    return ns_join_process(target, exec->target_pidfd, kinds, e);
}

/*
 * The group first, since its files are out of sight later; undumpable before
 * the namespaces are joined, because from then on processes of the container
 * could trace us (CVE-2016-9962).
 */
/* clang-format off */
static const struct ctr_step exec_steps[] = {
    {.name = "target", .chapter = "06", .outside = out_target,
     .why = "the process that was meant, not one that got its number"},
    {.name = "cgroup", .chapter = "04", .outside = out_group,
     .wanted = ctr_has_group,
     .why = "the container's own group, not a new one"},
    {.name = "first processors", .chapter = "05",
     .outside = ctr_out_first_cpus, .wanted = ctr_has_first_cpus,
     .why = "on the way in it takes no turns from the container's own work"},
    {.name = "process", .chapter = "01", .outside = out_process,
     .undo = ctr_undo_process,
     .why = "the process itself, born into the container's pid namespace"},
    {.name = "birth", .chapter = "01", .inside = ctr_in_birth,
     .why = "signals as a program expects them"},
    {.name = "own number", .chapter = "06", .inside = ctr_in_number,
     .wanted = ctr_has_notify,
     .why = "who decides its calls is told by which number the host knows it"},
    {.name = "oom score", .chapter = "05", .outside = ctr_out_oom_score,
     .inside = ctr_no_work, .wanted = ctr_has_oom_score,
     .why = "who is killed first when memory runs out"},
    {.name = "enter cgroup", .chapter = "04", .inside = ctr_in_group,
     .wanted = ctr_has_group,
     .why = "the container's limits hold for this process too"},
    {.name = "processors", .chapter = "05", .inside = ctr_in_cpus,
     .wanted = ctr_has_cpus,
     .why = "after the cgroup, which may have changed where it may run"},
    {.name = "ids", .chapter = "02", .inside = ctr_in_idmap,
     .wanted = has_ids,
     .why = "root of the container's user namespace, which we are in by now"},
    {.name = "undumpable", .chapter = "05", .inside = ctr_in_undumpable,
     .why = "the container's processes must not trace us on our way in"},
    {.name = "label file", .chapter = "05", .inside = ctr_in_label_file,
     .wanted = ctr_has_label,
     .why = "where to write its label, while /proc is still the host's"},
    {.name = "join namespaces", .chapter = "02", .inside = in_namespaces,
     .why = "to see what the container sees"},
    {.name = "keyring", .chapter = "05", .inside = ctr_in_keyring,
     .why = "a session keyring without our keys in it"},
    {.name = "standard streams", .chapter = "01", .inside = ctr_in_stdio,
     .why = "its input and output are what the caller gave"},
    {.name = "terminal", .chapter = "03", .inside = ctr_in_exec_terminal,
     .wanted = ctr_has_terminal,
     .why = "one of the container's own terminals, for this process"},
    {.name = "scheduler", .chapter = "05", .inside = ctr_in_scheduler,
     .wanted = ctr_has_scheduler,
     .why = "how its turns at the processor are given out"},
    {.name = "io priority", .chapter = "05", .inside = ctr_in_io_priority,
     .wanted = ctr_has_io_priority,
     .why = "whether its reading and writing comes before others'"},
    {.name = "personality", .chapter = "05", .inside = ctr_in_personality,
     .wanted = ctr_has_personality,
     .why = "which kind of system it believes to run on"},
    {.name = "working directory", .chapter = "03", .inside = ctr_in_cwd,
     .why = "where it starts, checked to lie inside"},
    {.name = "program", .chapter = "06", .inside = ctr_in_program,
     .why = "what will be executed is found through PATH"},
    {.name = "rlimits", .chapter = "05", .inside = ctr_in_limits,
     .wanted = ctr_has_limits,
     .why = "limits of each single process"},
    {.name = "security label", .chapter = "05", .inside = ctr_in_label,
     .wanted = ctr_has_label,
     .why = "AppArmor's or SELinux's rules for it hold from execve on"},
    {.name = "no new privileges", .chapter = "05",
     .inside = ctr_in_no_new_privs, .wanted = ctr_has_no_new_privs,
     .why = "execve can grant nothing any more"},
    {.name = "seccomp filter", .chapter = "05", .inside = ctr_in_filter,
     .wanted = ctr_has_filter,
     .why = "system calls no container needs are refused"},
    {.name = "capabilities", .chapter = "05", .inside = ctr_in_caps,
     .why = "it becomes the user asked for"},
    {.name = "exec", .chapter = "06", .inside = ctr_in_exec,
     .why = "the program takes the place of the runtime"},
};
/* clang-format on */
static const struct ctr_table table = {
    .v = exec_steps,
    .n = sizeof exec_steps / sizeof exec_steps[0],
};

int ctr_exec(const struct ctr_identity *target, const char *cgroup,
             const struct spec_process *process,
             const struct ctr_options *options, struct err *e)
{
    /* Of a spec, only the process and the group's name count here. Both stay
     * the caller's: this one is never released. */
    auto_free char *group = cgroup != NULL ? own_strdup(cgroup) : NULL;
    const struct spec spec = {.process = *process,
                              .cgroup = group,
                              .cgroup_optional = options->cgroup_optional};
    struct exec exec = {.ctr = CTR_INIT, .target = target, .target_pidfd = -1};
    exec.ctr.spec = &spec;
    exec.ctr.options = *options;
    int r = ctr_check_terminal(&exec.ctr, e);
    if (r < 0)
        return r;
    r = ctr_walk_outside(&exec.ctr, &table, 0, table.n, e);
    if (r == 0 || r == -EPIPE)
        r = ctr_hear_child(&exec.ctr, &table, e);
    int pidfd = r == 0 ? fd_take(&exec.ctr.pidfd) : r;
    if (r < 0)
        ctr_walk_back(&exec.ctr, &table, NULL);
    own_close(&exec.target_pidfd);
    ctr_done(&exec.ctr);
    return pidfd;
}
