/*
 * usage.h - how much lies in a directory.
 *
 *     uint64_t bytes = usage_below(engine->rootfd, "containers/ID/diff");
 *
 * The container may change its files while we look: a directory is opened where
 * its name was seen and never through a symbolic link, so that nothing outside
 * is counted; what cannot be read counts nothing. Only 13-engine includes this.
 */
#ifndef USAGE_H
#define USAGE_H

#include <stdint.h>

/* Bytes of all regular files below `name`, as ls(1) shows them. */
uint64_t usage_below(int parent, const char *name);

#endif
