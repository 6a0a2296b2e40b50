#include "layer.h"

#include "own.h"
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Read in pieces that fill a pipe's usual capacity. */
#define BLOCK ((size_t)64 * 1024)

/*
 * Two readers, one behind the other: the outer one takes the compression off
 * and knows nothing of tar, the inner one knows nothing but tar. Between the
 * two passes exactly the uncompressed archive, whose digest is the layer's
 * name (the diff id).
 */
struct stream {
    struct layer_source source;
    struct layer_sink uncompressed;
    struct archive *outer, *inner;
    int source_error; /* what the source said, as errno */
    bool has_begun;
    char *block;
};

enum layer_compression layer_recognise(const void *bytes, size_t len)
{
    static const struct {
        enum layer_compression is;
        size_t len;
        char magic[LAYER_MAGIC];
    } known[] = {
        {LAYER_GZIP,  2, {'\x1f', '\x8b'}                  },
        {LAYER_XZ,    6, {'\xfd', '7', 'z', 'X', 'Z', '\0'}},
        {LAYER_ZSTD,  4, {'\x28', '\xb5', '\x2f', '\xfd'}  },
        {LAYER_BZIP2, 3, {'B', 'Z', 'h'}                   },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (len >= known[i].len &&
            memcmp(bytes, known[i].magic, known[i].len) == 0)
            return known[i].is;
    return LAYER_PLAIN;
}

static la_ssize_t refuse(struct archive *a, int code, const char *why)
{
    archive_set_error(a, code, "%s", why);
    return -1;
}

/* The outer reader wants more of the file. */
static la_ssize_t read_source(struct archive *a, void *arg, const void **ret)
{
    struct stream *s = arg;
    *ret = s->block;
    ssize_t n;
    do
        n = s->source.read(s->source.arg, s->block, BLOCK);
    while (n == -EINTR);
    if (n < 0) {
        s->source_error = (int)-n;
        return refuse(a, s->source_error, strerror(s->source_error));
    }
    if (!s->has_begun && n == 0)
        return refuse(a, EBADMSG, "the archive is empty");
    if (!s->has_begun && layer_recognise(s->block, (size_t)n) == LAYER_BZIP2)
        return refuse(a, EBADMSG, "bzip2 is not supported; use gzip or zstd");
    s->has_begun = true;
    return n;
}

/* The inner reader wants more of the uncompressed tar. The block belongs to
 * the outer one and stays until it is asked for the next. */
static la_ssize_t read_tar(struct archive *a, void *arg, const void **ret)
{
    struct stream *s = arg;
    size_t len;
    la_int64_t offset;
    int r = archive_read_data_block(s->outer, ret, &len, &offset);
    if (r == ARCHIVE_EOF)
        return 0;
    if (r < ARCHIVE_WARN)
        return refuse(a, EBADMSG, archive_error_string(s->outer));
    if (s->uncompressed.add != NULL)
        s->uncompressed.add(s->uncompressed.arg, *ret, len);
    return (la_ssize_t)len;
}

static int say(const struct stream *s, struct archive *a, struct err *e)
{
    const char *why = archive_error_string(a);
    return err_set(e, s->source_error > 0 ? s->source_error : EBADMSG,
                   "read the archive: %s", why != NULL ? why : "damaged");
}

static int stream_open(struct stream *s, struct err *e)
{
    s->outer = archive_read_new();
    s->inner = archive_read_new();
    s->block = own_alloc(BLOCK);
    struct archive_entry *whole;
    archive_read_support_filter_gzip(s->outer);
    archive_read_support_filter_xz(s->outer);
    archive_read_support_filter_zstd(s->outer);
    archive_read_support_format_raw(s->outer);
    if (archive_read_open(s->outer, s, NULL, read_source, NULL) < 0 ||
        archive_read_next_header(s->outer, &whole) != ARCHIVE_OK)
        return say(s, s->outer, e);
    archive_read_support_format_tar(s->inner);
    /* Names are bytes: without this libarchive converts them to the locale. */
    archive_read_set_options(s->inner, "hdrcharset=BINARY");
    if (archive_read_open(s->inner, s, NULL, read_tar, NULL) < 0)
        return say(s, s->inner, e);
    return 0;
}

static void stream_close(struct stream *s)
{
    archive_read_free(s->inner);
    archive_read_free(s->outer);
    own_free(&s->block);
}

static int read_entries(struct stream *s, struct unpack *u,
                        struct layer_stats *stats, struct err *e)
{
    for (;;) {
        struct archive_entry *entry;
        int r = archive_read_next_header(s->inner, &entry);
        if (r == ARCHIVE_EOF)
            return 0;
        if (r < ARCHIVE_WARN)
            return say(s, s->inner, e);
        if (stats->entries++ >= LAYER_MOST_ENTRIES)
            return err_set(e, E2BIG, "the archive has more than %d entries",
                           LAYER_MOST_ENTRIES);
        r = unpack_entry(u, s->inner, entry, e);
        if (r < 0)
            return r;
        if (archive_entry_filetype(entry) == AE_IFREG &&
            archive_entry_hardlink(entry) == NULL)
            stats->bytes += (uint64_t)archive_entry_size(entry);
    }
}

/* The end of a tar is two blocks of zeros, and tar writes more of them to fill
 * its record: they count for the digest. Whatever follows a compressed stream
 * does not, but the source must not be left half read. */
static int read_rest(struct stream *s, struct err *e)
{
    const void *block;
    la_ssize_t n;
    while ((n = read_tar(s->inner, s, &block)) > 0)
        ;
    if (n < 0)
        return say(s, s->inner, e);
    while ((n = read_source(s->outer, s, &block)) > 0)
        ;
    return n < 0 ? say(s, s->outer, e) : 0;
}

static int extract(struct stream *s, struct unpack *u, struct layer_stats *ret,
                   struct err *e)
{
    struct layer_stats stats = {0};
    int r = stream_open(s, e);
    if (r == 0)
        r = read_entries(s, u, &stats, e);
    if (r == 0)
        r = read_rest(s, e);
    if (r == 0)
        r = unpack_finish(u, e);
    stream_close(s);
    if (r == 0 && ret != NULL)
        *ret = stats;
    return r;
}

int layer_extract(struct layer_source source, struct layer_sink uncompressed,
                  int dirfd, struct layer_stats *ret, struct err *e)
{
    struct stream s = {.source = source, .uncompressed = uncompressed};
    auto_unpack struct unpack u;
    unpack_init(&u, dirfd);
    return extract(&s, &u, ret, e);
}

int layer_extract_plain(struct layer_source source, int dirfd,
                        const struct layer_rules *rules,
                        struct layer_stats *ret, struct err *e)
{
    struct stream s = {.source = source};
    auto_unpack struct unpack u;
    unpack_init(&u, dirfd);
    u.rules = rules;
    return extract(&s, &u, ret, e);
}
