/* Whether a list of containers would be what it was a moment ago. */
#include "engine_server.h"
#include "roster.h"

#include "own.h"

#include <string.h>

/* Who died has been swept, and what he left is another record. False: one of
 * them is too young to be told from another. */
static bool add_records(struct engine *engine, const struct strv *ids,
                        const struct strv *present, struct text *ret)
{
    size_t next = 0; /* both lists are sorted */
    for (size_t i = 0; i < ids->n; i++) {
        struct record record = {.doc = NULL};
        struct stamp stamp;
        while (next < present->n && strcmp(present->v[next], ids->v[i]) < 0)
            next++;
        bool is_present =
            next < present->n && strcmp(present->v[next], ids->v[i]) == 0;
        memcpy(record.id, ids->v[i], sizeof record.id);
        roster_stamp(engine, is_present, &record, &stamp);
        if (stamp.inode == 0)
            return false;
        text_addf(ret, "%s%d", ids->v[i], is_present);
        stamp_add(ret, &stamp);
    }
    return true;
}

bool engine_server_stamp(struct engine *engine, bool all, struct text *ret)
{
    auto_strv struct strv ids = {0}, present = {0};
    struct stamp names;
    if (record_ids_present(engine, &present, NULL) < 0 ||
        (all && record_ids(engine, &ids, NULL) < 0) ||
        stamp_get(engine->rootfd, "images/names.json", &names) < 0 ||
        names.inode == 0)
        return false;
    stamp_add(ret, &names);
    return add_records(engine, all ? &ids : &present, &present, ret);
}
