/*
 * event_filter.h - what `events --filter NAME=VALUE` asks of an event.
 *
 *     if (event_filter_check(&said, &e) < 0) ...
 *     if (event_filter_fits(&said, event)) ...
 *
 * Names, and how values are compared, are Docker's: list_filter.h. Errors are
 * those of list_filter_check. Needs nothing.
 */
#ifndef EVENT_FILTER_H
#define EVENT_FILTER_H

#include "list_filter.h"

int event_filter_check(const struct strv *said, struct err *e);
/* `event` is an element of GET /events. */
bool event_filter_fits(const struct strv *said, const json_t *event);

#endif
