/* Lists of containers, and images that containers keep. */
#include "engine.h"

#include "field.h"
#include "own.h"
#include "plan.h"
#include "record.h"
#include "roster.h"
#include "run.h"
#include "state.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Docker shows the command as one line: its path and its arguments, those
 * with a space between quotes. */
static char *command_line(const json_t *doc)
{
    auto_strv struct strv words = {0};
    field_strings(doc, "Config.Entrypoint", &words);
    field_strings(doc, "Config.Cmd", &words);
    struct text line = {0};
    for (size_t i = 0; i < words.n; i++) {
        bool quoted = i > 0 && strchr(words.v[i], ' ') != NULL;
        const char *quote = quoted ? "'" : "";
        text_addf(&line, "%s%s%s%s", i > 0 ? " " : "", quote, words.v[i],
                  quote);
    }
    return text_take(&line);
}

/* The name that the image was asked for, as long as that leads to it; then its
 * id. `known` remembers to which id each name leads. */
static const char *image_name(struct engine *engine, const json_t *doc,
                              json_t *known)
{
    const char *name = field_string(doc, "Config.Image");
    const char *id = field_string(doc, "Image");
    if (name == NULL || id == NULL)
        return name;
    if (json_object_get(known, name) == NULL) {
        auto_image struct image image = {0};
        image_find(&engine->images, name, &image, NULL);
        json_object_set_new(known, name, json_string(image.id));
    }
    const char *leads_to = json_string_value(json_object_get(known, name));
    return strcmp(leads_to, id) == 0 ? name : id;
}

/* Ports, from what NetworkSettings tells of those that are published, or
 * exposed. */
static json_t *list_ports(const json_t *doc)
{
    json_t *list = json_array();
    const char *key;
    json_t *bindings, *ports;
    ports = json_object_get(json_object_get(doc, "NetworkSettings"), "Ports");
    json_object_foreach(ports, key, bindings)
    {
        const char *slash = strchr(key, '/');
        const char *type = slash != NULL ? slash + 1 : "tcp";
        json_int_t number = strtol(key, NULL, 10);
        size_t i;
        const json_t *binding;
        json_array_foreach(bindings, i, binding) json_array_append_new(
            list,
            json_pack(
                "{s:s, s:I, s:I, s:s}", "IP", field_string(binding, "HostIp"),
                "PrivatePort", number, "PublicPort",
                (json_int_t)strtol(field_string(binding, "HostPort"), NULL, 10),
                "Type", type));
        if (json_array_size(bindings) == 0)
            json_array_append_new(list, json_pack("{s:I, s:s}", "PrivatePort",
                                                  number, "Type", type));
    }
    return list;
}

static json_t *list_networks(const json_t *doc)
{
    json_t *networks = wiring_networks(doc);
    return networks != NULL ? json_incref(networks) : json_object();
}

/* One element of GET /containers/json. */
static json_t *summary(const struct record *record, const char *image,
                       int flags)
{
    const json_t *doc = record->doc;
    auto_free char *command = command_line(doc);
    auto_free char *status = state_status(doc);
    const char *created = field_string(doc, "Created");
    json_t *labels = json_object_get(json_object_get(doc, "Config"), "Labels");
    json_t *item = json_pack(
        "{s:s, s:[s], s:s?, s:s?, s:s, s:I, s:o, s:s?, s:s}", "Id", record->id,
        "Names", field_string(doc, "Name"), "Image", image, "ImageID",
        field_string(doc, "Image"), "Command", command, "Created",
        (json_int_t)state_time(created), "Ports", list_ports(doc), "State",
        field_string(doc, "State.Status"), "Status", status);
    json_object_set_new(item, "HostConfig",
                        json_pack("{s:s?}", "NetworkMode",
                                  field_string(doc, "HostConfig.NetworkMode")));
    json_object_set_new(item, "Labels",
                        labels != NULL ? json_incref(labels) : json_object());
    if (flags & ENGINE_NETWORKS) {
        json_object_set_new(item, "NetworkSettings",
                            json_pack("{s:o}", "Networks", list_networks(doc)));
        json_object_set(
            json_object_get(item, "HostConfig"), "PortBindings",
            (json_t *)(uintptr_t)field_get(doc, "HostConfig.PortBindings"));
        json_object_set(
            item, "ExposedPorts",
            (json_t *)(uintptr_t)field_get(doc, "Config.ExposedPorts"));
    }
    json_object_set_new(item, "Mounts", plan_shown_mounts(doc));
    return item;
}

struct entry {
    char *created; /* RFC 3339 sorts as text */
    json_t *item;
};

static int newest_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return strcmp(y->created, x->created);
}

struct list {
    struct engine *engine;
    struct roster *roster;
    int flags;                /* of engine_containers */
    struct strv ids, present; /* as of record.h, and so in the same order */
    json_t *known;            /* see image_name */
    struct entry *entries;
    size_t n;
    struct strv *damaged; /* may be NULL */
};

/* Most have no run directory, and so do not run. Where nobody looks after one
 * of which it says that it runs, it may have ended since it was read, or been
 * started since we looked: now its last word counts. */
static int load(struct list *list, const char *id, bool is_present,
                struct record *ret, struct err *e)
{
    int r = roster_load(list->roster, id, is_present, ret, e);
    if (r < 0 || ret->live || !run_is_active(ret->doc))
        return r;
    record_done(ret);
    return record_load(list->engine, id, ret, e);
}

/* The record is closed at once: a thousand of them in memory cost more than
 * reading them. One that vanishes meanwhile is -ENOENT. */
static int add_entry(struct list *list, const char *id, bool is_present,
                     struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = load(list, id, is_present, &record, e);
    if (r < 0)
        return r;
    if (!record.live && run_is_active(record.doc))
        run_set_exited(record.doc, 137, false);
    if (!(list->flags & ENGINE_ALL) && !run_is_active(record.doc))
        return 0;
    const char *created = field_string(record.doc, "Created");
    const char *image = image_name(list->engine, record.doc, list->known);
    list->entries[list->n++] =
        (struct entry){own_strdup(created != NULL ? created : ""),
                       summary(&record, image, list->flags)};
    return 0;
}

static void add_entries(struct list *list)
{
    for (size_t i = 0, p = 0; i < list->ids.n; i++) {
        struct err why = {0};
        const char *id = list->ids.v[i];
        while (p < list->present.n && strcmp(list->present.v[p], id) < 0)
            p++;
        bool is_present =
            p < list->present.n && strcmp(list->present.v[p], id) == 0;
        int r = add_entry(list, id, is_present, &why);
        if (r < 0 && r != -ENOENT && list->damaged != NULL)
            strv_add(list->damaged, why.msg);
    }
}

/* The entries as an array, newest first. */
static json_t *take_entries(struct list *list)
{
    qsort(list->entries, list->n, sizeof *list->entries, newest_first);
    json_t *items = json_array();
    for (size_t i = 0; i < list->n; i++) {
        json_array_append_new(items, list->entries[i].item);
        free(list->entries[i].created);
    }
    return items;
}

int engine_containers(struct engine *engine, int flags, json_t **ret,
                      struct strv *damaged, struct err *e)
{
    bool all = (flags & ENGINE_ALL) != 0;
    struct list list = {.engine = engine, .flags = flags, .damaged = damaged};
    /* That something cannot be tidied up, on a full disk, is no reason not to
     * tell what there is: it must be known to be removed. */
    engine_sweep(engine, NULL);
    int r = record_ids_present(engine, &list.present, e);
    if (r == 0)
        r = all ? record_ids(engine, &list.ids, e)
                : record_ids_present(engine, &list.ids, e);
    if (r == 0) {
        list.known = json_object();
        list.entries = own_alloc(list.ids.n * sizeof *list.entries);
        list.roster =
            roster_open(engine, list.ids.n, (flags & ENGINE_NETWORKS) != 0);
        add_entries(&list);
        roster_save(list.roster, all);
        *ret = take_entries(&list);
    }
    json_decref(list.known);
    roster_close(&list.roster);
    free(list.entries);
    strv_done(&list.ids);
    strv_done(&list.present);
    return r;
}

/* The containers that keep an image: any, and one that runs. "" is none. */
struct users {
    char any[RECORD_ID_LEN + 1], running[RECORD_ID_LEN + 1];
};

static int find_users(struct engine *engine, const struct image *image,
                      struct users *ret, struct err *e)
{
    json_t *list = NULL;
    int r = engine_containers(engine, ENGINE_ALL, &list, NULL, e);
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        if (!field_is(item, "ImageID", image->id))
            continue;
        bool running = field_is(item, "State", "running") ||
                       field_is(item, "State", "paused") ||
                       field_is(item, "State", "restarting");
        snprintf(running ? ret->running : ret->any, sizeof ret->any, "%s",
                 field_string(item, "Id"));
    }
    if (ret->any[0] == '\0')
        memcpy(ret->any, ret->running, sizeof ret->any);
    json_decref(list);
    return r;
}

/* Docker's rules. A name can go as long as there are others. The last one can
 * go by force, even if a running container keeps the image. */
static int check_users(const struct image *image, const char *name, bool force,
                       const struct users *users, struct err *e)
{
    const char *hex = image->id + strlen("sha256:");
    bool is_id = text_starts(image->id, name) || text_starts(hex, name);
    bool is_last = image->names.n < 2;
    if (!is_id && is_last && !force && users->any[0] != '\0')
        return err_set(e, EBUSY,
                       "conflict: unable to remove repository reference "
                       "\"%s\" (must force) - container %.12s is using its "
                       "referenced image %.12s",
                       name, users->any, hex);
    if (is_id && users->running[0] != '\0')
        return err_set(e, EBUSY,
                       "conflict: unable to delete %.12s (cannot be forced) - "
                       "image is being used by running container %.12s",
                       hex, users->running);
    if (is_id && is_last && !force && users->any[0] != '\0')
        return err_set(e, EBUSY,
                       "conflict: unable to delete %.12s (must be forced) - "
                       "image is being used by stopped container %.12s",
                       hex, users->any);
    return 0;
}

int engine_remove_image(struct engine *engine, const char *name, bool force,
                        struct strv *said, struct err *e)
{
    auto_image struct image image = {0};
    struct users users = {0};
    int r = engine_enter(engine, e);
    if (r < 0)
        return r;
    /* One that is not there any more, or damaged, is left to image_remove. */
    if (image_find(&engine->images, name, &image, NULL) == 0 &&
        !image.is_held) {
        r = find_users(engine, &image, &users, e);
        if (r == 0)
            r = check_users(&image, name, force, &users, e);
    }
    int flags = (force ? IMAGE_FORCE : 0) |
                (users.running[0] != '\0' ? IMAGE_KEEP : 0) |
                (users.any[0] != '\0' ? IMAGE_HOLD : 0);
    return r < 0 ? r : image_remove(&engine->images, name, flags, said, e);
}
