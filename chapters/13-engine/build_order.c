/* What is said of a build as a whole: looked at before anything is read. */
#include "build.h"

#include "engine_check.h"
#include "field.h"
#include "own.h"

#include <errno.h>
#include <stdlib.h>

#define DATE "SOURCE_DATE_EPOCH"

/* As those of a container. */
static int check_limits(const json_t *query, struct err *e)
{
    json_auto_t *same =
        json_pack("{s:{s:I, s:I}}", "HostConfig", "Memory",
                  (json_int_t)field_int(query, "memory", 0), "MemorySwap",
                  (json_int_t)field_int(query, "memswap", 0));
    return engine_check_limits(same, e);
}

/* The variable of the build goes before that of the environment. */
static int check_date(const char *given, struct err *e)
{
    const char *epoch = given != NULL ? given : getenv(DATE);
    uint64_t seconds;
    if (epoch == NULL || epoch[0] == '\0' || text_to_u64(epoch, &seconds) == 0)
        return 0;
    return err_set(e, EINVAL, "invalid " DATE ": %.60s", epoch);
}

/* All that makes images looks into the environment, in other processes, too;
 * and who builds once may build again. */
int build_order_begin(struct build *b, struct err *e)
{
    const json_t *query = b->order->query;
    const char *given = field_string(field_get(query, "buildargs"), DATE);
    int r = check_limits(query, e);
    if (r == 0)
        r = check_date(given, e);
    if (r < 0 || given == NULL)
        return r;
    const char *before = getenv(DATE);
    b->date_before = before != NULL ? own_strdup(before) : NULL;
    b->has_date = setenv(DATE, given, 1) == 0;
    return 0;
}

void build_order_end(struct build *b)
{
    if (b->has_date && b->date_before != NULL)
        setenv(DATE, b->date_before, 1);
    else if (b->has_date)
        unsetenv(DATE);
    own_free(&b->date_before);
}
