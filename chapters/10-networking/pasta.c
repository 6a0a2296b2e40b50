/* Which program speaks for the container, and what each needs around it. See
 * pasta.h. */
#include "pasta.h"

#include "own.h"
#include "pasta_parts.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void done(struct pasta_child *child)
{
    own_close(&child->ready);
    own_close(&child->errors);
}

static int make_node(const char *path, mode_t type, struct err *e)
{
    sys_unlinkat(AT_FDCWD, path, 0);
    int r = sys_mknodat(AT_FDCWD, path, type | 0600, 0);
    return r < 0 ? err_sys(e, r, "make %s", path) : 0;
}

/* pasta writes its number to a file when it is ready. A FIFO is a file that
 * tells; it is opened first, so that somebody is there to read. */
static int run_pasta(const struct pasta *wish, const char *file,
                     const char *fifo, struct pasta_child *child, struct err *e)
{
    auto_strv struct strv args = {0};
    int r = make_node(fifo, S_IFIFO, e);
    if (r >= 0 && child->netns != NULL)
        r = make_node(child->netns, S_IFREG, e);
    if (r < 0)
        return r;
    child->ready =
        sys_openat(AT_FDCWD, fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
    if (child->ready < 0)
        return err_sys(e, child->ready, "open %s", fifo);
    pasta_args(wish, child->netns, fifo, &args);
    r = pasta_run(child, file, &args, -1, e);
    return r < 0 ? r : pasta_wait(child, e);
}

static int start_pasta(const struct pasta *wish, const char *file,
                       struct pasta_child *child, struct err *e)
{
    auto_free char *fifo = text_format("%s/pasta", wish->dir);
    auto_free char *netns = text_format("%s.netns", fifo);
    child->reason_is_last = true;
    child->pid = wish->pid;
    child->ns = wish->ns;
    child->netns = geteuid() == 0 ? netns : NULL;
    int r = run_pasta(wish, file, fifo, child, e);
    sys_unlinkat(AT_FDCWD, fifo, 0);
    sys_unlinkat(AT_FDCWD, netns, 0);
    child->netns = NULL;
    return r;
}

static int start_slirp(const struct pasta *wish, const char *file,
                       struct pasta_child *child, struct err *e)
{
    auto_strv struct strv args = {0};
    auto_free char *socket = text_format("%s/slirp", wish->dir);
    auto_free char *netns = text_format("%s.netns", socket);
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) < 0)
        return err_sys(e, errno, "make a pipe for %s", child->name);
    child->ready = ready[0];
    child->pid = wish->pid;
    child->ns = wish->ns;
    child->netns = geteuid() == 0 ? netns : NULL;
    sys_unlinkat(AT_FDCWD, socket, 0);
    pasta_slirp_args(wish, child->netns, ready[1], socket, &args);
    int r = child->netns != NULL ? make_node(netns, S_IFREG, e) : 0;
    if (r >= 0)
        r = pasta_run(child, file, &args, ready[1], e);
    own_close(&ready[1]);
    if (r >= 0)
        r = pasta_wait(child, e);
    if (r >= 0)
        r = pasta_slirp_publish(wish, socket, e);
    sys_unlinkat(AT_FDCWD, socket, 0);
    sys_unlinkat(AT_FDCWD, netns, 0);
    child->netns = NULL;
    return r;
}

static const struct {
    const char *name;
    int (*start)(const struct pasta *wish, const char *file,
                 struct pasta_child *child, struct err *e);
} programs[] = {
    {"pasta",       start_pasta},
    {"slirp4netns", start_slirp},
};

bool pasta_is_there(void)
{
    bool found = false;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0] && !found;
         i++) {
        auto_free char *file =
            proc_find_program(getenv("PATH"), programs[i].name);
        found = file != NULL;
    }
    return found;
}

int pasta_start(const struct pasta *wish, int *ret_pidfd, struct err *e)
{
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct pasta_child child = {
            .name = programs[i].name, .pidfd = -1, .ready = -1, .errors = -1};
        auto_free char *file = proc_find_program(getenv("PATH"), child.name);
        if (file == NULL)
            continue;
        int r = programs[i].start(wish, file, &child, e);
        done(&child);
        if (r < 0)
            pasta_end(&child);
        else
            *ret_pidfd = child.pidfd;
        return r < 0 ? r : 0;
    }
    return err_set(e, ENOENT,
                   "a network without root needs pasta or slirp4netns: "
                   "install the package passt (or --network none, host)");
}
