/*
 * health.h - private to this chapter: the flags of HEALTHCHECK as numbers.
 *
 *     const char *member;
 *     json_int_t number;
 *     health_read("interval", "5s", &member, &number, &e);
 *         => "Interval", 5000000000
 */
#ifndef HEALTH_H
#define HEALTH_H

#include "err.h"

#include <jansson.h>

/* The flag's member in a configuration's "Healthcheck", and its value there:
 * nanoseconds or a count. Both may be NULL. -EINVAL, in Docker's words. */
int health_read(const char *name, const char *value, const char **ret_member,
                json_int_t *ret, struct err *e);

#endif
