/*
 * pause.h - a container that stands still for a moment, and never for ever.
 *
 *     auto_pause struct pause pause = PAUSE_INIT;
 *     pause_start(&pause, "mini-docker/ID", &e);
 *     ... read its files; the end of the scope thaws it
 *
 * Whoever froze a container and was killed would leave it frozen, and its owner
 * waiting. So a child of ours waits at a pipe, and thaws it when that closes,
 * by whatever closed it. One that was frozen before stays so. Errors: those of
 * cg_freeze. Flush stdio before.
 *
 * Only 13-engine includes this.
 */
#ifndef PAUSE_H
#define PAUSE_H

#include "cg.h"

struct pause {
    struct cg cg;
    int pipe, pidfd; /* to the child that thaws */
};
#define auto_pause __attribute__((cleanup(pause_end)))
#define PAUSE_INIT                                                             \
    {                                                                          \
        .cg = CG_INIT, .pipe = -1, .pidfd = -1                                 \
    }

/* 0 too where there is no such group: it has ended. */
int pause_start(struct pause *pause, const char *group, struct err *e);
void pause_end(struct pause *pause);

#endif
