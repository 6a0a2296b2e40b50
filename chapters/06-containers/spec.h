/*
 * spec.h - what a container shall be, completely, before anything is done.
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
#include <sys/types.h>

#define SPEC_MAX_GROUPS 64
#define SPEC_MAX_LIMITS 16

/* The process: who it is and what it may do. */
struct spec_process {
    struct strv args, env;
    char *cwd; /* absolute; created if missing */
    uid_t uid;
    gid_t gid;
    gid_t groups[SPEC_MAX_GROUPS];
    size_t n_groups;
    mode_t umask;
    struct caps caps;
    struct limit limits[SPEC_MAX_LIMITS];
    size_t n_limits;
    bool no_new_privs;
    bool has_oom_score_adj;
    int oom_score_adj;    /* -1000..1000 */
    struct filter filter; /* n == 0: none */
};

/* The root: either a directory, or mounted by a higher chapter's callback in
 * the new mount namespace before anything else is (knowledge that lives above
 * comes down as a function). */
struct spec_root {
    char *path;
    int (*mount)(void *arg, struct err *e);
    void *arg;
    bool readonly;
    unsigned long propagation;
};

struct spec {
    char *hostname, *domainname; /* NULL leaves it */
    struct spec_process process;
    struct spec_root root;
    unsigned int new_namespaces;  /* NS_BIT()s to create */
    char *join_paths[NS_COUNT];   /* or join these, NULL for neither */
    struct idmap uids, gids;      /* with NS_USER in new_namespaces */
    struct mnt_list mounts;       /* in order */
    bool mount_cgroups;           /* at /sys/fs/cgroup, read-only */
    struct strv masked, readonly; /* paths */
    struct dev_node *devices;     /* beyond the default six */
    size_t n_devices;
    struct device_rules rules;
    bool default_dev;    /* populate /dev */
    struct strv sysctls; /* "net.core.somaxconn=1024" */
    char *cgroup;        /* path below each mount; NULL: none */
    struct cg_limits limits;
};

#define auto_spec __attribute__((cleanup(spec_done)))
#define SPEC_INIT                                                              \
    {                                                                          \
        .limits = CG_LIMITS_INIT, .process = {.umask = 0022 }                  \
    }
void spec_done(struct spec *spec);

/* Everything that can be refused before a process exists: args empty, cwd not
 * absolute, sysctl outside its namespace ... The message names the field. */
int spec_check(const struct spec *spec, struct err *e);

#endif
