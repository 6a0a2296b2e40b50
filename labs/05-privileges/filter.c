#include "filter.h"

#include "files.h"
#include "filter_parts.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/utsname.h>

void filter_done(struct filter *filter)
{
    free(filter->code);
    *filter = (struct filter){0};
}

/* Compiling takes milliseconds, so the result is kept. That a cache cannot be
 * written is no error: it only means doing this again. */
static int get(const struct filter_source *source, int cache_dir,
               struct filter *ret, struct err *e)
{
    uint64_t key = cache_dir < 0 ? 0 : filter_cache_key(source);
    if (cache_dir >= 0 && filter_cache_load(cache_dir, key, ret) == 0)
        return 0;
    int r = filter_compile(source, ret, e);
    if (r == 0 && cache_dir >= 0)
        filter_cache_store(cache_dir, key, ret, NULL);
    return r;
}

int filter_get(const char *profile, uint64_t caps, int cache_dir,
               struct filter *ret, struct err *e)
{
    *ret = (struct filter){0};
    struct utsname kernel;
    if (uname(&kernel) < 0)
        return err_sys(e, errno, "uname");
    struct filter_source source = {
        .name = "the default profile",
        .text = filter_default_begin,
        .len = (size_t)(filter_default_end - filter_default_begin),
        .caps = caps,
        .release = kernel.release,
    };
    auto_text struct text own = {0};
    if (profile != NULL) {
        int r = files_read(AT_FDCWD, profile, &own, e);
        if (r < 0)
            return err_add(e, "opening seccomp profile (%s) failed", profile);
        source.name = profile;
        source.text = own.s;
        source.len = own.len;
    }
    int r = get(&source, cache_dir, ret, e);
    return r < 0 ? err_add(e, "seccomp profile %s", source.name) : 0;
}

int filter_get_oci(const char *json, size_t len, int cache_dir,
                   struct filter *ret, struct err *e)
{
    const struct filter_source source = {
        .name = "linux.seccomp",
        .text = json,
        .len = len,
        .release = "",
        .oci = true,
    };
    *ret = (struct filter){0};
    int r = get(&source, cache_dir, ret, e);
    if (r < 0)
        err_add(e, "%s", source.name);
    return r;
}

/* A program that cannot be read is refused for that reason by a kernel that
 * would have read it. */
int filter_check(struct err *e)
{
    int r = sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL);
    return r == -EFAULT ? 0 : err_sys(e, r, "seccomp filters");
}

/* What the profile wants, and what follows from it. Where nobody listens there
 * is no wait that could be made killable, and the kernel refuses the flag. */
static unsigned int flags_of(const struct filter *filter)
{
    return filter->notifies
               ? filter->flags | SECCOMP_FILTER_FLAG_NEW_LISTENER
               : filter->flags & ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
}

int filter_install(const struct filter *filter, int *ret_listener,
                   struct err *e)
{
    /* TODO lab 5.5: SECCOMP_SET_MODE_FILTER with flags_of and a struct
     * sock_fprog; what it returns is the listener, if there is one */
    return err_set(e, ENOSYS, "lab 5.5 is not written yet");
}
