/*
 * fuzz_plan.h - a document is planned, and nothing is written: for harnesses
 * that have "// WRAP files_replace filter_get files_open_in" in their first
 * lines.
 *
 * The image's /etc/passwd and /etc/group are `fuzz_passwd`. Profiles have a
 * harness of their own.
 */
#ifndef FUZZ_PLAN_H
#define FUZZ_PLAN_H

#include "files.h"
#include "filter.h"
#include "fuzz.h"
#include "plan.h"

#include <sys/mman.h>
#include <unistd.h>

static char *fuzz_passwd;

/* waiver: parameters: those of the function it replaces */
int __wrap_files_replace(int dirfd, const char *path, const void *bytes,
                         size_t len, int flags, struct err *e)
{
    (void)dirfd, (void)path, (void)bytes, (void)len, (void)flags, (void)e;
    return 0;
}

int __wrap_filter_get(const char *profile, uint64_t caps, int cache_dir,
                      struct filter *ret, struct err *e)
{
    (void)profile, (void)caps, (void)cache_dir, (void)ret, (void)e;
    return 0;
}

int __wrap_files_open_in(int rootfd, const char *path, int flags, mode_t mode,
                         struct err *e)
{
    (void)rootfd, (void)path, (void)flags, (void)mode, (void)e;
    int fd = memfd_create("passwd", MFD_CLOEXEC);
    fuzz_must(files_write_all(fd, fuzz_passwd, strlen(fuzz_passwd)) == 0);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

#define FUZZ_ID "0123456789abcdef0123456789abcdef"
/* An engine without a place. */
#define FUZZ_ENGINE                                                            \
    {                                                                          \
        .root = (char[]){FUZZ_ID}, .rootfd = -1, .runfd = -1                   \
    }

/* A plan, or words for why there is none. */
static inline void fuzz_plan(struct engine *engine, const struct image *image,
                             json_t *doc)
{
    auto_spec struct spec spec = SPEC_INIT;
    struct plan plan = {.engine = engine,
                        .image = image,
                        .layers = &image->layers,
                        .doc = doc,
                        .id = FUZZ_ID,
                        .dir = "/x",
                        .spec = &spec};
    struct err e = {0};
    fuzz_must_say(plan_make(&plan, &e), &e);
}

#endif
