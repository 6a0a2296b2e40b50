/*
 * search.h - which repositories there are: Docker Hub's search, or a registry's
 * catalogue.
 *
 * A term is looked for at Docker Hub, which has an interface of its own for it
 * (GET /v1/search); one that begins with a registry's name in that registry's
 * catalogue (GET /v2/_catalog), which has names alone, and which many refuse.
 *
 *     json_auto_t *found = NULL;
 *     int r = search_images(&options, "localhost:5000/web", 25, &found, &e);
 *
 * An array of {name, description, star_count, is_official, is_automated}, as
 * GET /images/search answers. Caller json_decref()s. Errors: registry.h's.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "registry.h"

enum { SEARCH_USUAL = 25, SEARCH_MOST = 100 }; /* for `limit`: Docker's */
/* -EINVAL: the limit is below 1 or above SEARCH_MOST. */
int search_images(const struct registry_options *options, const char *term,
                  int64_t limit, json_t **ret, struct err *e);

/* The registry of a term, and where the rest of it begins. Caller frees. */
char *search_domain(const char *term, const char **ret_rest);

#endif
