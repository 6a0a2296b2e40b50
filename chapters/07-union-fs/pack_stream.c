/*
 * The way out of a layer: layer.c's two readers, turned round.
 *
 * One writer makes the tar, and knows nothing of compression; what comes out of
 * it is told to the digest and handed to the second, which makes gzip of it.
 * The plain tar goes straight to the target.
 */
#include "pack.h"

#include "own.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536

struct pack_stream {
    struct pack_options options;
    struct archive *tar, *gzip; /* gzip NULL: plain */
    int error;                  /* of the target, as -errno */
    locale_t ours, before;
};

static la_ssize_t to_target(struct archive *a, void *arg, const void *bytes,
                            size_t len)
{
    struct pack_stream *s = arg;
    s->error = s->options.target.write(s->options.target.arg, bytes, len);
    if (s->error == 0)
        return (la_ssize_t)len;
    archive_set_error(a, -s->error, "%s", strerror(-s->error));
    return -1;
}

static la_ssize_t to_gzip(struct archive *a, void *arg, const void *bytes,
                          size_t len)
{
    struct pack_stream *s = arg;
    if (s->options.uncompressed.add != NULL)
        s->options.uncompressed.add(s->options.uncompressed.arg, bytes, len);
    if (s->gzip == NULL)
        return to_target(a, arg, bytes, len);
    if (archive_write_data(s->gzip, bytes, len) == (la_ssize_t)len)
        return (la_ssize_t)len;
    archive_set_error(a, EIO, "%s", archive_error_string(s->gzip));
    return -1;
}

/* Written in blocks, of which the last is as long as it is: padding would be
 * part of the digest. */
static void open_writer(struct archive *a, struct pack_stream *s,
                        archive_write_callback *write)
{
    archive_write_set_bytes_per_block(a, BLOCK);
    archive_write_set_bytes_in_last_block(a, 1);
    archive_write_open(a, s, NULL, write, NULL);
}

/* zlib's usual level, as Docker's and podman's. No time in its header: equal
 * layers shall be equal bytes. */
static void open_gzip(struct pack_stream *s)
{
    s->gzip = archive_write_new();
    archive_write_add_filter_gzip(s->gzip);
    archive_write_set_options(s->gzip, "gzip:compression-level=6");
    archive_write_set_options(s->gzip, "gzip:!timestamp");
    archive_write_set_format_raw(s->gzip);
    open_writer(s->gzip, s, to_target);
    struct archive_entry *whole = archive_entry_new();
    archive_entry_set_filetype(whole, AE_IFREG);
    archive_entry_set_pathname(whole, "tar");
    archive_write_header(s->gzip, whole);
    archive_entry_free(whole);
}

/* Names are bytes, whatever locale we were started in. A name that is UTF-8
 * goes into the archive as it is; only with one that is not goes the remark
 * hdrcharset=BINARY, which not all readers know. */
static void enter_locale(struct pack_stream *s)
{
    s->ours = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (s->ours != (locale_t)0)
        s->before = uselocale(s->ours);
}

static void leave_locale(struct pack_stream *s)
{
    if (s->ours == (locale_t)0)
        return;
    uselocale(s->before);
    freelocale(s->ours);
}

struct pack_stream *pack_stream_open(const struct pack_options *options)
{
    struct pack_stream *s = own_alloc(sizeof *s);
    s->options = *options;
    enter_locale(s);
    if (options->packed == LAYER_GZIP)
        open_gzip(s);
    s->tar = archive_write_new();
    archive_write_set_format_pax(s->tar);
    archive_write_set_options(s->tar, "xattrheader=SCHILY");
    open_writer(s->tar, s, to_gzip);
    return s;
}

struct archive *pack_stream_tar(struct pack_stream *stream)
{
    return stream->tar;
}

int pack_stream_say(const struct pack_stream *s, struct err *e)
{
    if (s->error < 0)
        return err_sys(e, s->error, "write the archive");
    const char *why = archive_error_string(s->tar);
    return err_set(e, EIO, "write the archive: %s", why != NULL ? why : "?");
}

int pack_stream_close(struct pack_stream *s, int result, struct err *e)
{
    if (result >= 0 && archive_write_close(s->tar) != ARCHIVE_OK)
        result = pack_stream_say(s, e);
    if (result >= 0 && s->gzip != NULL &&
        archive_write_close(s->gzip) != ARCHIVE_OK)
        result = pack_stream_say(s, e);
    /* Freeing one that is not closed would write its end: not of what failed.
     */
    if (result < 0)
        archive_write_fail(s->tar);
    archive_write_free(s->tar);
    if (s->gzip != NULL) {
        if (result < 0)
            archive_write_fail(s->gzip);
        archive_write_free(s->gzip);
    }
    leave_locale(s);
    free(s);
    return result;
}
