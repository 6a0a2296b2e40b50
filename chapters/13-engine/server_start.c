/* What a server does that a command line does not: be alone, and start again
 * what is to run whenever the machine does. */
#include "engine_server.h"
#include "run.h"

#include "field.h"
#include "files.h"
#include "own.h"
#include "place.h"

#include <errno.h>

int engine_server_lock(struct engine *engine, struct err *e)
{
    int fd = files_lock(engine->rootfd, "daemon.lock", FILES_TRY, e);
    return fd == -EWOULDBLOCK
               ? err_set(e, EADDRINUSE, "another daemon serves %s already",
                         engine->root)
               : fd;
}

char *engine_server_helper(const char *name)
{
    return place_helper(name);
}

/* Docker's rules for a daemon that starts: `always` counts even for one that a
 * person stopped. What never ran is not started. */
static bool is_wanted(const json_t *doc)
{
    const json_t *policy = field_get(doc, "HostConfig.RestartPolicy");
    if (field_string(doc, "State.StartedAt") == NULL ||
        field_bool(doc, "HostConfig.AutoRemove"))
        return false;
    if (field_is(policy, "Name", "on-failure"))
        return field_int(doc, "State.ExitCode", 0) != 0;
    return field_is(policy, "Name", "always") ||
           (field_is(policy, "Name", "unless-stopped") &&
            field_int(doc, "HasBeenManuallyStopped", 0) == 0);
}

int engine_server_start_again(struct engine *engine, struct err *e)
{
    auto_strv struct strv ids = {0};
    int r = engine_sweep(engine, e);
    if (r == 0)
        r = record_ids(engine, &ids, e);
    for (size_t i = 0; i < ids.n && r == 0; i++) {
        auto_record struct record record = {.doc = NULL};
        if (record_load(engine, ids.v[i], &record, NULL) == 0 && !record.live &&
            is_wanted(record.doc))
            engine_start(engine, ids.v[i], NULL, NULL);
    }
    return r;
}
