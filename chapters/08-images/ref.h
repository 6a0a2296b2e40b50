/*
 * ref.h - names of images, as Docker reads them.
 *
 * A reference is [DOMAIN/]PATH[:TAG][@DIGEST]. The grammar is that of the
 * reference package of the CNCF distribution project. What comes before the
 * first slash is a domain only if it has a dot or a colon, or is "localhost";
 * a name without a domain is Docker Hub's, and one of a single word is in its
 * "library". A reference without tag and digest means the tag "latest".
 *
 *     auto_ref struct ref ref = {0};
 *     if (ref_parse("busybox", &ref, &e) < 0) ...
 *     auto_free char *full = ref_full(&ref);
 *         // "docker.io/library/busybox:latest"
 *     auto_free char *shown = ref_familiar(&ref);   // "busybox:latest"
 *
 * The caller owns the struct (ref_done) and every string that is returned.
 * Error: -EINVAL, in Docker's words. No privilege; touches no files.
 */
#ifndef REF_H
#define REF_H

#include "err.h"

/* "busybox" is docker.io/library/busybox:latest. Caller owns the strings. */
struct ref {
    char *domain; /* "docker.io" */
    char *path;   /* "library/busybox" */
    char *tag;    /* "latest", or NULL when there is only a digest */
    char *digest; /* "sha256:..." or NULL */
};
#define auto_ref __attribute__((cleanup(ref_done)))

/* -EINVAL: "invalid reference format", and why. */
int ref_parse(const char *text, struct ref *ret, struct err *e);
void ref_done(struct ref *ref);
/* The whole name ("docker.io/library/busybox:latest") and the short one that
 * people see ("busybox:latest"). Caller frees. */
char *ref_full(const struct ref *ref);
char *ref_familiar(const struct ref *ref);
/* The repository only, as `images` prints it: "busybox". Caller frees. */
char *ref_repository(const struct ref *ref);

#endif
