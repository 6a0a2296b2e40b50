/* One blob, sent unless it is there (push.h). */
#include "push.h"

#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((uint64_t)64 * 1024 * 1024)

/* A part of the file, as a body. */
struct part {
    struct push_blob *blob;
    uint64_t from, to, at;
};

static ssize_t read_part(void *arg, void *bytes, size_t len)
{
    struct part *part = arg;
    uint64_t left = part->to - part->at;
    ssize_t n = pread(part->blob->fd, bytes, left < len ? (size_t)left : len,
                      (off_t)part->at);
    if (n < 0)
        return -errno;
    part->at += (uint64_t)n;
    atomic_store(&part->blob->result->done, part->at);
    return n;
}

static int rewind_part(void *arg)
{
    struct part *part = arg;
    part->at = part->from;
    return 0;
}

/* Send a part; `method` and `url` say what it is. */
static int send_part(struct part *part, const char *method, const char *url,
                     struct web_answer *ret, struct err *e)
{
    const struct push_blob *blob = part->blob;
    auto_strv struct strv headers = {0};
    const struct layer_source body = {read_part, part};
    strv_add(&headers, "Content-Type: application/octet-stream");
    if (strcmp(method, "PATCH") == 0)
        strv_addf(&headers, "Content-Range: %llu-%llu",
                  (unsigned long long)part->from,
                  (unsigned long long)part->to - 1);
    const struct registry_request request = {.method = method,
                                             .path = url,
                                             .headers = &headers,
                                             .body = &body,
                                             .size = part->to - part->from,
                                             .rewind = rewind_part};
    return registry_ask(blob->registry, &request, ret, e);
}

/* Where the next part goes is said in each answer. */
static int take_location(const struct web_answer *answer, char **url,
                         struct err *e)
{
    if (answer->location == NULL)
        return err_set(e, EPROTO, "the registry does not say where to send to");
    own_free(url);
    *url = own_strdup(answer->location);
    return 0;
}

/* The last one, with all or with nothing: it says which blob it was. */
static int finish(struct push_blob *blob, const char *url, uint64_t from,
                  struct err *e)
{
    auto_web_answer struct web_answer answer = {0};
    struct part part = {blob, from, blob->size, from};
    auto_free char *put =
        text_format("%s%cdigest=%s", url, strchr(url, '?') != NULL ? '&' : '?',
                    blob->digest);
    int r = send_part(&part, "PUT", put, &answer, e);
    return r < 0 ? r : 0;
}

/* "0-1023": so much of it is there. */
static uint64_t end_of(const char *range)
{
    uint64_t last = 0;
    const char *dash = range != NULL ? strchr(range, '-') : NULL;
    if (dash == NULL || text_to_u64(dash + 1, &last) < 0 || last == 0)
        return 0;
    return last + 1;
}

/* After it was cut off: how far has it come? */
static int look(struct push_blob *blob, char **url, uint64_t *ret,
                struct err *e)
{
    auto_web_answer struct web_answer answer = {0};
    const struct registry_request request = {.method = "GET", .path = *url};
    int r = registry_ask(blob->registry, &request, &answer, e);
    if (r < 0)
        return r;
    *ret = end_of(web_header(&answer, "range"));
    return take_location(&answer, url, e);
}

static int send_chunk(struct push_blob *blob, char **url, uint64_t *at,
                      struct err *e)
{
    auto_web_answer struct web_answer answer = {0};
    uint64_t chunk = blob->registry->options->chunk > 0
                         ? blob->registry->options->chunk
                         : CHUNK;
    uint64_t end = blob->size - *at < chunk ? blob->size : *at + chunk;
    struct part part = {blob, *at, end, *at};
    int r = send_part(&part, "PATCH", *url, &answer, e);
    if (r < 0)
        return r;
    *at = end;
    return take_location(&answer, url, e);
}

/* All of it, in pieces; what was cut off goes on from where the registry has
 * it.
 *
 * @lab 11.6 send_chunk until blob->size; after a failure that may pass, or
 * -ERANGE, look where it is; at the end finish */
static int send_chunks(struct push_blob *blob, char **url, struct err *e)
{
    int failures = 0;
    for (uint64_t at = 0; at < blob->size;) {
        int r = send_chunk(blob, url, &at, e);
        if (r >= 0)
            continue;
        int ms = registry_wait_ms(r, NULL, failures);
        /* 416: the registry has less than we think, or more. */
        if ((ms < 0 && r != -ERANGE) ||
            ++failures >= registry_tries(blob->registry))
            return r;
        registry_pause(ms < 0 ? 0 : ms);
        r = look(blob, url, &at, e);
        if (r < 0 || at > blob->size)
            return r < 0 ? r : err_set(e, EPROTO, "it has more than we sent");
    }
    return finish(blob, *url, blob->size, e);
}

static int has_it(struct push_blob *blob, struct err *e)
{
    auto_web_answer struct web_answer answer = {0};
    auto_free char *path = text_format("blobs/%s", blob->digest);
    const struct registry_request request = {
        .method = "HEAD", .path = path, .takes = {404}};
    int r = registry_ask(blob->registry, &request, &answer, e);
    return r < 0 ? r : r == 200;
}

static int post(struct push_blob *blob, const char *path, char **url,
                struct err *e)
{
    auto_web_answer struct web_answer answer = {0};
    const struct registry_request request = {.method = "POST", .path = path};
    int r = registry_ask(blob->registry, &request, &answer, e);
    if (r < 0)
        return r;
    return r == 201 ? 1 : take_location(&answer, url, e);
}

/* With a token that lets us read there, too: the one we have does not. */
static int mount_it(struct push_blob *blob, char **url, struct err *e)
{
    auto_free char *path = text_format("blobs/uploads/?mount=%s&from=%s",
                                       blob->digest, blob->from);
    struct registry *registry = blob->registry;
    if (registry->authorization != NULL &&
        text_starts(registry->authorization, "Bearer "))
        own_free(&registry->authorization);
    registry->source = blob->from;
    int r = post(blob, path, url, e);
    registry->source = NULL;
    return r;
}

/* Begin: 1 the registry took it from another repository, 0 it is to be sent to
 * the URL. What we may not read there, or is not there, is sent. */
static int begin(struct push_blob *blob, char **url, struct err *e)
{
    struct err why = {0};
    int r = blob->from != NULL ? mount_it(blob, url, &why) : -ENOENT;
    if (r == -EACCES || r == -ENOENT)
        return post(blob, "blobs/uploads/", url, e);
    if (r < 0 && e != NULL)
        *e = why;
    return r;
}

int push_blob_send(struct push_blob *blob, struct err *e)
{
    auto_free char *url = NULL;
    uint64_t chunk = blob->registry->options->chunk > 0
                         ? blob->registry->options->chunk
                         : CHUNK;
    int r = has_it(blob, e);
    if (r != 0) {
        if (r > 0)
            atomic_store(&blob->result->state, PUSH_EXISTS);
        return r < 0 ? r : 0;
    }
    r = begin(blob, &url, e);
    if (r != 0 || url == NULL) {
        if (r > 0)
            atomic_store(&blob->result->state, PUSH_MOUNTED);
        return r < 0 ? r : 0;
    }
    atomic_store(&blob->result->state, PUSH_SENDING);
    r = blob->size > chunk ? send_chunks(blob, &url, e)
                           : finish(blob, url, 0, e);
    if (r == 0)
        atomic_store(&blob->result->state, PUSH_SENT);
    return r;
}
