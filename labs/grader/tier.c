/* What there is, and how to get in. See tier.h. */
#include "tier.h"

#include "own.h"
#include "proc.h"
#include "run.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* Can an ordinary user have a user namespace, and mount in it? */
static bool has_userns(void)
{
    const char *const argv[] = {"unshare", "--user", "--map-root-user",
                                "--mount", "true",   NULL};
    const char *const as_nobody[] = {"setpriv", "--reuid", "65534",
                                     "--regid", "65534",   "--clear-groups",
                                     "unshare", "--user",  "--map-root-user",
                                     "--mount", "true",    NULL};
    auto_text struct text text = {0};
    struct err e;
    return run_read(geteuid() == 0 ? as_nobody : argv, true, &text, &e) == 0;
}

static bool has_program(const char *name)
{
    auto_free char *path = proc_find_program(getenv("PATH"), name);
    return path != NULL;
}

static bool has_kernel(void)
{
    return (has_program("linux.uml") && has_program("busybox")) ||
           has_program("qemu-system-x86_64");
}

static bool has_root(void)
{
    const char *const argv[] = {"scripts/sandbox", "--", "true", NULL};
    auto_text struct text text = {0};
    struct err e;
    return geteuid() == 0 && run_read(argv, true, &text, &e) == 0;
}

static bool has_plain(void)
{
    return true;
}

static const struct way {
    bool (*is_here)(void);
    const char *lack;
    const char *words[12];
} ways[] = {
    [MODEL_PLAIN] = {has_plain,  "",                                           {NULL}                                     },
    [MODEL_USERNS] = {has_userns,
                     "user namespaces are not allowed to ordinary users here", {"unshare", "--user", "--map-root-user", "--mount",
                       "--net", "--pid", "--fork", "--kill-child",
                       "--mount-proc", NULL}},
    [MODEL_KERNEL] = {has_kernel,
                     "neither User-Mode Linux nor qemu is installed",          {"scripts/lab-kernel", "--cgroup", "hybrid", "--", "env",
                       "TMPDIR=/tmp", NULL}          },
    [MODEL_ROOT] = {has_root,
                     "only root has a sandbox",                                {"scripts/sandbox", "--", "env", "TMPDIR=/run/sandbox",
                     NULL}                                                 },
};

int tier_best(void)
{
    int tier = MODEL_ROOT;
    while (!ways[tier].is_here())
        tier--;
    return tier;
}

int tier_needs(enum model_tier tier, struct err *e)
{
    if (ways[tier].is_here())
        return 0;
    return err_set(e, ENOSYS, "tier %s: %s", model_tier_name(tier),
                   ways[tier].lack);
}

/* Root does not lend its name, but where that is the point; nor its place for
 * temporary files, which may be its own. */
void tier_as_nobody(struct strv *ret)
{
    static const char *const words[] = {
        "setpriv",         "--reuid",
        "65534",           "--regid",
        "65534",           "--clear-groups",
        "--no-new-privs",  "--bounding-set=-all",
        "--inh-caps=-all", "env",
        "TMPDIR=/tmp"};
    for (size_t i = 0; geteuid() == 0 && i < sizeof words / sizeof words[0];
         i++)
        strv_add(ret, words[i]);
}

void tier_command(enum model_tier tier, struct strv *ret)
{
    if (tier != MODEL_ROOT)
        tier_as_nobody(ret);
    for (size_t i = 0; ways[tier].words[i] != NULL; i++)
        strv_add(ret, ways[tier].words[i]);
}
