/* What there is to know of one container, in Docker's keys. */
#include "engine.h"

#include "contents.h"
#include "field.h"
#include "own.h"
#include "plan.h"
#include "record.h"
#include "run.h"
#include "shown.h"
#include "usage.h"

#include <string.h>
#include <unistd.h>

/* Its own layer, and all that its root shows. */
static int put_sizes(struct engine *engine, const char *id, json_t *doc,
                     struct err *e)
{
    int r = engine_enter(engine, e);
    if (r < 0)
        return r;
    auto_free char *path = text_format("containers/%s/diff", id);
    uint64_t own = usage_below(engine->rootfd, path);
    auto_image struct image image = {0};
    const char *image_id = field_string(doc, "Image");
    if (image_id != NULL)
        image_find(&engine->images, image_id, &image, NULL);
    json_object_set_new(doc, "SizeRw", json_integer((json_int_t)own));
    json_object_set_new(doc, "SizeRootFs",
                        json_integer((json_int_t)own + (json_int_t)image.size));
    return 0;
}

/* The words that are executed: the first is Path, the others are Args. */
static void put_command(json_t *doc, const json_t *record)
{
    auto_strv struct strv words = {0};
    field_strings(record, "Config.Entrypoint", &words);
    field_strings(record, "Config.Cmd", &words);
    json_t *args = json_array();
    for (size_t i = 1; i < words.n; i++)
        json_array_append_new(args, json_string(words.v[i]));
    json_object_set_new(doc, "Path",
                        json_string(words.n > 0 ? words.v[0] : ""));
    json_object_set_new(doc, "Args", args);
}

/* What is below its own layer: while its image has a name or an id. */
static void put_lower(const struct engine *engine, const json_t *doc,
                      json_t *data)
{
    auto_image struct image image = {0};
    auto_strv struct strv layers = {0};
    auto_text struct text lower = {0};
    const char *id = field_string(doc, "Image");
    if (id == NULL || image_find(&engine->images, id, &image, NULL) < 0)
        return;
    contents_add_layers(engine, &image, &layers);
    strv_join(&layers, ":", &lower);
    json_object_set_new(data, "LowerDir", json_string(lower.s));
}

static json_t *make_driver(const struct engine *engine,
                           const struct record *record)
{
    auto_free char *dir = record_dir(engine, record->id);
    struct snap snap = {.dir = dir};
    /* Docker's name for copies, and its one member. */
    if (snap_find(&snap, NULL, NULL) == 0 && snap.is_copy)
        return json_pack("{s:s, s:{s:o}}", "Name", "vfs", "Data", "dir",
                         json_sprintf("%s/diff", dir));
    json_t *data = json_pack(
        "{s:o, s:o, s:o}", "MergedDir",
        json_sprintf("%s/%s/root", engine->run, record->id), "UpperDir",
        json_sprintf("%s/diff", dir), "WorkDir", json_sprintf("%s/work", dir));
    put_lower(engine, record->doc, data);
    return json_pack("{s:s, s:o}", "Name", "overlay2", "Data", data);
}

static void put_part(json_t *doc, const char *name, enum shown_part part,
                     const json_t *record)
{
    json_object_set_new(doc, name,
                        shown_complete(part, json_object_get(record, name)));
}

static bool was_started(const json_t *record)
{
    return field_string(record, "State.StartedAt") != NULL;
}

/* Where they lie for this container: with another one, if it has that one's
 * network. */
static char *find_etc(struct engine *engine, const struct record *record)
{
    static const char other[] = "container:";
    const char *mode = field_string(record->doc, "HostConfig.NetworkMode");
    auto_record struct record found = {.doc = NULL};
    if (mode == NULL || !text_starts(mode, other))
        return run_etc_dir(engine, record->id);
    return record_find(engine, mode + strlen(other), &found, NULL) < 0
               ? own_strdup("")
               : run_etc_dir(engine, found.id);
}

/* The files that stand over its own, as long as they are there. */
static void put_paths(struct engine *engine, json_t *doc,
                      const struct record *record)
{
    static const char *const files[][2] = {
        {"ResolvConfPath", "resolv.conf"},
        {"HostnamePath",   "hostname"   },
        {"HostsPath",      "hosts"      },
    };
    auto_free char *dir = find_etc(engine, record);
    for (size_t i = 0; i < 3; i++) {
        auto_free char *path = text_format("%s/%s", dir, files[i][1]);
        bool is_there = was_started(record->doc) && access(path, F_OK) == 0;
        json_object_set_new(doc, files[i][0],
                            json_string(is_there ? path : ""));
    }
}

/* "" before there is a log, and where none is kept. */
static json_t *make_log_path(const struct engine *engine,
                             const struct record *record)
{
    const char *driver = field_string(record->doc, "HostConfig.LogConfig.Type");
    if (!was_started(record->doc) ||
        (driver != NULL && strcmp(driver, "json-file") != 0))
        return json_string("");
    return json_sprintf("%s/containers/%s/%s-json.log", engine->root,
                        record->id, record->id);
}

/* The record, whose members come in Docker's order, and what follows from
 * it. */
static json_t *describe(struct engine *engine, const struct record *record)
{
    /* Those of SELinux and AppArmor, which we leave as they are. */
    static const char *const labels[] = {"MountLabel", "ProcessLabel",
                                         "AppArmorProfile"};
    json_t *doc = json_object();
    json_object_set(doc, "Id", json_object_get(record->doc, "Id"));
    json_object_set(doc, "Created", json_object_get(record->doc, "Created"));
    put_command(doc, record->doc);
    put_part(doc, "State", SHOWN_STATE, record->doc);
    json_object_set(doc, "Image", json_object_get(record->doc, "Image"));
    put_paths(engine, doc, record);
    json_object_set_new(doc, "LogPath", make_log_path(engine, record));
    json_object_set(doc, "Name", json_object_get(record->doc, "Name"));
    json_object_set_new(
        doc, "RestartCount",
        json_integer(field_int(record->doc, "RestartCount", 0)));
    json_t *driver = make_driver(engine, record);
    json_object_set(doc, "Driver", json_object_get(driver, "Name"));
    json_object_set_new(doc, "Platform", json_string("linux"));
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        json_object_set_new(doc, labels[i], json_string(""));
    json_object_set_new(doc, "ExecIDs", json_null());
    put_part(doc, "HostConfig", SHOWN_HOST_CONFIG, record->doc);
    plan_show_paths(json_object_get(doc, "HostConfig"));
    json_object_set_new(doc, "GraphDriver", driver);
    json_object_set_new(doc, "Mounts", plan_shown_mounts(record->doc));
    put_part(doc, "Config", SHOWN_CONFIG, record->doc);
    put_part(doc, "NetworkSettings", SHOWN_NETWORK_SETTINGS, record->doc);
    json_object_update_missing(doc, record->doc);
    json_object_del(doc, "HasBeenManuallyStopped"); /* between us alone */
    return doc;
}

int engine_inspect(struct engine *engine, const char *name, bool with_size,
                   json_t **ret, struct err *e)
{
    /* As for a list: what cannot be tidied up can still be told. */
    engine_sweep(engine, NULL);
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    if (!record.live && run_is_active(record.doc))
        run_set_exited(record.doc, 137, false);
    json_t *doc = describe(engine, &record);
    r = with_size ? put_sizes(engine, record.id, doc, e) : 0;
    if (r < 0)
        json_decref(doc);
    else
        *ret = doc;
    return r;
}

int engine_image_inspect(struct engine *engine, const char *name,
                         const char *platform, json_t **ret, struct err *e)
{
    auto_image struct image image = {0};
    int r = image_find_for(&engine->images, name, platform, &image, e);
    if (r < 0)
        return r;
    *ret = image_describe(&image);
    bool has_labels = field_get(*ret, "Config.Labels") != NULL;
    put_part(*ret, "Config", SHOWN_CONFIG, *ret);
    /* Docker's only difference between an image and a container here. */
    if (!has_labels)
        json_object_set_new(json_object_get(*ret, "Config"), "Labels",
                            json_null());
    return 0;
}
