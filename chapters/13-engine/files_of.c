#include "files_of.h"

#include "events.h"
#include "field.h"
#include "files.h"
#include "ns.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* The pid may have become another process's while we opened; the pidfd cannot,
 * and if that one still lives afterwards, it was the one that we looked at. */
static int open_running(struct engine_files *f, struct err *e)
{
    pid_t pid;
    auto_fd int pidfd =
        contents_process(f->contents.engine, &f->contents.record, &pid, e);
    if (pidfd < 0)
        return pidfd;
    auto_free char *path = text_format("/proc/%d/root", (int)pid);
    auto_fd int root =
        sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (root < 0)
        return err_sys(e, root, "open %s", path);
    int r = proc_signal(pidfd, 0, e);
    if (r == 0)
        f->root = fd_take(&root);
    return r;
}

/* The child: a mount that nobody else can see, sent away as a descriptor. */
static int mount_and_send(const struct snap *snap, int talk, struct err *e)
{
    int r = sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL);
    if (r < 0)
        return err_sys(e, r, "make a mount namespace");
    r = snap_mount(snap, e);
    if (r < 0)
        return r;
    auto_fd int root =
        sys_openat(AT_FDCWD, snap->target, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    return root < 0 ? err_sys(e, root, "open %s", snap->target)
                    : talk_send_fd(talk, root, e);
}

static int receive_root(int talk, int pidfd, struct err *e)
{
    struct err unused;
    int root = talk_receive_fd(talk, &unused);
    struct talk_message message = {.kind = 0};
    int r = talk_receive(talk, &message, e);
    proc_wait(pidfd, NULL);
    if (r == 0 && message.value < 0)
        r = err_set(e, message.err.code, "%s", message.err.msg);
    if (r < 0)
        own_close(&root);
    return r < 0 ? r : root;
}

static int open_stopped(struct engine_files *f, struct err *e)
{
    struct contents *c = &f->contents;
    f->lock = record_lock_dead(c->engine, c->record.id, e);
    if (f->lock < 0)
        return f->lock;
    /* Hidden by the mount for the child alone. */
    c->snap.target = text_format("%s/tmp", c->engine->root);
    int pair[2];
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    auto_fd int ours = pair[0], theirs = pair[1], pidfd = -1;
    int pid = proc_clone(CLONE_NEWNS, -1, &pidfd, e);
    if (pid == 0) {
        struct talk_message message = {.kind = 1};
        proc_die_with_parent(NULL);
        message.value = mount_and_send(&c->snap, theirs, &message.err);
        /* Where there is no descriptor, a byte stands in its place. */
        if (message.value < 0)
            talk_send_fd(theirs, theirs, NULL);
        talk_send(theirs, &message, NULL);
        _exit(0);
    }
    own_close(&theirs);
    if (pid < 0)
        return pid;
    f->root = receive_root(ours, pidfd, e);
    return f->root < 0 ? f->root : 0;
}

/* On one that does not run the mount is ours, and writable. */
static int check_writable(const struct engine_files *f, struct err *e)
{
    bool is_readonly =
        field_bool(f->contents.record.doc, "HostConfig.ReadonlyRootfs");
    return is_readonly && f->lock >= 0
               ? err_set(e, EROFS, "container rootfs is marked read-only")
               : 0;
}

int engine_files_open(struct engine *engine, const char *name,
                      enum engine_use use, struct engine_files **ret,
                      struct err *e)
{
    static const char *const told[] = {
        [ENGINE_READS] = "archive-path", [ENGINE_WRITES] = "extract-to-dir"};
    struct engine_files *f = own_alloc(sizeof *f);
    *f = (struct engine_files){.root = -1, .lock = -1};
    int r = contents_open(engine, name, &f->contents, e);
    if (r == 0)
        r = f->contents.record.live ? open_running(f, e) : open_stopped(f, e);
    if (r == 0 && use == ENGINE_WRITES)
        r = check_writable(f, e);
    if (r < 0) {
        engine_files_close(f);
        return r;
    }
    if (told[use] != NULL)
        events_of_container(engine, f->contents.record.doc, told[use], NULL);
    *ret = f;
    return 0;
}

void engine_files_close(struct engine_files *f)
{
    if (f == NULL)
        return;
    own_close(&f->root);
    /* As it was before: one that has ended has no run directory. */
    if (f->lock >= 0)
        files_remove_tree(f->contents.engine->runfd, f->contents.record.id,
                          NULL);
    own_close(&f->lock);
    contents_done(&f->contents);
    free(f);
}

int engine_files_root(const struct engine_files *f)
{
    return f->root;
}
