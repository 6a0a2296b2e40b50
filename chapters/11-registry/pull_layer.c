/* One blob on its way, which may take several answers (pull.h). */
#include "pull.h"

#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "bytes 1000-1999/2000" begins where we want it to. */
static bool begins_at(const char *range, uint64_t at)
{
    uint64_t from;
    if (range == NULL || !text_starts(range, "bytes "))
        return false;
    range += strlen("bytes ");
    auto_free char *number =
        text_format("%.*s", (int)strcspn(range, "-"), range);
    return text_to_u64(number, &from) == 0 && from == at;
}

/* A server that knows no ranges begins anew: what we have passes by. */
static int skip(struct pull_blob *blob, uint64_t count, struct err *e)
{
    char block[16 * 1024];
    while (count > 0) {
        size_t len = count < sizeof block ? (size_t)count : sizeof block;
        ssize_t n = web_read(&blob->registry->web, block, len, e);
        if (n <= 0)
            return n < 0 ? (int)n : err_set(e, ECONNRESET, "unexpected EOF");
        count -= (uint64_t)n;
    }
    return 0;
}

/* From the second time on, only what is missing.
 *
 * @lab 11.5 registry_ask for the blob, with a Range where something is here;
 * 206 that begins_at it, or 200 and skip */
static int ask(struct pull_blob *blob, struct err *e)
{
    auto_web_answer struct web_answer answer = {0};
    auto_strv struct strv headers = {0};
    auto_free char *path = text_format("blobs/%s", blob->digest);
    if (blob->at > 0)
        strv_addf(&headers, "Range: bytes=%llu-", (unsigned long long)blob->at);
    const struct registry_request request = {
        .method = "GET", .path = path, .headers = &headers};
    int r = registry_ask(blob->registry, &request, &answer, e);
    if (r < 0)
        return r;
    if (r == 200)
        return skip(blob, blob->at, e);
    if (r != 206 || !begins_at(web_header(&answer, "content-range"), blob->at))
        return err_set(e, EPROTO, "%s: an answer that was not asked for: %d",
                       path, r);
    return 0;
}

int pull_blob_open(struct pull_blob *blob)
{
    return ask(blob, blob->e);
}

ssize_t pull_blob_read(void *arg, void *bytes, size_t len)
{
    struct pull_blob *blob = arg;
    for (;;) {
        ssize_t n = web_read(&blob->registry->web, bytes, len, blob->e);
        if (n == 0 && blob->at < blob->size)
            n = err_set(blob->e, ECONNRESET, "unexpected EOF");
        if (n >= 0) {
            blob->at += (uint64_t)n;
            blob->failures = n > 0 ? 0 : blob->failures;
            return n;
        }
        do {
            int ms = registry_wait_ms((int)n, NULL, blob->failures);
            if (ms < 0 || ++blob->failures >= registry_tries(blob->registry))
                return n;
            registry_pause(ms);
            n = ask(blob, blob->e);
        } while (n < 0);
        *blob->e = (struct err){0};
    }
}
