/*
 * tarball.h - archives made in a test, entry by entry, hostile ones too.
 *
 *     struct tarball t;
 *     tarball_begin(&t);
 *     tarball_add(&t, &(struct tarball_file){.name = "etc/", .mode = 0755});
 *     tarball_add(&t, &(struct tarball_file){.name = "etc/a", .data = "hi"});
 *     tarball_end(&t);            // t.bytes, t.len
 *     struct layer_source source = tarball_source(&t);
 *     free(t.bytes);
 *
 * A name that ends in a slash is a directory; .symlink and .hardlink make
 * those; .type another kind. Names are written as they are, "../x" included.
 */
#ifndef TARBALL_H
#define TARBALL_H

#include "layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct tarball {
    char *bytes;
    size_t len;
    size_t at; /* how far it has been read */
    struct archive *writer;
};

struct tarball_file {
    const char *name, *symlink, *hardlink, *data;
    size_t size; /* of data that may have zeros in it; else 0 */
    const char *xattr, *xattr_value;
    mode_t type; /* AE_IFCHR ... */
    mode_t mode; /* 0 is 0644 */
    int64_t uid, gid;
    unsigned int major, minor;
    time_t mtime;
};

enum { TARBALL_SIZE = 8 << 20 };

static inline void tarball_begin(struct tarball *t)
{
    *t = (struct tarball){.bytes = malloc(TARBALL_SIZE)};
    t->writer = archive_write_new();
    archive_write_set_format_pax(t->writer);
    archive_write_set_options(t->writer, "hdrcharset=BINARY");
    archive_write_set_bytes_per_block(t->writer, 10240);
    archive_write_open_memory(t->writer, t->bytes, TARBALL_SIZE, &t->len);
}

static inline mode_t tarball_type(const struct tarball_file *f)
{
    if (f->type != 0)
        return f->type;
    if (f->symlink != NULL)
        return AE_IFLNK;
    size_t len = strlen(f->name);
    return len > 0 && f->name[len - 1] == '/' ? AE_IFDIR : AE_IFREG;
}

static inline void tarball_add(struct tarball *t, const struct tarball_file *f)
{
    struct archive_entry *entry = archive_entry_new();
    size_t len = f->size > 0 ? f->size : f->data != NULL ? strlen(f->data) : 0;
    archive_entry_copy_pathname(entry, f->name);
    archive_entry_set_filetype(entry, tarball_type(f));
    archive_entry_set_perm(entry, f->mode != 0 ? f->mode : 0644);
    archive_entry_set_uid(entry, f->uid);
    archive_entry_set_gid(entry, f->gid);
    archive_entry_set_mtime(entry, f->mtime, 0);
    archive_entry_set_size(entry, (la_int64_t)len);
    archive_entry_set_rdevmajor(entry, f->major);
    archive_entry_set_rdevminor(entry, f->minor);
    if (f->symlink != NULL)
        archive_entry_copy_symlink(entry, f->symlink);
    if (f->hardlink != NULL)
        archive_entry_copy_hardlink(entry, f->hardlink);
    if (f->xattr != NULL)
        archive_entry_xattr_add_entry(entry, f->xattr, f->xattr_value,
                                      strlen(f->xattr_value));
    archive_write_header(t->writer, entry);
    if (len > 0)
        archive_write_data(t->writer, f->data, len);
    archive_entry_free(entry);
}

static inline void tarball_end(struct tarball *t)
{
    archive_write_close(t->writer);
    archive_write_free(t->writer);
    t->writer = NULL;
}

/* layer_source.read: in uneven pieces, as a pipe gives them. */
static inline ssize_t tarball_read(void *arg, void *bytes, size_t len)
{
    struct tarball *t = arg;
    size_t piece = t->at == 0 ? 1 : 7777;
    if (len > piece)
        len = piece;
    if (len > t->len - t->at)
        len = t->len - t->at;
    memcpy(bytes, t->bytes + t->at, len);
    t->at += len;
    return (ssize_t)len;
}

static inline struct layer_source tarball_source(struct tarball *t)
{
    t->at = 0;
    return (struct layer_source){tarball_read, t};
}

/* The same archive, packed: "gzip", "xz" or "zstd". */
static inline void tarball_pack(struct tarball *t, const char *filter)
{
    struct tarball packed = {.bytes = malloc(TARBALL_SIZE)};
    struct archive *w = archive_write_new();
    archive_write_set_format_raw(w);
    if (strcmp(filter, "gzip") == 0)
        archive_write_add_filter_gzip(w);
    if (strcmp(filter, "xz") == 0)
        archive_write_add_filter_xz(w);
    if (strcmp(filter, "zstd") == 0)
        archive_write_add_filter_zstd(w);
    archive_write_set_bytes_per_block(w, 0);
    archive_write_open_memory(w, packed.bytes, TARBALL_SIZE, &packed.len);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_copy_pathname(entry, "data");
    archive_write_header(w, entry);
    archive_write_data(w, t->bytes, t->len);
    archive_entry_free(entry);
    archive_write_close(w);
    archive_write_free(w);
    free(t->bytes);
    *t = packed;
}

#endif
