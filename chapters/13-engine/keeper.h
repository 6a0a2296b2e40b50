/*
 * keeper.h - private: a child of ours that outlives us.
 *
 * It has no terminal and no standard streams of ours, dies of no signal that
 * is meant for us, and holds no descriptor but those that it needs.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include "record.h"

/* Start it: in the child `work` is called, with its end of a connection
 * (frame.h) to us; `lock` (or -1) is shared with it. In the parent, our end,
 * which the caller closes; or -errno. */
int keeper_start(const struct engine *engine, int lock,
                 void (*work)(void *arg, int client), void *arg, struct err *e);

/* Close every descriptor above the standard streams but these. */
void keeper_close_but(const int *kept, size_t n);

#endif
