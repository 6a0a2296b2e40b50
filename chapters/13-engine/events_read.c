/* The journal, for those who read it: what happened, and what is happening. */
#include "events.h"

#include "log.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The time is a line's last member, so that most lines need not be parsed to
 * know that nobody wants them. A line that ends before it is torn. */
static bool decode(char *line, size_t len, struct log_record *ret)
{
    static const char member[] = "\"timeNano\":";
    const char *colon = memrchr(line, ':', len);
    size_t name = sizeof member - 1;
    if (colon == NULL || (size_t)(colon + 1 - line) < name ||
        memcmp(colon + 1 - name, member, name) != 0)
        return false;
    char *end;
    int64_t at = strtoll(colon + 1, &end, 10);
    if (strcmp(end, "}") != 0)
        return false;
    *ret = (struct log_record){
        .stream = 1,
        .bytes = line,
        .len = len,
        .time = {at / 1000000000, at % 1000000000},
    };
    return true;
}

static int give(void *arg, const struct log_record *record, struct err *e)
{
    const struct engine_events *query = arg;
    json_t *event = json_loadb(record->bytes, record->len, 0, NULL);
    int r = event != NULL ? query->each(query->arg, event, e) : 0;
    json_decref(event);
    return r;
}

static bool is_set(const struct timespec *time)
{
    return time->tv_sec != 0 || time->tv_nsec != 0;
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec > b->tv_sec ||
           (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

int engine_events(struct engine *engine, const struct engine_events *query,
                  struct err *e)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    bool ends = is_set(&query->until);
    if (ends && is_later(&query->since, &query->until))
        return err_set(e, EINVAL,
                       "`since` time (%lld.%09ld) cannot be after `until` time "
                       "(%lld.%09ld)",
                       (long long)query->since.tv_sec, query->since.tv_nsec,
                       (long long)query->until.tv_sec, query->until.tv_nsec);
    struct log_query lines = {
        .since = query->since,
        .until = query->until,
        .tail = ends || is_set(&query->since) ? -1 : 0,
        .follow = !ends || is_later(&query->until, &now),
        .stop_fd = -1,
        .out = true,
        .decode = decode,
    };
    /* Somebody may have died, and nobody has told it yet. */
    engine_sweep(engine, NULL);
    return log_read(engine->runfd, EVENTS_FILE, &lines, give,
                    (void *)(uintptr_t)query, e);
}
