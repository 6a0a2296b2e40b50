#include "contents.h"

#include "ctr.h"
#include "field.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Below everything: mount points that images lack, for all containers the
 * same, so that none makes and removes its own. */
void contents_add_layers(const struct engine *engine, const struct image *image,
                         struct strv *ret)
{
    image_stack(image, ret);
    strv_addf(ret, "%s/mountpoints", engine->root);
}

static int open_layers(struct contents *c, struct err *e)
{
    auto_free char *own = text_format("%s/diff", c->snap.dir);
    auto_strv struct strv upper = {0};
    strv_add(&upper, own);
    int r = snap_find(&c->snap, &c->diff.since, e);
    c->above.has_marks = !c->snap.is_copy;
    c->below.has_marks = true;
    if (r == 0)
        r = tree_open(&c->above, &upper, e);
    if (r == 0)
        r = tree_open(&c->below, &c->snap.layers, e);
    return r;
}

int contents_open(struct engine *engine, const char *name, struct contents *c,
                  struct err *e)
{
    c->engine = engine;
    int r = record_find(engine, name, &c->record, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (r < 0)
        return r;
    const char *image = field_string(c->record.doc, "Image");
    r = image_find(&engine->images, image != NULL ? image : "", &c->image, e);
    if (r < 0)
        return r;
    contents_add_layers(engine, &c->image, &c->snap.layers);
    c->snap.dir = record_dir(engine, c->record.id);
    r = open_layers(c, e);
    if (r < 0)
        return r;
    c->diff.above = &c->above;
    c->diff.below = &c->below;
    c->diff.is_sheet = !c->snap.is_copy;
    return 0;
}

void contents_done(struct contents *c)
{
    tree_close(&c->above);
    tree_close(&c->below);
    snap_done(&c->snap);
    image_done(&c->image);
    record_done(&c->record);
}

int contents_check(const struct contents *c, struct err *e)
{
    auto_free char *path = text_format("%s/diff", c->snap.dir);
    struct stat now, then;
    if (lstat(path, &now) == 0 && fstat(c->above.layers[0], &then) == 0 &&
        now.st_ino == then.st_ino && now.st_dev == then.st_dev)
        return 0;
    return err_set(e, ENOENT, "No such container: %s (it was removed)",
                   c->record.id);
}

struct tree contents_merged(const struct contents *c)
{
    struct tree tree = {.has_marks = true};
    tree_add(&tree, c->above.layers[0]);
    /* A copy has all of the layers in it, and no marks. */
    for (size_t i = 0; !c->snap.is_copy && i < c->below.n; i++)
        tree_add(&tree, c->below.layers[i]);
    tree.has_marks = !c->snap.is_copy;
    return tree;
}

int contents_process(const struct engine *engine, const struct record *record,
                     pid_t *ret_pid, struct err *e)
{
    struct ctr_identity identity = {0};
    auto_free char *path = text_format("%s/state", record->id);
    int r = record->live ? ctr_identity_load(engine->runfd, path, &identity, e)
                         : err_sys(e, ESRCH, "container %.12s", record->id);
    if (r < 0)
        return r == -ENOENT ? err_sys(e, ESRCH, "container %.12s", record->id)
                            : r;
    *ret_pid = identity.pid;
    return ctr_identity_open(&identity, e);
}
