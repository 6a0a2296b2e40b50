/*
 * Ending everything in a group, however fast it forks.
 *
 * v2 does it in one write: cgroup.kill. Elsewhere: freeze, so that nobody forks
 * or ends while we read the list; send SIGKILL; thaw, so that it is acted on.
 * A process that cannot end keeps its pid, so the list cannot name a stranger.
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pids {
    pid_t *v;
    size_t n, cap;
};

static void add_pids(struct pids *pids, const char *text)
{
    for (const char *s = text; *s != '\0'; s += strspn(s, " \n")) {
        char *end;
        long pid = strtol(s, &end, 10);
        if (end == s)
            return;
        s = end;
        /* A process outside our pid namespace shows as 0. It must not get
         * into the list: kill(0) is our own process group. */
        if (pid <= 0)
            continue;
        if (pids->n == pids->cap) {
            pids->cap = pids->cap > 0 ? pids->cap * 2 : 16;
            pids->v = own_grow(pids->v, pids->cap * sizeof *pids->v);
        }
        pids->v[pids->n++] = (pid_t)pid;
    }
}

/* The group at `dir` and, depth first, those the container made below it. */
static int list_tree(int dir, struct pids *pids, struct err *e)
{
    auto_text struct text text = {0};
    int r = files_read(dir, "cgroup.procs", &text, e);
    /* Threaded groups of v2 refuse; their processes show in the group above.
     * ENODEV, ENOENT: the group was removed meanwhile. */
    if (r < 0 && r != -EOPNOTSUPP && r != -ENODEV && r != -ENOENT)
        return r;
    if (r > 0)
        add_pids(pids, text.s);
    auto_dir DIR *list = cg_list(dir);
    struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        auto_fd int child = cg_open_child(dir, entry);
        r = child < 0 ? 0 : list_tree(child, pids, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Every process is in all hierarchies; ask the one that is most likely to have
 * been written. */
static int main_dir(const struct cg *cg)
{
    static const enum cg_controller order[] = {CG_PIDS, CG_MEMORY, CG_CPU};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (cg_dir(cg, order[i]) >= 0)
            return cg_dir(cg, order[i]);
    for (size_t i = 0; i < cg->layout.n; i++)
        if (cg->dirs[i] >= 0)
            return cg->dirs[i];
    return -1;
}

int cg_list_pids(const struct cg *cg, pid_t **ret, size_t *ret_n, struct err *e)
{
    struct pids pids = {0};
    int dir = main_dir(cg);
    int r = dir < 0 ? 0 : list_tree(dir, &pids, e);
    if (r < 0) {
        free(pids.v);
        return err_add(e, "list %s", cg->path);
    }
    *ret = pids.v;
    *ret_n = pids.n;
    return 0;
}

/* A pidfd is readable from the moment its process has ended: an event, where
 * counting again and again would be a guess. */
static void wait_for_end(int pidfd)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    while (poll(&ended, 1, CG_PATIENCE_MS) < 0 && errno == EINTR)
        continue;
}

/* SIGKILL to at most `max` of the listed; their pidfds, -1 where one has ended
 * already, to wait by. Who may not be killed is not waited for, and where all
 * of them may not, it would not help to begin again: -EPERM. */
static int signal_some(const struct pids *pids, int pidfds[], size_t max,
                       struct err *e)
{
    size_t n = 0, refused = 0;
    int why = 0;
    for (; n < pids->n && n < max; n++) {
        pidfds[n] = sys_pidfd_open(pids->v[n], 0);
        int r = sys_kill(pids->v[n], SIGKILL);
        if (r == 0 || r == -ESRCH)
            continue;
        why = err_sys(e, r, "kill %d", (int)pids->v[n]);
        own_close(&pidfds[n]);
        refused++;
    }
    return refused < n ? (int)n : why;
}

/* Kill members of one hierarchy, so many a round as we dare to hold
 * descriptors. How many there were. */
static int kill_some(const struct cg *cg, int dir, struct err *e)
{
    int pidfds[64];
    struct pids pids = {0};
    int killed = 0;
    int r = list_tree(dir, &pids, e);
    if (r == 0 && pids.n > 0) {
        bool frozen = cg_freeze(cg, NULL) == 0;
        pids.n = 0;
        r = list_tree(dir, &pids, e);
        if (r == 0)
            killed = signal_some(&pids, pidfds, 64, e);
        if (frozen)
            cg_thaw(cg, NULL);
    }
    for (int i = 0; i < killed; i++) {
        if (pidfds[i] >= 0)
            wait_for_end(pidfds[i]);
        own_close(&pidfds[i]);
    }
    free(pids.v);
    return r < 0 ? r : killed;
}

/* Where there is a v2 tree every process is in it too, even if all controllers
 * are v1's. Since Linux 5.14. */
static int kill_at_once(const struct cg *cg, struct err *e)
{
    int dir = cg_clone_fd(cg);
    if (dir < 0 || files_write(dir, "cgroup.kill", "1", NULL) < 0)
        return 0;
    return cg_wait_event(dir, "populated", 0, e);
}

int cg_kill(const struct cg *cg, struct err *e)
{
    /* TODO lab 4.6: thaw, cgroup.kill where there is one, then whoever is
     * left */
    return err_set(e, ENOSYS, "lab 4.6 is not written yet");
}
