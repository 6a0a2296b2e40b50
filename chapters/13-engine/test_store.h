/*
 * test_store.h - what the tests of the engine's memory share: a state root and
 * a run directory of the test's own, and owners of containers that can die.
 *
 * The containers have documents, names and locks, but no process: who sweeps
 * does not ask for one.
 */
#ifndef TEST_STORE_H
#define TEST_STORE_H

#include "field.h"
#include "files.h"
#include "own.h"
#include "record.h"
#include "run.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT SCRATCH "/state"

static struct err why;

#define must(call) ck_assert_msg((call) >= 0, "%s: %s", #call, why.msg)

/* Nothing that was there before, on disk or in the run directory. */
static inline void store_enter(void)
{
    scratch_enter();
    ck_assert_int_eq(mount("run", "/run", "tmpfs", 0, "mode=0755"), 0);
}

static inline struct engine *store_open(void)
{
    struct engine *engine = NULL;
    must(engine_open(&engine, ROOT, &why));
    return engine;
}

static inline json_t *store_document(const char *id, const char *name,
                                     bool removes, const char *status)
{
    auto_free char *shown = text_format("/%s", name);
    return json_pack("{s:s, s:s, s:s, s:{s:b}, s:{s:s, s:i}}", "Id", id, "Name",
                     shown, "Created", "2020-01-01T00:00:00Z", "HostConfig",
                     "AutoRemove", removes, "State", "Status", status,
                     "ExitCode", 0);
}

/* The documents and the name of a container, with an id chosen by the test. */
static inline void store_add(struct engine *engine, const char *id,
                             const char *name, bool removes, const char *status)
{
    char other[RECORD_ID_LEN + 1];
    auto_free char *dir = record_dir(engine, id);
    json_t *doc = store_document(id, name, removes, status);
    must(files_mkdirs(AT_FDCWD, dir, 0700, &why));
    must(record_name(engine, name, id, other, &why));
    must(record_save(engine, id, doc, &why));
    json_decref(doc);
}

/* An owner: a process that holds a container, and tells its id. */
struct owner {
    pid_t pid;
    char id[RECORD_ID_LEN + 1];
};

/* With `name` NULL it comes no further than its lock. */
static inline struct owner owner_start(const char *name, bool removes,
                                       const char *status)
{
    struct owner owner = {0};
    int news[2];
    ck_assert_int_eq(pipe2(news, O_CLOEXEC), 0);
    owner.pid = fork();
    if (owner.pid == 0) {
        struct engine *engine = store_open();
        char id[RECORD_ID_LEN + 1];
        int lock = record_lock_new(engine, id, &why);
        if (lock >= 0 && name != NULL)
            store_add(engine, id, name, removes, status);
        if (lock >= 0 && write(news[1], id, RECORD_ID_LEN) == RECORD_ID_LEN)
            for (;;)
                pause();
        _exit(1);
    }
    close(news[1]);
    ck_assert_int_eq(read(news[0], owner.id, RECORD_ID_LEN), RECORD_ID_LEN);
    close(news[0]);
    return owner;
}

static inline void owner_kill(const struct owner *owner)
{
    kill(owner->pid, SIGKILL);
    ck_assert_int_eq(waitpid(owner->pid, NULL, 0), owner->pid);
}

/* One that is dead already. */
static inline struct owner owner_dead(const char *name, bool removes,
                                      const char *status)
{
    struct owner owner = owner_start(name, removes, status);
    owner_kill(&owner);
    return owner;
}

static inline bool exists(int dirfd, const char *format, const char *id)
{
    auto_free char *path = text_format("%s%s", format, id);
    struct stat st;
    return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* How many ids is there any trace of? */
static inline size_t count_ids(struct engine *engine)
{
    auto_strv struct strv ids = {0};
    must(record_ids(engine, &ids, &why));
    return ids.n;
}

#endif
