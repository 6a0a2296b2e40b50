/* mini-docker image explore: what each layer did, and why a path is as it is.
 */
#include "cmd_explore.h"
#include "command.h"

#include "explore.h"
#include "field.h"
#include "own.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"format", 0, &option_string, "Format",
     "Print as 'json' or 'TEMPLATE', where a template names fields: "
     "{{.Wasted}}"},
    {"html", 0, &option_bool, "Html", "Print one HTML page"},
    {"path", 'p', &option_string, "Path",
     "Tell the story of one path: which layer wins, and why"},
    {0},
};
/* clang-format on */

struct candidate {
    const json_t *change;
    bool is_removal;
    int64_t size;
};

static int by_weight(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->is_removal != right->is_removal)
        return left->is_removal ? -1 : 1;
    if (left->size != right->size)
        return left->size < right->size ? 1 : -1;
    return strcmp(field_string(left->change, "Path"),
                  field_string(right->change, "Path"));
}

json_t *cmd_explore_changes(const json_t *layer, size_t most, size_t *ret_more)
{
    const json_t *all = json_object_get(layer, "Changes");
    auto_free struct candidate *chosen =
        own_alloc((json_array_size(all) + 1) * sizeof *chosen);
    size_t n = 0, i;
    const json_t *change;
    json_array_foreach(all, i, change)
    {
        if (field_is(change, "Type", "directory") &&
            field_is(change, "Kind", "added"))
            continue;
        chosen[n++] =
            (struct candidate){change, field_is(change, "Kind", "removed"),
                               field_int(change, "Size", 0)};
    }
    qsort(chosen, n, sizeof *chosen, by_weight);
    *ret_more = n > most ? n - most : 0;
    json_t *list = json_array();
    for (i = 0; i < n - *ret_more; i++)
        json_array_append(list, (json_t *)(uintptr_t)chosen[i].change);
    return list;
}

double cmd_explore_efficiency(const json_t *image)
{
    int64_t size = field_int(image, "Size", 0);
    int64_t wasted = field_int(image, "Wasted", 0);
    return size == 0 ? 100 : 100 * (double)(size - wasted) / (double)size;
}

const char *cmd_explore_name(const json_t *image)
{
    const char *name =
        json_string_value(json_array_get(json_object_get(image, "Names"), 0));
    return name != NULL ? name : field_string(image, "Id");
}

static int print(const json_t *image, const json_t *story, const json_t *doc,
                 struct err *e)
{
    const char *format = field_string(doc, "Format");
    if (format != NULL)
        return table_print_one(story != NULL ? story : image, format, stdout,
                               e);
    if (field_bool(doc, "Html"))
        cmd_explore_html(image, story, stdout);
    else if (story != NULL)
        cmd_explore_text_path(story, stdout);
    else
        return cmd_explore_text(image, stdout, e);
    return 0;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_image struct image image = {0};
    auto_doc json_t *told = NULL;
    auto_doc json_t *story = NULL;
    const char *path = field_string(call->doc, "Path");
    int r = engine_open(&engine, call->root, e);
    /* Files that are not their user's to read lie in layers, too. */
    if (r == 0)
        r = engine_enter(engine, e);
    if (r == 0)
        r = image_find(engine_images(engine), call->operands.v[0], &image, e);
    if (r == 0)
        r = explore_image(&image, &told, e);
    if (r == 0 && path != NULL)
        r = explore_path(&image, path, &story, e);
    return r < 0 ? r : print(told, story, call->doc, e);
}

const struct command command_explore = {
    .name = "explore",
    .aliases = {"image explore"},
    .synopsis = "[OPTIONS] IMAGE",
    .summary = "Show what each layer of an image added, changed and hid",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
