/* Removing volumes, which first means: who uses them? */
#include "volume.h"

#include "events.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>

enum { SHOWN_USERS = 2 }; /* there is room for so many ids in a message */

static void add_user(json_t *users, const char *volume, const char *id)
{
    json_t *ids = json_object_get(users, volume);
    if (ids == NULL) {
        ids = json_array();
        json_object_set_new(users, volume, ids);
    }
    const char *last =
        json_string_value(json_array_get(ids, json_array_size(ids) - 1));
    if (last == NULL || strcmp(last, id) != 0) /* twice in one container */
        json_array_append_new(ids, json_string(id));
}

/* A record that cannot be read may name any volume, so that nothing may go
 * while it is there. One that vanishes meanwhile uses nothing any more. */
int volume_users(struct engine *engine, json_t **ret, struct err *e)
{
    auto_strv struct strv ids = {0};
    int r = record_ids(engine, &ids, e);
    json_t *users = json_object();
    for (size_t i = 0; i < ids.n && r == 0; i++) {
        auto_record struct record record = {0};
        r = record_load(engine, ids.v[i], &record, e);
        if (r == -ENOENT)
            r = 0;
        size_t m;
        const json_t *mount;
        json_array_foreach(json_object_get(record.doc, "Mounts"), m, mount)
        {
            const char *name = field_string(mount, "Name");
            if (name != NULL)
                add_user(users, name, ids.v[i]);
        }
    }
    if (r == 0)
        *ret = json_incref(users);
    json_decref(users);
    return r;
}

static int refuse_used(const json_t *ids, const char *name, struct err *e)
{
    auto_text struct text list = {0};
    size_t i;
    const json_t *id;
    json_array_foreach(ids, i, id) if (i < SHOWN_USERS)
        text_addf(&list, "%s%s", i > 0 ? ", " : "", json_string_value(id));
    if (json_array_size(ids) > SHOWN_USERS)
        text_add(&list, ", ...");
    return err_set(e, EBUSY, "remove %.64s: volume is in use - [%s]", name,
                   list.s);
}

/* First it loses its name, in one step, and then its content. */
int volume_destroy(struct engine *engine, const char *name, struct err *e)
{
    auto_fd int volumes = volume_open_dir(engine->rootfd, "volumes");
    char id[RECORD_ID_LEN + 1];
    record_new_id(id);
    auto_free char *gone = text_format(".gone-%.16s", id);
    int r = volumes < 0
                ? volumes
                : sys_renameat2(volumes, name, volumes, gone, RENAME_NOREPLACE);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "get %.64s: no such volume", name);
    if (r < 0)
        return err_sys(e, r, "remove %s", name);
    events_of_volume(engine, name, "destroy", NULL);
    r = files_remove_tree(volumes, gone, e);
    return r < 0 ? err_add(e, "remove %s", name) : 0;
}

int volume_remove(struct engine *engine, const char *name, struct err *e)
{
    /* TODO lab 13.5: with volume_lock in hand: -ENOENT where there is none;
     * volume_users, and refuse_used if it is somebody's; else volume_destroy */
    return err_set(e, ENOSYS, "lab 13.5 is not written yet");
}
