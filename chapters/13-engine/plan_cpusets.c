/* Which processors and memory nodes: lists of numbers, and what there is. */
#include "plan.h"

#include "field.h"
#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* More than any kernel has of either. */
#define MOST 8192
struct numbers {
    bool has[MOST];
};

/* The next number at *at, which moves behind it. */
static int next_number(const char **at, unsigned long *ret)
{
    char *end;
    if (!isdigit((unsigned char)**at))
        return -EINVAL;
    *ret = strtoul(*at, &end, 10);
    *at = end;
    return *ret < MOST ? 0 : -ERANGE;
}

/* "0-2,7", as cpuset(7) calls the list format. */
static int read_list(const char *text, struct numbers *ret)
{
    memset(ret, 0, sizeof *ret);
    for (const char *at = text;; at++) {
        unsigned long first = 0, last;
        int r = next_number(&at, &first);
        last = first;
        if (r == 0 && *at == '-') {
            at++;
            r = next_number(&at, &last);
        }
        if (r < 0 || last < first)
            return -EINVAL;
        for (unsigned long i = first; i <= last; i++)
            ret->has[i] = true;
        if (*at != ',')
            return *at == '\0' ? 0 : -EINVAL;
    }
}

/* The two lists: where the document has them, how Docker speaks of them, and
 * where the kernel says which there are. */
static const struct set {
    const char *path, *name, *plural, *online;
    size_t offset;
} sets[] = {
    {"HostConfig.CpusetCpus", "cpus", "CPUs",         "/sys/devices/system/cpu/online",
     offsetof(struct cg_limits,                                                                                    cpuset_cpus)},
    {"HostConfig.CpusetMems", "mems", "memory nodes",
     "/sys/devices/system/node/online",                                                 offsetof(struct cg_limits, cpuset_mems)},
};

static int check_set(const struct set *set, const char *said, struct err *e)
{
    struct numbers wanted, online;
    if (read_list(said, &wanted) < 0 ||
        strlen(said) >= sizeof((struct cg_limits *)0)->cpuset_cpus)
        return err_set(e, EINVAL, "Invalid value %s for cpuset %s", said,
                       set->name);
    auto_text struct text there = {0};
    if (files_read(AT_FDCWD, set->online, &there, NULL) < 0)
        text_add(&there, "0\n"); /* a kernel without NUMA: one node */
    there.s[strcspn(there.s, "\n")] = '\0';
    if (read_list(there.s, &online) < 0)
        return 0; /* the kernel will judge */
    for (int i = 0; i < MOST; i++)
        if (wanted.has[i] && !online.has[i])
            return err_set(e, EINVAL,
                           "Requested %s are not available - requested %s, "
                           "available: %s",
                           set->plural, said, there.s);
    return 0;
}

int plan_cpusets(struct plan *plan, struct err *e)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        const char *said = field_string(plan->doc, sets[i].path);
        if (said == NULL || said[0] == '\0')
            continue;
        int r = check_set(&sets[i], said, e);
        if (r < 0)
            return r;
        char *limits = (char *)&plan->spec->limits;
        memcpy(limits + sets[i].offset, said, strlen(said) + 1);
    }
    return 0;
}
