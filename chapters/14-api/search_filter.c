#include "search_filter.h"

#include "field.h"

static bool is_number(const char *value)
{
    int64_t unused;
    return text_to_i64(value, &unused) == 0;
}

static bool fits_official(const void *item, const char *value)
{
    return field_bool(item, "is_official") == list_filter_is_true(value);
}

static bool fits_automated(const void *item, const char *value)
{
    return field_bool(item, "is_automated") == list_filter_is_true(value);
}

static bool fits_stars(const void *item, const char *value)
{
    int64_t least = 0;
    text_to_i64(value, &least);
    return field_int(item, "star_count", 0) >= least;
}

static const struct list_filter filters[] = {
    {"is-automated", list_filter_is_bool, fits_automated, false},
    {"is-official",  list_filter_is_bool, fits_official,  false},
    {"stars",        is_number,           fits_stars,     true },
    {NULL,           NULL,                NULL,           false},
};

int search_filter_check(const struct strv *said, struct err *e)
{
    return list_filter_check(filters, said, e);
}

void search_filter_apply(const struct strv *said, json_t *found)
{
    for (size_t i = json_array_size(found); i-- > 0;)
        if (!list_filter_fits(filters, said, json_array_get(found, i)))
            json_array_remove(found, i);
}
