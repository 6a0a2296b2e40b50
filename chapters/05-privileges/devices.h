/*
 * devices.h - which device nodes open(2) and mknod(2) may touch.
 */
#ifndef DEVICES_H
#define DEVICES_H

#include "cg.h"
#include "err.h"

#include <stdbool.h>

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
void device_rules_add(struct device_rules *rules, struct device_rule rule);
/* "c 1:3 rwm", "b 8:* r", "a" as --device-cgroup-rule says it. */
int device_rules_parse(struct device_rules *rules, const char *text,
                       struct err *e);
void device_rules_done(struct device_rules *rules);

/* Put them in force for the group: v1 devices.deny/devices.allow, v2 a BPF
 * program of type CGROUP_DEVICE attached to the group's directory. Without
 * either (user namespaces: mknod is impossible there anyway) nothing is done
 * and 0 returned. */
int device_rules_apply(const struct device_rules *rules, const struct cg *cg,
                       struct err *e);

#endif
