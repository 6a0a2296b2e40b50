/*
 * Second reading: v1 keeps in four files what v2 writes as one line of io.max;
 * see the kernel's Documentation/admin-guide/cgroup-v1/blkio-controller.rst.
 */
#include "cg_parts.h"

#include "files.h"

#include <errno.h>
#include <string.h>

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

int cg_v1_set_io_max(int dir, const char *line, struct err *e)
{
    auto_strv struct strv words = {0};
    strv_split(&words, line, ' ');
    int r = 0;
    for (size_t i = 1; r >= 0 && i < words.n; i++)
        r = set_throttle(dir, words.v[0], words.v[i], e);
    return r;
}
