/* A new container: the engine's own table of steps. */
#include "run.h"

#include "contents.h"
#include "engine_check.h"
#include "events.h"
#include "plan.h"
#include "snapshots.h"

#include "field.h"
#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "trace.h"
#include "volume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_TRIES = 8 };

static int do_image(struct run *run, struct err *e)
{
    const char *name = field_string(run->order->document, "Image");
    if (name == NULL)
        return err_set(e, EINVAL, "the request names no image");
    int r = image_find_for(&run->engine->images, name, run->order->platform,
                           &run->image, e);
    if (r == 0 && run->order->is_step)
        json_object_del(json_object_get(run->image.config, "config"),
                        "Volumes");
    return r;
}

static int do_lock(struct run *run, struct err *e)
{
    run->lock = record_lock_new(run->engine, run->id, e);
    return run->lock < 0 ? run->lock : 0;
}

/* The last to be undone, and only if the rest was: a run directory whose lock
 * nobody holds is what tells the next sweep that there is something to do. */
static int undo_lock(struct run *run, struct err *e)
{
    if (run->lock < 0)
        return 0;
    int r = run->unclean ? 0 : record_remove(run->engine, run->id, NULL, e);
    own_close(&run->lock);
    return r;
}

/* The name that was asked for, or a new one at each try; the last is certain
 * to be free: the beginning of the id. */
static char *choose_name(const struct run *run, int try)
{
    if (run->order->name != NULL)
        return own_strdup(run->order->name);
    return try + 1 < NAME_TRIES ? run_random_name(try > 0)
                                : text_format("%.12s", run->id);
}

static int do_name(struct run *run, struct err *e)
{
    bool given = run->order->name != NULL;
    for (int try = 0; try < NAME_TRIES; try++) {
        own_free(&run->name);
        run->name = choose_name(run, try);
        char owner[RECORD_ID_LEN + 1];
        int r = record_name(run->engine, run->name, run->id, owner, e);
        if (r != -EEXIST)
            return r;
        /* The owner may have died; then the name is free again. */
        if (given && !run_sweep_one(run->engine, owner))
            return r;
    }
    return err_set(e, EEXIST, "every name that was tried is in use");
}

static int undo_name(struct run *run, struct err *e)
{
    return run->name == NULL
               ? 0
               : record_unname(run->engine, run->name, run->id, e);
}

/* What the snapshot is made of. */
static void describe_snapshot(struct run *run)
{
    contents_add_layers(run->engine, &run->image, &run->snap.layers);
    run->snap.dir = record_dir(run->engine, run->id);
    run->snap.is_volatile = run->removes;
    run->snap.is_copy = snapshots_are_copies(run->engine);
    run->snap.target = text_format("%s/%s/root", run->engine->run, run->id);
}

/* The writable layer. It is made before the plan, which puts files in it. */
static int do_snapshot(struct run *run, struct err *e)
{
    describe_snapshot(run);
    return snap_create(&run->snap, e);
}

static int undo_snapshot(struct run *run, struct err *e)
{
    return run->snap.dir != NULL ? snap_destroy(&run->snap, e) : 0;
}

int run_renew_snapshot(struct run *run, struct err *e)
{
    describe_snapshot(run);
    int r = snap_destroy(&run->snap, e);
    return r < 0 ? r : snap_create(&run->snap, e);
}

/* Called by chapter 06 inside the new mount namespace. The image can be seen
 * whole here and nowhere else, so this is where volumes are filled from it. */
static int mount_snapshot(void *arg, struct err *e)
{
    struct run *run = arg;
    int r = snap_mount(&run->snap, e);
    return r < 0 ? r : volume_fill(run->engine, run->doc, run->snap.target, e);
}

/* What goes with a container that removes itself lies in memory. */
static char *etc_dir(const struct engine *engine, const char *id, bool removes)
{
    return removes ? text_format("%s/%s", engine->run, id)
                   : record_dir(engine, id);
}

char *run_etc_dir(const struct engine *engine, const char *id)
{
    auto_free char *passing = text_format("%s/hosts", id);
    return etc_dir(engine, id, faccessat(engine->runfd, passing, F_OK, 0) == 0);
}

int run_plan(struct run *run, struct err *e)
{
    if (run->snap.dir == NULL) { /* it is there already */
        describe_snapshot(run);
        snap_find(&run->snap, NULL, NULL);
    }
    int r = sys_mkdirat(AT_FDCWD, run->snap.target, 0700);
    if (r < 0 && r != -EEXIST)
        return err_sys(e, r, "mkdir %s", run->snap.target);
    auto_free char *dir = etc_dir(run->engine, run->id, run->removes);
    auto_strv struct strv layers = {0};
    strv_addf(&layers, "%s/diff", run->snap.dir);
    for (size_t i = 0; i < run->image.layers.n; i++)
        strv_add(&layers, run->image.layers.v[i]);
    struct plan plan = {
        .engine = run->engine,
        .image = &run->image,
        .layers = &layers,
        .doc = run->doc,
        .id = run->id,
        .dir = dir,
        .spec = &run->spec,
        .waits = run->is_draft ? &run->waits : NULL,
    };
    spec_done(&run->spec);
    r = plan_make(&plan, e);
    if (r < 0)
        return r;
    run->spec.root.path = own_strdup(run->snap.target);
    run->spec.root.mount = mount_snapshot;
    run->spec.root.arg = run;
    return 0;
}

static void warn_of(const struct run *run, void (*warn)(const char *line))
{
    const struct engine *engine = run->engine;
    bool unlimited = engine->no_group.code != 0 && plan_has_limits(run->doc);
    auto_free char *limits = text_format("WARNING: limits are not applied: %s",
                                         engine->no_group.msg);
    if (unlimited)
        warn(limits);
    const char *complaint = wiring_complaint(engine, run->doc);
    auto_free char *network =
        text_format("WARNING: %s", complaint != NULL ? complaint : "");
    if (complaint != NULL)
        warn(network);
    plan_tell_skipped(run->doc, warn);
}

/* A name may change its owner; an id does not. */
static int settle_owner(struct run *run, const char *member, struct err *e)
{
    static const char join[] = "container:";
    json_t *host = json_object_get(run->doc, "HostConfig");
    const char *mode = field_string(host, member);
    auto_record struct record other = {.doc = NULL};
    if (mode == NULL || !text_starts(mode, join))
        return 0;
    int r = record_find(run->engine, mode + strlen(join), &other, e);
    if (r == 0)
        json_object_set_new(host, member, json_sprintf("%s%s", join, other.id));
    return r;
}

static int do_plan(struct run *run, struct err *e)
{
    run->doc =
        plan_document(run->order->document, &run->image, run->id, run->name);
    int r = settle_owner(run, "NetworkMode", e);
    if (r == 0)
        r = settle_owner(run, "PidMode", e);
    if (r == 0)
        r = wiring_document(run->engine, run->doc, run->order->document, e);
    run->is_draft = true;
    if (r == 0)
        r = run_plan(run, e);
    run->is_draft = false;
    if (r == 0 && run->order->warn != NULL)
        warn_of(run, run->order->warn);
    return r;
}

static int do_record(struct run *run, struct err *e)
{
    int r = record_save(run->engine, run->id, run->doc, e);
    const char *cidfile = run->order->cidfile;
    if (r < 0 || cidfile == NULL)
        return r;
    auto_fd int fd = sys_openat(AT_FDCWD, cidfile,
                                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd == -EEXIST)
        return err_set(e, EEXIST,
                       "container ID file found, make sure the other container "
                       "isn't running or delete %s",
                       cidfile);
    run->told_id = fd >= 0;
    ssize_t n = fd < 0 ? fd : sys_write(fd, run->id, RECORD_ID_LEN);
    return n < 0 ? err_sys(e, (int)n, "write %s", cidfile) : 0;
}

/* There is no container after all: its id is of no use to anybody. */
static void take_back_id(const struct run *run)
{
    if (run->told_id)
        sys_unlinkat(AT_FDCWD, run->order->cidfile, 0);
}

/* After the record, which names them: see volume.h. */
static int do_volumes(struct run *run, struct err *e)
{
    return volume_use(run->engine, run->doc, &run->spec, e);
}

static int undo_volumes(struct run *run, struct err *e)
{
    return volume_leave(run->engine, run->doc, e);
}

static const struct {
    const char *name, *chapter, *why;
    int (*act)(struct run *run, struct err *e);
    int (*undo)(struct run *run, struct err *e);
} run_steps[] = {
    {"image",    "08", "the name leads to layers and a configuration",      do_image,
     NULL                                                                                            },
    {"lock",     "13", "an id, and proof for others that its owner lives",  do_lock,
     undo_lock                                                                                       },
    {"name",     "13", "no two containers answer to one name",              do_name,    undo_name    },
    {"snapshot", "07", "a layer of its own to write to, above the image's",
     do_snapshot,                                                                       undo_snapshot},
    {"plan",     "13", "defaults and options become a specification",       do_plan,
     NULL                                                                                            },
    {"record",   "13", "written down before anything runs",                 do_record,  NULL         },
    {"volumes",  "13", "what outlives it is there before it starts",        do_volumes,
     undo_volumes                                                                                    },
};
#define N_RUN_STEPS (sizeof run_steps / sizeof run_steps[0])

/* Go on after a failure, and tell the first. */
static int undo_from(struct run *run, size_t end, struct err *e)
{
    int result = 0;
    for (size_t i = end; i-- > 0;) {
        if (run_steps[i].undo == NULL)
            continue;
        int r = run_steps[i].undo(run, result == 0 ? e : NULL);
        run->unclean = run->unclean || r < 0;
        result = result == 0 ? r : result;
    }
    return result;
}

static int prepare(struct run *run, struct err *e)
{
    for (size_t i = 0; i < N_RUN_STEPS; i++) {
        trace_step_begin(run_steps[i].name, run_steps[i].chapter,
                         run_steps[i].why);
        int r = run_steps[i].act(run, e);
        trace_step_end(r);
        if (r < 0) {
            undo_from(run, i + 1, NULL);
            return r;
        }
    }
    return 0;
}

int run_meet_process(void *arg, pid_t pid, struct err *e)
{
    struct run *run = arg;
    auto_free char *path = text_format("%s/state", run->id);
    int r = ctr_identity_save(run->engine->runfd, path, pid, e);
    return r < 0 ? r : wiring_connect(&run->wiring, pid, e);
}

int run_wire(struct run *run, struct err *e)
{
    auto_free char *dir = etc_dir(run->engine, run->id, run->removes);
    int r = wiring_prepare(&run->wiring, run->engine, run->doc, dir, e);
    if (r < 0 || run->wiring.ns <= 0)
        return r;
    /* It is born into our own, and goes where its network is ready. */
    run->spec.new_namespaces &= ~NS_BIT(NS_NET);
    own_free(&run->spec.join_paths[NS_NET]);
    run->spec.join_paths[NS_NET] =
        text_format("/proc/self/fd/%d", run->wiring.ns);
    return 0;
}

int run_unwire(struct run *run, struct err *e)
{
    int r = wiring_undo(&run->wiring, e);
    run->unclean = run->unclean || r < 0;
    return r;
}

int run_create(struct run *ret, struct engine *engine,
               const struct engine_create *order, struct err *e)
{
    ret->engine = engine;
    ret->order = order;
    ret->removes = field_bool(order->document, "HostConfig.AutoRemove");
    int r = order->name != NULL ? engine_check_name(order->name, e) : 0;
    if (r == 0)
        r = engine_check_request(order->document, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (r == 0)
        r = prepare(ret, e);
    if (r < 0)
        take_back_id(ret);
    else
        events_of_container(engine, ret->doc, "create", NULL);
    ret->order = NULL;
    ret->is_new = r == 0 && !ret->waits;
    return r;
}

int run_remove(struct run *run, struct err *e)
{
    trace_step_begin("remove", "13", "as if it had never been");
    int r = undo_from(run, N_RUN_STEPS, e);
    trace_step_end(r);
    if (r == 0)
        events_of_container(run->engine, run->doc, "destroy", NULL);
    return r;
}

int run_release(struct run *run, struct err *e)
{
    int r =
        run->unclean ? 0 : files_remove_tree(run->engine->runfd, run->id, e);
    own_close(&run->lock);
    return r;
}

void run_done(struct run *run)
{
    own_free(&run->name);
    own_close(&run->lock);
    image_done(&run->image);
    json_decref(run->doc);
    spec_done(&run->spec);
    snap_done(&run->snap);
    ctr_done(&run->ctr);
    wiring_done(&run->wiring);
}
