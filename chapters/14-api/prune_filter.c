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

int prune_filter_check(const struct prune_filter *filter, struct err *e)
{
    return list_filter_check(filters, &filter->said, e);
}

int prune_filter_check_volumes(const struct prune_filter *filter, struct err *e)
{
    return list_filter_check(volume_filters, &filter->said, e);
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
           prune_filter_any(step, arg);
}

bool prune_filter_volume(const json_t *volume, void *arg)
{
    const struct prune_filter *filter = arg;
    const char *all = list_filter_value(&filter->said, "all");
    bool is_wanted = filter->all || engine_volume_is_anonymous(volume) ||
                     (all != NULL && list_filter_is_true(all));
    return is_wanted && list_filter_fits(volume_filters, &filter->said, volume);
}
