#include "layer.h"

#include "implied.h"
#include "plain.h"
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

/*
 * Two readers, one behind the other: the outer one takes the compression off
 * and knows nothing of tar, the inner one knows nothing but tar. Between the
 * two passes exactly the uncompressed archive, whose digest is the layer's
 * name (the diff id).
 */
struct stream {
    struct layer_source source;
    struct layer_sink uncompressed;
    struct plain *outer;
    struct archive *inner;
    struct err outer_error; /* what the outer one said */
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

/* The inner reader wants more of the uncompressed tar. The block belongs to
 * the outer one and stays until it is asked for the next. */
static la_ssize_t read_tar(struct archive *a, void *arg, const void **ret)
{
    struct stream *s = arg;
    ssize_t n = plain_read(s->outer, ret, &s->outer_error);
    if (n < 0)
        archive_set_error(a, s->outer_error.code, "%s", s->outer_error.msg);
    else if (n > 0 && s->uncompressed.add != NULL)
        s->uncompressed.add(s->uncompressed.arg, *ret, (size_t)n);
    return n < 0 ? -1 : n;
}

static int say(const struct stream *s, struct err *e)
{
    if (s->outer_error.code != 0)
        return err_set(e, s->outer_error.code, "%s", s->outer_error.msg);
    const char *why = archive_error_string(s->inner);
    return err_set(e, EBADMSG, "read the archive: %s",
                   why != NULL ? why : "damaged");
}

static int stream_open(struct stream *s, bool is_layer, struct err *e)
{
    int r = is_layer ? plain_open_layer(&s->outer, s->source, e)
                     : plain_open(&s->outer, s->source, e);
    if (r < 0)
        return r;
    s->inner = archive_read_new();
    archive_read_support_format_tar(s->inner);
    /* Names are bytes: without this libarchive converts them to the locale. */
    archive_read_set_options(s->inner, "hdrcharset=BINARY");
    if (archive_read_open(s->inner, s, NULL, read_tar, NULL) < 0)
        return say(s, e);
    return 0;
}

static void stream_close(struct stream *s)
{
    archive_read_free(s->inner);
    plain_close(&s->outer);
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
            return say(s, e);
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
 * its record: they count for the digest. */
static int read_rest(struct stream *s, struct err *e)
{
    const void *block;
    la_ssize_t n;
    while ((n = read_tar(s->inner, s, &block)) > 0)
        ;
    return n < 0 ? say(s, e) : 0;
}

static int extract(struct stream *s, struct unpack *u, struct layer_stats *ret,
                   struct err *e)
{
    struct layer_stats stats = {0};
    int r = stream_open(s, u->rules == NULL, e);
    if (r == 0)
        r = read_entries(s, u, &stats, e);
    if (r == 0)
        r = read_rest(s, e);
    if (r == 0)
        r = unpack_finish(u, e);
    if (r == 0 && ret != NULL && u->rules == NULL)
        r = implied_list(&u->implied, u->root, &stats.implied, e);
    stream_close(s);
    if (r == 0 && ret != NULL)
        *ret = stats;
    else
        strv_done(&stats.implied);
    return r;
}

int layer_extract(struct layer_source source, struct layer_sink uncompressed,
                  int dirfd, struct layer_stats *ret, struct err *e)
{
    struct stream s = {.source = source, .uncompressed = uncompressed};
    auto_unpack struct unpack u;
    unpack_init(&u, dirfd);
    int r = implied_mark(dirfd, ".", e);
    return r < 0 ? r : extract(&s, &u, ret, e);
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
