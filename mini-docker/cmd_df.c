/* mini-docker system df: what takes up space, and how much of it nobody needs.
 */
#include "command.h"

#include "engine_df.h"
#include "field.h"
#include "own.h"
#include "row.h"
#include "table.h"
#include "when.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"format", 0, &option_string, "Format",
     "Print as 'table', 'table TEMPLATE', 'json' or 'TEMPLATE', where a "
     "template names fields: {{.Type}}"},
    {"verbose", 'v', &option_bool, "Verbose",
     "Show detailed information on space usage"},
    {0},
};
/* clang-format on */

static const struct table_forms forms = {
    .raw = "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\n"
           "size: {{.Size}}\nreclaimable: {{.Reclaimable}}\n",
};
static const struct table_column columns[] = {
    {"Type",        "TYPE",        true },
    {"TotalCount",  "TOTAL",       true },
    {"Active",      "ACTIVE",      true },
    {"Size",        "SIZE",        true },
    {"Reclaimable", "RECLAIMABLE", true },
    {NULL,          NULL,          false},
};

/* One kind of thing: its rows for -v, and what they come to. */
struct kind {
    json_t *rows;
    uint64_t active, bytes, reclaimable;
};

struct usage {
    int flags;   /* ROW_WHOLE: a format chooses what is shown */
    json_t *doc; /* as engine_df tells */
    struct kind of_images, of_containers, of_volumes, of_cache;
};

static void set_bytes(json_t *row, const char *member, uint64_t bytes)
{
    char text[16];
    doc_set(row, member, json_string(text_from_space(bytes, text)));
}

/* --- images --------------------------------------------------------------- */

/* As much of an image as its row shows. */
static json_t *make_image_row(const json_t *item, int flags)
{
    auto_strv struct strv names = {0}, digests = {0};
    struct image image = {
        .size = (uint64_t)field_int(item, "Size", 0),
        .created.tv_sec = field_int(item, "Created", 0),
    };
    field_strings(item, "RepoTags", &names);
    field_strings(item, "RepoDigests", &digests);
    const char *at = digests.n > 0 ? strchr(digests.v[0], '@') : NULL;
    snprintf(image.id, sizeof image.id, "%s", field_string(item, "Id"));
    snprintf(image.digest, sizeof image.digest, "%s", at != NULL ? at + 1 : "");
    return row_of_image(&image, names.n > 0 ? names.v[0] : NULL, flags);
}

static void add_image(struct usage *usage, const json_t *item)
{
    struct kind *kind = &usage->of_images;
    uint64_t size = (uint64_t)field_int(item, "Size", 0);
    uint64_t shared = (uint64_t)field_int(item, "SharedSize", 0);
    int64_t users = field_int(item, "Containers", 0);
    uint64_t unique = size > shared ? size - shared : 0;
    json_t *row = make_image_row(item, usage->flags);
    set_bytes(row, "VirtualSize", size);
    set_bytes(row, "SharedSize", shared);
    set_bytes(row, "UniqueSize", unique);
    doc_set(row, "Containers", json_sprintf("%lld", (long long)users));
    json_array_append_new(kind->rows, row);
    kind->active += users > 0;
    /* As Docker counts it: what used images share stays reclaimable, as long
     * as it is not theirs alone. */
    if (users > 0)
        kind->reclaimable -=
            unique < kind->reclaimable ? unique : kind->reclaimable;
}

/* --- containers ----------------------------------------------------------- */

static bool is_active(const json_t *container)
{
    return field_is(container, "State", "running") ||
           field_is(container, "State", "paused") ||
           field_is(container, "State", "restarting");
}

static void add_container(struct usage *usage, const json_t *container)
{
    struct kind *kind = &usage->of_containers;
    uint64_t bytes = (uint64_t)field_int(container, "SizeRw", 0);
    char size[16];
    json_t *row = row_of_container(container, usage->flags);
    doc_set(row, "Size", json_string(text_from_bytes(bytes, size)));
    json_array_append_new(kind->rows, row);
    kind->bytes += bytes;
    if (is_active(container))
        kind->active++;
    else
        kind->reclaimable += bytes;
}

/* --- volumes -------------------------------------------------------------- */

static void add_volume(struct usage *usage, const json_t *volume)
{
    struct kind *kind = &usage->of_volumes;
    int64_t links = field_int(volume, "UsageData.RefCount", 0);
    int64_t size = field_int(volume, "UsageData.Size", -1);
    uint64_t bytes = size > 0 ? (uint64_t)size : 0;
    json_t *row = row_of_volume(volume);
    doc_set(row, "Links", json_sprintf("%lld", (long long)links));
    if (size >= 0)
        set_bytes(row, "Size", bytes);
    json_array_append_new(kind->rows, row);
    kind->bytes += bytes;
    kind->active += links > 0;
    kind->reclaimable += links > 0 ? 0 : bytes;
}

/* --- the build cache ------------------------------------------------------ */

static void add_since(json_t *row, const char *member, const char *at)
{
    char ago[32];
    struct timespec now, then = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    when_read(at, &now, &then, NULL);
    int64_t seconds = now.tv_sec - then.tv_sec;
    doc_set(row, member,
            json_sprintf("%s ago", text_from_seconds(seconds, ago)));
}

/* As Docker counts it: what an image has, too, is not the cache's. */
static void add_step(struct usage *usage, const json_t *step)
{
    struct kind *kind = &usage->of_cache;
    json_t *row = json_object();
    bool shared = field_bool(step, "Shared");
    uint64_t bytes = (uint64_t)field_int(step, "Size", 0);
    doc_set(row, "ID", json_sprintf("%.12s", field_string(step, "ID")));
    doc_set(row, "CacheType", json_string(field_string(step, "Type")));
    set_bytes(row, "Size", bytes);
    add_since(row, "CreatedSince", field_string(step, "CreatedAt"));
    add_since(row, "LastUsedSince", field_string(step, "LastUsedAt"));
    doc_set(row, "UsageCount",
            json_sprintf("%lld", (long long)field_int(step, "UsageCount", 0)));
    doc_set(row, "Shared", json_string(shared ? "true" : "false"));
    json_array_append_new(kind->rows, row);
    kind->active += field_bool(step, "InUse");
    kind->bytes += shared ? 0 : bytes;
    kind->reclaimable += shared || field_bool(step, "InUse") ? 0 : bytes;
}

/* --- what is printed ------------------------------------------------------ */

#define AT(member) offsetof(struct usage, member)

/* The parts, in Docker's order. */
static const struct part {
    const char *type, *title, *member;
    size_t kind;
    void (*add)(struct usage *usage, const json_t *item);
    struct table_column columns[9]; /* with -v */
} parts[] = {
    {"Images",
     "Images space usage:\n\n",          "Images",
     AT(of_images),
     add_image,     {{"Repository", "REPOSITORY", true},
      {"Tag", "TAG", true},
      {"ID", "IMAGE ID", true},
      {"CreatedSince", "CREATED", true},
      {"Size", "SIZE", true},
      {"SharedSize", "SHARED SIZE", true},
      {"UniqueSize", "UNIQUE SIZE", true},
      {"Containers", "CONTAINERS", true}}},
    {"Containers",
     "\nContainers space usage:\n\n",    "Containers",
     AT(of_containers),
     add_container, {{"ID", "CONTAINER ID", true},
      {"Image", "IMAGE", true},
      {"Command", "COMMAND", true},
      {"LocalVolumes", "LOCAL VOLUMES", true},
      {"Size", "SIZE", true},
      {"RunningFor", "CREATED", true},
      {"Status", "STATUS", true},
      {"Names", "NAMES", true}}      },
    {"Local Volumes",
     "\nLocal Volumes space usage:\n\n", "Volumes",
     AT(of_volumes),
     add_volume,    {{"Name", "VOLUME NAME", true},
      {"Links", "LINKS", true},
      {"Size", "SIZE", true}}           },
    {"Build Cache",
     "\nBuild cache usage: %s\n\n",      "BuildCache",
     AT(of_cache),
     add_step,      {{"ID", "CACHE ID", true},
      {"CacheType", "CACHE TYPE", true},
      {"Size", "SIZE", true},
      {"CreatedSince", "CREATED", true},
      {"LastUsedSince", "LAST USED", true},
      {"UsageCount", "USAGE", true},
      {"Shared", "SHARED", true}}         },
};
enum { PARTS = sizeof parts / sizeof parts[0] };

static struct kind *kind_of(struct usage *usage, const struct part *part)
{
    return (struct kind *)(void *)((char *)usage + part->kind);
}

static json_t *make_row(const struct part *part, const struct kind *kind)
{
    char size[16], reclaimable[16];
    json_t *row = json_object();
    text_from_space(kind->reclaimable, reclaimable);
    doc_set(row, "Type", json_string(part->type));
    doc_set(row, "TotalCount",
            json_sprintf("%zu", json_array_size(kind->rows)));
    doc_set(row, "Active",
            json_sprintf("%llu", (unsigned long long)kind->active));
    doc_set(row, "Size", json_string(text_from_space(kind->bytes, size)));
    doc_set(row, "Reclaimable",
            kind->bytes == 0
                ? json_string(reclaimable)
                : json_sprintf("%s (%llu%%)", reclaimable,
                               (unsigned long long)(kind->reclaimable * 100 /
                                                    kind->bytes)));
    return row;
}

static int print(struct usage *usage, const char *format, struct err *e)
{
    auto_doc json_t *rows = json_array();
    for (size_t i = 0; i < PARTS; i++)
        json_array_append_new(rows,
                              make_row(&parts[i], kind_of(usage, &parts[i])));
    return table_print(columns, rows, table_format(&forms, format, false),
                       stdout, e);
}

/* A template sees all parts at once: {{range .Images}}... */
static int print_formatted(struct usage *usage, const char *format,
                           struct err *e)
{
    auto_doc json_t *all = json_object();
    for (size_t i = 0; i < PARTS; i++)
        doc_set(all, parts[i].member,
                json_incref(kind_of(usage, &parts[i])->rows));
    return table_print_one(all, format, stdout, e);
}

/* Of the build cache Docker says at once how large it is. */
static void print_title(const char *title, const char *size)
{
    const char *place = strstr(title, "%s");
    if (place == NULL)
        fputs(title, stdout);
    else
        printf("%.*s%s%s", (int)(place - title), title, size, place + 2);
}

static int print_verbose(struct usage *usage, const char *format, struct err *e)
{
    if (usage->flags != 0)
        return print_formatted(usage, format, e);
    int r = 0;
    for (size_t i = 0; i < PARTS && r == 0; i++) {
        char size[16];
        text_from_space(kind_of(usage, &parts[i])->bytes, size);
        print_title(parts[i].title, size);
        r = table_print(parts[i].columns, kind_of(usage, &parts[i])->rows, NULL,
                        stdout, e);
    }
    return r;
}

static void add_all(struct usage *usage)
{
    struct kind *images = &usage->of_images;
    images->bytes = images->reclaimable =
        (uint64_t)field_int(usage->doc, "LayersSize", 0);
    for (size_t i = 0; i < PARTS; i++) {
        size_t n;
        const json_t *item;
        json_array_foreach(json_object_get(usage->doc, parts[i].member), n,
                           item)
        {
            parts[i].add(usage, item);
        }
    }
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_strv struct strv damaged = {0};
    const char *format = field_string(call->doc, "Format");
    bool is_chosen = format != NULL && strcmp(format, "table") != 0;
    struct usage usage = {.flags = is_chosen ? ROW_WHOLE : 0};
    for (size_t i = 0; i < PARTS; i++)
        kind_of(&usage, &parts[i])->rows = json_array();
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_df(engine, &usage.doc, &damaged, e);
    command_complain_all(&damaged);
    if (r == 0)
        add_all(&usage);
    if (r == 0)
        r = field_bool(call->doc, "Verbose") ? print_verbose(&usage, format, e)
                                             : print(&usage, format, e);
    for (size_t i = 0; i < PARTS; i++)
        json_decref(kind_of(&usage, &parts[i])->rows);
    json_decref(usage.doc);
    return r;
}

const struct command command_system_df = {
    .name = "system df",
    .synopsis = "[OPTIONS]",
    .summary = "Show disk usage",
    .options = options,
    .run = run,
};
