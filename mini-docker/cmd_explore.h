/*
 * cmd_explore.h - private to cmd_explore*.c: the looks of what chapter 08's
 * explore.h tells.
 *
 * A look prints an image (all its layers) or one path's story to a stream.
 */
#ifndef CMD_EXPLORE_H
#define CMD_EXPLORE_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

int cmd_explore_text(const json_t *image, FILE *out, struct err *e);
void cmd_explore_text_path(const json_t *story, FILE *out);

/* One page that needs nothing besides itself. `story` may be NULL. */
void cmd_explore_html(const json_t *image, const json_t *story, FILE *out);

/* The largest changes of a layer, what was removed before all; directories that
 * were only added are left out. An array of at most `most`; *ret_more is how
 * many are not in it. The caller json_decref()s. */
json_t *cmd_explore_changes(const json_t *layer, size_t most, size_t *ret_more);
/* How much of the image's bytes can be seen, in per cent. */
double cmd_explore_efficiency(const json_t *image);
/* The image's first name, or its id. */
const char *cmd_explore_name(const json_t *image);

#endif
