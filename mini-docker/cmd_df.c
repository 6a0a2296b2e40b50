/* mini-docker system df: what takes up space, and how much of it nobody needs.
 */
#include "command.h"

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
    struct engine *engine;
    int flags;          /* ROW_WHOLE: a format chooses what is shown */
    json_t *containers; /* as engine_containers lists them */
    struct strv damaged;
    struct kind of_images, of_containers, of_volumes, of_cache;
};

static void set_bytes(json_t *row, const char *member, uint64_t bytes)
{
    char text[16];
    doc_set(row, member, json_string(text_from_space(bytes, text)));
}

/* --- images --------------------------------------------------------------- */

static void add_image(struct usage *usage, const struct image *image,
                      uint64_t shared)
{
    struct kind *kind = &usage->of_images;
    const char *name = image->names.n > 0 ? image->names.v[0] : NULL;
    size_t users = row_count_users(usage->containers, image->id);
    uint64_t unique = image->size > shared ? image->size - shared : 0;
    json_t *row = row_of_image(image, name, usage->flags);
    set_bytes(row, "VirtualSize", image->size);
    set_bytes(row, "SharedSize", shared);
    set_bytes(row, "UniqueSize", unique);
    doc_set(row, "Containers", json_sprintf("%zu", users));
    json_array_append_new(kind->rows, row);
    kind->active += users > 0;
    /* As Docker counts it: what used images share stays reclaimable, as long
     * as it is not theirs alone. */
    if (users > 0)
        kind->reclaimable -=
            unique < kind->reclaimable ? unique : kind->reclaimable;
}

static int add_images(struct usage *usage, struct err *e)
{
    const struct image_store *store = engine_images(usage->engine);
    auto_image_list struct image_list list = {0};
    int r = image_list(store, true, &list, &usage->damaged, e);
    if (r < 0)
        return r;
    auto_free uint64_t *shared = own_alloc((list.n + 1) * sizeof *shared);
    usage->of_images.bytes = image_list_usage(store, &list, shared);
    usage->of_images.reclaimable = usage->of_images.bytes;
    for (size_t i = 0; i < list.n; i++)
        add_image(usage, &list.v[i], shared[i]);
    return 0;
}

/* --- containers ----------------------------------------------------------- */

static bool is_active(const json_t *container)
{
    return field_is(container, "State", "running") ||
           field_is(container, "State", "paused") ||
           field_is(container, "State", "restarting");
}

/* One that was removed since it was listed takes up nothing. */
static void add_container(struct usage *usage, const json_t *container)
{
    struct kind *kind = &usage->of_containers;
    auto_doc json_t *whole = NULL;
    struct err why = {0};
    int r = engine_inspect(usage->engine, field_string(container, "Id"), true,
                           &whole, &why);
    if (r < 0 && why.code != ENOENT)
        strv_add(&usage->damaged, why.msg);
    if (r < 0)
        return;
    uint64_t bytes = (uint64_t)field_int(whole, "SizeRw", 0);
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

static int add_containers(struct usage *usage, struct err *e)
{
    (void)e;
    size_t i;
    const json_t *container;
    json_array_foreach(usage->containers, i, container)
    {
        add_container(usage, container);
    }
    return 0;
}

/* --- volumes -------------------------------------------------------------- */

static void add_volume(struct kind *kind, const json_t *volume)
{
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

static int add_volumes(struct usage *usage, struct err *e)
{
    auto_doc json_t *volumes = NULL;
    int r =
        engine_volumes(usage->engine, ENGINE_VOLUME_REFS | ENGINE_VOLUME_SIZES,
                       &volumes, &usage->damaged, e);
    size_t i;
    const json_t *volume;
    json_array_foreach(volumes, i, volume)
    {
        add_volume(&usage->of_volumes, volume);
    }
    return r;
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
static void add_step(struct kind *kind, const json_t *step)
{
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

static int add_cache(struct usage *usage, struct err *e)
{
    auto_doc json_t *steps = NULL;
    int r = engine_build_cache(usage->engine, &steps, e);
    size_t i;
    const json_t *step;
    json_array_foreach(steps, i, step)
    {
        add_step(&usage->of_cache, step);
    }
    return r;
}

/* --- what is printed ------------------------------------------------------ */

#define AT(member) offsetof(struct usage, member)

/* The parts, in Docker's order. */
static const struct part {
    const char *type, *title, *member;
    size_t kind;
    int (*add)(struct usage *usage, struct err *e);
    struct table_column columns[9]; /* with -v */
} parts[] = {
    {"Images",
     "Images space usage:\n\n",          "Images",
     AT(of_images),
     add_images,     {{"Repository", "REPOSITORY", true},
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
     add_containers, {{"ID", "CONTAINER ID", true},
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
     add_volumes,    {{"Name", "VOLUME NAME", true},
      {"Links", "LINKS", true},
      {"Size", "SIZE", true}}           },
    {"Build Cache",
     "\nBuild cache usage: %s\n\n",      "BuildCache",
     AT(of_cache),
     add_cache,      {{"ID", "CACHE ID", true},
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

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_enter(engine, e);
    const char *format = field_string(call->doc, "Format");
    bool is_chosen = format != NULL && strcmp(format, "table") != 0;
    struct usage usage = {.engine = engine, .flags = is_chosen ? ROW_WHOLE : 0};
    for (size_t i = 0; i < PARTS; i++)
        kind_of(&usage, &parts[i])->rows = json_array();
    if (r == 0)
        r = engine_containers(engine, ENGINE_ALL, &usage.containers,
                              &usage.damaged, e);
    for (size_t i = 0; i < PARTS && r == 0; i++)
        r = parts[i].add == NULL ? 0 : parts[i].add(&usage, e);
    command_complain_all(&usage.damaged);
    if (r == 0)
        r = field_bool(call->doc, "Verbose") ? print_verbose(&usage, format, e)
                                             : print(&usage, format, e);
    for (size_t i = 0; i < PARTS; i++)
        json_decref(kind_of(&usage, &parts[i])->rows);
    json_decref(usage.containers);
    strv_done(&usage.damaged);
    return r;
}

const struct command command_system_df = {
    .name = "system df",
    .synopsis = "[OPTIONS]",
    .summary = "Show disk usage",
    .options = options,
    .run = run,
};
