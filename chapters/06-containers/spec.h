/*
 * spec.h - what a container shall be, completely, before anything is done.
 *
 * A plain struct, filled in by whoever knows what is wanted: the engine from an
 * API document, a test by hand. Its parts are those of config.json in the OCI
 * runtime specification (github.com/opencontainers/runtime-spec, "config.md"):
 * process, root, mounts, namespaces, id maps, resources, devices, paths. Each
 * is described in the header of the chapter that makes it real: mnt.h, caps.h,
 * cg.h ...
 *
 *     auto_spec struct spec spec = SPEC_INIT;
 *     strv_add(&spec.process.args, "sh");
 *     spec.process.cwd = own_strdup("/");
 *     spec.process.caps = caps_for_user(caps_default(), 0);
 *     spec.root.path = own_strdup("/srv/tree");
 *     spec.new_namespaces = NS_BIT(NS_MOUNT) | NS_BIT(NS_PID);
 *     mnt_list_add(&spec.mounts, "proc", "/proc", "proc", "nosuid", &e);
 *     if (spec_check(&spec, &e) < 0) ...        // ctr_create does it as well
 *
 * SPEC_INIT is a spec that asks for nothing: no namespace, no group, no limit,
 * no capability, and that is refused, since it has no program and no root.
 *
 * Ownership: the spec owns every string, list and array in it, all from
 * malloc(3); spec_done (auto_spec) releases them and leaves SPEC_INIT. What
 * `root.arg` points to stays the caller's. Nothing here makes a system call:
 * no privilege, any kernel, fork-safe.
 */
#ifndef SPEC_H
#define SPEC_H

#include "caps.h"
#include "cg.h"
#include "dev.h"
#include "devices.h"
#include "err.h"
#include "filter.h"
#include "idmap.h"
#include "limits.h"
#include "mnt.h"
#include "ns.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SPEC_MAX_GROUPS 64
#define SPEC_MAX_LIMITS 16

/* How the processor is shared out: sched_setattr(2), whose fields these are.
 * Times in nanoseconds. */
struct spec_scheduler {
    uint32_t policy; /* SCHED_OTHER ... */
    int32_t nice;
    uint32_t priority;
    uint64_t flags;
    uint64_t runtime, deadline, period;
};

/* Processors, sched_setaffinity(2): bit N is number N. */
#define SPEC_MAX_CPUS 1024
struct spec_cpus {
    bool set;
    unsigned long mask[SPEC_MAX_CPUS / 8 / sizeof(unsigned long)];
};

/* The process: who it is and what it may do. Ids are those inside. */
struct spec_process {
    struct strv args, env; /* env is all it gets; PATH finds args[0] */
    char *cwd;             /* absolute; created if missing, unless: */
    bool cwd_exists;       /* ... it is an error then */
    bool keep_keyring;     /* the session keyring is the caller's */
    uid_t uid;
    gid_t gid;
    gid_t groups[SPEC_MAX_GROUPS]; /* all of them: setgroups(2) */
    size_t n_groups;
    mode_t umask;
    struct caps caps;
    struct limit limits[SPEC_MAX_LIMITS];
    size_t n_limits;
    bool no_new_privs;
    bool has_oom_score_adj;
    int oom_score_adj;    /* -1000..1000 */
    struct filter filter; /* n == 0: none */
    bool has_scheduler;
    struct spec_scheduler scheduler;
    struct spec_cpus first_cpus, cpus; /* exec alone: where it runs before
                                        * and after it enters the group */
    bool has_io_priority;
    int io_priority; /* class and level: IOPRIO_PRIO_VALUE, ioprio_set(2) */
    bool has_personality;
    unsigned long personality; /* PER_LINUX32 ..., personality(2) */
    char *apparmor, *selinux;  /* profile, label at execve; NULL: none */
    bool terminal;             /* 0, 1, 2 are a new terminal, its leader */
    uint16_t rows, columns;    /* of the terminal; 0 leaves it */
    unsigned int keep_fds;     /* 3 .. 3+n-1 stay open: sd_listen_fds(3) */
};

/* Clocks of a new time namespace, time_namespaces(7). */
struct spec_time_offset {
    bool set;
    int64_t seconds;
    uint32_t nanoseconds;
};

/* Ids for one mount (option "idmap" or "ridmap"): a file of user `inside` seems
 * to be `outside`'s. Without an entry here such a mount has the container's. */
struct spec_mount_ids {
    char *target; /* as in the list of mounts: "/data" */
    struct idmap uids, gids;
};

/* The root: either a directory, or mounted by a higher chapter's callback in
 * the new mount namespace before anything else is (knowledge that lives above
 * comes down as a function). */
struct spec_root {
    char *path;                             /* absolute, on the host */
    int (*mount)(void *arg, struct err *e); /* NULL, or mounts on `path` */
    void *arg;
    bool readonly;
    bool no_pivot;             /* chroot instead, where "/" is an initramfs */
    unsigned long propagation; /* MS_SHARED | MS_REC ...; 0 is private */
};

struct spec {
    char *hostname, *domainname; /* NULL leaves it */
    struct spec_process process;
    struct spec_root root;
    unsigned int new_namespaces; /* NS_BIT()s to create */
    char *join_paths[NS_COUNT];  /* or join these, "/proc/7/ns/net"; NULL is
                                  * neither: the caller's own */
    struct idmap uids, gids;     /* with NS_USER in new_namespaces */
    struct spec_time_offset monotonic, boottime; /* with a new NS_TIME */
    struct mnt_list mounts;                      /* in order */
    struct spec_mount_ids *mount_ids;            /* spec_map_mount */
    size_t n_mount_ids;
    bool mount_cgroups;           /* at /sys/fs/cgroup; with cgroup */
    bool cgroups_writable;        /* else that mount is read-only */
    struct strv masked, readonly; /* paths inside, absolute */
    struct dev_node *devices;     /* beyond the default six */
    size_t n_devices;
    struct device_rules rules;
    bool default_dev;     /* populate /dev */
    struct strv sysctls;  /* "net.core.somaxconn=1024" */
    char *cgroup;         /* path below each mount; NULL: none, so that neither
                           * limits nor device rules hold */
    bool cgroup_optional; /* go on without one where none may be made */
    struct cg_limits limits;
    struct strv skipped; /* steps left out, by name: ctr_find_optional */
};

#define auto_spec __attribute__((cleanup(spec_done)))
#define SPEC_INIT                                                              \
    {                                                                          \
        .limits = CG_LIMITS_INIT, .process = {.umask = 0022 }                  \
    }
void spec_done(struct spec *spec);
void spec_process_done(struct spec_process *process);

/* Give the mount on `target`, which is in the list and a bind, ids of its own;
 * it need not have the option "idmap" for that. -ENOENT, -EINVAL. */
int spec_map_mount(struct spec *spec, const char *target,
                   const struct idmap *uids, const struct idmap *gids,
                   struct err *e);

/* Everything that can be refused before a process exists: args empty, cwd not
 * absolute, sysctl outside its namespace ... The message names the field. 0, or
 * -EINVAL, -EPERM (a sysctl of the whole machine), -E2BIG, -ENOTSUP. */
int spec_check(const struct spec *spec, struct err *e);

#endif
