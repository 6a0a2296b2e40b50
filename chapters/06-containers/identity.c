/* Who a container's process is, on disk: state that outlives its writer. */
#include "ctr.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
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
    auto_strv struct strv words = {0};
    int r = files_read(dirfd, path, &line, e);
    if (r < 0)
        return r;
    text_trim(&line);
    strv_split(&words, line.len > 0 ? line.s : "", ' ');
    int64_t pid;
    if (words.n != 2 || text_to_i64(words.v[0], &pid) < 0 || pid <= 0 ||
        pid > INT32_MAX || text_to_u64(words.v[1], &ret->start_time) < 0)
        return err_set(e, EINVAL, "%s is damaged", path);
    ret->pid = (pid_t)pid;
    return 0;
}

/*
 * The number alone may have been given to somebody else meanwhile. First the
 * descriptor, then the look: it holds on to one process, and were that another
 * one, the start time that is read afterwards could not be ours.
 *
 * @lab 6.5 a pidfd, then the start time: another one is -ESRCH
 */
int ctr_identity_open(const struct ctr_identity *identity, struct err *e)
{
    auto_fd int pidfd = sys_pidfd_open(identity->pid, 0);
    /* EINVAL, and ENOENT since 6.9: the number is a mere thread's by now. */
    bool ended = pidfd == -ESRCH || pidfd == -EINVAL || pidfd == -ENOENT;
    if (pidfd < 0 && !ended)
        return err_sys(e, pidfd, "process %d", identity->pid);
    uint64_t start_time = 0;
    int r = ended ? -ESRCH : proc_start_time(identity->pid, &start_time, e);
    if (r < 0 && r != -ENOENT && r != -ESRCH)
        return r;
    if (r < 0 || start_time != identity->start_time)
        return err_set(e, ESRCH, "process %d has ended", identity->pid);
    return fd_take(&pidfd);
}

bool ctr_identity_has_ended(const struct ctr_identity *identity)
{
    auto_fd int pidfd = ctr_identity_open(identity, NULL);
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    return pidfd < 0 ? pidfd == -ESRCH : poll(&end, 1, 0) > 0;
}
