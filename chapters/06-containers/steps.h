/*
 * steps.h - the step functions, by the side they run on.
 *
 * Only 06-containers includes this. Each adapts one subject of the lower
 * chapters to a struct ctr; none is longer than it takes to see what it does.
 * ctr_in_* run in the child, ctr_out_* in the parent, ctr_undo_* in the
 * parent, and ctr_has_* say whether this container takes the step.
 */
#ifndef STEPS_H
#define STEPS_H

#include "ctr.h"

/* steps_group.c: control groups and device rules. */
bool ctr_has_group(const struct ctr *ctr);
int ctr_out_group(struct ctr *ctr, struct err *e);
int ctr_undo_group(struct ctr *ctr, struct err *e);
int ctr_out_limits(struct ctr *ctr, struct err *e);
int ctr_out_devices(struct ctr *ctr, struct err *e);
int ctr_in_group(struct ctr *ctr, struct err *e);
bool ctr_has_group_namespace(const struct ctr *ctr);
int ctr_in_group_namespace(struct ctr *ctr, struct err *e);

/* steps_birth.c: the process, made and taken away. */
/* Not a step: a child with a socket to it, in the group. 0, in the child
 * CTR_CHILD. */
int ctr_make_process(struct ctr *ctr, uint64_t flags, struct err *e);
/* The same by way of a short-lived process: it does `prepare`, which may take
 * it into namespaces, and the child is born there; it is ours all the same. */
int ctr_make_process_via(struct ctr *ctr, uint64_t flags,
                         int (*prepare)(struct ctr *ctr, struct err *e),
                         struct err *e);
int ctr_undo_process(struct ctr *ctr, struct err *e);
int ctr_in_birth(struct ctr *ctr, struct err *e);
/* Not a step: with options.dies_with_us, do so. Again after each change of
 * ids, which makes the kernel forget the wish. */
int ctr_die_with_parent(struct ctr *ctr, struct err *e);

/* steps_namespaces.c: which namespaces, and as whom. */
int ctr_out_process(struct ctr *ctr, struct err *e);
bool ctr_has_time(const struct ctr *ctr);
int ctr_in_time(struct ctr *ctr, struct err *e);
bool ctr_has_idmap(const struct ctr *ctr);
int ctr_out_idmap(struct ctr *ctr, struct err *e);
int ctr_in_idmap(struct ctr *ctr, struct err *e);
bool ctr_has_joined(const struct ctr *ctr);
int ctr_in_joined(struct ctr *ctr, struct err *e);

/* steps_process.c: standard streams. */
int ctr_in_stdio(struct ctr *ctr, struct err *e);

/* steps_exec.c: the program. */
int ctr_in_program(struct ctr *ctr, struct err *e);
int ctr_in_exec(struct ctr *ctr, struct err *e);

/* steps_gate.c: waiting for the word to begin. */
/* Where the word is all that one side, or both, has to do. */
int ctr_no_work(struct ctr *ctr, struct err *e);
int ctr_out_gate(struct ctr *ctr, struct err *e);
bool ctr_has_start_socket(const struct ctr *ctr);
int ctr_in_start_socket(struct ctr *ctr, struct err *e);

/* steps_hooks.c: moments for others. */
bool ctr_needs_number(const struct ctr *ctr);
int ctr_in_number(struct ctr *ctr, struct err *e);
bool ctr_has_runtime_hooks(const struct ctr *ctr);
int ctr_out_runtime_hooks(struct ctr *ctr, struct err *e);
bool ctr_has_container_hooks(const struct ctr *ctr);
int ctr_in_container_hooks(struct ctr *ctr, struct err *e);
bool ctr_has_start_hooks(const struct ctr *ctr);
int ctr_in_start_hooks(struct ctr *ctr, struct err *e);

/* steps_terminal.c: a pseudo-terminal. */
bool ctr_has_terminal(const struct ctr *ctr);
/* Not a step: -EINVAL if nobody would get its other end. */
int ctr_check_terminal(const struct ctr *ctr, struct err *e);
int ctr_in_terminal(struct ctr *ctr, struct err *e);
int ctr_in_exec_terminal(struct ctr *ctr, struct err *e);

/* steps_attributes.c: scheduling, personality, security modules. */
bool ctr_has_scheduler(const struct ctr *ctr);
int ctr_in_scheduler(struct ctr *ctr, struct err *e);
bool ctr_has_first_cpus(const struct ctr *ctr);
int ctr_out_first_cpus(struct ctr *ctr, struct err *e);
bool ctr_has_cpus(const struct ctr *ctr);
int ctr_in_cpus(struct ctr *ctr, struct err *e);
bool ctr_has_io_priority(const struct ctr *ctr);
int ctr_in_io_priority(struct ctr *ctr, struct err *e);
bool ctr_has_personality(const struct ctr *ctr);
int ctr_in_personality(struct ctr *ctr, struct err *e);
bool ctr_has_label(const struct ctr *ctr);
int ctr_in_label_file(struct ctr *ctr, struct err *e);
int ctr_in_label(struct ctr *ctr, struct err *e);

/* steps_names.c: host name, loopback, sysctls. */
bool ctr_has_hostname(const struct ctr *ctr);
int ctr_in_hostname(struct ctr *ctr, struct err *e);
bool ctr_has_network(const struct ctr *ctr);
int ctr_in_loopback(struct ctr *ctr, struct err *e);
bool ctr_has_sysctls(const struct ctr *ctr);
int ctr_in_sysctls(struct ctr *ctr, struct err *e);

/* steps_mapped.c: volumes whose files seem to be somebody else's. */
bool ctr_has_mapped(const struct ctr *ctr);
int ctr_out_mapped(struct ctr *ctr, struct err *e);
/* Not a step: the mounts that ctr_out_mapped made exist while they are open. */
void ctr_close_mapped(struct ctr *ctr);

/* steps_root.c: the root file system. */
int ctr_in_root(struct ctr *ctr, struct err *e);
int ctr_in_mounts(struct ctr *ctr, struct err *e);
bool ctr_has_group_mount(const struct ctr *ctr);
int ctr_in_group_mount(struct ctr *ctr, struct err *e);
bool ctr_has_dev(const struct ctr *ctr);
int ctr_in_dev(struct ctr *ctr, struct err *e);
int ctr_in_readonly(struct ctr *ctr, struct err *e);
int ctr_in_masks(struct ctr *ctr, struct err *e);
int ctr_in_pivot(struct ctr *ctr, struct err *e);
int ctr_in_cwd(struct ctr *ctr, struct err *e);

/* steps_privileges.c: what the process may still do. */
bool ctr_has_keyring(const struct ctr *ctr);
int ctr_in_keyring(struct ctr *ctr, struct err *e);
int ctr_in_undumpable(struct ctr *ctr, struct err *e);
bool ctr_has_oom_score(const struct ctr *ctr);
int ctr_out_oom_score(struct ctr *ctr, struct err *e);
bool ctr_has_limits(const struct ctr *ctr);
int ctr_in_limits(struct ctr *ctr, struct err *e);
bool ctr_has_no_new_privs(const struct ctr *ctr);
int ctr_in_no_new_privs(struct ctr *ctr, struct err *e);
bool ctr_has_filter(const struct ctr *ctr);
int ctr_in_filter(struct ctr *ctr, struct err *e);
/* steps_notify.c: the same for a filter whose listener goes to a socket. */
bool ctr_has_notify(const struct ctr *ctr);
int ctr_install_notifying(struct ctr *ctr, struct err *e);
int ctr_in_caps(struct ctr *ctr, struct err *e);

/* What the two sides say to each other over struct talk_message. */
enum ctr_word {
    CTR_GO = 1, /* parent: my part of step `value` is done */
    CTR_FAILED, /* child: step `value` failed, with the reason */
    CTR_HERE,   /* child: I have come to step `value` */
};

/* What an `outside` returns in the child that it has made: the walk goes on
 * inside from there. */
enum { CTR_CHILD = 1 };

/* A sequence of steps: that of create.c, or exec.c's shorter one. */
struct ctr_table {
    const struct ctr_step *v;
    size_t n;
};

/* walk.c: run the `outside` functions of the steps from `first` to before
 * `end`, in the parent. A child made on the way continues with
 * ctr_walk_inside. 0, or -errno; -EPIPE: the child has ended. */
int ctr_walk_outside(struct ctr *ctr, const struct ctr_table *table,
                     size_t first, size_t end, struct err *e);
/* walk.c: run the `inside` functions from `first` on, in the child. Does not
 * return: it ends in execve(2) or in _exit(2). */
void ctr_walk_inside(struct ctr *ctr, const struct ctr_table *table,
                     size_t first) __attribute__((noreturn));
/* walk.c: wait until the child has executed its program or reports a failing
 * step: then its -errno or CTR_* code, and the step's name in the message. */
int ctr_hear_child(struct ctr *ctr, const struct ctr_table *table,
                   struct err *e);
/* walk.c: run every `undo`, the last step's first. */
int ctr_walk_back(struct ctr *ctr, const struct ctr_table *table,
                  struct err *e);

#endif
