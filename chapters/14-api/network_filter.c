#include "network_filter.h"

#include "engine.h"
#include "field.h"

#include <errno.h>
#include <string.h>

static bool is_predefined(const json_t *network)
{
    return engine_network_is_predefined(field_string(network, "Name"));
}

static bool fits_dangling(const void *network, const char *value)
{
    bool unused = !is_predefined(network) &&
                  json_object_size(json_object_get(network, "Containers")) == 0;
    return unused == list_filter_is_true(value);
}

static bool fits_driver(const void *network, const char *value)
{
    return field_is(network, "Driver", value);
}

static bool fits_id(const void *network, const char *value)
{
    return list_filter_fits_pattern(field_string(network, "Id"), value);
}

static bool fits_label(const void *network, const char *value)
{
    return list_filter_fits_label(json_object_get(network, "Labels"), value);
}

static bool fits_name(const void *network, const char *value)
{
    return list_filter_fits_pattern(field_string(network, "Name"), value);
}

static bool fits_scope(const void *network, const char *value)
{
    return field_is(network, "Scope", value);
}

/* In the words that Docker has for this filter alone. */
static int check_types(const struct strv *said, struct err *e)
{
    static const char name[] = "type=";
    for (size_t i = 0; i < said->n; i++) {
        const char *type = said->v[i] + strlen(name);
        if (text_starts(said->v[i], name) && strcmp(type, "custom") != 0 &&
            strcmp(type, "builtin") != 0)
            return err_set(e, EINVAL, "invalid filter: 'type'='%s'", type);
    }
    return 0;
}

static bool fits_type(const void *network, const char *value)
{
    return is_predefined(network) == (strcmp(value, "builtin") == 0);
}

static const struct list_filter filters[] = {
    {"dangling", list_filter_is_bool, fits_dangling, false},
    {"driver",   NULL,                fits_driver,   false},
    {"id",       NULL,                fits_id,       false},
    {"label",    NULL,                fits_label,    true },
    {"name",     NULL,                fits_name,     false},
    {"scope",    NULL,                fits_scope,    false},
    {"type",     NULL,                fits_type,     false},
    {NULL,       NULL,                NULL,          false},
};

int network_filter_check(const struct strv *said, struct err *e)
{
    int r = list_filter_check(filters, said, e);
    return r < 0 ? r : check_types(said, e);
}

bool network_filter_fits(const struct strv *said, const json_t *network)
{
    return list_filter_fits(filters, said, network);
}
