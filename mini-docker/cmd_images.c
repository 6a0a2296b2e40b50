/* mini-docker images: which images there are. */
#include "command.h"
#include "images_tree.h"

#include "field.h"
#include "filter_option.h"
#include "image_filter.h"
#include "own.h"
#include "row.h"
#include "table.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* clang-format off */
static const struct option options[] = {
    {"all", 'a', &option_bool, "All",
     "Show all images (default hides intermediate images)"},
    {"digests", 0, &option_bool, "Digests", "Show digests"},
    {"filter", 'f', &filter_option, "Filters",
     "Show only what fits (dangling=, label=, before=, since=, until=, "
     "reference=)"},
    {"format", 0, &option_string, "Format",
     "Print as 'table', 'table TEMPLATE', 'json' or 'TEMPLATE', where a "
     "template names fields: {{.ID}}"},
    {"no-trunc", 0, &option_bool, "NoTrunc", "Don't truncate output"},
    {"quiet", 'q', &option_bool, "Quiet", "Only show image IDs"},
    {"tree", 0, &option_bool, "Tree",
     "List multi-platform images as a tree (EXPERIMENTAL)"},
    {0},
};
/* clang-format on */

static const struct table_column columns[] = {
    {"Repository",   "REPOSITORY",  true },
    {"Tag",          "TAG",         true },
    {"Digest",       "DIGEST",      false},
    {"ID",           "IMAGE ID",    true },
    {"CreatedSince", "CREATED",     true },
    {"CreatedAt",    "CREATED AT",  false},
    {"Size",         "SIZE",        true },
    {"VirtualSize",  "SIZE",        false},
    {"SharedSize",   "SHARED SIZE", false},
    {"UniqueSize",   "UNIQUE SIZE", false},
    {"Containers",   "CONTAINERS",  false},
    {NULL,           NULL,          false},
};
#define RAW_NAME "repository: {{.Repository}}\ntag: {{.Tag}}\n"
#define RAW_REST                                                               \
    "image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\n"                          \
    "virtual_size: {{.Size}}\n"
static const struct table_forms forms = {
    .raw = RAW_NAME RAW_REST,
    .short_raw = "image_id: {{.ID}}",
    .short_table = "{{.ID}}",
};
static const char raw_with_digests[] =
    RAW_NAME "digest: {{.Digest}}\n" RAW_REST;
static const char with_digests[] =
    "table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t"
    "{{.CreatedSince}}\t{{.Size}}";

/* What is shown only where a format asks for it. */
static void add_hidden(json_t *row, const struct image *image)
{
    char size[16];
    auto_free char *at = table_time(image->created.tv_sec);
    doc_set(row, "Digest", json_string(image->digest));
    doc_set(row, "CreatedAt", json_string(at));
    doc_set(row, "VirtualSize",
            json_string(text_from_space(image->size, size)));
    /* Who wants these asks `system df`. */
    doc_set(row, "SharedSize", json_string("N/A"));
    doc_set(row, "UniqueSize", json_string("N/A"));
    doc_set(row, "Containers", json_string("N/A"));
}

json_t *row_of_image(const struct image *image, const char *name, int flags)
{
    const char *at = name == NULL ? NULL : strchr(name, '@');
    const char *colon = name == NULL || at != NULL ? at : strrchr(name, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - name);
    const char *id = image->id + strlen("sha256:");
    char size[16], ago[32];
    json_t *row = json_object();
    doc_set(row, "ID",
            flags & ROW_WHOLE ? json_string(image->id) : json_stringn(id, 12));
    if (flags & ROW_ID)
        return row;
    text_from_seconds(time(NULL) - image->created.tv_sec, ago);
    doc_set(row, "Repository",
            colon == NULL ? json_string("<none>") : json_stringn(name, len));
    doc_set(row, "Tag",
            json_string(colon == NULL || at != NULL ? "<none>" : colon + 1));
    doc_set(row, "CreatedSince", json_sprintf("%s ago", ago));
    doc_set(row, "Size", json_string(text_from_bytes(image->size, size)));
    if (!(flags & ROW_SHOWN))
        add_hidden(row, image);
    return row;
}

/* A row for each name that is shown, made when it is printed: a thousand of
 * them would take a megabyte. */
struct position {
    const struct image_list *images;
    const struct image_filter *filter;
    int flags;
    size_t image, name;
};

/* A name by digest, only where there is none with a tag. */
static bool is_shown(const struct image *image, const char *name)
{
    for (size_t i = 0; i < image->names.n && strchr(name, '@') != NULL; i++)
        if (strchr(image->names.v[i], '@') == NULL)
            return false;
    return true;
}

static json_t *next_row(void *arg)
{
    struct position *at = arg;
    for (; at->image < at->images->n; at->image++, at->name = 0) {
        const struct image *image = &at->images->v[at->image];
        if (!image_filter_fits(at->filter, image))
            continue;
        if (image->names.n == 0 && at->name++ == 0)
            return row_of_image(image, NULL, at->flags);
        while (at->name < image->names.n) {
            const char *name = image->names.v[at->name++];
            if (is_shown(image, name) && image_filter_shows(at->filter, name))
                return row_of_image(image, name, at->flags);
        }
    }
    return NULL;
}

static int check_tree(const struct call *call, struct err *e)
{
    static const struct {
        const char *path, *option;
    } others[] = {
        {"Quiet",   "quiet"      },
        {"NoTrunc", "no-trunc"   },
        {"Digests", "show-digest"}, /* Docker's word for it here */
        {"Format",  "format"     }
    };
    if (!field_bool(call->doc, "Tree"))
        return 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (field_bool(call->doc, others[i].path) ||
            field_string(call->doc, others[i].path) != NULL)
            return err_set(e, EINVAL, "--%s is not yet supported with --tree",
                           others[i].option);
    return 0;
}

static const char *choose_format(const json_t *wish)
{
    const char *format = table_format(&forms, field_string(wish, "Format"),
                                      field_bool(wish, "Quiet"));
    if (!field_bool(wish, "Digests"))
        return format;
    return format == NULL        ? with_digests
           : format == forms.raw ? raw_with_digests
                                 : format;
}

static int run(struct call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    field_strings(call->doc, "Filters", &said);
    /* The operand is a filter as well, which the others come on top of. */
    if (call->operands.n > 0 && call->operands.v[0][0] != '\0')
        strv_addf(&said, "reference=%s", call->operands.v[0]);
    auto_engine struct engine *engine = NULL;
    auto_image_filter struct image_filter filter = {0};
    auto_image_list struct image_list images = {0};
    auto_strv struct strv damaged = {0};
    int r = check_tree(call, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = image_filter_open(&filter, &said, engine_images(engine), e);
    if (r == 0)
        r = image_list(engine_images(engine),
                       field_bool(call->doc, "Tree") ||
                           image_filter_needs_config(&filter),
                       &images, &damaged, e);
    if (r < 0)
        return r;
    command_complain_all(&damaged);
    if (field_bool(call->doc, "Tree"))
        return images_tree_print(engine, &images, &filter, e);
    const char *format = choose_format(call->doc);
    bool quiet = format == forms.short_table;
    /* Rows cost more than reading the images. */
    int flags = (field_bool(call->doc, "NoTrunc") ? ROW_WHOLE : 0) |
                (quiet            ? ROW_ID
                 : format == NULL ? ROW_SHOWN
                                  : 0);
    struct position at = {&images, &filter, flags, 0, 0};
    struct table_rows rows = {next_row, &at};
    return table_print_rows(columns, &rows, format, stdout, e);
}

const struct command command_images = {
    .name = "images",
    .aliases = {"image ls", "image list"},
    .synopsis = "[OPTIONS] [REPOSITORY[:TAG]]",
    .summary = "List images",
    .options = options,
    .max_operands = 1,
    .run = run,
};
