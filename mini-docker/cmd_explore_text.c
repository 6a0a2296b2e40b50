/* mini-docker image explore: as text. */
#include "cmd_explore.h"

#include "doc.h"
#include "field.h"
#include "own.h"
#include "table.h"
#include "text.h"

#include <string.h>

enum { MOST_CHANGES = 10, BY_WIDTH = 60 };

static const struct table_column columns[] = {
    {"Layer",     "LAYER",      true },
    {"Size",      "SIZE",       true },
    {"Added",     "ADDED",      true },
    {"Changed",   "CHANGED",    true },
    {"Removed",   "REMOVED",    true },
    {"Hides",     "HIDES",      true },
    {"Wasted",    "WASTED",     true },
    {"CreatedBy", "CREATED BY", true },
    {NULL,        NULL,         false},
};

static json_t *size_of(const json_t *layer, const char *member)
{
    char size[16];
    return json_string(
        text_from_bytes((uint64_t)field_int(layer, member, 0), size));
}

static json_t *count_of(const json_t *layer, const char *member)
{
    return json_sprintf("%lld", (long long)field_int(layer, member, 0));
}

static json_t *make_row(const json_t *layer, size_t number)
{
    auto_free char *by = table_cut(field_string(layer, "CreatedBy"), BY_WIDTH);
    for (char *c = by; *c != '\0'; c++)
        if (*c == '\t' || *c == '\n')
            *c = ' ';
    json_t *row = json_object();
    doc_set(row, "Layer", json_sprintf("%zu", number));
    doc_set(row, "Size", size_of(layer, "Size"));
    doc_set(row, "Added", count_of(layer, "Added"));
    doc_set(row, "Changed", count_of(layer, "Changed"));
    doc_set(row, "Removed", count_of(layer, "Removed"));
    doc_set(row, "Hides", size_of(layer, "Hides"));
    doc_set(row, "Wasted", size_of(layer, "Wasted"));
    doc_set(row, "CreatedBy", json_string(by));
    return row;
}

/* Whatever a name has in it, it is printed on one line. */
static void print_path(const char *path, FILE *out)
{
    for (; *path != '\0'; path++)
        if ((unsigned char)*path < ' ' || *path == 0x7f)
            fprintf(out, "\\x%02x", (unsigned int)*path);
        else
            fputc(*path, out);
}

static void print_changes(const json_t *layer, size_t number, FILE *out)
{
    size_t more, i;
    const json_t *change;
    json_auto_t *changes = cmd_explore_changes(layer, MOST_CHANGES, &more);
    if (json_array_size(changes) == 0)
        return;
    fprintf(out, "\nLayer %zu\n", number);
    json_array_foreach(changes, i, change)
    {
        char size[16];
        bool is_removal = field_is(change, "Kind", "removed");
        text_from_bytes((uint64_t)field_int(change, "Size", 0), size);
        fprintf(out, "  %-9s %8s  ", field_string(change, "Kind"),
                is_removal ? "" : size);
        print_path(field_string(change, "Path"), out);
        fputc('\n', out);
    }
    if (more > 0)
        fprintf(out, "  ... and %zu more\n", more);
}

int cmd_explore_text(const json_t *image, FILE *out, struct err *e)
{
    const json_t *layers = json_object_get(image, "Layers");
    size_t n = json_array_size(layers);
    char size[16], wasted[16];
    text_from_bytes((uint64_t)field_int(image, "Size", 0), size);
    text_from_bytes((uint64_t)field_int(image, "Wasted", 0), wasted);
    fprintf(out, "%s: %s in %zu layer%s, %s wasted, %.1f%% efficient\n\n",
            cmd_explore_name(image), size, n, n == 1 ? "" : "s", wasted,
            cmd_explore_efficiency(image));
    json_auto_t *rows = json_array();
    for (size_t i = n; i > 0; i--)
        json_array_append_new(rows, make_row(json_array_get(layers, i - 1), i));
    int r = table_print(columns, rows, NULL, out, e);
    for (size_t i = n; i > 0; i--)
        print_changes(json_array_get(layers, i - 1), i, out);
    return r;
}

static void print_entry(const json_t *told, FILE *out)
{
    char size[16];
    text_from_bytes((uint64_t)field_int(told, "Size", 0), size);
    fprintf(out, "  layer %-3lld %-7s %s",
            (long long)field_int(told, "Layer", 0), field_string(told, "State"),
            field_string(told, "Type"));
    if (field_is(told, "Type", "file"))
        fprintf(out, ", %s", size);
    if (!field_is(told, "Type", "whiteout"))
        fprintf(out, ", %s %lld:%lld", field_string(told, "Mode"),
                (long long)field_int(told, "Uid", 0),
                (long long)field_int(told, "Gid", 0));
    if (field_is(told, "Type", "file") && field_int(told, "Links", 1) > 1)
        fprintf(out, ", %lld names in this layer",
                (long long)field_int(told, "Links", 1));
    const char *target = field_string(told, "Target");
    if (target != NULL) {
        fputs(" -> ", out);
        print_path(target, out);
    }
    fprintf(out, ": %s\n", field_string(told, "Why"));
}

void cmd_explore_text_path(const json_t *story, FILE *out)
{
    size_t i, k;
    const json_t *step, *told;
    json_array_foreach(json_object_get(story, "Steps"), i, step)
    {
        print_path(field_string(step, "Path"), out);
        fputc('\n', out);
        const json_t *layers = json_object_get(step, "Layers");
        if (json_array_size(layers) == 0)
            fputs("  in no layer\n", out);
        json_array_foreach(layers, k, told) print_entry(told, out);
    }
    print_path(field_string(story, "Path"), out);
    if (field_is(story, "Result", "found")) {
        fprintf(out, ": layer %lld's ",
                (long long)field_int(story, "Layer", 0));
        print_path(field_string(story, "Real"), out);
    } else {
        fprintf(out, ": %s", field_string(story, "Result"));
    }
    fputc('\n', out);
}
