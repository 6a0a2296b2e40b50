/* Containers without root: the engine of an ordinary user. */
#include "record.h"

#include "cg.h"
#include "rootless.h"

#include <unistd.h>

/*
 * What the ids in an image are good for needs a user namespace, and what may be
 * limited needs a group of one's own. The second is only looked for: without,
 * containers run unlimited.
 */
int engine_enter(struct engine *engine, struct err *e)
{
    if (engine->user == 0 || engine->is_root_inside)
        return 0;
    struct rootless who;
    cg_check_writable(&engine->no_group);
    int r = rootless_enter(&who, e);
    if (r < 0)
        return r;
    engine->is_root_inside = true;
    engine->has_one_id = who.single;
    return 0;
}
