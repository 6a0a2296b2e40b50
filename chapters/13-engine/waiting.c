#include "waiting.h"

#include "files.h"
#include "own.h"
#include "sys.h"
#include "talk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TAKEN = 't' };

static char *directory(const char *id)
{
    return text_format("waiting/%s", id);
}

int waiting_open(struct waiting *waiting, const char *id, struct err *e)
{
    int runfd = waiting->engine->runfd;
    auto_free char *dir = directory(id);
    char number[RECORD_ID_LEN + 1];
    record_new_id(number);
    waiting->path = text_format("%s/%c%d.%.8s", dir, waiting->kind,
                                waiting->detail, number);
    /* Who goes takes the directories away: perhaps between any two of these. */
    int r = -ENOENT;
    for (int try = 0; r == -ENOENT && try < 100; try++) {
        r = files_mkdirs(runfd, dir, 0700, e);
        if (r >= 0)
            r = talk_listen(runfd, waiting->path, e);
    }
    waiting->fd = r < 0 ? -1 : r;
    return r < 0 ? r : 0;
}

static void remove_empty(struct engine *engine, const char *dir)
{
    sys_unlinkat(engine->runfd, dir, AT_REMOVEDIR);
    sys_unlinkat(engine->runfd, "waiting", AT_REMOVEDIR);
}

bool waiting_withdraw(struct waiting *waiting)
{
    if (waiting->path == NULL)
        return false;
    bool mine = sys_unlinkat(waiting->engine->runfd, waiting->path, 0) == 0;
    auto_free char *dir = text_format("waiting/%.*s", RECORD_ID_LEN,
                                      waiting->path + strlen("waiting/"));
    remove_empty(waiting->engine, dir);
    own_free(&waiting->path);
    return mine;
}

void waiting_done(struct waiting *waiting)
{
    waiting_withdraw(waiting);
    own_close(&waiting->fd);
}

int waiting_meet(struct waiting *waiting, struct err *e)
{
    int fd;
    do
        fd = accept4(waiting->fd, NULL, NULL, SOCK_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? err_sys(e, errno, "accept the monitor") : fd;
}

/* "a3.01234567", of which we are the one who takes it, as "t3.01234567": the
 * name of a socket has few letters (unix(7)). One that is called so already was
 * taken by somebody who was killed before he connected: he held the lock that
 * we hold. What for is not known any more; that it was in vain is. */
static void meet(struct engine *engine, const char *path, const char *name,
                 void (*met)(void *arg, int fd, char kind, int detail),
                 void *arg)
{
    char kind;
    int detail;
    auto_free char *taken = own_strdup(path);
    taken[strlen(path) - strlen(name)] = TAKEN;
    if (sscanf(name, "%c%d.", &kind, &detail) != 2 ||
        (kind != TAKEN &&
         sys_renameat2(engine->runfd, path, engine->runfd, taken, 0) < 0))
        return;
    auto_fd int fd = talk_connect(engine->runfd, taken, 0, NULL);
    sys_unlinkat(engine->runfd, taken, 0);
    if (fd >= 0 && kind != TAKEN)
        met(arg, fd_take(&fd), kind, detail);
}

void waiting_each(struct engine *engine, const char *id,
                  void (*met)(void *arg, int fd, char kind, int detail),
                  void *arg)
{
    auto_free char *dir = directory(id);
    auto_strv struct strv names = {0};
    int fd =
        sys_openat(engine->runfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    auto_dir DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.')
            strv_add(&names, entry->d_name);
    for (size_t i = 0; i < names.n; i++) {
        auto_free char *path = text_format("%s/%s", dir, names.v[i]);
        meet(engine, path, names.v[i], met, arg);
    }
    if (entries != NULL)
        remove_empty(engine, dir);
}

static void hang_up(void *arg, int fd, char kind, int detail)
{
    (void)arg;
    (void)kind;
    (void)detail;
    own_close(&fd);
}

void waiting_dismiss(struct engine *engine, const char *id)
{
    waiting_each(engine, id, hang_up, NULL);
}
