/* What the kernel writes (chapter 04): mountinfo, cgroup.controllers, and the
 * files of counters, all of which are the last part here. */
// WRAP files_read
#include "cg_parts.h"
#include "files.h"
#include "fuzz.h"

static char *mountinfo, *controllers, *counters;

int __wrap_files_read(int dirfd, const char *path, struct text *out,
                      struct err *e)
{
    (void)dirfd;
    (void)e;
    const char *content = counters;
    if (text_ends(path, "/mountinfo"))
        content = mountinfo;
    else if (text_ends(path, "cgroup.controllers"))
        content = controllers;
    text_add(out, content);
    return (int)out->len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    mountinfo = fuzz_part(&in);
    controllers = fuzz_part(&in);
    counters = fuzz_part(&in);
    struct cg cg = CG_INIT;
    struct cg_stats stats;
    struct err e = {0};
    int r = cg_detect(&cg.layout, &e);
    fuzz_must_say(r, &e);
    fuzz_must(cg.layout.n <= CG_MAX_HIERARCHIES);
    for (size_t i = 0; i < cg.layout.n; i++) {
        const struct cg_hierarchy *h = &cg.layout.v[i];
        fuzz_must(h->mount[0] != '\0' && memchr(h->mount, '\0', 128) != NULL);
        fuzz_must((h->version == 1) == (h->controllers[0] != '\0'));
        cg.dirs[i] = (int)(1000 + i); /* asked only of the wrapper */
    }
    for (int c = 0; c < CG_COUNT; c++)
        fuzz_must(cg.layout.where[c] < (int)cg.layout.n);
    fuzz_must(cg_get_stats(&cg, &stats, NULL) == 0);
    cg_check_controllers(&cg, 0);
    cg_sum(counters, controllers);
    free(mountinfo);
    free(controllers);
    free(counters);
    return 0;
}
