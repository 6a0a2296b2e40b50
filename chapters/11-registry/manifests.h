/*
 * manifests.h - what an image in a registry is made of, by tag or digest.
 *
 * A tag leads to a manifest, or to an index, from which the manifest for the
 * platform is chosen (media.h). Documents are small, and are refused where they
 * are not; what was asked for by its digest must have it.
 *
 *     auto_manifests struct manifests m = {0};
 *     if (manifests_get(&registry, &ref, &platform, &m, &e) < 0) ...
 *
 * The caller owns the struct. Errors: registry.h's; -EBADMSG: it is damaged, or
 * has another digest; -E2BIG; -ENOENT: no such image, or none for the platform.
 */
#ifndef MANIFESTS_H
#define MANIFESTS_H

#include "digest.h"
#include "platform.h"
#include "registry.h"

/* Docker's bound for a manifest; ours for a configuration. */
enum {
    MANIFESTS_MOST = 4 * 1024 * 1024,
    MANIFESTS_MOST_CONFIG = 8 * 1024 * 1024
};

struct manifests {
    char top[DIGEST_SIZE];    /* of what the reference leads to */
    char digest[DIGEST_SIZE]; /* of the manifest */
    struct text text;         /* the manifest, as it came */
    json_t *manifest;
    struct text config; /* once manifests_get_config was called */
};
#define auto_manifests __attribute__((cleanup(manifests_done)))
int manifests_get(struct registry *registry, const struct ref *ref,
                  const struct platform *platform, struct manifests *ret,
                  struct err *e);
int manifests_get_config(struct registry *registry, struct manifests *m,
                         struct err *e);
void manifests_done(struct manifests *m);

/* A document from memory: checked to be an object. What a fuzzer calls. */
int manifests_parse(const struct text *text, const char *content_type,
                    json_t **ret, struct err *e);

/* A document of a repository, whole, of a digest (NULL: any), and its type. */
struct manifests_document {
    struct text text;
    char *type; /* as the registry says */
};
#define auto_manifests_document                                                \
    __attribute__((cleanup(manifests_document_done)))
void manifests_document_done(struct manifests_document *document);
int manifests_fetch(struct registry *registry, const char *path,
                    const char *digest, struct manifests_document *ret,
                    struct err *e);

/* Where the next page of a list is. NULL: this was the last. Caller frees. */
char *manifests_next_page(const struct web_answer *answer);

/* All tags of the repository, as the registry sorts them. */
int manifests_tags(struct registry *registry, struct strv *ret, struct err *e);

#endif
