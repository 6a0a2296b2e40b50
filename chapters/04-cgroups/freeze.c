/*
 * Freezing: every process of the group stops where it is, without a signal
 * that it could see, and goes on when thawed.
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

int cg_wait_event(int dir, const char *key, uint64_t value, struct err *e)
{
    auto_fd int fd = sys_openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "open cgroup.events");
    for (;;) {
        char events[256];
        /* Reading also marks what poll(2) shall report changes from. */
        ssize_t n = pread(fd, events, sizeof events - 1, 0);
        if (n < 0)
            return err_sys(e, errno, "read cgroup.events");
        events[n] = '\0';
        if (cg_sum(events, key) == value)
            return 0;
        struct pollfd change = {.fd = fd, .events = POLLPRI};
        int r = poll(&change, 1, CG_PATIENCE_MS);
        if (r == 0)
            return err_set(e, ETIMEDOUT, "cgroup.events: still not \"%s %u\"",
                           key, (unsigned int)value);
        if (r < 0 && errno != EINTR)
            return err_sys(e, errno, "poll cgroup.events");
    }
}

bool cg_pause(unsigned int round)
{
    /* 50 us doubling to 6.4 ms: about CG_PATIENCE_MS in all. */
    struct timespec nap = {.tv_nsec = 50000L << (round < 7 ? round : 7)};
    nanosleep(&nap, NULL);
    return round < CG_PATIENCE_MS * 10 / 64;
}

/* v1: write the wish to freezer.state and read it until it is so. While some
 * tasks are on their way into a system call or a fork it says FREEZING, and
 * writing again makes the kernel try again. There is no event to wait for. */
static int set_state_v1(int dir, const char *state, struct err *e)
{
    auto_text struct text now = {0};
    for (unsigned int round = 0;; round++) {
        int r = files_write(dir, "freezer.state", state, e);
        text_clear(&now);
        if (r == 0)
            r = files_read(dir, "freezer.state", &now, e);
        if (r < 0)
            return r;
        text_trim(&now);
        if (cg_has_word(now.s, state))
            return 0;
        if (!cg_pause(round))
            return err_set(e, ETIMEDOUT, "freezer.state: still %s", now.s);
    }
}

/*
 * @lab 4.5 write the wish, then wait until the kernel says it is so
 */
static int set_frozen(const struct cg *cg, bool frozen, struct err *e)
{
    int dir = cg_dir(cg, CG_FREEZER);
    if (dir < 0)
        return err_set(e, EOPNOTSUPP, "this machine has no freezer here");
    if (cg_version(cg, CG_FREEZER) == 1)
        return set_state_v1(dir, frozen ? "FROZEN" : "THAWED", e);
    int r = files_write(dir, "cgroup.freeze", frozen ? "1" : "0", e);
    return r < 0 ? r : cg_wait_event(dir, "frozen", frozen, e);
}

int cg_thaw(const struct cg *cg, struct err *e)
{
    int r = set_frozen(cg, false, e);
    return r < 0 ? err_add(e, "thaw %s", cg->path) : 0;
}

int cg_freeze(const struct cg *cg, struct err *e)
{
    int r = set_frozen(cg, true, e);
    if (r == -ETIMEDOUT)
        cg_thaw(cg, NULL); /* half frozen helps nobody */
    if (r < 0)
        err_add(e, "freeze %s", cg->path);
    return r;
}

/* v1 answers with the state of the groups above too, in another file. */
bool cg_is_frozen(const struct cg *cg)
{
    auto_text struct text state = {0};
    int dir = cg_dir(cg, CG_FREEZER);
    bool v1 = cg_version(cg, CG_FREEZER) == 1;
    const char *file = v1 ? "freezer.self_freezing" : "cgroup.freeze";
    return dir >= 0 && files_read(dir, file, &state, NULL) >= 0 &&
           text_starts(state.s, "1");
}
