/* Where a container's log is, for whoever reads it. */
#include "run.h"

#include "own.h"
#include "plan.h"
#include "sys.h"

#include <errno.h>

/* A connection that is answered when it ends: to wait means to poll(2) it. */
static int watch_end(struct engine *engine, const char *id, struct err *e)
{
    json_auto_t *ask =
        json_pack("{s:s, s:s}", "do", "wait", "condition", "not-running");
    int fd = run_ask_fd(engine, id, ask, e);
    return fd == -ESRCH ? -1 : fd; /* it has ended already */
}

int engine_log_open(struct engine *engine, const char *name, bool follow,
                    struct engine_log *ret, struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    struct log_options options;
    bool kept = false;
    *ret = (struct engine_log){.dirfd = -1, .stop_fd = -1};
    int r = record_find(engine, name, &record, e);
    if (r == 0)
        r = plan_log_options(record.doc, &kept, &options, e);
    if (r < 0)
        return r;
    if (!kept)
        return err_set(e, EOPNOTSUPP,
                       "configured logging driver does not support reading");
    auto_free char *path = text_format("containers/%s", record.id);
    ret->name = text_format("%s-json.log", record.id);
    r = ret->dirfd =
        sys_openat(engine->rootfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (r < 0)
        err_sys(e, r, "open %s/%s", engine->root, path);
    else if (follow && record.live)
        r = ret->stop_fd = watch_end(engine, record.id, e);
    if (r >= -1)
        return 0;
    engine_log_close(ret);
    return r;
}

void engine_log_close(struct engine_log *log)
{
    own_close(&log->dirfd);
    own_close(&log->stop_fd);
    own_free(&log->name);
}
