/*
 * state.h - times in API documents, and a container's status in words.
 *
 * Only 13-engine includes this.
 */
#ifndef STATE_H
#define STATE_H

#include <jansson.h>
#include <stdint.h>

/* Now, as RFC 3339 with nanoseconds in UTC, as Docker writes times. */
json_t *state_now(void);
/* Back to seconds since 1970; 0 for anything else. */
int64_t state_time(const char *text);
/* "Up 3 seconds", "Exited (0) 2 minutes ago", "Created"; caller frees. */
char *state_status(const json_t *doc);

#endif
