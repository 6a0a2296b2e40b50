#include "event_filter.h"

#include "field.h"
#include "own.h"

#include <string.h>

static bool is_text(const char *text, const char *value)
{
    return text != NULL && strcmp(text, value) == 0;
}

static const char *attribute(const json_t *event, const char *name)
{
    return json_string_value(
        json_object_get(field_get(event, "Actor.Attributes"), name));
}

/* The beginning of an id or of a name, as Docker has it: of whatever kind of
 * thing the event is. */
static bool fits_actor(const void *event, const char *value)
{
    const char *id = field_string(event, "Actor.ID");
    const char *name = attribute(event, "name");
    return (id != NULL && text_starts(id, value)) ||
           (name != NULL && text_starts(name, value));
}

/* What these do is part of their name: "exec_create: sh". */
static bool fits_event(const void *event, const char *value)
{
    static const char *const open[] = {"health_status", "exec_create",
                                       "exec_start"};
    const char *action = field_string(event, "Action");
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        if (strcmp(value, open[i]) == 0)
            return action != NULL && text_starts(action, value);
    return is_text(action, value);
}

/* With the tag or without. */
static bool is_image(const char *name, const char *value)
{
    if (name == NULL)
        return false;
    const char *slash = strrchr(name, '/');
    size_t path = slash != NULL ? (size_t)(slash - name) : 0;
    size_t len = path + strcspn(name + path, ":");
    return strcmp(name, value) == 0 ||
           (strlen(value) == len && strncmp(name, value, len) == 0);
}

static bool fits_image(const void *event, const char *value)
{
    bool is_about = field_is(event, "Type", "image");
    return is_image(field_string(event, "Actor.ID"), value) ||
           is_image(attribute(event, is_about ? "name" : "image"), value);
}

static bool fits_label(const void *event, const char *value)
{
    return list_filter_fits_label(field_get(event, "Actor.Attributes"), value);
}

static bool fits_type(const void *event, const char *value)
{
    return field_is(event, "Type", value);
}

static bool fits_scope(const void *event, const char *value)
{
    return field_is(event, "scope", value);
}

static const struct list_filter filters[] = {
    {"config",    NULL, fits_actor, false},
    {"container", NULL, fits_actor, false},
    {"daemon",    NULL, fits_actor, false},
    {"event",     NULL, fits_event, false},
    {"image",     NULL, fits_image, false},
    {"label",     NULL, fits_label, true },
    {"network",   NULL, fits_actor, false},
    {"node",      NULL, fits_actor, false},
    {"plugin",    NULL, fits_actor, false},
    {"scope",     NULL, fits_scope, false},
    {"secret",    NULL, fits_actor, false},
    {"service",   NULL, fits_actor, false},
    {"type",      NULL, fits_type,  false},
    {"volume",    NULL, fits_actor, false},
    {NULL,        NULL, NULL,       false},
};

int event_filter_check(const struct strv *said, struct err *e)
{
    return list_filter_check(filters, said, e);
}

bool event_filter_fits(const struct strv *said, const json_t *event)
{
    return list_filter_fits(filters, said, event);
}
