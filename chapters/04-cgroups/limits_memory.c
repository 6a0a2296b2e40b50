/*
 * Second reading: a running group can be given a memory limit below what it
 * uses. v1 refuses that (EBUSY) when reclaiming does not help; v2 takes it and
 * lets the OOM killer make it true. So v2 can be asked to look first.
 */
#include "cg_parts.h"

#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int read_bytes(int dir, const char *file, uint64_t *ret, struct err *e)
{
    auto_text struct text text = {0};
    text_add(&text, "");
    int r = files_read(dir, file, &text, e);
    *ret = strtoull(text.s, NULL, 10);
    return r;
}

int cg_check_memory(const struct cg *cg, const struct cg_limits *limits,
                    struct err *e)
{
    if (!limits->memory_check_before_update || cg_version(cg, CG_MEMORY) != 2 ||
        (limits->memory <= 0 && limits->memory_swap <= 0))
        return 0;
    uint64_t memory, swap;
    int dir = cg_dir(cg, CG_MEMORY);
    int r = read_bytes(dir, "memory.current", &memory, e);
    if (r < 0)
        return r;
    read_bytes(dir, "memory.swap.current", &swap, NULL);
    if (limits->memory_swap > 0 &&
        (uint64_t)limits->memory_swap <= memory + swap)
        return err_set(e, EBUSY,
                       "rejecting memory+swap limit %" PRId64
                       " <= usage %" PRIu64,
                       limits->memory_swap, memory + swap);
    if (limits->memory > 0 && (uint64_t)limits->memory <= memory)
        return err_set(e, EBUSY,
                       "rejecting memory limit %" PRId64 " <= usage %" PRIu64,
                       limits->memory, memory);
    return 0;
}

int cg_explain_memory(const struct cg *cg, int64_t limit, struct err *e)
{
    int dir = cg_dir(cg, CG_MEMORY);
    uint64_t usage, peak;
    read_bytes(dir, "memory.usage_in_bytes", &usage, NULL);
    read_bytes(dir, "memory.max_usage_in_bytes", &peak, NULL);
    return err_set(e, EBUSY,
                   "unable to set memory limit to %" PRId64
                   " (current usage: %" PRIu64 ", peak usage: %" PRIu64 ")",
                   limit, usage, peak);
}
