#include "limits.h"

#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* getrlimit(2) tells what each of them counts, and in which unit. */
static const struct {
    const char *name;
    int resource;
} table[] = {
    {"as",         RLIMIT_AS        },
    {"core",       RLIMIT_CORE      },
    {"cpu",        RLIMIT_CPU       },
    {"data",       RLIMIT_DATA      },
    {"fsize",      RLIMIT_FSIZE     },
    {"locks",      RLIMIT_LOCKS     },
    {"memlock",    RLIMIT_MEMLOCK   },
    {"msgqueue",   RLIMIT_MSGQUEUE  },
    {"nice",       RLIMIT_NICE      },
    {"nofile",     RLIMIT_NOFILE    },
    {"nproc",      RLIMIT_NPROC     },
    {"rss",        RLIMIT_RSS       },
    {"rtprio",     RLIMIT_RTPRIO    },
    {"rttime",     RLIMIT_RTTIME    },
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack",      RLIMIT_STACK     },
};
enum { COUNT = sizeof table / sizeof table[0] };

int limits_resource(const char *name)
{
    if (strncasecmp(name, "RLIMIT_", 7) == 0)
        name += 7;
    for (int i = 0; i < COUNT; i++)
        if (strcasecmp(table[i].name, name) == 0)
            return table[i].resource;
    return -EINVAL;
}

const char *limits_name(int resource)
{
    for (int i = 0; i < COUNT; i++)
        if (table[i].resource == resource)
            return table[i].name;
    return NULL;
}

/* RLIM_INFINITY is the largest number there is, so "unlimited" is above every
 * limit and needs no case of its own. */
static int check_order(const struct limit *limit, struct err *e)
{
    if (limit->soft <= limit->hard)
        return 0;
    if (limit->soft == RLIM_INFINITY)
        return err_set(e, EINVAL,
                       "ulimit soft limit must be less than or equal to hard "
                       "limit: soft: -1 (unlimited), hard: %llu",
                       (unsigned long long)limit->hard);
    return err_set(e, EINVAL,
                   "ulimit soft limit must be less than or equal to hard "
                   "limit: %llu > %llu",
                   (unsigned long long)limit->soft,
                   (unsigned long long)limit->hard);
}

/* "1024" or "-1"; smaller numbers mean nothing. */
static bool read_number(const char *s, uint64_t *ret)
{
    int64_t number;
    if (text_to_i64(s, &number) < 0 || number < -1)
        return false;
    *ret = (uint64_t)number;
    return true;
}

int limits_parse(const char *text, struct limit *ret, struct err *e)
{
    /* TODO lab 5.6: split at = and :, read one or two numbers, check their
     * order */
    return err_set(e, ENOSYS, "lab 5.6 is not written yet");
}

int limits_apply(const struct limit *limits, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct rlimit pair = {limits[i].soft, limits[i].hard};
        int r = sys_prlimit64(0, limits[i].resource, &pair, NULL);
        if (r < 0)
            return err_sys(e, r, "set ulimit %s=%lld:%lld",
                           limits_name(limits[i].resource)
                               ? limits_name(limits[i].resource)
                               : "?",
                           (long long)limits[i].soft,
                           (long long)limits[i].hard);
    }
    return 0;
}
