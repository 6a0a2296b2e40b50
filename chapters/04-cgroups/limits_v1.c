/*
 * Second reading: two limits that v1 spreads over several files; see the
 * kernel's Documentation/admin-guide/cgroup-v1/{memory,blkio-controller}.rst.
 */
#include "cg_parts.h"

#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int write_bytes(int dir, const char *file, int64_t bytes, struct err *e)
{
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, bytes);
    return files_write(dir, file, number, e);
}

/* The kernel insists at every moment on memory <= memory + swap, so shrinking
 * starts with memory and growing with the sum. A new group shrinks from
 * "unlimited"; instead of reading where the group stands, try that order and
 * take EINVAL as the sign to turn it round. */
int cg_v1_set_memory(int dir, const struct cg_limits *limits, struct err *e)
{
    static const char memory[] = "memory.limit_in_bytes";
    static const char both[] = "memory.memsw.limit_in_bytes";
    bool has_memory = limits->memory != CG_UNSET;
    bool has_swap = limits->memory_swap != CG_UNSET;
    int r = has_memory ? write_bytes(dir, memory, limits->memory, e) : 0;
    bool growing = r == -EINVAL && has_swap;
    if (r < 0 && !growing)
        return r;
    if (has_swap)
        r = write_bytes(dir, both, limits->memory_swap, e);
    if (r == -ENOENT) /* no swap accounting: Docker warns and goes on */
        r = 0;
    if (r >= 0 && growing)
        r = write_bytes(dir, memory, limits->memory, e);
    return r;
}

/* v2's words and v1's files for them. */
static const struct {
    const char *key, *file;
} throttles[] = {
    {"rbps=",  "blkio.throttle.read_bps_device"  },
    {"wbps=",  "blkio.throttle.write_bps_device" },
    {"riops=", "blkio.throttle.read_iops_device" },
    {"wiops=", "blkio.throttle.write_iops_device"},
};

static int set_throttle(int dir, const char *device, const char *word,
                        struct err *e)
{
    for (size_t i = 0; i < sizeof throttles / sizeof throttles[0]; i++) {
        if (!text_starts(word, throttles[i].key))
            continue;
        const char *value = word + strlen(throttles[i].key);
        /* v1 spells "no limit" as 0. */
        auto_text struct text line = {0};
        text_addf(&line, "%s %s", device,
                  strcmp(value, "max") == 0 ? "0" : value);
        return files_write(dir, throttles[i].file, line.s, e);
    }
    return err_set(e, EINVAL, "io limit \"%s\": not rbps, wbps, riops, wiops",
                   word);
}

int cg_v1_set_io_max(int dir, const struct strv *io_max, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < io_max->n; i++) {
        auto_strv struct strv words = {0};
        strv_split(&words, io_max->v[i], ' ');
        for (size_t k = 1; r >= 0 && k < words.n; k++)
            r = set_throttle(dir, words.v[0], words.v[k], e);
    }
    return r;
}
