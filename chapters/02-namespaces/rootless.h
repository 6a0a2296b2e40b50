/*
 * rootless.h - may this process make a user namespace, and if not, why not?
 *
 * A user namespace is the one kind that needs no privilege (user_namespaces
 * (7)), and all rootless work begins with it. Whether it is to be had depends
 * on the kernel's configuration, on sysctls, on AppArmor and on the seccomp
 * filter of a container around us. All of them answer with the same two or
 * three error numbers, so this module tries it out and, if that fails, looks
 * for the cause:
 *
 *     struct err e;
 *     if (rootless_check(&e) < 0)
 *         fprintf(stderr, "%s\n", e.msg);    // the cause and its remedy
 *
 * Owns nothing. Needs no privilege; works on any kernel that proc.h works on.
 * Makes one child for the trial and reaps it: flush stdio before.
 */
#ifndef ROOTLESS_H
#define ROOTLESS_H

#include "err.h"

/* 0: yes, and with all capabilities inside. -ENOSPC: a limit. -EPERM: refused.
 * -EINVAL: the kernel has none. The message says what would help. */
int rootless_check(struct err *e);

#endif
