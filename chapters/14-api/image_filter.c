#include "image_filter.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

/* One image, and what it is compared with. */
struct item {
    const struct image *image;
    const json_t *times;
};

static const json_t *labels_of(const struct item *item)
{
    return field_get(item->image->config, "config.Labels");
}

static bool fits_dangling(const void *arg, const char *value)
{
    const struct item *item = arg;
    return (item->image->names.n == 0) == list_filter_is_true(value);
}

static bool fits_label(const void *arg, const char *value)
{
    return list_filter_fits_label(labels_of(arg), value);
}

static bool lacks_label(const void *arg, const char *value)
{
    return !fits_label(arg, value);
}

/* As image_compare_age compares with the image that `name` finds. */
static int compare_age(const struct item *item, const char *name)
{
    struct image other = {0};
    json_int_t seconds = 0, nanoseconds = 0;
    json_unpack(json_object_get(item->times, name), "[I, I]", &seconds,
                &nanoseconds);
    other.created.tv_sec = seconds;
    other.created.tv_nsec = nanoseconds;
    return image_compare_age(item->image, &other);
}

static bool fits_before(const void *arg, const char *value)
{
    const struct item *item = arg;
    return compare_age(item, value) < 0;
}

static bool fits_since(const void *arg, const char *value)
{
    const struct item *item = arg;
    return compare_age(item, value) > 0;
}

static bool fits_until(const void *arg, const char *value)
{
    const struct item *item = arg;
    return item->image->created.tv_sec < list_filter_time(value);
}

/* "busybox:latest" fits the patterns "busybox", "busybox:latest", "b*". */
static bool fits_pattern(const char *name, const char *pattern)
{
    if (fnmatch(pattern, name, FNM_PATHNAME) == 0)
        return true;
    const char *colon = strrchr(name, ':');
    size_t len = colon == NULL ? strlen(name) : (size_t)(colon - name);
    auto_free char *repository = text_format("%.*s", (int)len, name);
    return fnmatch(pattern, repository, FNM_PATHNAME) == 0;
}

/* As Go's path.Match reads it: what follows a backslash is itself, and a class
 * has an end, and something in it. */
static bool is_pattern(const char *pattern)
{
    bool in_class = false;
    for (const char *c = pattern; *c != '\0'; c++) {
        if (*c == '\\') {
            if (*++c == '\0')
                return false;
            continue;
        }
        bool is_begin = *c == '[' && !in_class;
        if (is_begin)
            c += c[1] == '^';
        if (is_begin && c[1] == ']')
            return false;
        in_class = is_begin || (in_class && *c != ']');
    }
    return !in_class;
}

static bool fits_reference(const void *arg, const char *value)
{
    const struct item *item = arg;
    for (size_t i = 0; i < item->image->names.n; i++)
        if (fits_pattern(item->image->names.v[i], value))
            return true;
    return false;
}

static const struct list_filter filters[] = {
    {"dangling",  list_filter_is_bool, fits_dangling,  true },
    {"label",     NULL,                fits_label,     true },
    {"label!",    NULL,                lacks_label,    true },
    {"before",    NULL,                fits_before,    true },
    {"since",     NULL,                fits_since,     true },
    {"until",     list_filter_is_time, fits_until,     true },
    {"reference", NULL,                fits_reference, false},
    {NULL,        NULL,                NULL,           false},
};

int image_filter_open(struct image_filter *ret, const struct strv *said,
                      const struct image_store *store, struct err *e)
{
    *ret = (struct image_filter){.said = said, .times = json_object()};
    int r = list_filter_check(filters, said, e);
    for (size_t i = 0; i < said->n && r == 0; i++) {
        const char *value = strchr(said->v[i], '=') + 1;
        auto_image struct image image = {0};
        if (text_starts(said->v[i], "reference=")) {
            strv_add(&ret->patterns, value);
            if (!is_pattern(value))
                r = err_set(e, EINVAL, "syntax error in pattern");
        }
        if (!text_starts(said->v[i], "before=") &&
            !text_starts(said->v[i], "since="))
            continue;
        r = image_find(store, value, &image, e);
        json_object_set_new(ret->times, value,
                            json_pack("[I, I]",
                                      (json_int_t)image.created.tv_sec,
                                      (json_int_t)image.created.tv_nsec));
    }
    return r;
}

void image_filter_done(struct image_filter *filter)
{
    strv_done(&filter->patterns);
    json_decref(filter->times);
}

bool image_filter_needs_config(const struct image_filter *filter)
{
    return list_filter_value(filter->said, "label") != NULL ||
           list_filter_value(filter->said, "label!") != NULL;
}

bool image_filter_fits(const struct image_filter *filter,
                       const struct image *image)
{
    const struct item item = {image, filter->times};
    return list_filter_fits(filters, filter->said, &item);
}

bool image_filter_shows(const struct image_filter *filter, const char *name)
{
    if (filter->patterns.n == 0)
        return true;
    for (size_t i = 0; name != NULL && i < filter->patterns.n; i++)
        if (fits_pattern(name, filter->patterns.v[i]))
            return true;
    return false;
}
