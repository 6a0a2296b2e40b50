/*
 * download.h - a file from a URL, by curl(1), read while it comes.
 *
 *     auto_download struct download d = {.url = url};
 *     if (download_open(&d, &e) < 0)      the server answered, with the file
 *         return -e.code;
 *     while ((n = download_read(&d, bytes, sizeof bytes)) > 0)
 *         ...
 *
 * curl follows up to ten redirections, none of them to anything but http and
 * https, and gives up after a minute without a byte. It dies with us.
 *
 * Errors name the URL and the reason, in Docker's words; -ENOENT also where
 * curl is not installed.
 */
#ifndef DOWNLOAD_H
#define DOWNLOAD_H

#include "build_tool.h"
#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

bool download_is_url(const char *word);

struct download {
    const char *url;
    uint64_t total; /* bytes, as the server says; 0: it does not */
    struct err why; /* of a download_read that failed */
    struct build_tool tool;
};
#define auto_download __attribute__((cleanup(download_close)))
int download_open(struct download *d, struct err *e);
/* As read(2), and -EIO where not all of it came. `arg` is the struct. */
ssize_t download_read(void *arg, void *bytes, size_t len);
void download_close(struct download *d);

/* For whoever runs curl otherwise: its words, with where the headers of the
 * answer and the file go; what an exit code of it means, an error. */
enum { DOWNLOAD_WORDS = 32 };
struct download_places {
    const char *headers, *file;
};
void download_command(const char *url, struct download_places to,
                      const char *ret[DOWNLOAD_WORDS]);
int download_explain(const struct build_tool *tool, int code, const char *url,
                     const char *headers, struct err *e);
/* The value of a header of the last answer, or NULL; caller frees. Those before
 * it sent us elsewhere. */
char *download_header(const char *headers, const char *name);

#endif
