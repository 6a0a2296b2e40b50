/*
 * devices_parts.h - what the files of devices.h share among themselves.
 *
 * A rule list becomes either lines for cgroup v1's files or a program for
 * cgroup v2 (linux/bpf.h, BPF_PROG_TYPE_CGROUP_DEVICE). Compiling needs no
 * privilege, so it is apart from attaching, and a test can run the program.
 */
#ifndef DEVICES_PARTS_H
#define DEVICES_PARTS_H

#include "devices.h"

struct bpf_insn;

/* devices_flat.c: the same effect as a rule for all devices and exceptions from
 * it, none of which undoes another. What no rule speaks of is denied. -EINVAL
 * for what v1 cannot express. `ret` is replaced. */
int device_rules_flatten(const struct device_rules *rules,
                         struct device_rules *ret, struct err *e);

/* devices_v1.c: "c 1:3 rwm", as v1's files and messages have it. */
#define DEVICE_RULE_TEXT 64
void device_rules_format(const struct device_rule *rule,
                         char out[DEVICE_RULE_TEXT]);
/* Write the rules to the group's devices.deny and .allow. */
int device_rules_write_v1(const struct device_rules *rules, int dir,
                          struct err *e);

/* devices_bpf.c: the program that judges by these rules. The caller frees the
 * instructions. Returns their number. */
size_t device_rules_compile(const struct device_rules *rules,
                            struct bpf_insn **ret);
/* Load it and attach it to the v2 group `dir`. 0 also where this kernel or
 * this user namespace has no such programs. */
int device_rules_attach(const struct device_rules *rules, int dir,
                        struct err *e);

#endif
