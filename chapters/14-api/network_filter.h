/*
 * network_filter.h - which networks are meant: filters of a list of them.
 *
 *     dangling=BOOL  driver=  id=REGEX  label=KEY[=VALUE]  name=REGEX  scope=
 *     type=custom or builtin
 *
 * Errors are those of list_filter.h. Needs nothing.
 */
#ifndef NETWORK_FILTER_H
#define NETWORK_FILTER_H

#include "list_filter.h"

int network_filter_check(const struct strv *said, struct err *e);
/* `network` as engine_networks lists it. */
bool network_filter_fits(const struct strv *said, const json_t *network);

#endif
