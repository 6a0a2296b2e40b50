#include "prune_filter.h"

#include "engine.h"
#include "field.h"

static bool has_label(const void *item, const char *value)
{
    return list_filter_fits_label(json_object_get(item, "Labels"), value);
}

static bool lacks_label(const void *item, const char *value)
{
    return !has_label(item, value);
}

static bool is_older(const void *item, const char *value)
{
    return field_int(item, "Created", 0) < list_filter_time(value);
}

static const struct list_filter filters[] = {
    {"until",  list_filter_is_time, is_older,    true },
    {"label",  NULL,                has_label,   true },
    {"label!", NULL,                lacks_label, true },
    {NULL,     NULL,                NULL,        false},
};

/* all=1 is the same as asking for all of them. */
static bool is_meant(const void *volume, const char *value)
{
    return list_filter_is_true(value) || engine_volume_is_anonymous(volume);
}

static const struct list_filter volume_filters[] = {
    {"all",    list_filter_is_bool, is_meant,    false},
    {"label",  NULL,                has_label,   true },
    {"label!", NULL,                lacks_label, true },
    {NULL,     NULL,                NULL,        false},
};

static bool fits_id(const void *step, const char *value)
{
    return list_filter_fits_pattern(field_string(step, "ID"), value);
}

static bool fits_type(const void *step, const char *value)
{
    return field_is(step, "Type", value);
}

static bool fits_description(const void *step, const char *value)
{
    return field_is(step, "Description", value);
}

static bool fits_in_use(const void *step, const char *value)
{
    return field_bool(step, "InUse") == list_filter_is_true(value);
}

static bool fits_shared(const void *step, const char *value)
{
    return field_bool(step, "Shared") == list_filter_is_true(value);
}

static bool fits_private(const void *step, const char *value)
{
    return !fits_shared(step, value);
}

static const struct list_filter build_filters[] = {
    {"until",       list_filter_is_time, is_older,         true },
    {"unused-for",  list_filter_is_time, is_older,         true },
    {"label",       NULL,                has_label,        true },
    {"label!",      NULL,                lacks_label,      true },
    {"id",          NULL,                fits_id,          false},
    {"type",        NULL,                fits_type,        false},
    {"description", NULL,                fits_description, false},
    {"inuse",       list_filter_is_bool, fits_in_use,      false},
    {"shared",      list_filter_is_bool, fits_shared,      false},
    {"private",     list_filter_is_bool, fits_private,     false},
    {"parent",      NULL,                NULL,             false},
    {NULL,          NULL,                NULL,             false},
};

int prune_filter_check(const struct prune_filter *filter, struct err *e)
{
    return list_filter_check(filters, &filter->said, e);
}

int prune_filter_check_volumes(const struct prune_filter *filter, struct err *e)
{
    return list_filter_check(volume_filters, &filter->said, e);
}

int prune_filter_check_builds(const struct prune_filter *filter, struct err *e)
{
    return list_filter_check(build_filters, &filter->said, e);
}

bool prune_filter_any(const json_t *item, void *arg)
{
    const struct prune_filter *filter = arg;
    return list_filter_fits(filters, &filter->said, item);
}

bool prune_filter_image(const json_t *image, void *arg)
{
    const struct prune_filter *filter = arg;
    bool is_dangling = json_array_size(json_object_get(image, "RepoTags")) == 0;
    return (filter->all || is_dangling) && prune_filter_any(image, arg);
}

/* What an image has, too, takes up nothing: it goes with all. */
bool prune_filter_build(const json_t *step, void *arg)
{
    const struct prune_filter *filter = arg;
    return (filter->all || !field_bool(step, "Shared")) &&
           list_filter_fits(build_filters, &filter->said, step);
}

bool prune_filter_volume(const json_t *volume, void *arg)
{
    const struct prune_filter *filter = arg;
    const char *all = list_filter_value(&filter->said, "all");
    bool is_wanted = filter->all || engine_volume_is_anonymous(volume) ||
                     (all != NULL && list_filter_is_true(all));
    return is_wanted && list_filter_fits(volume_filters, &filter->said, volume);
}
