/*
 * search_filter.h - which of the images that were found are meant.
 *
 *     is-official=BOOL  is-automated=BOOL  stars=NUMBER: at least
 *
 * Errors are those of list_filter.h. Needs nothing.
 */
#ifndef SEARCH_FILTER_H
#define SEARCH_FILTER_H

#include "list_filter.h"

int search_filter_check(const struct strv *said, struct err *e);
/* Leave of what search_images found (search.h) only what fits. */
void search_filter_apply(const struct strv *said, json_t *found);

#endif
