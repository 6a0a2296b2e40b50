/*
 * attack.h - how the attack programs say what the kernel answered.
 *
 * "open /x: worked" or "open /x: EROFS". They prove that something could be
 * done, and do not do it: a file is opened and not written to.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `result` is what a function of the C library returned. */
static inline bool attack_answer(const char *what, long result)
{
    printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "worked");
    fflush(stdout);
    return result >= 0;
}

#endif
