/* Lists of containers, and images that containers keep. */
#include "engine.h"

#include "field.h"
#include "own.h"
#include "plan.h"
#include "record.h"
#include "run.h"
#include "state.h"

#include <errno.h>
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

/* One element of GET /containers/json. */
static json_t *summary(const struct record *record, const char *image)
{
    const json_t *doc = record->doc;
    auto_free char *command = command_line(doc);
    auto_free char *status = state_status(doc);
    const char *created = field_string(doc, "Created");
    const json_t *labels = field_get(doc, "Config.Labels");
    json_t *item =
        json_pack("{s:s, s:[s], s:s?, s:s?, s:s, s:I, s:[], s:s?, s:s}", "Id",
                  record->id, "Names", field_string(doc, "Name"), "Image",
                  image, "ImageID", field_string(doc, "Image"), "Command",
                  command, "Created", (json_int_t)state_time(created), "Ports",
                  "State", field_string(doc, "State.Status"), "Status", status);
    json_object_set_new(item, "HostConfig",
                        json_pack("{s:s?}", "NetworkMode",
                                  field_string(doc, "HostConfig.NetworkMode")));
    json_object_set_new(item, "Labels",
                        labels != NULL ? json_deep_copy(labels)
                                       : json_object());
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

/* The record is closed at once: a thousand of them in memory cost more than
 * reading them. One that vanishes meanwhile is -ENOENT. */
static int read_entry(struct engine *engine, const char *id, json_t *known,
                      struct entry *ret, struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = record_load(engine, id, &record, e);
    if (r < 0)
        return r;
    if (!record.live && run_is_active(record.doc))
        run_set_exited(record.doc, 137, false);
    const char *created = field_string(record.doc, "Created");
    ret->created = own_strdup(created != NULL ? created : "");
    ret->item = summary(&record, image_name(engine, record.doc, known));
    return 0;
}

int engine_containers(struct engine *engine, json_t **ret, struct strv *damaged,
                      struct err *e)
{
    /* That something cannot be tidied up, on a full disk, is no reason not to
     * tell what there is: it must be known to be removed. */
    engine_sweep(engine, NULL);
    auto_strv struct strv ids = {0};
    int r = record_ids(engine, &ids, e);
    if (r < 0)
        return r;
    struct entry *entries = own_alloc(ids.n * sizeof *entries);
    json_t *known = json_object();
    size_t n = 0;
    for (size_t i = 0; i < ids.n; i++) {
        struct err why = {0};
        r = read_entry(engine, ids.v[i], known, &entries[n], &why);
        n += r == 0;
        if (r < 0 && r != -ENOENT && damaged != NULL)
            strv_add(damaged, why.msg);
    }
    json_decref(known);
    qsort(entries, n, sizeof *entries, newest_first);
    *ret = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(*ret, entries[i].item);
        free(entries[i].created);
    }
    free(entries);
    return 0;
}

/* The containers that keep an image: any, and one that runs. "" is none. */
struct users {
    char any[RECORD_ID_LEN + 1], running[RECORD_ID_LEN + 1];
};

static int find_users(struct engine *engine, const struct image *image,
                      struct users *ret, struct err *e)
{
    json_t *list = NULL;
    int r = engine_containers(engine, &list, NULL, e);
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        if (!field_is(item, "ImageID", image->id))
            continue;
        bool running = field_is(item, "State", "running");
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
    /* One that is not there, or damaged, is left to image_remove. */
    if (image_find(&engine->images, name, &image, NULL) == 0) {
        r = find_users(engine, &image, &users, e);
        if (r == 0)
            r = check_users(&image, name, force, &users, e);
    }
    int flags =
        (force ? IMAGE_FORCE : 0) | (users.running[0] != '\0' ? IMAGE_KEEP : 0);
    return r < 0 ? r : image_remove(&engine->images, name, flags, said, e);
}
