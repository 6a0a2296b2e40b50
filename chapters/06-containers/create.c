/* The create table: what makes a process a container, in order. */
#include "steps.h"

#include "own.h"

#include <errno.h>
#include <poll.h>

/*
 * Read this first. Every entry is a step; one with only `outside` is done by
 * the parent, one with only `inside` by the child, and at one with both the
 * child waits for the parent; where it `meets`, the parent waits for the child
 * first. Before "process" there is no child.
 *
 * Why this order:
 *   - the group exists before the process, so that not one instruction of it
 *     runs unlimited; the cgroup namespace follows the entry into the group,
 *     so that the group is its root;
 *   - the group is entered while we are still the user whose files its files
 *     are; ids come before everything that needs the new user namespace's
 *     root;
 *   - undumpable it is before it joins namespaces in which somebody may be;
 *   - mounts come before the pivot, while the host's files can still be named,
 *     and read-only and masked paths after the mounts they cover;
 *   - limits of the process come when it has opened what it needs: all that we
 *     hold open counts, and few descriptors may be what it is allowed;
 *   - what takes privilege away comes last, since it takes away what the steps
 *     above it need; the filter before the capabilities, because installing
 *     it without no_new_privs needs CAP_SYS_ADMIN.
 *
 * A step without an undo changes nothing that outlives the group or the
 * process, which the two undos remove. One that says what is lost `without` it
 * may be left out, for teaching (skip.c); the others make the container, or
 * what it takes to end it.
 */
/* clang-format off */
const struct ctr_step ctr_steps[] = {
    {.name = "cgroup", .chapter = "04", .outside = ctr_out_group,
     .undo = ctr_undo_group, .wanted = ctr_has_group,
     .why = "a control group of its own, so that limits hold for all of it"},
    {.name = "limits", .chapter = "04", .outside = ctr_out_limits,
     .wanted = ctr_has_group,
     .why = "how much memory, processor and how many processes it may have",
     .without = "nothing bounds its memory, processors and processes"},
    {.name = "device rules", .chapter = "05", .outside = ctr_out_devices,
     .wanted = ctr_has_group,
     .why = "a device node it makes itself opens no disk of the host",
     .without = "a device node that it makes opens the host's disks"},
    {.name = "mapped volumes", .chapter = "03", .outside = ctr_out_mapped,
     .wanted = ctr_has_mapped,
     .why = "files of the host's users seem to be those of the container's"},
    {.name = "process", .chapter = "01", .outside = ctr_out_process,
     .undo = ctr_undo_process,
     .why = "the process itself, born into new namespaces"},
    {.name = "birth", .chapter = "01", .inside = ctr_in_birth,
     .why = "signals as a program expects them; it dies with its parent"},
    {.name = "oom score", .chapter = "05", .outside = ctr_out_oom_score,
     .inside = ctr_no_work, .wanted = ctr_has_oom_score,
     .why = "who is killed first when memory runs out",
     .without = "who is killed for want of memory is left to chance"},
    {.name = "own number", .chapter = "06", .inside = ctr_in_number,
     .wanted = ctr_needs_number,
     .why = "its hooks are told the number by which the host knows it"},
    {.name = "enter cgroup", .chapter = "04", .inside = ctr_in_group,
     .wanted = ctr_has_group,
     .why = "from here on everything it does is counted and limited"},
    {.name = "time namespace", .chapter = "02", .inside = ctr_in_time,
     .wanted = ctr_has_time,
     .why = "its clocks say how long it runs, wherever it goes on",
     .without = "its clocks are the host's"},
    {.name = "id maps", .chapter = "02", .outside = ctr_out_idmap,
     .inside = ctr_in_idmap, .wanted = ctr_has_idmap,
     .why = "root inside is an ordinary user outside"},
    {.name = "cgroup namespace", .chapter = "02",
     .inside = ctr_in_group_namespace, .wanted = ctr_has_group_namespace,
     .why = "its own group looks like the root of all groups",
     .without = "it sees where its group lies among the host's"},
    {.name = "label file", .chapter = "05", .inside = ctr_in_label_file,
     .wanted = ctr_has_label,
     .why = "where to write its label, while /proc is still the host's"},
    {.name = "undumpable", .chapter = "05", .inside = ctr_in_undumpable,
     .why = "nobody inside can trace it while it still holds our descriptors",
     .without = "whoever is in a namespace that it joins may trace it"},
    {.name = "join namespaces", .chapter = "02", .inside = ctr_in_joined,
     .wanted = ctr_has_joined,
     .why = "the namespaces it shares with others"},
    {.name = "hostname", .chapter = "02", .inside = ctr_in_hostname,
     .wanted = ctr_has_hostname,
     .why = "the container answers to its own name",
     .without = "it answers to the host's name"},
    {.name = "loopback", .chapter = "02", .inside = ctr_in_loopback,
     .wanted = ctr_has_network,
     .why = "a new network has only lo, and even that is down",
     .without = "its own 127.0.0.1 is down"},
    {.name = "keyring", .chapter = "05", .inside = ctr_in_keyring,
     .wanted = ctr_has_keyring,
     .why = "a session keyring without our keys in it",
     .without = "it has the keys of whoever started it"},
    {.name = "standard streams", .chapter = "01", .inside = ctr_in_stdio,
     .why = "its input and output are what the caller gave; all else closes"},
    {.name = "root", .chapter = "03", .inside = ctr_in_root,
     .why = "mounts no longer travel back to us; the image becomes a tree"},
    {.name = "mounts", .chapter = "03", .inside = ctr_in_mounts,
     .why = "/proc, /dev, /sys and the volumes it was promised",
     .without = "it has no /proc, /dev and /sys, nor any volume"},
    {.name = "cgroup mount", .chapter = "04", .inside = ctr_in_group_mount,
     .wanted = ctr_has_group_mount,
     .why = "it can read its limits, and not change them",
     .without = "it cannot read its own limits"},
    {.name = "devices", .chapter = "03", .inside = ctr_in_dev,
     .wanted = ctr_has_dev,
     .why = "null, zero, full, random, urandom, tty: and no disk",
     .without = "its /dev has no devices"},
    {.name = "terminal", .chapter = "03", .inside = ctr_in_terminal,
     .wanted = ctr_has_terminal,
     .why = "it talks to a screen and keyboard, which somebody else holds"},
    {.name = "sysctls", .chapter = "02", .inside = ctr_in_sysctls,
     .wanted = ctr_has_sysctls,
     .why = "kernel settings that belong to its namespaces",
     .without = "its namespaces have the kernel's own settings"},
    {.name = "read-only paths", .chapter = "03", .inside = ctr_in_readonly,
     .why = "parts of /proc that would change the whole machine",
     .without = "root in it can change settings of the machine"},
    {.name = "masked paths", .chapter = "03", .inside = ctr_in_masks,
     .why = "parts of /proc and /sys that would tell too much",
     .without = "it can read what /proc and /sys tell of the machine"},
    {.name = "runtime hooks", .chapter = "06", .meets = true,
     .outside = ctr_out_runtime_hooks, .inside = ctr_no_work,
     .wanted = ctr_has_runtime_hooks,
     .why = "others prepare it from outside, its network for example"},
    {.name = "container hooks", .chapter = "06",
     .inside = ctr_in_container_hooks, .wanted = ctr_has_container_hooks,
     .why = "others prepare it from inside, with the host's files at hand"},
    {.name = "pivot", .chapter = "03", .inside = ctr_in_pivot,
     .why = "the tree becomes \"/\" and the host's is gone",
     .without = "its \"/\" is the host's, to read and to write"},
    {.name = "scheduler", .chapter = "05", .inside = ctr_in_scheduler,
     .wanted = ctr_has_scheduler,
     .why = "how its turns at the processor are given out",
     .without = "its turns at the processor are as everybody's"},
    {.name = "io priority", .chapter = "05", .inside = ctr_in_io_priority,
     .wanted = ctr_has_io_priority,
     .why = "whether its reading and writing comes before others'",
     .without = "its reading and writing is as everybody's"},
    {.name = "personality", .chapter = "05", .inside = ctr_in_personality,
     .wanted = ctr_has_personality,
     .why = "which kind of system it believes to run on",
     .without = "it sees the system as it is"},
    {.name = "working directory", .chapter = "03", .inside = ctr_in_cwd,
     .why = "where it starts, checked to lie inside",
     .without = "it does not start where its image says"},
    {.name = "program", .chapter = "06", .inside = ctr_in_program,
     .why = "what will be executed is found through PATH"},
    {.name = "rlimits", .chapter = "05", .inside = ctr_in_limits,
     .wanted = ctr_has_limits,
     .why = "limits of each single process",
     .without = "its processes have the limits of the runtime"},
    {.name = "ready", .chapter = "06", .outside = ctr_no_work,
     .inside = ctr_no_work, .meets = true, .wanted = ctr_has_start_socket,
     .why = "whoever creates it now hears that all of it could be made"},
    {.name = "gate", .chapter = "06", .outside = ctr_out_gate,
     .inside = ctr_no_work,
     .why = "it is written down before it may start"},
    {.name = "start socket", .chapter = "06", .inside = ctr_in_start_socket,
     .wanted = ctr_has_start_socket,
     .why = "who starts it comes later, and is told how it went"},
    {.name = "start hooks", .chapter = "06", .inside = ctr_in_start_hooks,
     .wanted = ctr_has_start_hooks,
     .why = "the last word of others, among its own files"},
    {.name = "security label", .chapter = "05", .inside = ctr_in_label,
     .wanted = ctr_has_label,
     .why = "AppArmor's or SELinux's rules for it hold from execve on",
     .without = "no rule of AppArmor or SELinux holds for it"},
    {.name = "no new privileges", .chapter = "05",
     .inside = ctr_in_no_new_privs, .wanted = ctr_has_no_new_privs,
     .why = "execve can grant nothing any more",
     .without = "a set-user-ID program gives it powers"},
    {.name = "seccomp filter", .chapter = "05", .inside = ctr_in_filter,
     .wanted = ctr_has_filter,
     .why = "system calls no container needs are refused",
     .without = "it can call everything that the kernel has"},
    {.name = "capabilities", .chapter = "05", .inside = ctr_in_caps,
     .why = "it keeps few of root's powers, and becomes the user asked for",
     .without = "it stays root, with all of root's powers"},
    {.name = "exec", .chapter = "06", .inside = ctr_in_exec,
     .why = "the program takes the place of the runtime"},
};
/* clang-format on */
const size_t ctr_n_steps = sizeof ctr_steps / sizeof ctr_steps[0];
static const struct ctr_table table = {
    .v = ctr_steps,
    .n = sizeof ctr_steps / sizeof ctr_steps[0],
};

/* The gate is where ctr_create stops and ctr_start goes on. */
static size_t gate_step(void)
{
    size_t i = 0;
    while (ctr_steps[i].outside != ctr_out_gate)
        i++;
    return i;
}

/* A child that we could not reach any more has left its reason behind, unless
 * it was killed: often for more memory than its group may have. */
static int last_words(struct ctr *ctr, struct err *e)
{
    int r = ctr_hear_child(ctr, &table, e);
    return r < 0 ? r
                 : err_set(e, EPIPE,
                           "the container's first process was killed before it "
                           "could start");
}

/* What cannot be done from outside to a child that has failed meanwhile, fails
 * for the child's reason: it says more. */
static int tell_of_it(struct ctr *ctr, struct err *e)
{
    const struct ctr_options *options = &ctr->options;
    if (options->created == NULL)
        return 0;
    int r = options->created(options->arg, ctr->pid, e);
    struct pollfd word = {.fd = ctr->talk, .events = POLLIN};
    return r < 0 && poll(&word, 1, 0) == 1 ? last_words(ctr, e) : r;
}

int ctr_create(struct ctr *ret, const struct spec *spec,
               const struct ctr_options *options, struct err *e)
{
    int r = spec_check(spec, e);
    if (r < 0)
        return r;
    ret->spec = spec;
    ret->options = *options;
    r = ctr_check_terminal(ret, e);
    if (r == 0)
        r = ctr_walk_outside(ret, &table, 0, gate_step(), e);
    if (r == -EPIPE)
        r = last_words(ret, e);
    ctr_close_mapped(ret); /* the child has its own descriptors */
    if (r == 0)
        r = tell_of_it(ret, e);
    if (r < 0)
        ctr_destroy(ret, NULL);
    return r;
}

int ctr_start(struct ctr *ctr, struct err *e)
{
    int r = ctr_walk_outside(ctr, &table, gate_step(), ctr_n_steps, e);
    if (r == 0)
        r = ctr_hear_child(ctr, &table, e);
    else if (r == -EPIPE)
        r = last_words(ctr, e);
    own_close(&ctr->talk);
    if (r < 0)
        ctr_destroy(ctr, NULL);
    return r;
}

/* The same for us: behind the gate the child falls silent, at the socket
 * instead of in its program. */
int ctr_leave(struct ctr *ctr, struct err *e)
{
    return ctr_start(ctr, e);
}

int ctr_destroy(struct ctr *ctr, struct err *e)
{
    int r = ctr_walk_back(ctr, &table, e);
    ctr_done(ctr);
    return r;
}

void ctr_done(struct ctr *ctr)
{
    own_close(&ctr->pidfd);
    own_close(&ctr->talk);
    own_close(&ctr->rootfd);
    ctr_close_mapped(ctr);
    own_close(&ctr->labels);
    own_free(&ctr->program);
    cg_done(&ctr->cg);
}
