#include "volume_filter.h"

#include "field.h"

static bool fits_dangling(const void *volume, const char *value)
{
    bool unused = field_int(volume, "UsageData.RefCount", 0) == 0;
    return unused == list_filter_is_true(value);
}

static bool fits_driver(const void *volume, const char *value)
{
    return field_is(volume, "Driver", value);
}

static bool fits_label(const void *volume, const char *value)
{
    return list_filter_fits_label(json_object_get(volume, "Labels"), value);
}

static bool fits_name(const void *volume, const char *value)
{
    return list_filter_fits_pattern(field_string(volume, "Name"), value);
}

static const struct list_filter filters[] = {
    {"dangling", list_filter_is_bool, fits_dangling, false},
    {"driver",   NULL,                fits_driver,   false},
    {"label",    NULL,                fits_label,    true },
    {"name",     NULL,                fits_name,     false},
    {NULL,       NULL,                NULL,          false},
};

int volume_filter_check(const struct strv *said, struct err *e)
{
    return list_filter_check(filters, said, e);
}

bool volume_filter_fits(const struct strv *said, const json_t *volume)
{
    return list_filter_fits(filters, said, volume);
}
