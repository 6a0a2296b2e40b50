#include "build_remote.h"

#include "digest.h"
#include "download.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* The file while its name is not known, and where nobody gives it one. */
#define UNNAMED "__unnamed__"
#define FAILED "ADD failed: "

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7); the beginning of time
 * where there is none, as Docker has it. */
static time_t find_time(const char *headers)
{
    struct tm tm = {0};
    auto_free char *text = download_header(headers, "Last-Modified");
    const char *end =
        text == NULL ? NULL : strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return end != NULL && *end == '\0' ? timegm(&tm) : 0;
}

/* --- its name ------------------------------------------------------------- */

/* The last part of a path, with %20 and its like resolved; NULL: there is none
 * that a file could have. Caller frees. */
static char *last_name(const char *path, size_t len)
{
    struct text name = {0};
    for (size_t i = 0; i < len; i++) {
        char c = path[i];
        if (c == '%' && i + 2 < len && isxdigit((unsigned char)path[i + 1]) &&
            isxdigit((unsigned char)path[i + 2])) {
            const char hex[] = {path[i + 1], path[i + 2], '\0'};
            c = (char)strtoul(hex, NULL, 16);
            i += 2;
        }
        if (c == '/')
            text_clear(&name);
        else
            text_addn(&name, &c, 1);
    }
    bool is_name = name.len > 0 && strlen(name.s) == name.len &&
                   name.len < NAME_MAX && strcmp(name.s, ".") != 0 &&
                   strcmp(name.s, "..") != 0;
    if (!is_name)
        text_done(&name);
    return is_name ? text_take(&name) : NULL;
}

/* That of the URL's path; else what the server calls it (RFC 6266). */
static char *find_name(const char *url, const char *headers)
{
    const char *host = strstr(url, "://") + strlen("://");
    const char *path = host + strcspn(host, "/?#");
    char *name = last_name(path, strcspn(path, "?#"));
    auto_free char *header =
        name != NULL ? NULL : download_header(headers, "Content-Disposition");
    char *at = header != NULL ? strcasestr(header, "filename=") : NULL;
    if (at == NULL)
        return name;
    at += strlen("filename=");
    bool is_quoted = *at == '"';
    at += is_quoted;
    return last_name(at, strcspn(at, is_quoted ? "\"" : "; \t"));
}

/* --- fetching ------------------------------------------------------------- */

static int download(struct build_tool *tool, const char *url, struct err *e)
{
    const char *argv[DOWNLOAD_WORDS];
    download_command(url, (struct download_places){"-", UNNAMED}, argv);
    tool->argv = argv;
    int code = build_tool_run(tool, e);
    tool->argv = NULL;
    if (code < 0)
        return err_add(e, FAILED "%.120s", url);
    if (code == 0)
        return 0;
    download_explain(tool, code, url, tool->said.s, e);
    return err_add(e, "ADD failed");
}

static int take_digest(int dir, char ret[DIGEST_SIZE], struct err *e)
{
    enum { BLOCK = 64 * 1024 };
    auto_free char *block = own_room(BLOCK);
    auto_fd int fd = sys_openat(dir, UNNAMED, O_RDONLY | O_CLOEXEC, 0);
    struct digest digest;
    digest_init(&digest);
    ssize_t n = fd < 0 ? fd : 1;
    while (n > 0) {
        n = TEMP_FAILURE_RETRY(read(fd, block, BLOCK));
        if (n > 0)
            digest_add(&digest, block, (size_t)n);
    }
    if (n < 0)
        return err_sys(e, fd < 0 ? fd : errno, "read what was fetched");
    digest_end(&digest, ret);
    return 0;
}

/* Its owner alone may read it, and it is as old as the server says. */
static int finish(const struct build_remote *remote, int dir,
                  const char *headers, struct err *e)
{
    const struct timespec at = {.tv_sec = find_time(headers)};
    const struct timespec times[2] = {at, at};
    int r = sys_fchmodat(dir, UNNAMED, 0600);
    if (r >= 0)
        r = sys_utimensat(dir, UNNAMED, times, 0);
    if (r >= 0)
        r = sys_renameat2(dir, UNNAMED, dir, remote->path, 0);
    return r < 0 ? err_sys(e, r, FAILED "%.120s", remote->said) : 0;
}

static int fetch_file(struct build_remote *remote, int dir,
                      struct build_tool *tool, struct err *e)
{
    char digest[DIGEST_SIZE];
    /* An empty answer makes no file. */
    int made = sys_openat(dir, UNNAMED, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (made < 0)
        return err_sys(e, made, FAILED "%.120s", remote->said);
    own_close(&made);
    int r = download(tool, remote->said, e);
    if (r == 0)
        r = take_digest(dir, digest, e);
    if (r < 0)
        return r;
    if (remote->checksum != NULL && strcmp(remote->checksum, digest) != 0)
        return err_set(e, EBADMSG,
                       "digest mismatch for %.80s: %s (expected: %s)",
                       remote->said, digest, remote->checksum);
    const char *headers = tool->said.s != NULL ? tool->said.s : "";
    remote->digest = own_strdup(digest);
    remote->path = find_name(remote->said, headers);
    if (remote->path == NULL && remote->needs_name)
        return err_set(e, EINVAL,
                       FAILED "cannot determine filename for source %.120s",
                       remote->said);
    if (remote->path == NULL)
        remote->path = own_strdup(UNNAMED);
    return finish(remote, dir, headers, e);
}

int build_remote_fetch(struct build_remote *remote, int dir, struct err *e)
{
    if (build_remote_is_git(remote->said))
        return build_remote_clone(remote, dir, e) < 0 ? err_add(e, "ADD failed")
                                                      : 0;
    if (remote->checksum != NULL && !digest_is_valid(remote->checksum))
        return err_set(e, EINVAL, "invalid checksum digest format: %.80s",
                       remote->checksum);
    struct build_tool tool = {.dir = dir};
    int r = fetch_file(remote, dir, &tool, e);
    build_tool_done(&tool);
    return r;
}

void build_remote_done(struct build_remote *remote)
{
    own_free(&remote->path);
    own_free(&remote->digest);
}
