/*
 * fault.h - making the n-th call fail, to see what is left behind.
 *
 *     MINI_DOCKER_FAULT=mount:3:EIO      the third mount returns -EIO
 *     MINI_DOCKER_FAULT=mount:3:kill     the process dies at the third mount
 *     MINI_DOCKER_FAULT=*:17:ENOMEM      the seventeenth call of any kind
 *
 * The count runs across sys_clone3, so that the n-th call of parent and child
 * together is meant. A test that walks n from 1 until the run succeeds has
 * visited every call that there is (SQLite tests its own I/O this way).
 */
#ifndef FAULT_H
#define FAULT_H

#include "err.h"

/* Arm the fault that `wish` describes; NULL or "" arms none. -EINVAL when it
 * is not CALL:N:ERRNO or CALL:N:kill. */
int fault_open(const char *wish, struct err *e);

#endif
