/*
 * filter_option.h - the kind of the option --filter: NAME=VALUE, added to a
 * list, as list_filter.h wants it.
 *
 *     {"filter", 'f', &filter_option, "Filters", "Show only what fits"}
 */
#ifndef FILTER_OPTION_H
#define FILTER_OPTION_H

#include "option.h"

extern const struct option_kind filter_option;

#endif
