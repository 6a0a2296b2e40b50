#include "download.h"

#include "own.h"
#include "proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

bool download_is_url(const char *word)
{
    return text_starts(word, "http://") || text_starts(word, "https://");
}

/* --- what the server said ------------------------------------------------- */

static const char *last_answer(const char *headers)
{
    const char *last = headers;
    for (const char *at = headers; at != NULL; at = strstr(at, "\nHTTP/")) {
        at += at[0] == '\n';
        last = at;
    }
    return last;
}

char *download_header(const char *headers, const char *name)
{
    size_t len = strlen(name);
    const char *line = last_answer(headers);
    for (; line != NULL; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        if (strncasecmp(line, name, len) != 0 || line[len] != ':')
            continue;
        const char *value = line + len + 1;
        value += strspn(value, " \t");
        return text_format("%.*s", (int)strcspn(value, "\r\n"), value);
    }
    return NULL;
}

/* "HTTP/1.1 404 Not Found" -> "404 Not Found"; caller frees. */
static char *find_status(const char *answer)
{
    const char *blank = strchr(answer, ' ');
    const char *status = blank != NULL ? blank + 1 : "";
    return text_format("%.*s", (int)strcspn(status, "\r\n"), status);
}

/* --- curl ----------------------------------------------------------------- */

void download_command(const char *url, struct download_places to,
                      const char *ret[DOWNLOAD_WORDS])
{
    const char *const words[] = {"curl",        "-q",
                                 "--silent",    "--show-error",
                                 "--fail",      "--location",
                                 "--globoff",   "--max-redirs",
                                 "10",          "--proto",
                                 "=http,https", "--proto-redir",
                                 "=http,https", "--connect-timeout",
                                 "30",          "--speed-limit",
                                 "1",           "--speed-time",
                                 "60",          "--dump-header",
                                 to.headers,    "--output",
                                 to.file,       "--url",
                                 url,           NULL};
    memcpy(ret, words, sizeof words);
}

int download_explain(const struct build_tool *tool, int code, const char *url,
                     const char *headers, struct err *e)
{
    enum { REFUSED = 22 };
    auto_free char *beginning = text_format("curl: (%d) ", code);
    auto_free char *why = build_tool_why(tool, beginning);
    if (code != REFUSED || headers == NULL)
        return err_set(e, EIO, "Get \"%.120s\": %s", url, why);
    auto_free char *status = find_status(last_answer(headers));
    return err_set(e, EIO, "failed to GET %.120s with status %s", url, status);
}

/* It has ended: well, or why not. */
static int end(struct download *d, struct err *e)
{
    int code = build_tool_end(&d->tool, e);
    return code <= 0
               ? code
               : download_explain(&d->tool, code, d->url, d->tool.why.s, e);
}

/* The headers are written before the first byte of the file; so they are here
 * when that is, among curl's own words. */
static void take_size(struct download *d)
{
    struct pollfd words = {.fd = d->tool.err, .events = POLLIN};
    while (poll(&words, 1, 0) > 0 && build_tool_take(words.fd, &d->tool.why))
        ;
    auto_free char *size = download_header(d->tool.why.s, "Content-Length");
    if (size == NULL || text_to_u64(size, &d->total) < 0)
        d->total = 0;
}

int download_open(struct download *d, struct err *e)
{
    const char *argv[DOWNLOAD_WORDS];
    download_command(d->url, (struct download_places){"/dev/stderr", "-"},
                     argv);
    d->tool = (struct build_tool){.argv = argv, .dir = -1};
    int r = build_tool_start(&d->tool, e);
    d->tool.argv = NULL;
    if (r < 0)
        return err_add(e, "%.120s", d->url);
    struct pollfd file = {.fd = d->tool.out, .events = POLLIN};
    while (poll(&file, 1, -1) < 0 && errno == EINTR)
        ;
    take_size(d);
    return (file.revents & POLLIN) != 0 ? 0 : end(d, e);
}

ssize_t download_read(void *arg, void *bytes, size_t len)
{
    struct download *d = arg;
    if (d->tool.out < 0) /* all of it came */
        return d->why.code > 0 ? -d->why.code : 0;
    ssize_t n = TEMP_FAILURE_RETRY(read(d->tool.out, bytes, len));
    if (n > 0)
        return n;
    return n < 0 ? -errno : end(d, &d->why);
}

void download_close(struct download *d)
{
    if (d->tool.pidfd > 0) {
        proc_signal(d->tool.pidfd, SIGKILL, NULL);
        build_tool_end(&d->tool, NULL);
    }
    build_tool_done(&d->tool);
}
