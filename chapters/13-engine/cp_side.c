/* Finding source and destination on either side: cp.h. */
#include "cp.h"

#include "account.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int cp_open(const struct cp_side *side, const char *path, bool follows)
{
    int flags = O_PATH | (follows ? 0 : O_NOFOLLOW);
    if (side->root < 0)
        return sys_openat(AT_FDCWD, path, flags | O_CLOEXEC, 0);
    /* In a container all paths begin at its root, and none leads out. */
    return files_open_in(side->root, path, flags, 0, NULL);
}

/* Docker's words on either side. */
static int say_missing(const struct cp_side *side, const char *path, int r,
                       struct err *e)
{
    if (side->container == NULL)
        return err_sys(e, r, "lstat %s", path);
    if (r == -ENOENT || r == -ENOTDIR)
        return err_set(e, -r, "Could not find the file %s in container %s",
                       path, side->container);
    return err_sys(e, r, "open %s in container %s", path, side->container);
}

static int open_as_directory(const struct cp_side *side, const char *path)
{
    auto_fd int fd = cp_open(side, path, true);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        return -ENOTDIR;
    return fd_take(&fd);
}

/* ----------------------------------------------------------------- source */

void cp_source_done(struct cp_source *source)
{
    own_close(&source->parent);
    own_free(&source->path);
    own_free(&source->name);
}

int cp_find(const struct cp_side *side, const char *path, bool follows,
            char **ret_dir, char **ret_base)
{
    auto_free char *at = own_strdup(path);
    for (int links = 0; links < 40; links++) {
        cp_split(at, ret_dir, ret_base);
        auto_fd int fd = cp_open(side, at, false);
        char target[PATH_MAX];
        ssize_t n = fd < 0 || !follows
                        ? -1
                        : readlinkat(fd, "", target, sizeof target - 1);
        if (n < 0)
            return 0;
        target[n] = '\0';
        own_free(&at);
        at = target[0] == '/' ? own_strdup(target)
                              : text_format("%s/%s", *ret_dir, target);
        own_free(ret_dir);
        own_free(ret_base);
    }
    return -ELOOP;
}

static int open_entry(const struct cp_side *side, const char *path,
                      bool follows, struct cp_source *ret)
{
    auto_free char *dir = NULL, *base = NULL;
    int r = cp_find(side, path, follows, &dir, &base);
    if (r < 0)
        return r;
    ret->parent = open_as_directory(side, dir);
    if (ret->parent < 0)
        return ret->parent;
    struct stat st;
    if (fstatat(ret->parent, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    ret->is_dir = S_ISDIR(st.st_mode);
    ret->path = own_take(&base);
    if (!ret->is_dir)
        return 0;
    /* A directory is packed from itself on: what it is called where it lies
     * may be ".", or change. */
    int self = sys_openat(ret->parent, ret->path,
                          O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    own_close(&ret->parent);
    ret->parent = self;
    ret->path[0] = '\0';
    return self < 0 ? self : 0;
}

int cp_source_open(const struct cp_side *side, bool follows,
                   struct cp_source *ret, struct err *e)
{
    auto_free char *dir = NULL;
    ret->parent = -1;
    cp_split(side->path, &dir, &ret->name);
    bool is_directory = cp_asserts_directory(side->path);
    int r = open_entry(side, side->path, follows || is_directory, ret);
    if (r == 0 && is_directory && !ret->is_dir)
        r = -ENOTDIR;
    return r < 0 ? say_missing(side, side->path, r, e) : 0;
}

/* ------------------------------------------------------------ destination */

void cp_target_done(struct cp_target *target)
{
    own_close(&target->dir);
    own_free(&target->name);
}

int cp_target_in(const struct cp_side *side, const char *dir,
                 struct cp_target *ret, struct err *e)
{
    ret->dir = open_as_directory(side, dir);
    if (ret->dir >= 0)
        return 0;
    if (side->container == NULL && ret->dir == -ENOENT)
        return err_set(e, ENOENT,
                       "invalid output path: directory \"%s\" does not exist",
                       dir);
    if (ret->dir == -ENOTDIR)
        return err_set(e, ENOTDIR, "extraction point is not a directory");
    return say_missing(side, dir, ret->dir, e);
}

static int check_kind(const struct cp_side *side, const struct stat *st,
                      struct err *e)
{
    if (S_ISDIR(st->st_mode) || S_ISREG(st->st_mode))
        return 0;
    return side->container != NULL
               ? err_set(e, EINVAL,
                         "destination \"%s:%s\" must be a directory or a "
                         "regular file",
                         side->container, side->path)
               : err_set(e, EINVAL,
                         "invalid output path: \"%s\" must be a directory or a "
                         "regular file",
                         side->path);
}

int cp_target_open(const struct cp_side *side, const struct cp_source *source,
                   struct cp_target *ret, struct err *e)
{
    struct stat st;
    auto_free char *dir = NULL, *base = NULL;
    ret->dir = -1;
    auto_fd int there = cp_open(side, side->path, true);
    bool exists = there >= 0 && fstat(there, &st) == 0;
    int r = exists ? check_kind(side, &st, e) : 0;
    if (r < 0)
        return r;
    if (exists && S_ISDIR(st.st_mode)) {
        ret->dir = fd_take(&there);
        ret->name = own_strdup(source->name);
        return 0;
    }
    if (exists && source->is_dir)
        return err_set(e, EINVAL, "cannot copy directory");
    if (!source->is_dir && cp_asserts_directory(side->path))
        return err_set(e, ENOENT,
                       exists ? "not a directory" : "no such directory");
    /* A link is written through, to wherever it leads. */
    r = cp_find(side, side->path, true, &dir, &base);
    if (r < 0)
        return say_missing(side, side->path, r, e);
    ret->name = own_take(&base);
    return cp_target_in(side, dir, ret, e);
}

int cp_target_directory(const struct cp_side *side, struct cp_target *ret,
                        struct err *e)
{
    ret->dir = open_as_directory(side, side->path);
    if (ret->dir >= 0)
        return 0;
    return ret->dir == -ENOTDIR || ret->dir == -ENOENT
               ? err_set(e, ENOTDIR,
                         "destination \"%s:%s\" must be a directory",
                         side->container, side->path)
               : say_missing(side, side->path, ret->dir, e);
}

int cp_owner(struct engine *engine, const struct cp_side *side,
             struct layer_rules *ret, struct err *e)
{
    auto_strv struct strv layers = {0}, none = {0};
    struct spec_process who = {0};
    json_auto_t *doc = NULL;
    strv_addf(&layers, "/proc/self/fd/%d", side->root);
    int r = engine_inspect(engine, side->container, false, &doc, e);
    if (r == 0)
        r = account_resolve(&layers, field_string(doc, "Config.User"), &none,
                            &who, e);
    strv_done(&who.env);
    ret->has_owner = r == 0;
    ret->uid = who.uid;
    ret->gid = who.gid;
    return r;
}
