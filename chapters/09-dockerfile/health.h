/*
 * health.h - HEALTHCHECK: how to see that a container is well.
 *
 * An image's configuration has it as "Healthcheck", an object that Docker's API
 * calls HealthConfig (OCI image specification, "Image Configuration": what the
 * specification leaves to Docker). Dockerfiles, `import -c` and `commit -c` say
 * it as an instruction, `run` as options of the same names with "health-"
 * before them: this table has the names of both.
 *
 *     const char *name;
 *     json_int_t number;
 *     health_read("interval", "5s", &name, &number, &e);
 *         => "Interval", 5000000000
 *
 * Errors: -EINVAL, in Docker's words. Needs nothing; fork-safe.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>

struct health_member {
    const char *option; /* "interval" of --interval=5s */
    const char *name;   /* "Interval" in HealthConfig */
    bool is_time;       /* nanoseconds there; else a count */
};
extern const struct health_member health_members[]; /* one without a name ends
                                                       it */
/* No time but 0 may be shorter. */
enum { HEALTH_LEAST_NS = 1000000 };

/* What --OPTION=VALUE is in HealthConfig: the member's name, and nanoseconds or
 * a count; 0 of an empty value. */
int health_read(const char *option, const char *value, const char **ret_name,
                json_int_t *ret, struct err *e);

#endif
