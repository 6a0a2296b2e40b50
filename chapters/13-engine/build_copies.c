/* What a RUN sees beside its image and may change or not know the name of: a
 * copy, made when the step is not known, and gone when it has ended. */
#include "build_copies.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define CONTENT "content"

struct build_copies build_copies_for(const struct dockerfile_instruction *ins)
{
    /* A flag each, and a script. Sets point to their trees: none moves. */
    return (struct build_copies){
        .v = own_alloc((ins->n_flags + 1) * sizeof(struct build_copy))};
}

void build_copies_done(struct build_copies *copies)
{
    for (size_t i = 0; i < copies->n; i++) {
        struct build_copy *copy = &copies->v[i];
        copyset_done(&copy->set);
        tree_close(&copy->tree);
        text_done(&copy->text);
        stage_close(&copy->stage);
        own_close(&copy->lock);
        own_free(&copy->cache);
    }
    own_free(&copies->v);
}

struct build_copy *build_copies_add(struct build_copies *copies, json_t *mount)
{
    struct build_copy *copy = &copies->v[copies->n++];
    *copy = (struct build_copy){
        .mount = mount,
        .looks = {-1,  -1, -1, NULL, NULL},
        .stage = {.dir = -1},
        .lock = -1,
    };
    return copy;
}

/* --- filling it ----------------------------------------------------------- */

static int write_out(void *arg, const void *bytes, size_t len)
{
    return files_write_all(*(const int *)arg, bytes, len);
}

static int pack_text(const struct build_copy *copy, const char *path,
                     struct pack *pack, struct err *e)
{
    struct stat st = {
        .st_mode = S_IFREG | (mode_t)copy->looks.mode,
        .st_uid = (uid_t)copy->looks.uid,
        .st_gid = (gid_t)copy->looks.gid,
        .st_size = (off_t)copy->text.len,
    };
    return pack_put_text(pack, path, &st, &copy->text, e);
}

static int pack_all(struct build_copy *copy, const char *path, int fd,
                    struct err *e)
{
    const struct tree nothing = {.n = 0};
    auto_free char *inside = text_format("%s/", path);
    const struct copyset_to to = {
        .tree = &nothing,
        .path = copy->set.has_directory ? inside : path,
        .looks = copy->looks,
    };
    const struct pack_options options = {
        .target = {write_out, &fd}
    };
    struct pack *pack = pack_open(&options);
    int r = copy->set.n > 0 ? copyset_pack(&copy->set, &to, pack, e)
                            : pack_text(copy, path, pack, e);
    return pack_close(pack, r, e);
}

/* Through an archive, as all files that a build puts anywhere. */
static int fill(struct build_copy *copy, int dir, const char *path,
                struct err *e)
{
    const char *name = "archive";
    int fd = sys_openat(copy->stage.dir, name,
                        O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, fd, "open %s", name);
    auto_fd int archive = fd;
    sys_unlinkat(copy->stage.dir, name, 0);
    int r = pack_all(copy, path, archive, e);
    if (r == 0 && lseek(archive, 0, SEEK_SET) < 0)
        r = err_sys(e, errno, "seek");
    const struct layer_source source = {build_read_fd, &archive};
    const struct layer_rules rules = {.has_owner = false};
    return r < 0 ? r : layer_extract_plain(source, dir, &rules, NULL, e);
}

static int make_copy(struct build *b, struct build_copy *copy, struct err *e)
{
    const struct engine *engine = b->engine;
    bool is_secret = copy->is_secret;
    int r =
        stage_open(&copy->stage, is_secret ? engine->runfd : engine->rootfd, e);
    if (r == 0)
        r = fill(copy, copy->stage.dir, "/" CONTENT, e);
    if (r < 0)
        return r;
    return json_object_set_new(
        copy->mount, "Source",
        json_sprintf("%s/%s/" CONTENT, is_secret ? engine->run : engine->root,
                     copy->stage.path));
}

/* --- --mount=type=cache --------------------------------------------------- */

/* Signals are blocked where stages have processes of their own: waiting for a
 * lock ends with one all the same. */
static int lock_cache(int dir, const struct build_copy *copy, struct err *e)
{
    const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
    sigset_t set;
    build_signals(&set);
    int how = copy->sharing == BUILD_SHARED ? LOCK_SH : LOCK_EX;
    int r;
    while ((r = sys_flock(dir, how | LOCK_NB)) == -EWOULDBLOCK &&
           copy->sharing != BUILD_PRIVATE)
        if (sigtimedwait(&set, NULL, &moment) > 0)
            return err_set(e, EINTR, "the build was interrupted");
    return r;
}

/* A new one has its owner, and what an image or a stage has there. */
static int begin_cache(struct build *b, struct build_copy *copy, int dir,
                       struct err *e)
{
    int r = sys_fchownat(dir, "", (uid_t)copy->looks.uid,
                         (gid_t)copy->looks.gid, AT_EMPTY_PATH);
    if (r < 0)
        return err_sys(e, r, "chown %s", copy->cache);
    if (copy->set.n == 0)
        return 0;
    r = stage_open(&copy->stage, b->engine->rootfd, e);
    copy->looks = (struct pack_looks){-1, -1, -1, NULL, NULL};
    return r < 0 ? r : fill(copy, dir, "", e);
}

/* Open and locked; and it was used now. -EWOULDBLOCK: somebody has it, and it
 * is not to be shared; -ESTALE: it was removed before it was ours. */
static int open_cache(struct build *b, struct build_copy *copy,
                      const char *path, bool *ret_new, struct err *e)
{
    const struct timespec now[2] = {{.tv_nsec = UTIME_NOW},
                                    {.tv_nsec = UTIME_OMIT}};
    int r = sys_mkdirat(b->engine->rootfd, path, (mode_t)copy->looks.mode);
    *ret_new = r == 0;
    auto_fd int dir = r < 0 && r != -EEXIST
                          ? r
                          : sys_openat(b->engine->rootfd, path,
                                       O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (dir == -ENOENT)
        return -ESTALE;
    if (dir < 0)
        return err_sys(e, dir, "open %s/%s", b->engine->root, path);
    r = lock_cache(dir, copy, e);
    if (r < 0)
        return r;
    if (!files_is_named(b->engine->rootfd, path, dir))
        return -ESTALE;
    sys_utimensat(dir, ".", now, 0);
    return fd_take(&dir);
}

/* 1: it is ours; 0: somebody has it, and it is not to be shared. */
static int try_cache(struct build *b, struct build_copy *copy, const char *path,
                     struct err *e)
{
    bool is_new;
    auto_fd int dir = -ESTALE;
    while (dir == -ESTALE)
        dir = open_cache(b, copy, path, &is_new, e);
    if (dir < 0)
        return dir == -EWOULDBLOCK ? 0 : dir;
    int r = is_new ? begin_cache(b, copy, dir, e) : 0;
    if (r < 0)
        return r;
    copy->lock = fd_take(&dir);
    json_object_set_new(copy->mount, "Source",
                        json_sprintf("%s/%s", b->engine->root, path));
    return 1;
}

/* Whoever wants one for himself alone takes the first that is free. */
static int make_cache(struct build *b, struct build_copy *copy, struct err *e)
{
    int r = files_mkdirs(b->engine->rootfd, "cache/mounts", 0711, e);
    if (r == 0)
        r = try_cache(b, copy, copy->cache, e);
    for (unsigned n = 1; r == 0; n++) {
        auto_free char *other = text_format("%s-%u", copy->cache, n);
        r = try_cache(b, copy, other, e);
    }
    return r < 0 ? r : 0;
}

static bool is_made(const struct build_copy *copy)
{
    return json_object_get(copy->mount, "Source") != NULL;
}

/* The first one left, by the names of their directories: in this order all
 * builds lock, and so no two wait for each other. */
static struct build_copy *next_cache(const struct build_copies *copies)
{
    struct build_copy *first = NULL;
    for (size_t i = 0; i < copies->n; i++) {
        struct build_copy *copy = &copies->v[i];
        if (copy->cache != NULL && !is_made(copy) &&
            (first == NULL || strcmp(copy->cache, first->cache) < 0))
            first = copy;
    }
    return first;
}

/* The same cache at a second place of one RUN: it is ours already. */
static bool share_own(const struct build_copies *copies,
                      struct build_copy *copy)
{
    for (size_t i = 0; i < copies->n; i++) {
        const struct build_copy *other = &copies->v[i];
        if (other->cache == NULL || !is_made(other) ||
            strcmp(other->cache, copy->cache) != 0)
            continue;
        json_object_set(copy->mount, "Source",
                        json_object_get(other->mount, "Source"));
        return true;
    }
    return false;
}

int build_copies_make(struct build *b, struct build_copies *copies,
                      struct err *e)
{
    int r = 0;
    struct build_copy *copy;
    for (size_t i = 0; r == 0 && i < copies->n; i++)
        if (copies->v[i].cache == NULL)
            r = make_copy(b, &copies->v[i], e);
    while (r == 0 && (copy = next_cache(copies)) != NULL)
        if (!share_own(copies, copy))
            r = make_cache(b, copy, e);
    return r;
}
