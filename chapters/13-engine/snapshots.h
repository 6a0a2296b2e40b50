/*
 * snapshots.h - does this state root have overlays, or copies?
 *
 * Nobody asks before it is needed: a container's start says so by failing. Then
 * it is tried out (snap_try), and what came of it is kept in
 * ROOT/cache/snapshots, "copy RELEASE", for as long as this kernel runs.
 *
 * Only 13-engine includes this.
 */
#ifndef SNAPSHOTS_H
#define SNAPSHOTS_H

#include "record.h"

bool snapshots_are_copies(const struct engine *engine);

/* A start failed with `code`. Was it for want of an overlay, and will copies do
 * from now on? */
bool snapshots_learn(struct engine *engine, int code);

#endif
