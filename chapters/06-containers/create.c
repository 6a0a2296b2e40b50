/* The create table: what makes a process a container, in order. */
#include "steps.h"

#include "own.h"
#include "proc.h"
#include "talk.h"

#include <errno.h>
#include <unistd.h>

/*
 * Read this first. Every line is a step; a step with only `outside` is done by
 * the parent, one with only `inside` by the child, and at one with both the
 * child waits for the parent. Before "process" there is no child.
 *
 * Why this order:
 *   - the group exists before the process, so that not one instruction of it
 *     runs unlimited; the namespace follows the group, so that the group is
 *     its root;
 *   - ids come before everything that needs the new user namespace's root;
 *   - mounts come before the pivot, while the host's files can still be named,
 *     and read-only and masks after the mounts they cover;
 *   - what takes privilege away comes last, since it takes away what the steps
 *     above it need; the filter before the capabilities, because installing
 *     it without no_new_privs needs CAP_SYS_ADMIN.
 */
const struct ctr_step ctr_steps[] = {
    {.name = "cgroup",
     .chapter = "04",
     .why = "a control group of its own, so that limits hold for all of it",
     .outside = ctr_out_group,
     .undo = ctr_undo_group,
     .wanted = ctr_has_group},
    {.name = "limits",
     .chapter = "04",
     .why = "how much memory, processor and how many processes it may have",
     .outside = ctr_out_limits,
     .wanted = ctr_has_group},
    {.name = "device rules",
     .chapter = "05",
     .why = "a device node it makes itself opens no disk of the host",
     .outside = ctr_out_devices,
     .wanted = ctr_has_group},
    {.name = "process",
     .chapter = "01",
     .why = "the process itself, born into new namespaces",
     .outside = ctr_out_process,
     .undo = ctr_undo_process},
    {.name = "birth",
     .chapter = "01",
     .why = "signals as a program expects them; it dies with its parent",
     .inside = ctr_in_birth                                                },
    {.name = "id maps",
     .chapter = "02",
     .why = "root inside is an ordinary user outside",
     .outside = ctr_out_idmap,
     .inside = ctr_in_idmap,
     .wanted = ctr_has_idmap},
    {.name = "enter cgroup",
     .chapter = "04",
     .why = "from here on everything it does is counted and limited",
     .inside = ctr_in_group,
     .wanted = ctr_has_group},
    {.name = "cgroup namespace",
     .chapter = "02",
     .why = "its own group looks like the root of all groups",
     .inside = ctr_in_group_namespace,
     .wanted = ctr_has_group_namespace},
    {.name = "join namespaces",
     .chapter = "02",
     .why = "the namespaces it shares with others",
     .inside = ctr_in_joined,
     .wanted = ctr_has_joined},
    {.name = "oom score",
     .chapter = "05",
     .why = "who is killed first when memory runs out",
     .inside = ctr_in_oom_score,
     .wanted = ctr_has_oom_score},
    {.name = "undumpable",
     .chapter = "05",
     .why = "nobody inside can trace it while it still holds our descriptors",
     .inside = ctr_in_undumpable                                                },
    {.name = "hostname",
     .chapter = "02",
     .why = "the container answers to its own name",
     .inside = ctr_in_hostname,
     .wanted = ctr_has_hostname},
    {.name = "loopback",
     .chapter = "02",
     .why = "a new network has only lo, and even that is down",
     .inside = ctr_in_loopback,
     .wanted = ctr_has_network},
    {.name = "keyring",
     .chapter = "05",
     .why = "a session keyring without our keys in it",
     .inside = ctr_in_keyring                          },
    {.name = "standard streams",
     .chapter = "01",
     .why = "its input and output are pipes, never our terminal",
     .inside = ctr_in_stdio                                                         },
    {.name = "root",
     .chapter = "03",
     .why = "mounts no longer travel back to us; the image becomes a tree",
     .inside = ctr_in_root                           },
    {.name = "mounts",
     .chapter = "03",
     .why = "/proc, /dev, /sys and the volumes it was promised",
     .inside = ctr_in_mounts},
    {.name = "cgroup mount",
     .chapter = "04",
     .why = "it can read its limits, and not change them",
     .inside = ctr_in_group_mount,
     .wanted = ctr_has_group_mount},
    {.name = "devices",
     .chapter = "03",
     .why = "null, zero, full, random, urandom, tty: and no disk",
     .inside = ctr_in_dev,
     .wanted = ctr_has_dev},
    {.name = "sysctls",
     .chapter = "02",
     .why = "kernel settings that belong to its namespaces",
     .inside = ctr_in_sysctls,
     .wanted = ctr_has_sysctls},
    {.name = "read-only paths",
     .chapter = "03",
     .why = "parts of /proc that would change the whole machine",
     .inside = ctr_in_readonly                                         },
    {.name = "masked paths",
     .chapter = "03",
     .why = "parts of /proc and /sys that would tell too much",
     .inside = ctr_in_masks                                                   },
    {.name = "pivot",
     .chapter = "03",
     .why = "the tree becomes \"/\" and the host's is gone",
     .inside = ctr_in_pivot                                                },
    {.name = "rlimits",
     .chapter = "05",
     .why = "limits of each single process",
     .inside = ctr_in_limits,
     .wanted = ctr_has_limits},
    {.name = "working directory",
     .chapter = "03",
     .why = "where it starts, checked to lie inside",
     .inside = ctr_in_cwd               },
    {.name = "program",
     .chapter = "06",
     .why = "what will be executed is found through PATH",
     .inside = ctr_in_program                  },
    {.name = "gate",
     .chapter = "06",
     .why = "it is written down before it may start",
     .outside = ctr_out_gate,
     .inside = ctr_in_gate},
    {.name = "no new privileges",
     .chapter = "05",
     .why = "execve can grant nothing any more",
     .inside = ctr_in_no_new_privs,
     .wanted = ctr_has_no_new_privs},
    {.name = "seccomp filter",
     .chapter = "05",
     .why = "system calls no container needs are refused",
     .inside = ctr_in_filter,
     .wanted = ctr_has_filter},
    {.name = "capabilities",
     .chapter = "05",
     .why = "root keeps 14 of its powers, and becomes the user asked for",
     .inside = ctr_in_caps                                                         },
    {.name = "exec",
     .chapter = "06",
     .why = "the program takes the place of the runtime",
     .inside = ctr_in_exec                     },
};
const size_t ctr_n_steps = sizeof ctr_steps / sizeof ctr_steps[0];

static bool wants(const struct ctr *ctr, const struct ctr_step *step)
{
    return step->wanted == NULL || step->wanted(ctr);
}

/* The gate is where ctr_create stops and ctr_start goes on. */
static size_t gate_step(void)
{
    size_t i = 0;
    while (ctr_steps[i].outside != ctr_out_gate)
        i++;
    return i;
}

static int walk_outside(struct ctr *ctr, size_t first, size_t end,
                        struct err *e)
{
    for (size_t i = first; i < end; i++) {
        const struct ctr_step *step = &ctr_steps[i];
        if (step->outside == NULL || !wants(ctr, step))
            continue;
        int r = ctr_run_step(ctr, step, step->outside, e);
        if (r < 0)
            return r;
        /* The child continues here, in the middle of the loop. */
        if (step->outside == ctr_out_process && ctr->pid == 0)
            ctr_walk_inside(ctr, ctr_steps, ctr_n_steps, i + 1);
        struct talk_message go = {.kind = CTR_GO, .value = (int)i};
        if (step->inside != NULL && (r = talk_send(ctr->talk, &go, e)) < 0)
            return r;
    }
    return 0;
}

int ctr_create(struct ctr *ret, const struct spec *spec,
               const struct ctr_options *options, struct err *e)
{
    int r = spec_check(spec, e);
    if (r < 0)
        return r;
    ret->spec = spec;
    ret->options = *options;
    r = walk_outside(ret, 0, gate_step(), e);
    if (r == 0 && options->created != NULL)
        r = options->created(options->arg, ret->pid, e);
    if (r == -EPIPE) /* the child ended first: it knows why */
        r = ctr_hear_child(ret, ctr_steps, e);
    if (r < 0)
        ctr_destroy(ret, NULL);
    return r;
}

int ctr_start(struct ctr *ctr, struct err *e)
{
    int r = walk_outside(ctr, gate_step(), ctr_n_steps, e);
    /* A child that failed before the gate has left its reason behind. */
    if (r == 0 || r == -EPIPE)
        r = ctr_hear_child(ctr, ctr_steps, e);
    own_close(&ctr->talk);
    if (r < 0)
        ctr_destroy(ctr, NULL);
    return r;
}

int ctr_destroy(struct ctr *ctr, struct err *e)
{
    int result = 0;
    for (size_t i = ctr_n_steps; i-- > 0;) {
        const struct ctr_step *step = &ctr_steps[i];
        if (step->undo == NULL || !wants(ctr, step))
            continue;
        /* Go on after a failure, and report the first. */
        int r = ctr_run_step(ctr, step, step->undo, result == 0 ? e : NULL);
        if (r < 0 && result == 0)
            result = r;
    }
    ctr_done(ctr);
    return result;
}

void ctr_done(struct ctr *ctr)
{
    own_close(&ctr->pidfd);
    own_close(&ctr->talk);
    own_close(&ctr->rootfd);
    own_free(&ctr->program);
    cg_done(&ctr->cg);
}
