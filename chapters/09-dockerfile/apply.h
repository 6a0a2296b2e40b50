/*
 * apply.h - an instruction becomes part of an image's configuration: ENV, CMD,
 * EXPOSE, LABEL ... all that make no layer.
 *
 * `config` is the object under "config" in the OCI image configuration
 * (github.com/opencontainers/image-spec, config.md), with Docker's additions:
 * Healthcheck, OnBuild, Shell.
 *
 *     bool is_cmd_set = false;                       // once for each stage
 *     const struct words w = {.escape = file.escape, .env = &env};
 *     int r = apply_instruction(config, &file.v[i], &w, &is_cmd_set, &e);
 *
 * Errors: -EINVAL, in Docker's words; `config` may then have part of the
 * instruction. Needs no privilege; fork-safe; nothing is kept.
 */
#ifndef APPLY_H
#define APPLY_H

#include "dockerfile.h"
#include "err.h"
#include "text.h"
#include "words.h"

#include <jansson.h>
#include <stdbool.h>

/* `w` says what variables stand for; NULL: they stay as they are written, and
 * quotes are taken off. ENTRYPOINT drops a command that was inherited, but none
 * that this stage has set: *is_cmd_set remembers (NULL: it has set none).
 * -EOPNOTSUPP: FROM, RUN, COPY and ADD make stages and layers, ARG a variable
 * of the build, and MAINTAINER is the image's "author", beside `config`. */
int apply_instruction(json_t *config, const struct dockerfile_instruction *i,
                      const struct words *w, bool *is_cmd_set, struct err *e);

/* Lines as import -c and commit -c take them, one after the other; variables
 * are those of the configuration. `lines` is a struct strv: this is what
 * image_import and image_commit call back. */
int apply_changes(void *lines, json_t *config, struct err *e);

#endif
