#include "unpack.h"

#include "files.h"
#include "implied.h"
#include "own.h"
#include "rootless.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void unpack_init(struct unpack *u, int root)
{
    *u = (struct unpack){
        .root = root,
        .parent = -1,
        .in_userns = rootless_is_inside(),
        .one_owner = rootless_has_one_id(),
    };
}

void unpack_done(struct unpack *u)
{
    own_close(&u->parent);
    strv_done(&u->implied);
}

struct unpack_shown unpack_show(const char *name)
{
    /* Errors are one line and end up on terminals: no newlines, no escapes. */
    struct unpack_shown shown;
    size_t n = 0;
    for (; name[n] != '\0' && n < sizeof shown.s - 4; n++) {
        bool is_control = (unsigned char)name[n] < ' ' || name[n] == '\x7f';
        shown.s[n] = '?';
        if (!is_control)
            shown.s[n] = name[n];
    }
    snprintf(shown.s + n, sizeof shown.s - n, "%s",
             name[n] != '\0' ? "..." : "");
    return shown;
}

int unpack_clean(const char *name, char *path, struct err *e)
{
    size_t used = 0;
    for (const char *at = name; *at != '\0';) {
        size_t len = (size_t)(strchrnul(at, '/') - at);
        if (len == 2 && memcmp(at, "..", 2) == 0)
            return err_set(e, EINVAL, "\"..\" in the name %s",
                           unpack_show(name).s);
        bool is_empty = len == 0 || (len == 1 && *at == '.');
        if (!is_empty && used + len + 2 > PATH_MAX)
            return err_sys(e, ENAMETOOLONG, "%s", unpack_show(name).s);
        if (!is_empty) {
            if (used > 0)
                path[used++] = '/';
            memcpy(path + used, at, len);
            used += len;
        }
        at += len + (at[len] == '/');
    }
    path[used] = '\0';
    return 0;
}

/* Length of the directory part of a clean path: 0 in the root. */
static size_t parent_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path);
}

static int open_dir(int root, const char *path, struct err *e)
{
    int fd = files_open_in(root, path[0] == '\0' ? "." : path,
                           O_PATH | O_DIRECTORY, 0, NULL);
    return fd < 0 ? err_sys(e, fd, "open %s", unpack_show(path).s) : fd;
}

int unpack_open_parent(int root, const char *path, struct err *e)
{
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%.*s", (int)parent_len(path), path);
    return open_dir(root, parent, e);
}

static int keep_times(int dir, struct timespec times[2], struct err *e)
{
    struct stat st;
    if (fstat(dir, &st) < 0)
        return err_sys(e, errno, "read the times of a directory");
    times[0] = st.st_atim;
    times[1] = st.st_mtim;
    return 0;
}

static int set_back(int dir, const struct timespec times[2], struct err *e)
{
    int r = sys_utimensat(dir, ".", times, 0);
    return r < 0 ? err_sys(e, r, "set the times of a directory") : 0;
}

/* An entry for it may still come. How much is noted is limited, whatever the
 * archive makes up. */
static int note_implied(struct unpack *u, int above, const char *name,
                        const char *path, struct err *e)
{
    enum { OVERHEAD = 48 };
    if (u->rules != NULL)
        return 0;
    u->implied_bytes += strlen(path) + OVERHEAD;
    if (u->implied_bytes > LAYER_MOST_IMPLIED)
        return err_set(e, E2BIG, "too many directories have no entry");
    strv_add(&u->implied, path);
    return implied_mark(above, name, e);
}

/* What is above keeps its times. `path` leads to it from the root. */
static int make_dir_in(struct unpack *u, int above, const char *name,
                       const char *path, struct err *e)
{
    struct timespec times[2];
    int r = keep_times(above, times, e);
    if (r < 0)
        return r;
    r = sys_mkdirat(above, name, 0755);
    if (r == -EEXIST)
        return 0;
    if (r < 0)
        return err_sys(e, r, "%s", unpack_show(name).s);
    r = note_implied(u, above, name, path, e);
    return r < 0 ? r : set_back(above, times, e);
}

/* Open u->parent_path, making what is missing on the way. Each step is opened
 * from the root again, because a part may be a symbolic link to elsewhere in
 * the layer (bin -> usr/bin) and must then be made there. */
static int make_dirs(struct unpack *u, struct err *e)
{
    char *path = u->parent_path;
    auto_fd int above = open_dir(u->root, "", e);
    for (char *at = path; above >= 0 && at != NULL;) {
        char *slash = strchr(at, '/');
        if (slash != NULL)
            *slash = '\0';
        int r = make_dir_in(u, above, at, path, e);
        if (r < 0)
            return err_add(e, "mkdir %s", unpack_show(path).s);
        int below = open_dir(u->root, path, e);
        own_close(&above);
        above = below;
        if (slash != NULL)
            *slash = '/';
        at = slash != NULL ? slash + 1 : NULL;
    }
    return fd_take(&above);
}

/* The parent of `path`, from the entry before where it is the same. That one
 * may meanwhile be found under another name, but it is beneath the root. */
int unpack_find(struct unpack *u, const char *path, const char **ret_base,
                struct err *e)
{
    size_t len = parent_len(path);
    *ret_base = path[0] == '\0' ? "." : path + len + (len > 0);
    if (u->parent >= 0 && strlen(u->parent_path) == len &&
        memcmp(u->parent_path, path, len) == 0)
        return 0;
    int r = unpack_finish(u, e);
    if (r < 0)
        return r;
    memcpy(u->parent_path, path, len);
    u->parent_path[len] = '\0';
    u->parent = open_dir(u->root, u->parent_path, e);
    if (u->parent == -ENOENT)
        u->parent = make_dirs(u, e);
    return u->parent < 0 ? u->parent
                         : keep_times(u->parent, u->parent_times, e);
}

/* .wh.NAME and its kin: marks for the layers below, never files. 1 where the
 * entry was one. */
static int take_mark(struct unpack_place *place, struct err *e)
{
    if (!text_starts(place->base, ".wh.") || place->unpack->rules != NULL)
        return 0;
    const char *hidden = place->base + strlen(".wh.");
    int r;
    if (strcmp(hidden, ".wh..opq") == 0) {
        r = unpack_opaque(place->parent, e);
        return r < 0 ? r : 1;
    }
    if (text_starts(hidden, ".wh."))
        return 1; /* what aufs kept for itself */
    if (hidden[0] == '\0' || strcmp(hidden, ".") == 0 ||
        strcmp(hidden, "..") == 0)
        return err_set(e, EINVAL, "a whiteout of nothing");
    place->base = hidden;
    r = unpack_whiteout(place, e);
    return r < 0 ? r : 1;
}

int unpack_entry(struct unpack *u, struct archive *archive,
                 struct archive_entry *entry, struct err *e)
{
    char path[PATH_MAX] = "";
    const char *name = archive_entry_pathname(entry);
    if (name == NULL)
        return err_set(e, EBADMSG, "an entry has no name");
    int r = unpack_clean(name, path, e);
    if (r < 0)
        return r;
    struct unpack_place place = {
        .unpack = u, .archive = archive, .entry = entry, .path = path};
    r = unpack_find(u, path, &place.base, e);
    if (r < 0)
        return err_add(e, "unpack %s", unpack_show(name).s);
    place.parent = u->parent;
    r = take_mark(&place, e);
    if (r == 0)
        r = unpack_make(&place, e);
    if (r < 0)
        return err_add(e, "unpack %s", unpack_show(name).s);
    /* The root is its own parent. */
    return path[0] == '\0' ? keep_times(u->parent, u->parent_times, e) : 0;
}

int unpack_finish(struct unpack *u, struct err *e)
{
    int r = u->parent < 0 ? 0 : set_back(u->parent, u->parent_times, e);
    own_close(&u->parent);
    return r;
}
