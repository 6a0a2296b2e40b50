/*
 * shown.h - records as `docker inspect` shows them: no member is missing.
 *
 *     json_object_set_new(doc, "State",
 *         shown_complete(SHOWN_STATE, json_object_get(record->doc, "State")));
 *
 * Only 13-engine includes this.
 */
#ifndef SHOWN_H
#define SHOWN_H

#include <jansson.h>

enum shown_part {
    SHOWN_CONFIG,
    SHOWN_HOST_CONFIG,
    SHOWN_STATE,
    SHOWN_NETWORK_SETTINGS,
};

/* The members of that part of a container's document, where `said` (borrowed,
 * or NULL) has none with what holds then. The caller json_decref()s. */
json_t *shown_complete(enum shown_part part, const json_t *said);

#endif
