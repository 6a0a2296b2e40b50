/* From a container that is there to one that runs: its monitor is born. */
#include "run.h"

#include "field.h"
#include "files.h"
#include "keeper.h"
#include "own.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* --- taking one that does not run ----------------------------------------- */

static void load(struct run *run, struct record *record)
{
    run->doc = own_take(&record->doc);
    run->removes = field_bool(run->doc, "HostConfig.AutoRemove");
    const char *name = field_string(run->doc, "Name");
    run->name = name == NULL ? NULL : own_strdup(name + (name[0] == '/'));
}

int run_find_image(struct run *run, struct err *e)
{
    const char *image = field_string(run->doc, "Image");
    if (image == NULL)
        return err_set(e, EBADMSG, "container %.12s names no image", run->id);
    return image_find(&run->engine->images, image, &run->image, e);
}

int run_take(struct run *ret, struct engine *engine, const char *name,
             struct err *e)
{
    ret->engine = engine;
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (r < 0)
        return r;
    memcpy(ret->id, record.id, sizeof ret->id);
    /* What a dead owner left would be in the way of the next one. */
    if (!record.live && faccessat(engine->runfd, ret->id, F_OK, 0) == 0)
        run_sweep_one(engine, ret->id);
    ret->lock = record_lock_dead(engine, ret->id, e);
    if (ret->lock == -EWOULDBLOCK)
        return err_set(e, EALREADY, "container %s has an owner", name);
    if (ret->lock < 0)
        return ret->lock;
    /* Now that it cannot change any more; or it is gone. */
    record_done(&record);
    r = record_load(engine, ret->id, &record, e);
    if (r == -ENOENT) {
        files_remove_tree(engine->runfd, ret->id, NULL);
        return err_set(e, ENOENT, "No such container: %s", name);
    }
    if (r == 0)
        load(ret, &record);
    return r;
}

/* --- handing it over ------------------------------------------------------ */

struct handover {
    struct run *run;
    const json_t *ask;
};

static void work(void *arg, int client)
{
    const struct handover *handover = arg;
    monitor_main(handover->run, client, handover->ask);
}

int run_start(struct run *run, const json_t *ask, int *ret_fd, struct err *e)
{
    struct handover handover = {run, ask};
    auto_fd int fd = keeper_start(run->engine, run->lock, work, &handover, e);
    own_close(&run->lock); /* the monitor has it as well */
    int r = fd < 0 ? fd : run_hear(fd, NULL, e);
    *ret_fd = r < 0 ? -1 : fd_take(&fd);
    return r;
}
