/* Where a build's files come from: a directory, an archive, or nowhere. */
#include "build.h"

#include "build_remote.h"
#include "context_source.h"
#include "download.h"
#include "engine_build.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The archive is unpacked beside where images are made, and goes with us. */
static int unpack(struct build *b, struct err *e)
{
    const struct build_archive archive = {
        .name = "context", .source = *b->order->archive, .is_roots = true};
    int r = build_unpack(b, &b->context.stage, &archive, &b->context.tree, e);
    return r < 0 ? err_add(e, "build context") : 0;
}

/* A URL: it answers with an archive, or with a Dockerfile that needs no files.
 */
static int download(struct build *b, const char *url, struct err *e)
{
    auto_download struct download d = {.url = url};
    struct context_source source = {
        .from = {download_read, &d}
    };
    const struct build_archive archive = {
        .name = "context",
        .source = {context_source_read, &source},
        .is_roots = true
    };
    int r = download_open(&d, e);
    if (r < 0)
        return r;
    r = context_source_open(&source);
    if (r == 0 && context_source_is_archive(&source))
        r = build_unpack(b, &b->context.stage, &archive, &b->context.tree, e);
    else if (r == 0 && (r = context_source_text(&source, &b->source)) < 0)
        err_sys(e, r, "read %s", url);
    return r < 0 && d.why.code > 0 /* what cut it short */
               ? err_set(e, d.why.code, "%s", d.why.msg)
               : r;
}

/* What git knows of it is no part of the context. */
static int clone(struct build *b, const char *url, struct err *e)
{
    auto_tree struct tree whole = {.n = 0};
    struct build_remote remote = {.said = url};
    int dir = build_open_part(b, &b->context.stage, "context", &whole, e);
    int r = dir < 0 ? dir : build_remote_clone(&remote, dir, e);
    int place =
        r < 0 ? r
              : files_open_in(dir, remote.path[0] != '\0' ? remote.path : ".",
                              O_PATH | O_DIRECTORY, 0, e);
    build_remote_done(&remote);
    if (place >= 0)
        tree_add(&b->context.tree, place);
    return place < 0 ? place : 0;
}

bool engine_build_is_remote(const char *word)
{
    return build_remote_is_git(word) || download_is_url(word);
}

static int open_remote(struct build *b, struct err *e)
{
    const char *url = b->order->remote;
    bool is_git = build_remote_is_git(url);
    if (!engine_build_is_remote(url))
        return err_set(e, EINVAL,
                       "remoteURL (%.120s) could not be recognized as URL",
                       url);
    int r = is_git ? clone(b, url, e) : download(b, url, e);
    return r < 0 ? err_add(e, is_git ? "unable to prepare context"
                                     : "error downloading remote context")
                 : 0;
}

static int open_directory(struct build *b, struct err *e)
{
    int dir = sys_openat(AT_FDCWD, b->order->context,
                         O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (dir < 0)
        return err_sys(e, dir, "unable to prepare context: path \"%s\"",
                       b->order->context);
    tree_add(&b->context.tree, dir);
    return 0;
}

/* A file of the context, whole. -ENOENT: there is none, or no context. */
static int read_file(const struct build *b, const char *path, struct text *ret,
                     struct err *e)
{
    if (b->context.tree.n == 0)
        return -ENOENT;
    auto_fd int fd =
        files_open_in(b->context.tree.layers[0], path, O_RDONLY, 0, NULL);
    if (fd < 0)
        return fd;
    auto_free char *self = text_format("/proc/self/fd/%d", fd);
    int r = files_read(AT_FDCWD, self, ret, e);
    return r < 0 ? r : 0;
}

static int read_dockerfile(struct build *b, struct err *e)
{
    const char *name = b->order->dockerfile_name;
    if (b->source.s != NULL)
        return 0; /* it came from a URL */
    if (b->order->dockerfile != NULL) {
        text_addn(&b->source, b->order->dockerfile->s,
                  b->order->dockerfile->len);
        return 0;
    }
    struct err why = {0};
    int r = read_file(b, name, &b->source, &why);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "Cannot locate specified Dockerfile: %s",
                       name);
    return r < 0 ? err_sys(e, r, "read %s", name) : 0;
}

/* One that the Dockerfile has beside it goes before that of the context. */
static int find_ignore(const struct build *b, struct text *ret, struct err *e)
{
    if (b->order->dockerignore != NULL) {
        text_addn(ret, b->order->dockerignore->s, b->order->dockerignore->len);
        return 0;
    }
    auto_free char *own =
        text_format("%s.dockerignore", b->order->dockerfile_name);
    int r = b->order->dockerfile == NULL ? read_file(b, own, ret, e) : -ENOENT;
    return r == -ENOENT ? read_file(b, ".dockerignore", ret, e) : r;
}

static int read_ignore(struct build *b, struct err *e)
{
    auto_text struct text text = {0};
    int r = find_ignore(b, &text, NULL);
    if (r < 0)
        return r == -ENOENT ? 0 : err_sys(e, r, "read .dockerignore");
    r = text.len == 0 ? 0
                      : ignore_parse(text.s, text.len, &b->context.ignore, e);
    return r < 0 ? err_add(e, ".dockerignore") : 0;
}

/* The table of digests of this place's files. */
static struct filesum *open_sums(const struct build *b)
{
    const char *place = b->order->place != NULL ? b->order->place : "";
    char digest[DIGEST_SIZE];
    digest_of(place, strlen(place), digest);
    auto_free char *path = text_format("cache/files/%.16s", digest_hex(digest));
    return filesum_open(b->engine->rootfd, path);
}

int build_context_open(struct build *b, struct err *e)
{
    int r = 0;
    if (b->order->archive != NULL)
        r = unpack(b, e);
    else if (b->order->remote != NULL)
        r = open_remote(b, e);
    else if (b->order->context != NULL)
        r = open_directory(b, e);
    if (r == 0)
        r = read_dockerfile(b, e);
    if (r == 0)
        r = read_ignore(b, e);
    if (r < 0)
        return r;
    b->context.sums = open_sums(b);
    b->layer_sums = filesum_open(b->engine->rootfd, "cache/files/layers");
    return 0;
}

void build_context_close(struct build_context *context)
{
    if (context->sums != NULL)
        filesum_save(context->sums);
    filesum_close(&context->sums);
    ignore_free(&context->ignore);
    tree_close(&context->tree);
    stage_close(&context->stage);
}
