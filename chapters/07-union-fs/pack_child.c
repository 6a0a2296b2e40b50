#include "pack_child.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "talk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DONE = 1 };

/* What the child has to do. */
struct work {
    const struct tree *tree;
    const char *path, *name;
    int out, talk;
};

static int write_out(void *arg, const void *bytes, size_t len)
{
    const struct work *work = arg;
    return files_write_all(work->out, bytes, len);
}

static _Noreturn void be_child(struct work *work, struct pack_size *ret)
{
    proc_die_with_parent(NULL);
    signal(SIGPIPE,
           SIG_IGN); /* a reader that gave up is an error like others */
    struct talk_message message = {.kind = DONE};
    struct pack_options options = {
        .target = {write_out, work}
    };
    struct pack *pack = pack_open(&options);
    int r = pack_tree(pack, work->tree, work->path, work->name, &message.err);
    *ret = pack_size(pack);
    message.value = pack_close(pack, r, &message.err);
    talk_send(work->talk, &message, NULL);
    _exit(0);
}

int pack_child_start(struct pack_child *child, const struct tree *tree,
                     const char *path, const char *name, struct err *e)
{
    int ends[2], pair[2];
    child->size = mmap(NULL, sizeof *child->size, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (child->size == MAP_FAILED || pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "make a pipe");
    child->pipe = ends[0];
    auto_fd int out = ends[1];
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    child->talk = pair[0];
    auto_fd int theirs = pair[1];
    int pid = proc_clone(0, -1, &child->pidfd, e);
    if (pid == 0) {
        own_close(&child->pipe);
        own_close(&child->talk);
        struct work work = {tree, path, name, out, theirs};
        be_child(&work, child->size);
    }
    return pid < 0 ? pid : 0;
}

static ssize_t read_pipe(void *arg, void *bytes, size_t len)
{
    const struct pack_child *child = arg;
    ssize_t n = read(child->pipe, bytes, len);
    return n < 0 ? -errno : n;
}

struct layer_source pack_child_source(struct pack_child *child)
{
    return (struct layer_source){read_pipe, child};
}

int pack_child_end(struct pack_child *child, int result, struct err *e)
{
    struct talk_message message;
    own_close(&child->pipe);
    /* A packer that failed leaves half an archive: its reason is the cause, and
     * the reader's only the consequence. */
    int r = talk_receive(child->talk, &message, result < 0 ? NULL : e);
    if (r == 0 && message.value < 0 && message.err.code != EPIPE)
        result = err_set(e, message.err.code, "%s", message.err.msg);
    return result < 0 ? result : r;
}

struct pack_size pack_child_size(const struct pack_child *child)
{
    return *child->size;
}

void pack_child_done(struct pack_child *child)
{
    own_close(&child->pipe);
    if (child->pidfd >= 0)
        proc_wait(child->pidfd, NULL);
    own_close(&child->pidfd);
    own_close(&child->talk);
    if (child->size != NULL && child->size != MAP_FAILED)
        munmap(child->size, sizeof *child->size);
}
