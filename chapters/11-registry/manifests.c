#include "manifests.h"

#include "media.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCEPT                                                                 \
    "Accept: application/vnd.oci.image.index.v1+json, "                        \
    "application/vnd.oci.image.manifest.v1+json, "                             \
    "application/vnd.docker.distribution.manifest.list.v2+json, "              \
    "application/vnd.docker.distribution.manifest.v2+json"

enum { MOST_TAGS = 100000, MOST_PAGES = 1000, MOST_PAGE = 16 * 1024 * 1024 };

void manifests_done(struct manifests *m)
{
    text_done(&m->text);
    text_done(&m->config);
    json_decref(m->manifest);
    m->manifest = NULL;
}

/* --- documents ----------------------------------------------------------- */

void manifests_document_done(struct manifests_document *document)
{
    text_done(&document->text);
    own_free(&document->type);
}

static int check_digest(const struct text *text, const char *digest,
                        bool is_blob, struct err *e)
{
    char got[DIGEST_SIZE];
    digest_of(text->len > 0 ? text->s : "", text->len, got);
    return digest == NULL || strcmp(digest, got) == 0
               ? 0
               : err_set(e, EBADMSG, "%s verification failed for digest %s",
                         is_blob ? "image config" : "manifest", digest);
}

int manifests_fetch(struct registry *registry, const char *path,
                    const char *digest, struct manifests_document *ret,
                    struct err *e)
{
    auto_web_answer struct web_answer answer = {0};
    auto_strv struct strv headers = {0};
    bool is_blob = text_starts(path, "blobs/");
    size_t most = is_blob ? MANIFESTS_MOST_CONFIG : MANIFESTS_MOST;
    if (!is_blob)
        strv_add(&headers, ACCEPT);
    const struct registry_request request = {
        .method = "GET", .path = path, .headers = &headers};
    int r = registry_ask(registry, &request, &answer, e);
    if (r >= 0)
        r = web_read_all(&registry->web, most, &ret->text, e);
    if (r < 0)
        return r == -E2BIG ? err_add(e, "%.120s", path) : r;
    const char *type = web_header(&answer, "content-type");
    ret->type = own_strdup(type != NULL ? type : "");
    return check_digest(&ret->text, digest, is_blob, e);
}

static int refuse_old(struct err *e)
{
    return err_set(e, EOPNOTSUPP,
                   "Docker Image Format v1 and Docker Image manifest version "
                   "2, schema 1 are not supported");
}

/* What an answer calls it counts where the document itself does not say. */
int manifests_parse(const struct text *text, const char *content_type,
                    json_t **ret, struct err *e)
{
    json_error_t where;
    json_auto_t *document = json_loadb(text->len > 0 ? text->s : "", text->len,
                                       JSON_REJECT_DUPLICATES, &where);
    if (document == NULL)
        return err_set(e, EBADMSG, "the manifest is damaged: line %d: %.80s",
                       where.line, where.text);
    if (!json_is_object(document))
        return err_set(e, EBADMSG, "the manifest is damaged: not an object");
    const char *said = media_text(document, "mediaType");
    auto_free char *type =
        text_format("%.*s", (int)strcspn(content_type, "; \t"), content_type);
    const char *media = said[0] != '\0' ? said : type;
    if (json_integer_value(json_object_get(document, "schemaVersion")) == 1)
        return refuse_old(e);
    enum media_kind kind = media_kind(media);
    if (kind != MEDIA_MANIFEST && kind != MEDIA_INDEX)
        return err_set(e, EOPNOTSUPP,
                       "unsupported manifest media type \"%.80s\"", media);
    json_object_set_new(document, "mediaType", json_string(media));
    *ret = own_take(&document);
    return kind;
}

static int get_one(struct registry *registry, const char *name,
                   const char *digest, struct manifests *ret, struct err *e)
{
    auto_manifests_document struct manifests_document document = {0};
    auto_free char *path = text_format("manifests/%s", name);
    manifests_done(ret);
    int r = manifests_fetch(registry, path, digest, &document, e);
    if (r < 0)
        return r;
    ret->text = document.text;
    document.text = (struct text){0};
    digest_of(ret->text.len > 0 ? ret->text.s : "", ret->text.len, ret->digest);
    return manifests_parse(&ret->text, document.type, &ret->manifest, e);
}

/* @lab 11.7 get_one by digest or tag; while it is an index, media_choose and
 * get_one of what it names, not deeper than MEDIA_MOST_INDEXES */
int manifests_get(struct registry *registry, const struct ref *ref,
                  const struct platform *platform, struct manifests *ret,
                  struct err *e)
{
    *ret = (struct manifests){0};
    int kind = get_one(registry, ref->digest != NULL ? ref->digest : ref->tag,
                       ref->digest, ret, e);
    memcpy(ret->top, ret->digest, sizeof ret->top);
    for (int depth = 0; kind == MEDIA_INDEX; depth++) {
        const json_t *descriptor = NULL;
        if (depth == MEDIA_MOST_INDEXES)
            return err_set(e, ELOOP, "more than %d indexes within each other",
                           MEDIA_MOST_INDEXES);
        int r = media_choose(platform, ret->manifest, &descriptor, e);
        if (r < 0)
            return r;
        auto_free char *digest = own_strdup(media_text(descriptor, "digest"));
        if (!digest_is_valid(digest))
            return err_set(e, EBADMSG, "invalid digest \"%.80s\"", digest);
        kind = get_one(registry, digest, digest, ret, e);
    }
    return kind < 0 ? kind : 0;
}

int manifests_get_config(struct registry *registry, struct manifests *m,
                         struct err *e)
{
    const json_t *described = json_object_get(m->manifest, "config");
    const char *digest = media_text(described, "digest");
    const char *media = media_text(described, "mediaType");
    if (!digest_is_valid(digest))
        return err_set(e, EBADMSG, "invalid digest \"%.80s\"", digest);
    if (media_kind(media) != MEDIA_CONFIG)
        return err_set(e, EOPNOTSUPP,
                       "it is no image: its configuration is \"%.80s\"", media);
    auto_manifests_document struct manifests_document document = {0};
    auto_free char *path = text_format("blobs/%s", digest);
    int r = manifests_fetch(registry, path, digest, &document, e);
    m->config = document.text;
    document.text = (struct text){0};
    return r;
}

/* --- tags ---------------------------------------------------------------- */

/* Link: </v2/x/tags/list?last=b&n=100>; rel="next" (RFC 8288). */
char *manifests_next_page(const struct web_answer *answer)
{
    const char *link = web_header(answer, "link");
    const char *from = link != NULL ? strchr(link, '<') : NULL;
    const char *to = from != NULL ? strchr(from, '>') : NULL;
    if (to == NULL || strstr(to, "next") == NULL)
        return NULL;
    return text_format("%.*s", (int)(to - from - 1), from + 1);
}

static int add_tags(const struct text *text, struct strv *ret, struct err *e)
{
    json_auto_t *document =
        json_loadb(text->len > 0 ? text->s : "", text->len, 0, NULL);
    const json_t *tags = json_object_get(document, "tags"), *tag;
    size_t i;
    if (!json_is_object(document))
        return err_set(e, EBADMSG, "the list of tags is damaged");
    json_array_foreach(tags, i, tag)
    {
        const char *name = json_string_value(tag);
        if (name == NULL || ret->n >= MOST_TAGS)
            return err_set(e, EBADMSG, "the list of tags is damaged");
        strv_add(ret, name);
    }
    return 0;
}

int manifests_tags(struct registry *registry, struct strv *ret, struct err *e)
{
    auto_free char *path = own_strdup("tags/list");
    int r = 0, pages = 0;
    while (r == 0 && path != NULL) {
        auto_web_answer struct web_answer answer = {0};
        auto_text struct text text = {0};
        const struct registry_request request = {.method = "GET", .path = path};
        size_t before = ret->n;
        r = registry_ask(registry, &request, &answer, e);
        if (r >= 0)
            r = web_read_all(&registry->web, MOST_PAGE, &text, e);
        if (r == 0)
            r = add_tags(&text, ret, e);
        auto_free char *next =
            ret->n > before ? manifests_next_page(&answer) : NULL;
        if (r == 0 && next != NULL &&
            (strcmp(next, path) == 0 || ++pages > MOST_PAGES))
            r = err_set(e, ELOOP, "the list of tags leads back to itself");
        own_free(&path);
        path = own_take(&next);
    }
    return r;
}
