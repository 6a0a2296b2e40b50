/* Lists of containers, and images that containers keep. */
#include "engine.h"

#include "field.h"
#include "own.h"
#include "record.h"
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Docker shows the command as one line: its path and its arguments. */
static char *command_line(const json_t *doc)
{
    auto_strv struct strv words = {0};
    field_strings(doc, "Config.Entrypoint", &words);
    field_strings(doc, "Config.Cmd", &words);
    struct text line = {0};
    for (size_t i = 0; i < words.n; i++)
        text_addf(&line, "%s%s", i > 0 ? " " : "", words.v[i]);
    return text_take(&line);
}

/* One element of GET /containers/json. */
static json_t *summary(const struct record *record)
{
    const json_t *doc = record->doc;
    auto_free char *command = command_line(doc);
    auto_free char *status = state_status(doc);
    const char *created = field_string(doc, "Created");
    const json_t *labels = field_get(doc, "Config.Labels");
    json_t *item =
        json_pack("{s:s, s:[s], s:s?, s:s?, s:s, s:I, s:[], s:s?, s:s}", "Id",
                  record->id, "Names", field_string(doc, "Name"), "Image",
                  field_string(doc, "Config.Image"), "ImageID",
                  field_string(doc, "Image"), "Command", command, "Created",
                  (json_int_t)state_time(created), "Ports", "State",
                  field_string(doc, "State.Status"), "Status", status);
    json_object_set_new(item, "Labels",
                        labels != NULL ? json_deep_copy(labels)
                                       : json_object());
    return item;
}

struct entry {
    const char *created; /* RFC 3339 sorts as text */
    json_t *item;
};

static int newest_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return strcmp(y->created, x->created);
}

int engine_containers(struct engine *engine, json_t **ret, struct err *e)
{
    int r = engine_sweep(engine, e);
    auto_strv struct strv ids = {0};
    if (r == 0)
        r = record_ids(engine, &ids, e);
    if (r < 0)
        return r;
    struct record *records = own_alloc(ids.n * sizeof *records);
    struct entry *entries = own_alloc(ids.n * sizeof *entries);
    size_t n = 0;
    for (size_t i = 0; i < ids.n; i++) {
        /* One that vanishes meanwhile is simply not there. */
        if (record_load(engine, ids.v[i], &records[n], NULL) < 0)
            continue;
        const char *created = field_string(records[n].doc, "Created");
        entries[n].created = created != NULL ? created : "";
        entries[n].item = summary(&records[n]);
        n++;
    }
    qsort(entries, n, sizeof *entries, newest_first);
    *ret = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(*ret, entries[i].item);
    for (size_t i = 0; i < n; i++)
        record_done(&records[i]);
    free(records);
    free(entries);
    return 0;
}

int engine_remove_image(struct engine *engine, const char *name, bool force,
                        struct strv *said, struct err *e)
{
    auto_image struct image image = {0};
    int r = image_find(&engine->images, name, &image, e);
    json_t *list = NULL;
    if (r == 0)
        r = engine_containers(engine, &list, e);
    for (size_t i = 0; i < json_array_size(list) && r == 0; i++) {
        const json_t *item = json_array_get(list, i);
        bool running = field_is(item, "State", "running");
        if (!field_is(item, "ImageID", image.id) || (force && !running))
            continue;
        r = err_set(e, EBUSY,
                    "conflict: unable to %s %s (%s) - image is being used by "
                    "%s container %.12s",
                    running ? "delete" : "remove repository reference \"", name,
                    running ? "cannot be forced" : "must force",
                    running ? "running" : "stopped", field_string(item, "Id"));
    }
    json_decref(list);
    return r < 0 ? r : image_remove(&engine->images, name, force, said, e);
}
