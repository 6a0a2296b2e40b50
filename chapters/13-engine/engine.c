#include "engine.h"

#include "record.h"

#include "ctr.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first of these that applies. XDG Base Directory Specification for those
 * who are not root. */
static char *choose_root(const char *root)
{
    if (root == NULL || root[0] == '\0')
        root = getenv("MINI_DOCKER_ROOT");
    if (root != NULL && root[0] == '/')
        return own_strdup(root);
    if (root != NULL && root[0] != '\0') {
        auto_free char *here = getcwd(NULL, 0);
        return text_format("%s/%s", here != NULL ? here : "", root);
    }
    if (geteuid() == 0)
        return own_strdup("/var/lib/mini-docker");
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (data != NULL && data[0] == '/')
        return text_format("%s/mini-docker", data);
    return text_format("%s/.local/share/mini-docker",
                       home != NULL ? home : "/tmp");
}

/* Each state root has a run directory of its own, so that two roots never see
 * each other's containers: its name is a hash (FNV-1a) of the root's path. */
static char *choose_run(const char *root)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *c = root; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
    const char *dir = getenv("XDG_RUNTIME_DIR");
    auto_free char *base =
        geteuid() == 0 ? own_strdup("/run")
        : dir != NULL  ? own_strdup(dir)
                       : text_format("/tmp/mini-docker-%d", (int)geteuid());
    return text_format("%s/mini-docker/%016llx", base,
                       (unsigned long long)hash);
}

static int open_dir(const char *path, struct err *e)
{
    int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return fd < 0 ? err_sys(e, fd, "open %s", path) : fd;
}

/* Open the state root; lay it out when its last directory is missing. */
static int open_root(struct engine *engine, struct err *e)
{
    static const char *const dirs[] = {"images", "layers", "containers",
                                       "tmp",    "cache",  "names"};
    int r = files_mkdirs(AT_FDCWD, engine->root, 0711, e);
    if (r < 0)
        return r;
    engine->rootfd = open_dir(engine->root, e);
    if (engine->rootfd < 0 || faccessat(engine->rootfd, "names", F_OK, 0) == 0)
        return engine->rootfd < 0 ? engine->rootfd : 0;
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        r = sys_mkdirat(engine->rootfd, dirs[i], 0711);
        if (r < 0 && r != -EEXIST)
            return err_sys(e, r, "mkdir %s/%s", engine->root, dirs[i]);
    }
    return 0;
}

static int open_run(struct engine *engine, struct err *e)
{
    engine->first = access(engine->run, F_OK) < 0;
    int r = engine->first ? files_mkdirs(AT_FDCWD, engine->run, 0711, e) : 0;
    if (r == 0)
        engine->runfd = open_dir(engine->run, e);
    return r < 0 ? r : engine->runfd < 0 ? engine->runfd : 0;
}

int engine_open(struct engine **ret, const char *root, struct err *e)
{
    struct engine *engine = own_alloc(sizeof *engine);
    engine->rootfd = engine->runfd = -1;
    engine->root = choose_root(root);
    engine->run = choose_run(engine->root);
    int r = open_root(engine, e);
    if (r == 0)
        r = open_run(engine, e);
    if (r == 0)
        r = image_store_open(&engine->images, engine->root, e);
    engine->has_images = r == 0;
    if (r == 0 && engine->first)
        r = engine_sweep(engine, e);
    if (r < 0) {
        err_add(e, "state root %s", engine->root);
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
