/* Steps of chapter 06: the moments at which somebody else has a hand in it. */
#include "steps.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool wants(const struct ctr *ctr, enum ctr_hook when)
{
    return (ctr->options.hooks & (1u << when)) != 0;
}

static int call(struct ctr *ctr, enum ctr_hook when, struct err *e)
{
    return ctr->options.hook(ctr->options.arg, when, ctr->pid, e);
}

bool ctr_needs_number(const struct ctr *ctr)
{
    return wants(ctr, CTR_HOOK_CONTAINER) || wants(ctr, CTR_HOOK_START) ||
           ctr_has_notify(ctr);
}

/* getpid(2) is 1 for us. The parent's /proc, which we still see, counts as the
 * parent does. */
int ctr_in_number(struct ctr *ctr, struct err *e)
{
    char number[16] = "";
    int64_t pid;
    if (readlink("/proc/self", number, sizeof number - 1) < 0)
        return err_sys(e, errno, "read /proc/self");
    if (text_to_i64(number, &pid) < 0)
        return err_set(e, EPROTO, "/proc/self is \"%s\"", number);
    ctr->pid = (pid_t)pid;
    return 0;
}

bool ctr_has_runtime_hooks(const struct ctr *ctr)
{
    return wants(ctr, CTR_HOOK_RUNTIME);
}

int ctr_out_runtime_hooks(struct ctr *ctr, struct err *e)
{
    return call(ctr, CTR_HOOK_RUNTIME, e);
}

bool ctr_has_container_hooks(const struct ctr *ctr)
{
    return wants(ctr, CTR_HOOK_CONTAINER);
}

int ctr_in_container_hooks(struct ctr *ctr, struct err *e)
{
    return call(ctr, CTR_HOOK_CONTAINER, e);
}

bool ctr_has_start_hooks(const struct ctr *ctr)
{
    return wants(ctr, CTR_HOOK_START);
}

int ctr_in_start_hooks(struct ctr *ctr, struct err *e)
{
    return call(ctr, CTR_HOOK_START, e);
}
