/*
 * ctr.h - a container: the create table, the start gate, and what follows.
 *
 * The kernel knows no containers. What people call one is a process that was
 * led through a sequence of ordinary steps before it executed its program:
 * control groups(7), namespaces(7), mounts, capabilities(7), seccomp(2). That
 * sequence is the array ctr_steps[] in create.c. Two walkers go through it at
 * the same time: the parent runs the `outside` functions, the child the
 * `inside` ones. A step that has both is where the child waits for the
 * parent, and one that also `meets` is where the parent waits for the child
 * first; everything else runs side by side.
 *
 *     struct ctr ctr = CTR_INIT;
 *     struct ctr_options options = {.stdio = {in, out, err}};
 *     if (ctr_create(&ctr, &spec, &options, &e) < 0)   // undone already
 *         return err_add(&e, "start %s", name);
 *     ctr_start(&ctr, &e);               // opens the gate: execve(2)
 *     int code = proc_wait(ctr.pidfd, &e);
 *     ctr_destroy(&ctr, &e);
 *
 * A failing step reports itself by name and reason; what was done is undone in
 * reverse order by the steps' `undo`, which is also how a container that has
 * ended is taken down. Each undo is idempotent.
 *
 * Ownership: the spec is borrowed and must live until ctr_start returns. The
 * caller closes the descriptors it passes in `stdio`. ctr_done closes what the
 * struct holds and changes nothing else; ctr_destroy does so too, at its end.
 *
 * Errors worth telling apart: -CTR_NOT_FOUND and -CTR_NOT_EXECUTABLE, the two
 * outcomes that a shell reports as 127 and 126; -EEXIST (the group is there: a
 * container of that name runs); -EPIPE (the child was killed on its way, often
 * for memory); -ESRCH of an identity. Others are those of the failing step.
 *
 * Needs: privilege over the namespaces asked for, or NS_USER among them, and
 * the caller's own /proc. Linux 5.6 (openat2, pidfd). Not for two threads:
 * what the child does after the clone takes locks that another thread may hold.
 * After a fork the container is the parent's alone, which can wait for it.
 */
#ifndef CTR_H
#define CTR_H

#include "cg.h"
#include "err.h"
#include "spec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Codes of our own in struct err, above every errno (those end at 4095). */
enum { CTR_NOT_FOUND = 4127, CTR_NOT_EXECUTABLE = 4126 };

/* Moments at which somebody else may have a hand in it ("hooks" of the OCI
 * runtime specification, config-linux.md). */
enum ctr_hook {
    CTR_HOOK_RUNTIME,   /* parent: mounts are made, "/" is still the host's */
    CTR_HOOK_CONTAINER, /* child: the same moment, in its namespaces */
    CTR_HOOK_START,     /* child: the gate has opened, "/" is its own */
};

struct ctr_options {
    int stdio[3];         /* become descriptors 0, 1, 2; -1 keeps ours */
    bool dies_with_us;    /* SIGKILL for the container when the caller dies */
    bool cgroup_optional; /* ctr_exec: if there is no such group, then none */
    /* Called when the process exists and before it may start: the place to
     * write down who it is. May be NULL. If it fails because the process has
     * ended already, the process's own reason is the one that is told. */
    int (*created)(void *arg, pid_t pid, struct err *e);
    void *arg;
    /* Called at the moments whose bits (1u << CTR_HOOK_RUNTIME ...) are set in
     * `hooks`; `pid` is the container's, as our pid namespace numbers it. */
    int (*hook)(void *arg, enum ctr_hook when, pid_t pid, struct err *e);
    unsigned int hooks;
    /* A second gate for whoever comes later: the socket of ctr_listen, or 0
     * for none. ctr_create then returns only when the child has come to the
     * gate; ctr_leave lets it go on to wait at the socket, alone. */
    int start_socket;
    /* Where the master of process.terminal goes: a connected unix(7) socket;
     * SCM_RIGHTS carries it, as runc's --console-socket says. */
    int console_socket;
    /* Where the listener of a filter that notifies goes: a connected unix(7)
     * socket, or 0; and what makes the text that goes with the descriptor, the
     * "container process state" of config-linux.md, from malloc(3). It is
     * called in the child; `pid` is its number for us. */
    int notify_socket;
    char *(*notify_text)(void *arg, pid_t pid);
    /* The child closes it first of all, or 0: a lock of the caller's, say,
     * which must not live on in a container that waits. */
    int private_fd;
};

struct ctr {
    const struct spec *spec;
    struct ctr_options options;
    struct cg cg;
    bool no_group;   /* spec.cgroup_optional, and none could be made */
    bool made_group; /* the one that spec.cgroup names is ours */
    pid_t pid;       /* as our pid namespace numbers it; 0 before the clone */
    int pidfd;
    int talk;      /* our end of the socket pair; -1 when the gate is open */
    int *mapped;   /* per mount: made ready outside with mapped ids, or -1 */
    int rootfd;    /* the child's: its new root, until it is "/" */
    int labels;    /* the child's: its /proc/self/attr, if it takes a label */
    char *program; /* the child's: what is executed, found through PATH */
};
#define CTR_INIT                                                               \
    {                                                                          \
        .cg = CG_INIT, .pidfd = -1, .talk = -1, .rootfd = -1, .labels = -1     \
    }

/* One step. `name`, `chapter` ("03") and `why` are what --trace tells. */
struct ctr_step {
    const char *name, *chapter, *why;
    int (*outside)(struct ctr *ctr, struct err *e);
    int (*inside)(struct ctr *ctr, struct err *e);
    int (*undo)(struct ctr *ctr, struct err *e);
    /* NULL, or whether this container takes the step at all. */
    bool (*wanted)(const struct ctr *ctr);
    /* The parent, too, waits: until the child has come this far. */
    bool meets;
    /* What is lost if spec.skipped names it; NULL: it cannot be left out. */
    const char *without;
};
extern const struct ctr_step ctr_steps[];
extern const size_t ctr_n_steps;

/* For teaching: the step that `word` names, which may be left out; upper case
 * and "-" for a blank will do ("Masked-paths"). NULL: no step is called so, or
 * it cannot be left out. Its name is what spec.skipped takes. */
const struct ctr_step *ctr_find_optional(const char *word, struct err *e);
/* Whether spec.skipped names the step `name`. */
bool ctr_skips(const struct ctr *ctr, const char *name);

/* Lead a new process towards the gate; it may still be on its way when this
 * returns, so that a step of its own that fails may be reported by ctr_start.
 * `ret` is CTR_INIT. On error nothing is left behind. */
int ctr_create(struct ctr *ret, const struct spec *spec,
               const struct ctr_options *options, struct err *e);
/* Open the gate; returns when the program runs (its execve(2) succeeded).
 * On error nothing is left behind. */
int ctr_start(struct ctr *ctr, struct err *e);
/* A socket at `path` (below dirfd) for options.start_socket: unix(7), of type
 * SOCK_SEQPACKET, listening. The caller closes it, and removes the file when
 * the container is no more. -EADDRINUSE: the file is there. */
int ctr_listen(int dirfd, const char *path, struct err *e);
/* With options.start_socket: leave the child to wait there. Our process may
 * end then; ctr_done follows. On error nothing is left behind. */
int ctr_leave(struct ctr *ctr, struct err *e);
/* Any process, later: open the gate of a container that waits at the socket
 * `path` (below dirfd); returns when the program runs. -ECONNREFUSED or
 * -ENOENT: nobody waits there (any more). What a step says is passed on. */
int ctr_start_waiting(int dirfd, const char *path, struct err *e);
/* Whether somebody waits there: 1 or 0. Disturbs nothing. */
int ctr_is_waiting(int dirfd, const char *path);
/* End what still runs, frozen or not, and undo every step. Idempotent, also
 * on CTR_INIT. */
int ctr_destroy(struct ctr *ctr, struct err *e);
void ctr_done(struct ctr *ctr);

/* The remains of a container whose owner died: processes and control group.
 * `cgroup` as in its spec. Success where there is nothing. */
int ctr_remove_remains(const char *cgroup, struct err *e);
/* The same for one whose owner died before its group was surely its own: who is
 * in it stays there. */
int ctr_remove_unused(const char *cgroup, struct err *e);

/* A process known by more than its number: pid and start time. */
struct ctr_identity {
    pid_t pid;
    uint64_t start_time; /* clock ticks since boot, proc_start_time */
};
/* Write it to, and read it from, the file `path` below dirfd. The start time
 * is that of options.created's pid. */
int ctr_identity_save(int dirfd, const char *path, pid_t pid, struct err *e);
int ctr_identity_load(int dirfd, const char *path, struct ctr_identity *ret,
                      struct err *e);
/* A pidfd of exactly that process (caller closes), or -ESRCH. */
int ctr_identity_open(const struct ctr_identity *identity, struct err *e);
/* Has it ended, though its parent may not have asked yet? What cannot be told
 * is not taken for an end. */
bool ctr_identity_has_ended(const struct ctr_identity *identity);

/* Run one more process in a running container: its namespaces, its group,
 * `process` for the rest (borrowed during the call). A pidfd of the process,
 * whose program runs; the caller waits for it and closes it. There is no gate,
 * and options->created is not called. -ESRCH: the target has ended. */
int ctr_exec(const struct ctr_identity *target, const char *cgroup,
             const struct spec_process *process,
             const struct ctr_options *options, struct err *e);

#endif
