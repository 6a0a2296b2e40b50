/*
 * cg.h - one control group per container, on v1, v2 or a mixture of both.
 *
 * A control group is a directory in a file system of type cgroup2 (v2: one
 * tree for all controllers) or cgroup (v1: a tree per controller, a
 * "hierarchy"); its files hold limits, counters and members. See cgroups(7),
 * cgroup_namespaces(7), and the kernel's
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/. What is v1, what is
 * v2 and what is missing differs from machine to machine and from controller
 * to controller; callers of this module need not care.
 *
 *     struct cg_limits limits = CG_LIMITS_INIT;
 *     limits.memory = 64 << 20;
 *     auto_cg struct cg cg = CG_INIT;
 *     if (cg_create(&cg, "mini-docker/web", e) < 0 ||
 *         cg_set_limits(&cg, &limits, e) < 0)
 *         return -e->code;
 *     child = proc_clone(flags, cg_clone_fd(&cg), ...); // and in the child:
 *     cg_join(&cg, e);
 *     ... cg_get_stats, cg_freeze, cg_kill ...
 *     cg_destroy(&cg, e);
 *
 * Who owns what: a struct cg owns open directories, which cg_done (auto_cg)
 * closes. The group itself outlives them and the process: it ends with
 * cg_destroy, which whoever holds the path can call after cg_open.
 *
 * Errors worth telling apart: -EEXIST (the name is taken), -ENOENT (no such
 * group), -EACCES (no hierarchy can be written), -EBUSY (v2: the group above
 * holds processes, so no controllers below it), -EOPNOTSUPP (this machine
 * lacks the controller), -ETIMEDOUT (it would not freeze).
 *
 * Needs: write permission in the hierarchies, that is root, or on v2 a
 * delegated subtree. Linux 5.7 (CLONE_INTO_CGROUP); cgroup.kill of 5.14 is
 * used where it exists. Fork-safe: a child may go on using its copy, and
 * should then be the one that calls cg_join.
 */
#ifndef CG_H
#define CG_H

#include "err.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum cg_controller {
    CG_MEMORY,
    CG_CPU,
    CG_CPUACCT, /* v2: part of cpu */
    CG_CPUSET,
    CG_PIDS,
    CG_IO,      /* v1: blkio */
    CG_DEVICES, /* v2: a BPF program, chapter 05 */
    CG_FREEZER, /* v2: built in */
    CG_HUGETLB, /* from here on rare: v2 hands them down to a group only when a
                 * limit asks for them */
    CG_RDMA,
    CG_NET_CLS,  /* v1 alone */
    CG_NET_PRIO, /* v1 alone */
    CG_MISC,
    CG_COUNT,
};

/* Where this machine has each controller. A hierarchy is one mounted cgroup
 * file system; v1 controllers may share one, v2 has exactly one. */
#define CG_MAX_HIERARCHIES 16
struct cg_hierarchy {
    int version;           /* 1 or 2 */
    char mount[128];       /* where it is mounted; of v2 the directory below
                              that was delegated to us, if we are not root */
    char controllers[128]; /* v1: "cpu,cpuacct" or "name=systemd"; v2: "" */
};
struct cg_layout {
    struct cg_hierarchy v[CG_MAX_HIERARCHIES];
    size_t n;
    int8_t where[CG_COUNT]; /* index into v, or -1: not on this machine */
};
/* Read /proc/self/mountinfo and, on v2, cgroup.controllers. */
int cg_detect(struct cg_layout *ret, struct err *e);
/* "v1", "v2" or "hybrid" (both are mounted); docker info's "Cgroup Version" is
 * 2 for "v2" and 1 for the others. */
const char *cg_layout_name(const struct cg_layout *layout);

/* A container's group: one directory in every hierarchy. */
struct cg {
    struct cg_layout layout;
    char path[192];               /* below each mount: "mini-docker/<id>" */
    int dirs[CG_MAX_HIERARCHIES]; /* open directories, -1 where there is none */
};
#define auto_cg __attribute__((cleanup(cg_done)))
#define CG_INIT                                                                \
    {                                                                          \
        .dirs = { [0 ... CG_MAX_HIERARCHIES - 1] = -1 }                        \
    }

/* Can `path` be a group's? It must stay below the mount: no "." and no "..".
 * 0 or -EINVAL; all that take a path check it themselves. */
int cg_check_path(const char *path, struct err *e);
/* Make the group `path` in every hierarchy (parents too; on v2 enabling the
 * controllers on the way; cpuset copies its parent's cpus and mems). A
 * hierarchy that may not be written is left out; where none could be made the
 * error says what to do. -EEXIST if the group exists. */
int cg_create(struct cg *ret, const char *path, struct err *e);
/* The same, but one that exists and has nobody in it is used as it is, limits
 * and all. -EEXIST: it has processes, or is frozen. */
int cg_adopt(struct cg *ret, const char *path, struct err *e);
/* 0 if nobody is in the group and it is not frozen; -EEXIST. */
int cg_check_deserted(const struct cg *cg, struct err *e);
/* The group of a running container. -ENOENT. */
int cg_open(struct cg *ret, const char *path, struct err *e);
/* 0 if there is a hierarchy in which cg_create could make a group, or -EACCES:
 * what to do about it. */
int cg_check_writable(struct err *e);
/* Close the descriptors; the group stays. */
void cg_done(struct cg *cg);
/* Thaw, kill what is left, and remove the directories. Idempotent. */
int cg_destroy(struct cg *cg, struct err *e);

/* The directory that holds a controller's files, or -1. On v2, CG_DEVICES gives
 * the group to attach the BPF program to. */
int cg_dir(const struct cg *cg, enum cg_controller controller);
/* 1, 2, or 0: none. */
int cg_version(const struct cg *cg, enum cg_controller controller);
/* v2's directory for CLONE_INTO_CGROUP, which stays the cg's; -1 without a v2
 * tree, or where the group could not be made in it. Also where that tree
 * carries no controller: being born in it is free, moving into it later costs
 * milliseconds, and cgroup.kill works on every tree. */
int cg_clone_fd(const struct cg *cg);

/* Move the calling, single-threaded process in: v1 `tasks`, which is cheap; v2
 * only if CLONE_INTO_CGROUP has not done it already. */
int cg_join(const struct cg *cg, struct err *e);
/* Move another process with all its threads (`cgroup.procs`; slow). */
int cg_join_pid(const struct cg *cg, pid_t pid, struct err *e);

/* Limits. Everything starts as "not set": use CG_LIMITS_INIT. The lists belong
 * to the struct: cg_limits_done releases them. */
#define CG_UNSET INT64_MIN
struct cg_limits {
    int64_t memory, memory_swap, memory_reservation; /* bytes, -1 unlimited;
                                   memory_swap is memory + swap, as Docker's */
    int64_t memory_kernel, memory_tcp;               /* bytes, v1 */
    int64_t memory_swappiness;                       /* 0..100, v1 */
    bool memory_check_before_update; /* v2: refuse a limit below the usage, as
                                      * v1's kernel does by itself */
    int64_t oom_kill_disable;        /* 1, v1 */
    int64_t cpu_quota, cpu_period;   /* microseconds */
    int64_t cpu_burst;               /* microseconds, at most the quota */
    int64_t cpu_rt_runtime, cpu_rt_period;   /* microseconds, v1 */
    int64_t cpu_shares;                      /* v1's 2..262144 */
    int64_t cpu_idle;                        /* 1: runs when nobody else does */
    char cpuset_cpus[128], cpuset_mems[128]; /* "0-1,3" or "" */
    int64_t pids;                            /* -1 unlimited */
    int64_t io_weight, io_leaf_weight;       /* 10..1000; leaf: v1 */
    struct strv io_weight_device;            /* "8:0 200" */
    struct strv io_leaf_weight_device;       /* "8:0 200", v1 */
    struct strv io_max;   /* "8:0 rbps=1048576 wiops=100" as v2 spells it */
    struct strv hugetlb;  /* "2MB=1048576": page size and bytes */
    struct strv rdma;     /* "mlx5_0 hca_handle=2 hca_object=2000" */
    int64_t net_class_id; /* v1 */
    struct strv net_priorities; /* "eth0 5", v1 */
    struct strv unified;        /* "memory.high=1000000", v2 alone */
    bool strict;                /* nothing is passed over, see below */
};
#define CG_LIMITS_INIT                                                         \
    {                                                                          \
        .memory = CG_UNSET, .memory_swap = CG_UNSET,                           \
        .memory_reservation = CG_UNSET, .memory_kernel = CG_UNSET,             \
        .memory_tcp = CG_UNSET, .memory_swappiness = CG_UNSET,                 \
        .oom_kill_disable = CG_UNSET, .cpu_quota = CG_UNSET,                   \
        .cpu_period = CG_UNSET, .cpu_burst = CG_UNSET,                         \
        .cpu_rt_runtime = CG_UNSET, .cpu_rt_period = CG_UNSET,                 \
        .cpu_shares = CG_UNSET, .cpu_idle = CG_UNSET, .pids = CG_UNSET,        \
        .io_weight = CG_UNSET, .io_leaf_weight = CG_UNSET,                     \
        .net_class_id = CG_UNSET                                               \
    }
void cg_limits_done(struct cg_limits *limits);
/* Write what is set, on whichever version has it: one table. The group may be
 * new or running: values that depend on each other (memory and its sum with
 * swap, quota, period and burst) are written in the order that the kernel
 * accepts. Nothing is taken back where a later one is refused.
 * A limit whose controller this machine lacks is an error that names it.
 * Passed over in silence, as Docker passes over them with a warning: swap,
 * burst and io weights where the kernel was built without; on v2 what the
 * comments above say of v1, but for net_class_id and net_priorities, which
 * have a controller. With `strict` these are errors, too (-EOPNOTSUPP), unless
 * they ask for what is so anyway: no limit, no swap at all. `unified` is an
 * error on v1 (-EOPNOTSUPP). On v2 memory_swap needs memory beside it, and
 * cpu_period alone resets the quota: give both. Memory that is set to unlimited
 * takes the swap with it, where that is not given. -EBUSY: a memory limit below
 * what is in use. */
int cg_set_limits(const struct cg *cg, const struct cg_limits *limits,
                  struct err *e);

/* Counters; what the machine does not count stays 0. A limit that is not set
 * is UINT64_MAX. */
struct cg_stats {
    uint64_t memory_bytes, memory_peak_bytes, memory_limit_bytes;
    uint64_t memory_inactive_bytes; /* docker stats subtracts these */
    uint64_t oom_kills;
    uint64_t under_oom; /* v1: 1 while members wait for memory to be freed */
    uint64_t cpu_ns, cpu_user_ns, cpu_system_ns;
    uint64_t periods, throttled_periods, throttled_ns; /* with a quota */
    uint64_t pids, pids_limit;
    uint64_t io_read_bytes, io_write_bytes;
};
int cg_get_stats(const struct cg *cg, struct cg_stats *ret, struct err *e);
/* All that there is to know: cg_details.h. */

/* Freeze and thaw, waiting until the kernel says it is so. */
int cg_freeze(const struct cg *cg, struct err *e);
int cg_thaw(const struct cg *cg, struct err *e);
/* Is it frozen, or on the way there, by its own wish? */
bool cg_is_frozen(const struct cg *cg);

/* The pids in the group and below it, as this process numbers them. */
int cg_list_pids(const struct cg *cg, pid_t **ret, size_t *ret_n,
                 struct err *e);
/* SIGKILL to every member until none is left (v2: cgroup.kill). Thaws first: a
 * task frozen by v1 ignores SIGKILL. The group is for removal then:
 * some kernels (6.18) at once kill a child that is cloned into it later. */
int cg_kill(const struct cg *cg, struct err *e);

/* A descriptor that polls readable when the group met OOM (v1: an eventfd
 * registered with cgroup.event_control; v2: inotify on memory.events), and
 * possibly at other times: compare cg_stats.oom_kills. Non-blocking; read it
 * empty before polling again. Caller closes. */
int cg_watch_oom(const struct cg *cg, struct err *e);

/* Mount this machine's hierarchies on `target` below the new root, as Docker
 * does: v2 alone, or a tmpfs with one directory per hierarchy; read-only, so
 * that nobody inside moves its own limits, but for a privileged container. The
 * caller is in the group and in its new cgroup namespace already, if it gets
 * one (else v1's mounts show its group all the same), and `target` exists. */
int cg_mount(const struct cg *cg, int rootfd, const char *target, bool writable,
             struct err *e);

#endif
