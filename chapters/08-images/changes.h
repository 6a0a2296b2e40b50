/*
 * changes.h - private to this chapter: "CMD sh" and its like, as import -c
 * takes them, become part of an image's configuration.
 */
#ifndef CHANGES_H
#define CHANGES_H

#include "err.h"
#include "text.h"

#include <jansson.h>

/* Apply one line to `config`, the object under "config" in the image
 * configuration. -EINVAL, in Docker's words. */
int changes_apply(json_t *config, const char *line, struct err *e);
/* One after the other; `lines` may be NULL. */
int changes_apply_all(json_t *config, const struct strv *lines, struct err *e);

#endif
