/*
 * snap_many.h - private, second reading: more layers than one page of mount
 * options can name.
 */
#ifndef SNAP_MANY_H
#define SNAP_MANY_H

#include "snap.h"

int snap_mount_many(const struct snap *snap, const struct strv *options,
                    const char *merged, struct err *e);
#endif
