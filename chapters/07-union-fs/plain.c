#include "plain.h"

#include "gunzip.h"
#include "own.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Read in pieces that fill a pipe's usual capacity. */
#define BLOCK ((size_t)64 * 1024)

struct plain {
    struct layer_source source;
    char *block;
    size_t first; /* bytes of the block that were read to look at them */
    int source_error;
    enum layer_compression packed;
    ssize_t (*read)(struct plain *plain, const void **ret, struct err *e);
    struct gunzip gunzip;
    struct archive *archive;
};

/* The next piece of the stream as it comes. */
static ssize_t read_source(struct plain *plain, size_t have)
{
    ssize_t n;
    do
        n = plain->source.read(plain->source.arg, plain->block + have,
                               BLOCK - have);
    while (n == -EINTR);
    if (n < 0)
        plain->source_error = (int)-n;
    return n;
}

static ssize_t next_piece(struct plain *plain)
{
    size_t first = plain->first;
    plain->first = 0;
    return first > 0 ? (ssize_t)first : read_source(plain, 0);
}

static int say_source(const struct plain *plain, struct err *e)
{
    return err_sys(e, plain->source_error, "read the archive");
}

/* Whatever follows a packed stream does not count, but the source must not be
 * left half read. */
static ssize_t read_rest(struct plain *plain, struct err *e)
{
    ssize_t n;
    while ((n = next_piece(plain)) > 0)
        ;
    return n < 0 ? say_source(plain, e) : 0;
}

/* --- not packed ---------------------------------------------------------- */

static ssize_t read_as_is(struct plain *plain, const void **ret, struct err *e)
{
    *ret = plain->block;
    ssize_t n = next_piece(plain);
    return n < 0 ? say_source(plain, e) : n;
}

/* --- gzip ---------------------------------------------------------------- */

static ssize_t read_gzip(struct plain *plain, const void **ret, struct err *e)
{
    struct gunzip *gunzip = &plain->gunzip;
    for (;;) {
        ssize_t n = gunzip_read(gunzip, ret, e);
        if (n != 0)
            return n;
        if (gunzip->has_ended)
            return read_rest(plain, e);
        n = next_piece(plain);
        if (n < 0)
            return say_source(plain, e);
        if (n == 0)
            gunzip_end_input(gunzip);
        gunzip->in = plain->block;
        gunzip->in_len = (size_t)n;
    }
}

/* --- what libarchive unpacks --------------------------------------------- */

static la_ssize_t feed(struct archive *a, void *arg, const void **ret)
{
    struct plain *plain = arg;
    *ret = plain->block;
    ssize_t n = next_piece(plain);
    if (n < 0)
        archive_set_error(a, plain->source_error, "%s",
                          strerror(plain->source_error));
    return n;
}

static int say_archive(const struct plain *plain, struct err *e)
{
    const char *why = archive_error_string(plain->archive);
    if (plain->source_error > 0)
        return say_source(plain, e);
    return err_set(e, EBADMSG, "read the archive: %s",
                   why != NULL ? why : "damaged");
}

static ssize_t read_archive(struct plain *plain, const void **ret,
                            struct err *e)
{
    size_t len;
    la_int64_t offset;
    int r = archive_read_data_block(plain->archive, ret, &len, &offset);
    if (r == ARCHIVE_EOF)
        return read_rest(plain, e);
    return r < ARCHIVE_WARN ? say_archive(plain, e) : (ssize_t)len;
}

static int open_archive(struct plain *plain, struct err *e)
{
    struct archive_entry *whole;
    plain->read = read_archive;
    plain->archive = archive_read_new();
    archive_read_support_filter_gzip(plain->archive);
    archive_read_support_filter_xz(plain->archive);
    archive_read_support_filter_zstd(plain->archive);
    archive_read_support_filter_bzip2(plain->archive);
    archive_read_support_format_raw(plain->archive);
    if (archive_read_open(plain->archive, plain, NULL, feed, NULL) < 0 ||
        archive_read_next_header(plain->archive, &whole) != ARCHIVE_OK)
        return say_archive(plain, e);
    return 0;
}

/* ------------------------------------------------------------------------- */

/* Enough of it to tell how it is packed. */
static int look(struct plain *plain, struct err *e)
{
    ssize_t n = 1;
    while (n > 0 && plain->first < LAYER_MAGIC) {
        n = read_source(plain, plain->first);
        if (n < 0)
            return say_source(plain, e);
        plain->first += (size_t)n;
    }
    if (plain->first == 0)
        return err_set(e, EBADMSG, "read the archive: the archive is empty");
    plain->packed = layer_recognise(plain->block, plain->first);
    return 0;
}

int plain_open(struct plain **ret, struct layer_source source, struct err *e)
{
    struct plain *plain = own_alloc(sizeof *plain);
    *ret = plain;
    *plain = (struct plain){
        .source = source,
        .block = own_room(BLOCK),
        .gunzip = {.fd = -1, .pidfd = -1}
    };
    int r = look(plain, e);
    if (r < 0)
        return r;
    switch (plain->packed) {
    case LAYER_PLAIN:
        plain->read = read_as_is;
        return 0;
    case LAYER_GZIP:
        plain->read = read_gzip;
        r = gunzip_open(&plain->gunzip, e);
        return r == -ENOENT ? open_archive(plain, e) : r;
    default:
        return open_archive(plain, e);
    }
}

int plain_open_layer(struct plain **ret, struct layer_source source,
                     struct err *e)
{
    int r = plain_open(ret, source, e);
    return r < 0 || (*ret)->packed != LAYER_BZIP2
               ? r
               : err_set(e, EBADMSG,
                         "read the archive: bzip2 is not supported; "
                         "use gzip or zstd");
}

ssize_t plain_read(struct plain *plain, const void **ret, struct err *e)
{
    return plain->read(plain, ret, e);
}

enum layer_compression plain_packed(const struct plain *plain)
{
    return plain->packed;
}

void plain_close(struct plain **plain)
{
    if (*plain == NULL)
        return;
    archive_read_free((*plain)->archive);
    gunzip_close(&(*plain)->gunzip);
    own_free(&(*plain)->block);
    own_free(plain);
}
