/* Who a container's process is, on disk: state that outlives its writer. */
#include "ctr.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

int ctr_identity_save(int dirfd, const char *path, pid_t pid, struct err *e)
{
    uint64_t start_time;
    int r = proc_start_time(pid, &start_time, e);
    if (r < 0)
        return r;
    char line[64];
    int len = snprintf(line, sizeof line, "%d %" PRIu64 "\n", pid, start_time);
    /* Not durable: a process does not survive a power cut either. */
    return files_replace(dirfd, path, line, (size_t)len, 0, e);
}

int ctr_identity_load(int dirfd, const char *path, struct ctr_identity *ret,
                      struct err *e)
{
    auto_text struct text line = {0};
    int r = files_read(dirfd, path, &line, e);
    if (r < 0)
        return r;
    if (sscanf(line.s, "%d %" SCNu64, &ret->pid, &ret->start_time) != 2 ||
        ret->pid <= 0)
        return err_set(e, EINVAL, "%s is damaged", path);
    return 0;
}

/*
 * The number alone may have been given to somebody else meanwhile. */
int ctr_identity_open(const struct ctr_identity *identity, struct err *e)
{
    /* TODO lab 6.5: a pidfd, then the start time: another one is -ESRCH */
    return err_set(e, ENOSYS, "lab 6.5 is not written yet");
}
