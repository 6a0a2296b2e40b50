/*
 * facts.h - what `info` and `doctor` know of this machine and of its user.
 *
 * Both read it here, so that they never contradict each other. It is gathered
 * by looking alone: nothing is made, and no privilege is needed.
 *
 *     struct facts facts;
 *     facts_gather(&facts);
 *
 * Plain bytes. What cannot be read is not there. Only 13-engine includes this.
 */
#ifndef FACTS_H
#define FACTS_H

#include "cg_survey.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct facts {
    uid_t user; /* who runs us; not 0: containers are "rootless" */
    struct cg_survey groups;
    bool has_seccomp; /* the kernel takes filters */
    bool is_filtered; /* a filter of somebody's is upon us already */
    bool has_apparmor;
    bool has_selinux, selinux_enforces;
};
void facts_gather(struct facts *ret);

/* Whom an ordinary user has to thank for his limits: "cgroupfs", or "none". */
const char *facts_cgroup_driver(const struct facts *facts);
/* docker info's "Security Options" and its warnings, as arrays of strings. */
json_t *facts_security_options(const struct facts *facts);
json_t *facts_warnings(const struct facts *facts);
/* Add what can be limited: MemoryLimit, SwapLimit ... as GET /info has it. */
void facts_add_limits(const struct facts *facts, json_t *info);

/* What would let this user make control groups: a command. */
const char *facts_cgroup_remedy(const struct facts *facts);

#endif
