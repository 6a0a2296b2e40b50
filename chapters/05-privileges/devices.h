/*
 * devices.h - which device nodes open(2) and mknod(2) may touch.
 *
 * A container's root may make device nodes, and a node of the host's disk is
 * the disk. So the group has a list of the devices its members may use: cgroup
 * v1 in the files of its devices controller (Documentation/admin-guide/
 * cgroup-v1/devices.rst), v2 as a program that judges each attempt
 * (BPF_PROG_TYPE_CGROUP_DEVICE, bpf(2) and cgroup-v2.rst).
 *
 *     auto_device_rules struct device_rules rules = {0};
 *     device_rules_add_default(&rules);
 *     device_rules_parse(&rules, "c 10:229 rwm", &e);
 *     device_rules_apply(&rules, &cg, &e);
 *
 * The list belongs to the caller (auto_device_rules); the kernel keeps its own
 * copy with the group. Errors: -EINVAL for a rule that cannot be read, -EPERM
 * where the group above does not allow what is to be allowed. Needs root; v2
 * needs Linux 4.15 with CONFIG_CGROUP_BPF. Fork-safe.
 */
#ifndef DEVICES_H
#define DEVICES_H

#include "cg.h"
#include "err.h"

#include <stdbool.h>

/* Of the rules that speak of a device and an access, the last one decides;
 * where none does, it is denied. Type 'a' is every device and every access,
 * whatever else the rule says, as the kernel has it. */
struct device_rule {
    bool allow;
    char type;            /* 'a' (all), 'b', 'c' */
    int64_t major, minor; /* -1 is any */
    char access[4];       /* some of "rwm" */
};
struct device_rules {
    struct device_rule *v;
    size_t n;
};
#define auto_device_rules __attribute__((cleanup(device_rules_done)))

/* Docker's default: deny all; mknod of any; the six nodes, the console, ptmx
 * and pts read, write and mknod. */
void device_rules_add_default(struct device_rules *rules);
/* The same without the denial of all that it begins with. */
void device_rules_add_nodes(struct device_rules *rules);
void device_rules_add(struct device_rules *rules, struct device_rule rule);
/* Allow "c 1:3 rwm", "b 8:* r", "a", as --device-cgroup-rule says it. */
int device_rules_parse(struct device_rules *rules, const char *text,
                       struct err *e);
void device_rules_done(struct device_rules *rules);

/* Put them in force for the group: v1 devices.deny/devices.allow, v2 a BPF
 * program of type CGROUP_DEVICE attached to the group's directory. Without
 * either (user namespaces, where nodes can be neither made nor used; a kernel
 * that has no such programs) nothing is done and 0 returned. -EINVAL where v1
 * cannot express the rules: a denied device among those that one rule allows by
 * "*", or the other way round. */
int device_rules_apply(const struct device_rules *rules, const struct cg *cg,
                       struct err *e);

#endif
