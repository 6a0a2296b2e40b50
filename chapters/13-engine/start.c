/* From a container that is there to one that runs: its monitor is born. */
#include "run.h"

#include "field.h"
#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "talk.h"
#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- taking one that does not run ----------------------------------------- */

static int load(struct run *run, struct record *record, struct err *e)
{
    run->doc = own_take(&record->doc);
    run->removes = field_bool(run->doc, "HostConfig.AutoRemove");
    const char *name = field_string(run->doc, "Name");
    run->name = name == NULL ? NULL : own_strdup(name + (name[0] == '/'));
    const char *image = field_string(run->doc, "Image");
    if (image == NULL)
        return err_set(e, EBADMSG, "container %.12s names no image", run->id);
    return image_find(&run->engine->images, image, &run->image, e);
}

int run_take(struct run *ret, struct engine *engine, const char *name,
             struct err *e)
{
    ret->engine = engine;
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (r < 0)
        return r;
    memcpy(ret->id, record.id, sizeof ret->id);
    ret->lock = record_lock_dead(engine, ret->id, e);
    if (ret->lock == -EWOULDBLOCK)
        return err_set(e, EALREADY, "container %s has an owner", name);
    if (ret->lock < 0)
        return ret->lock;
    /* Now that it cannot change any more; or it is gone. */
    record_done(&record);
    r = record_load(engine, ret->id, &record, e);
    if (r == -ENOENT) {
        files_remove_tree(engine->runfd, ret->id, NULL);
        return err_set(e, ENOENT, "No such container: %s", name);
    }
    return r < 0 ? r : load(ret, &record, e);
}

/* --- handing it over ------------------------------------------------------ */

/* Of our descriptors the monitor needs few; another's end of a pipe among them
 * would keep its reader waiting for as long as the container runs. */
static void close_all_but(int *kept, size_t n)
{
    int first = 3;
    for (;;) {
        int next = -1;
        for (size_t i = 0; i < n; i++)
            if (kept[i] >= first && (next < 0 || kept[i] < next))
                next = kept[i];
        if (next != first)
            sys_close_range((unsigned int)first,
                            next < 0 ? ~0u : (unsigned int)next - 1, 0);
        if (next < 0)
            return;
        first = next + 1;
    }
}

/* What a daemon does first, daemon(7): no terminal, no streams, no place of
 * the caller's. A trace goes on to where it went. */
static void become_monitor(const struct run *run, int client)
{
    sigset_t none;
    sys_setsid();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    int null = sys_openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    for (int i = 0; i < 3 && null >= 0; i++)
        sys_dup3(null, i, 0);
    int kept[] = {client, run->lock, run->engine->rootfd, run->engine->runfd,
                  run->engine->images.root};
    if (!trace_is_on())
        close_all_but(kept, sizeof kept / sizeof kept[0]);
    (void)!chdir("/");
}

int run_start(struct run *run, const json_t *ask, int *ret_fd, struct err *e)
{
    int pair[2];
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    auto_fd int pidfd = -1;
    fflush(NULL);
    trace_step_begin("monitor", "13", "somebody who stays with it to its end");
    r = proc_clone(0, -1, &pidfd, e);
    if (r == 0) {
        become_monitor(run, pair[1]);
        monitor_main(run, pair[1], ask);
    }
    trace_step_end(r);
    own_close(&pair[1]);
    own_close(&run->lock); /* the monitor has it as well */
    if (r > 0)
        r = run_hear(pair[0], NULL, e);
    *ret_fd = r < 0 ? -1 : fd_take(&pair[0]);
    own_close(&pair[0]);
    return r;
}
