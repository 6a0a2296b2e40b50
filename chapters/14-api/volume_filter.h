/*
 * volume_filter.h - which volumes are meant: filters of a list of them.
 *
 *     dangling=BOOL  driver=  label=KEY[=VALUE]  name=REGEX
 *
 * Errors are those of list_filter.h. Needs nothing.
 */
#ifndef VOLUME_FILTER_H
#define VOLUME_FILTER_H

#include "list_filter.h"

int volume_filter_check(const struct strv *said, struct err *e);
/* `volume` as engine_volumes lists it, for dangling= with its references. */
bool volume_filter_fits(const struct strv *said, const json_t *volume);

#endif
