/*
 * scratch.h - a mount namespace and an empty file system of a test's own.
 *
 *     scratch_enter();                     // or scratch_enter_sized("2m")
 *     mkdir(SCRATCH "/layer", 0755);
 *
 * Check forks for each test, so the namespace, with all that was mounted in
 * it, ends with the test. Nothing of it is seen outside.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "contract.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

#define SCRATCH "/mnt"

static inline void scratch_enter_sized(const char *size)
{
    char options[64];
    snprintf(options, sizeof options, "mode=0755,size=%s", size);
    contract_needs(unshare(CLONE_NEWNS) == 0, "mount namespaces need root");
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mount("scratch", SCRATCH, "tmpfs", 0, options), 0);
}

static inline void scratch_enter(void)
{
    scratch_enter_sized("256m");
}

#endif
