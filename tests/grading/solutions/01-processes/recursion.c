/* What repeats calls itself. */

/* @lab 1.2 */
int proc_wait(int pidfd, struct err *e)
{
    siginfo_t info = {0};
    int r = sys_waitid(P_PIDFD, pidfd, &info, WEXITED);
    if (r == -EINTR)
        return proc_wait(pidfd, e);
    return r < 0 ? err_sys(e, r, "wait for a process") : proc_exit_code(&info);
}

/* @lab 1.3 */
#include <inttypes.h>

static const char *skip_fields(const char *line, int n)
{
    const char *blank = n > 0 && line != NULL ? strchr(line, ' ') : NULL;
    return n > 0 ? skip_fields(blank != NULL ? blank + 1 : NULL, n - 1) : line;
}

int proc_start_time(pid_t pid, uint64_t *ret, struct err *e)
{
    auto_text struct text stat = {0};
    auto_free char *path = text_format("/proc/%d/stat", (int)pid);
    int r = files_read(AT_FDCWD, path, &stat, e);
    if (r < 0)
        return r;
    const char *field = skip_fields(strrchr(stat.s, ')'), START_TIME_FIELD - 2);
    if (field == NULL || sscanf(field, "%" SCNu64, ret) != 1)
        return err_set(e, EPROTO, "%s: it tells no start time", path);
    return 0;
}

/* @lab 1.6 */
static int reap(pid_t main_pid, int *ret_code, struct err *e)
{
    siginfo_t info = {0};
    int r = sys_waitid(P_ALL, 0, &info, WEXITED | WNOHANG);
    if (r == 0 && info.si_pid == main_pid)
        *ret_code = proc_exit_code(&info);
    if (r == 0 && info.si_pid != 0)
        return reap(main_pid, ret_code, e);
    return r == 0 || r == -ECHILD ? 0 : err_sys(e, r, "wait for anybody");
}
