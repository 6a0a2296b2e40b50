#include "engine.h"

#include "record.h"

#include "ctr.h"
#include "events.h"
#include "files.h"
#include "own.h"
#include "place.h"
#include "rootless.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An image need not have the directories and files that mounts need. They
 * lie in one layer below all images: what an image has itself wins, whatever
 * it is. Made aside and renamed, so that it is never seen half done. */
static int make_mountpoints(struct engine *engine, struct err *e)
{
    static const char *const dirs[] = {"", "/dev", "/etc", "/proc", "/sys"};
    static const char *const files[] = {"/etc/hosts", "/etc/hostname",
                                        "/etc/resolv.conf", "/.dockerenv"};
    auto_free char *tmp = text_format("tmp/mountpoints.%d", (int)getpid());
    int r = files_remove_tree(engine->rootfd, tmp, e);
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0] && r >= 0; i++) {
        auto_free char *path = text_format("%s%s", tmp, dirs[i]);
        r = sys_mkdirat(engine->rootfd, path, 0755);
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0] && r >= 0; i++) {
        auto_free char *path = text_format("%s%s", tmp, files[i]);
        auto_fd int fd =
            sys_openat(engine->rootfd, path,
                       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
        r = fd;
    }
    if (r >= 0)
        r = sys_renameat2(engine->rootfd, tmp, engine->rootfd, "mountpoints",
                          RENAME_NOREPLACE);
    if (r < 0)
        files_remove_tree(engine->rootfd, tmp, NULL);
    return r >= 0 || r == -EEXIST
               ? 0
               : err_sys(e, r, "make %s/mountpoints", engine->root);
}

static int open_dir(const char *path, struct err *e)
{
    int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return fd < 0 ? err_sys(e, fd, "open %s", path) : fd;
}

/* Open the state root; lay it out when something is missing. */
static int open_root(struct engine *engine, struct err *e)
{
    static const char *const dirs[] = {"images", "layers", "containers", "tmp",
                                       "cache"};
    int r = rootless_secure(engine->root, e);
    if (r == 0)
        r = files_mkdirs(AT_FDCWD, engine->root, 0711, e);
    if (r < 0)
        return r;
    engine->rootfd = open_dir(engine->root, e);
    if (engine->rootfd < 0)
        return engine->rootfd;
    if (faccessat(engine->rootfd, "mountpoints", F_OK, 0) == 0)
        return 0;
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        r = sys_mkdirat(engine->rootfd, dirs[i], 0711);
        if (r < 0 && r != -EEXIST)
            return err_sys(e, r, "mkdir %s/%s", engine->root, dirs[i]);
    }
    return make_mountpoints(engine, e);
}

/* The run directory is complete when it has its names. The first after a boot
 * makes them; others wait for it. */
static int open_run(struct engine *engine, struct err *e)
{
    int r = rootless_secure(engine->run, e);
    if (r == 0)
        r = files_mkdirs(AT_FDCWD, engine->run, 0711, e);
    if (r < 0)
        return r;
    engine->runfd = open_dir(engine->run, e);
    if (engine->runfd < 0 || faccessat(engine->runfd, "names", F_OK, 0) == 0)
        return engine->runfd < 0 ? engine->runfd : 0;
    auto_fd int lock = files_lock(engine->runfd, "first", 0, e);
    if (lock < 0)
        return lock;
    engine->first = faccessat(engine->runfd, "names", F_OK, 0) < 0;
    if (!engine->first)
        return 0;
    /* What fails here is tried again by the next sweep: it has left a
     * directory for that. */
    engine_sweep(engine, NULL);
    r = record_index(engine, e);
    /* Who dies from now on was not ended by the boot. */
    engine->first = false;
    return r;
}

int engine_open(struct engine **ret, const char *root, struct err *e)
{
    struct engine *engine = own_alloc(sizeof *engine);
    engine->rootfd = engine->runfd = -1;
    engine->user = geteuid();
    engine->root = place_root(root);
    engine->run = place_run(engine->root);
    const char *where = engine->root, *what = "state root";
    int r = open_root(engine, e);
    if (r == 0)
        r = image_store_open(&engine->images, engine->root, e);
    engine->has_images = r == 0;
    engine->images.tell = events_of_image;
    engine->images.arg = engine;
    if (r == 0) {
        where = engine->run, what = "run directory";
        r = open_run(engine, e);
    }
    if (r < 0) {
        err_add(e, "%s %s", what, where);
        engine_close(engine);
        return r;
    }
    *ret = engine;
    return 0;
}

void engine_close(struct engine *engine)
{
    if (engine == NULL)
        return;
    if (engine->has_images)
        image_store_close(&engine->images);
    own_close(&engine->rootfd);
    own_close(&engine->runfd);
    free(engine->root);
    free(engine->run);
    free(engine);
}

int engine_exit_code(const struct err *e)
{
    return e->code == CTR_NOT_FOUND        ? 127
           : e->code == CTR_NOT_EXECUTABLE ? 126
                                           : 125;
}

const struct image_store *engine_images(struct engine *engine)
{
    return &engine->images;
}
