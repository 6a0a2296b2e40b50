#include "pack.h"

#include "attrs.h"
#include "links.h"
#include "modes.h"
#include "own.h"
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define BLOCK ((size_t)64 * 1024)

struct pack {
    struct pack_options options;
    struct pack_stream *stream;
    struct archive *tar;
    struct archive_entry *entry; /* used again for each */
    struct links links;
    char *block;
    struct pack_size size;
};

struct pack *pack_open(const struct pack_options *options)
{
    struct pack *pack = own_alloc(sizeof *pack);
    pack->options = *options;
    pack->stream = pack_stream_open(options);
    pack->tar = pack_stream_tar(pack->stream);
    pack->entry = archive_entry_new();
    pack->block = own_room(BLOCK);
    return pack;
}

int pack_close(struct pack *pack, int result, struct err *e)
{
    result = pack_stream_close(pack->stream, result, e);
    archive_entry_free(pack->entry);
    links_done(&pack->links);
    free(pack->block);
    free(pack);
    return result;
}

struct pack_size pack_size(const struct pack *pack)
{
    return pack->size;
}

void pack_notice(const struct pack *pack, const char *path, const char *what)
{
    if (pack->options.notice == NULL)
        return;
    auto_free char *line = text_format("/%s: %s", unpack_show(path).s, what);
    pack->options.notice(pack->options.notice_arg, line);
}

static int write_header(struct pack *pack, struct err *e)
{
    pack->size.entries++;
    pack->size.tar += 512;
    return archive_write_header(pack->tar, pack->entry) < ARCHIVE_WARN
               ? pack_stream_say(pack->stream, e)
               : 0;
}

static void describe(struct pack *pack, const struct stat *st, const char *name)
{
    struct archive_entry *entry = archive_entry_clear(pack->entry);
    archive_entry_copy_pathname(entry, name);
    archive_entry_set_mode(entry, st->st_mode);
    archive_entry_set_uid(entry, st->st_uid);
    archive_entry_set_gid(entry, st->st_gid);
    struct timespec at = st->st_mtim;
    const struct timespec *latest = pack->options.latest;
    if (latest != NULL &&
        (at.tv_sec > latest->tv_sec ||
         (at.tv_sec == latest->tv_sec && at.tv_nsec > latest->tv_nsec)))
        at = *latest;
    archive_entry_set_mtime(entry, at.tv_sec, at.tv_nsec);
    archive_entry_set_size(entry, S_ISREG(st->st_mode) ? st->st_size : 0);
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) {
        archive_entry_set_rdevmajor(entry, major(st->st_rdev));
        archive_entry_set_rdevminor(entry, minor(st->st_rdev));
    }
}

static int put(struct pack *pack, const char *bytes, size_t len, struct err *e)
{
    return archive_write_data(pack->tar, bytes, len) == (la_ssize_t)len
               ? 0
               : pack_stream_say(pack->stream, e);
}

static int put_zeros(struct pack *pack, off_t len, struct err *e)
{
    static const char zeros[BLOCK];
    int r = 0;
    for (off_t rest = len; r == 0 && rest > 0; rest -= (off_t)BLOCK)
        r = put(pack, zeros, rest < (off_t)BLOCK ? (size_t)rest : BLOCK, e);
    return r;
}

static int put_piece(struct pack *pack, int fd, off_t at, off_t end,
                     struct err *e)
{
    int r = 0;
    while (r == 0 && at < end) {
        size_t want = end - at < (off_t)BLOCK ? (size_t)(end - at) : BLOCK;
        ssize_t n = TEMP_FAILURE_RETRY(pread(fd, pack->block, want, at));
        if (n < 0)
            return err_sys(e, errno, "read");
        if (n == 0) /* it became shorter: the writer fills it up */
            return 1;
        r = put(pack, pack->block, (size_t)n, e);
        at += n;
    }
    return r;
}

/* As many bytes as the header promised, whatever the file does meanwhile.
 * 1: it became shorter. */
static int put_content(struct pack *pack, int fd, off_t size, struct err *e)
{
    struct tree_piece piece = {0};
    off_t at = 0;
    int r = 0;
    while (r == 0 && tree_next_piece(fd, size, &piece)) {
        r = put_zeros(pack, piece.data - at, e);
        if (r == 0)
            r = put_piece(pack, fd, piece.data, piece.end, e);
        at = piece.end;
    }
    return r == 0 ? put_zeros(pack, size - at, e) : r;
}

static int put_file(struct pack *pack, int entry, const struct stat *st,
                    const char *name, struct err *e)
{
    auto_fd int fd = tree_open_content(entry, e);
    int r = fd < 0 ? fd : write_header(pack, e);
    if (r < 0)
        return r;
    pack->size.content += (uint64_t)st->st_size;
    pack->size.tar += ((uint64_t)st->st_size + 511) / 512 * 512;
    r = put_content(pack, fd, st->st_size, e);
    if (r > 0)
        pack_notice(pack, name, "file became shorter while it was read");
    return r < 0 ? r : 0;
}

static int add_details(struct pack *pack, int entry, const struct stat *st,
                       struct err *e)
{
    auto_attrs struct attrs attrs = {0};
    int r = attrs_read(entry, &attrs, e);
    for (size_t i = 0; i < attrs.n; i++)
        archive_entry_xattr_add_entry(pack->entry, attrs.v[i].name,
                                      attrs.v[i].value, attrs.v[i].size);
    auto_free char *target = NULL;
    if (r == 0 && S_ISLNK(st->st_mode))
        r = tree_read_link(entry, &target, e);
    if (target != NULL)
        archive_entry_copy_symlink(pack->entry, target);
    return r;
}

/* A second name of a file goes in as a link to the first, without content.
 * @lab 7.3 describe the file; leave sockets out; make hard links of second
 * names, and of the rest headers with their content */
static int put_opened(struct pack *pack, int entry, const struct stat *st,
                      const char *name, struct err *e)
{
    if (S_ISSOCK(st->st_mode)) {
        pack_notice(pack, name, "skipping: it is a socket");
        return 0;
    }
    describe(pack, st, name);
    const char *first = links_first(&pack->links, st, name);
    if (first != NULL) {
        archive_entry_copy_hardlink(pack->entry, first);
        archive_entry_unset_size(pack->entry);
        return write_header(pack, e);
    }
    int r = add_details(pack, entry, st, e);
    if (r < 0)
        return r;
    return S_ISREG(st->st_mode) ? put_file(pack, entry, st, name, e)
                                : write_header(pack, e);
}

void pack_apply_looks(struct stat *st, const struct pack_looks *looks)
{
    if (looks == NULL)
        return;
    if (looks->uid >= 0)
        st->st_uid = (uid_t)looks->uid;
    if (looks->gid >= 0)
        st->st_gid = (gid_t)looks->gid;
    /* The permissions of a link mean nothing. */
    if (looks->mode >= 0 && !S_ISLNK(st->st_mode))
        st->st_mode = (st->st_mode & S_IFMT) | (mode_t)looks->mode;
    if (looks->change != NULL && !S_ISLNK(st->st_mode))
        st->st_mode = modes_apply(looks->change, st->st_mode);
    if (looks->time != NULL)
        st->st_mtim = *looks->time;
}

int pack_put(struct pack *pack, const struct pack_file *file, struct err *e)
{
    struct stat st;
    auto_fd int entry =
        tree_open_entry(file->tree, file->layer, file->path, &st, e);
    if (entry == -ENOENT)
        return 0; /* it has vanished since its directory was read */
    if (entry >= 0)
        pack_apply_looks(&st, file->looks);
    int r = entry < 0 ? entry : put_opened(pack, entry, &st, file->name, e);
    return r < 0 ? err_add(e, "pack /%s", unpack_show(file->path).s) : 0;
}

int pack_put_directory(struct pack *pack, const char *name,
                       const struct stat *st, struct err *e)
{
    describe(pack, st, name);
    return write_header(pack, e);
}

int pack_put_text(struct pack *pack, const char *name, const struct stat *st,
                  const struct text *content, struct err *e)
{
    struct stat file = *st;
    file.st_size = (off_t)content->len;
    describe(pack, &file, name);
    int r = write_header(pack, e);
    pack->size.content += content->len;
    pack->size.tar += (content->len + 511) / 512 * 512;
    return r < 0 || content->len == 0 ? r
                                      : put(pack, content->s, content->len, e);
}

int pack_put_mark(struct pack *pack, const char *name, struct err *e)
{
    struct stat st = {.st_mode = S_IFREG | 0600};
    describe(pack, &st, name);
    return write_header(pack, e);
}
