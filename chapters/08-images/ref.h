/*
 * ref.h - names of images, as Docker reads them.
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
