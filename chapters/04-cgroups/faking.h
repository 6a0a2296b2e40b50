/*
 * faking.h - what this chapter's unit tests share: groups whose directories are
 * numbers, so that it shows who is written to.
 */
#ifndef FAKING_H
#define FAKING_H

#include "cg.h"

#include <stdio.h>
#include <string.h>

/* What was written, in order: "dir file value; ". */
#define FAKING_LOG 1024
static inline void faking_log(char log[FAKING_LOG], int dir, const char *file,
                              const char *value)
{
    size_t used = strlen(log);
    snprintf(log + used, FAKING_LOG - used, "%d %s %s; ", dir, file, value);
}

/* v1 in the directories 10 (memory), 11 (cpu) ...; v2 in 20 alone. */
static inline struct cg faking_on_v1(void)
{
    struct cg cg = CG_INIT;
    cg.layout.n = CG_COUNT;
    for (int c = 0; c < CG_COUNT; c++) {
        cg.layout.v[c].version = 1;
        cg.layout.where[c] = (int8_t)c;
        cg.dirs[c] = 10 + c;
    }
    return cg;
}

static inline struct cg faking_on_v2(void)
{
    struct cg cg = CG_INIT;
    cg.layout.n = 1;
    cg.layout.v[0].version = 2;
    cg.dirs[0] = 20;
    cg.layout.where[CG_NET_CLS] = cg.layout.where[CG_NET_PRIO] = -1;
    return cg;
}

#endif
