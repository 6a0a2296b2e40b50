#include "members.h"

#include "files.h"
#include "own.h"
#include "plain.h"
#include "store.h"
#include "sys.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than any real archive has, and little enough to be remembered. */
enum {
    MOST_MEMBERS = 100 * 1000,
    MOST_NAME_BYTES = 8 * 1024 * 1024,
    MOST_LINKS = 40,
    MOST_JSON_BYTES = 8 * 1024 * 1024,
};

/* --- names --------------------------------------------------------------- */

/* "./a//b/" is "a/b"; ".." goes up, and not above the root. */
static char *clean(const char *name)
{
    auto_strv struct strv parts = {0};
    strv_split(&parts, name, '/');
    auto_text struct text path = {0};
    for (size_t i = 0; i < parts.n; i++) {
        const char *part = parts.v[i];
        if (strcmp(part, "..") == 0) {
            const char *slash = path.len > 0 ? strrchr(path.s, '/') : NULL;
            path.len = slash != NULL ? (size_t)(slash - path.s) : 0;
            if (path.s != NULL)
                path.s[path.len] = '\0';
        } else if (part[0] != '\0' && strcmp(part, ".") != 0) {
            text_addf(&path, "%s%s", path.len > 0 ? "/" : "", part);
        }
    }
    return text_take(&path);
}

static bool has_dotdot(const char *name)
{
    for (const char *at = name; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
            return true;
    }
    return false;
}

static struct member *look_up(const struct members *members, const char *name)
{
    const json_t *index = json_object_get(members->by_name, name);
    return index == NULL ? NULL : members->v[json_integer_value(index)];
}

/* Put what the first link on the way leads to in its place; NULL: no link is
 * on the way. */
static char *follow(const struct members *members, char *path)
{
    for (char *at = path; at != NULL;) {
        char *slash = strchr(at, '/');
        if (slash != NULL)
            *slash = '\0';
        const struct member *member = look_up(members, path);
        auto_free char *above = own_strdup(path);
        char *last = strrchr(above, '/');
        if (last != NULL)
            *last = '\0';
        if (slash != NULL)
            *slash = '/';
        if (member != NULL && member->link != NULL) {
            bool is_whole = member->link[0] == '/' || last == NULL;
            return text_format("%s/%s%s", is_whole ? "" : above, member->link,
                               slash != NULL ? slash : "");
        }
        at = slash != NULL ? slash + 1 : NULL;
    }
    return NULL;
}

struct member *members_find(const struct members *members, const char *path)
{
    auto_free char *at = clean(path);
    for (int i = 0; i < MOST_LINKS; i++) {
        auto_free char *next = follow(members, at);
        if (next == NULL)
            return look_up(members, at);
        if (strlen(next) > PATH_MAX)
            return NULL;
        own_free(&at);
        at = clean(next);
    }
    return NULL;
}

int members_find_blob(const struct members *members, const char *digest,
                      struct member **ret, struct err *e)
{
    auto_free char *path = text_format("blobs/sha256/%s", digest_hex(digest));
    *ret = members_find(members, path);
    return *ret != NULL
               ? 0
               : err_set(e, ENOENT, "content digest %s: not found", digest);
}

/* --- reading ------------------------------------------------------------- */

struct reader {
    struct members *members;
    struct plain *plain;
    struct archive *tar;
    struct err error; /* of the stream below the tar */
};

static la_ssize_t feed(struct archive *a, void *arg, const void **ret)
{
    struct reader *r = arg;
    ssize_t n = plain_read(r->plain, ret, &r->error);
    if (n < 0)
        archive_set_error(a, r->error.code, "%s", r->error.msg);
    return n < 0 ? -1 : n;
}

static int say(const struct reader *r, struct err *e)
{
    if (r->error.code != 0)
        return err_set(e, r->error.code, "%s", r->error.msg);
    const char *why = archive_error_string(r->tar);
    return err_set(e, EBADMSG, "read the archive: %s",
                   why != NULL ? why : "damaged");
}

bool members_take_known(const struct stage *stage, const char *digest,
                        struct member *member)
{
    auto_free char *path = store_blob_path(digest);
    struct stat st;
    if (fstatat(stage->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        (uint64_t)st.st_size != member->size ||
        sys_linkat(stage->root, path, stage->dir, member->path, 0) < 0)
        return false;
    member->is_known = true;
    snprintf(member->digest, sizeof member->digest, "%s", digest);
    return true;
}

static bool take_known(const struct reader *r, struct member *member)
{
    static const char blobs[] = "blobs/sha256/";
    auto_free char *digest =
        text_format("sha256:%s", member->name + strlen(blobs));
    return text_starts(member->name, blobs) && digest_is_valid(digest) &&
           members_take_known(r->members->stage, digest, member);
}

/* A load syncs what it made before anybody sees it. The disk may begin with a
 * layer as it came while that is unpacked; that it cannot is no failure. */
static void begin_sync(int fd)
{
    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static int copy(const struct reader *r, struct member *member, struct err *e)
{
    auto_fd int fd = sys_openat(r->members->stage->dir, member->path,
                                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, fd, "create a blob");
    const void *block;
    size_t len;
    la_int64_t offset, at = 0;
    int n;
    while ((n = archive_read_data_block(r->tar, &block, &len, &offset)) ==
           ARCHIVE_OK) {
        if (offset != at && lseek(fd, offset, SEEK_SET) < 0)
            return err_sys(e, errno, "write %s", member->name);
        int written = files_write_all(fd, block, len);
        if (written < 0)
            return err_sys(e, written, "write %s", member->name);
        at = offset + (la_int64_t)len;
    }
    if (n != ARCHIVE_EOF)
        return say(r, e);
    /* A hole at the very end. */
    if (at < (la_int64_t)member->size && ftruncate(fd, (off_t)member->size) < 0)
        return err_sys(e, errno, "write %s", member->name);
    begin_sync(fd);
    return 0;
}

static int add(const struct reader *r, struct archive_entry *entry,
               struct err *e)
{
    struct members *members = r->members;
    const char *name = archive_entry_pathname(entry);
    const char *link = archive_entry_hardlink(entry);
    bool is_hard = link != NULL;
    if (!is_hard)
        link = archive_entry_symlink(entry);
    if (name == NULL ||
        (link == NULL && archive_entry_filetype(entry) != AE_IFREG))
        return 0; /* directories and whatever else has no content */
    if (has_dotdot(name))
        return err_set(e, EINVAL, "\"..\" in the name %s", name);
    members->name_bytes += strlen(name) + (link != NULL ? strlen(link) : 0);
    if (members->n >= MOST_MEMBERS || members->name_bytes > MOST_NAME_BYTES)
        return err_set(e, E2BIG, "the archive has too many members");
    size_t n = members->n;
    /* Doubling at powers of two needs no separate capacity. */
    if ((n & (n - 1)) == 0)
        members->v = own_grow(members->v, (n + 1) * 2 * sizeof *members->v);
    struct member *member = own_alloc(sizeof *member);
    members->v[members->n++] = member;
    member->name = clean(name);
    member->size = (uint64_t)archive_entry_size(entry);
    snprintf(member->path, sizeof member->path, "m%zu", n);
    /* A hard link's target begins at the root. */
    if (link != NULL)
        member->link = text_format("%s%s", is_hard ? "/" : "", link);
    json_object_set_new_nocheck(members->by_name, member->name,
                                json_integer((json_int_t)n));
    if (member->link != NULL || take_known(r, member))
        return 0;
    return copy(r, member, e);
}

static int read_members(struct reader *r, struct err *e)
{
    for (;;) {
        struct archive_entry *entry;
        int n = archive_read_next_header(r->tar, &entry);
        if (n == ARCHIVE_EOF)
            return 0;
        if (n < ARCHIVE_WARN)
            return say(r, e);
        n = add(r, entry, e);
        if (n < 0)
            return n;
    }
}

int members_read(struct members *members, struct layer_source source,
                 struct err *e)
{
    struct reader r = {.members = members};
    members->by_name = json_object();
    int n = plain_open_layer(&r.plain, source, e);
    if (n == 0) {
        r.tar = archive_read_new();
        archive_read_support_format_tar(r.tar);
        archive_read_set_options(r.tar, "hdrcharset=BINARY");
        n = archive_read_open(r.tar, &r, NULL, feed, NULL) < 0
                ? say(&r, e)
                : read_members(&r, e);
    }
    const void *rest;
    while (n == 0 && (n = (int)feed(r.tar, &r, &rest)) > 0)
        n = 0;
    archive_read_free(r.tar);
    plain_close(&r.plain);
    return n < 0 && r.error.code != 0
               ? err_set(e, r.error.code, "%s", r.error.msg)
               : n;
}

void members_done(struct members *members)
{
    for (size_t i = 0; i < members->n; i++) {
        free(members->v[i]->name);
        free(members->v[i]->link);
        free(members->v[i]);
    }
    own_free(&members->v);
    json_decref(members->by_name);
    members->by_name = NULL;
    members->n = 0;
}

/* --- documents ----------------------------------------------------------- */

int members_json(const struct members *members, struct member *member,
                 const char *wanted, json_t **ret, struct err *e)
{
    if (member->size > MOST_JSON_BYTES)
        return err_set(e, E2BIG, "%s is too large", member->name);
    auto_text struct text text = {0};
    int r = files_read(members->stage->dir, member->path, &text, e);
    if (r < 0)
        return r;
    digest_of(text.s != NULL ? text.s : "", text.len, member->digest);
    if (wanted != NULL && strcmp(wanted, member->digest) != 0)
        return err_set(e, EBADMSG,
                       "unexpected commit digest %s, expected %s: failed "
                       "precondition",
                       member->digest, wanted);
    json_error_t where = {.line = 1, .text = "not an object"};
    *ret = json_loadb(text.s != NULL ? text.s : "", text.len,
                      JSON_REJECT_DUPLICATES, &where);
    if (*ret == NULL)
        return err_set(e, EBADMSG, "%s is damaged: line %d: %.80s",
                       member->name, where.line, where.text);
    return 0;
}
