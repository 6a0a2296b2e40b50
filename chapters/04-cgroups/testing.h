/*
 * testing.h - what this chapter's contract tests share: groups that are gone
 * afterwards, and children that sit in them.
 *
 * All groups lie below mini-docker-test/<pid of the runner>, which the runner
 * destroys at the end: also when a test failed half-way. Nothing here sleeps:
 * a child says that it is ready through a pipe, and time is the processor time
 * that somebody used.
 */
#ifndef TESTING_H
#define TESTING_H

#include "cg.h"
#include "contract.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TESTING_MIB (1024 * 1024L)

/* What must work, with the error's sentence when it does not. */
#define must(call)                                                             \
    do {                                                                       \
        int must_result = (call);                                              \
        ck_assert_msg(must_result >= 0, "%s: %s", #call, e.msg);               \
    } while (0)

static inline void testing_path(char out[128], pid_t runner, const char *name)
{
    snprintf(out, 128, "mini-docker-test/%d%s%s", (int)runner,
             name[0] != '\0' ? "/" : "", name);
}

/* A fresh group. Check runs each test in a child of the runner. */
static inline void testing_group(struct cg *cg, const char *name)
{
    struct err e;
    char path[128];
    testing_path(path, getppid(), name);
    int r = cg_create(cg, path, &e);
    contract_needs(r != -EACCES || cg_check_writable(NULL) == 0,
                   "a control group that may be written");
    ck_assert_msg(r >= 0, "%s", e.msg);
}

/* What a failed test left frozen by v1 could not even be killed, and would
 * outlive the sandbox. By hand, because the module may be what failed. */
static inline void testing_thaw_all(const struct cg *cg)
{
    DIR *list = cg_version(cg, CG_FREEZER) == 1
                    ? fdopendir(dup(cg_dir(cg, CG_FREEZER)))
                    : NULL;
    struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        char file[300];
        snprintf(file, sizeof file, "%s/freezer.state", entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            files_write(cg_dir(cg, CG_FREEZER), file, "THAWED", NULL);
    }
    own_closedir(&list);
}

/* Remove a group by hand, when a test ends: that cg_destroy does it is for the
 * tests of cg_destroy to show. Who is in it still is killed. */
static inline void testing_end(struct cg *cg)
{
    for (size_t i = 0; i < cg->layout.n; i++) {
        char path[384];
        snprintf(path, sizeof path, "%s/%s", cg->layout.v[i].mount, cg->path);
        while (cg->dirs[i] >= 0 && rmdir(path) < 0 && errno == EBUSY) {
            pid_t *pids = NULL;
            size_t n = 0;
            if (cg_list_pids(cg, &pids, &n, NULL) == 0)
                for (size_t k = 0; k < n; k++)
                    kill(pids[k], SIGKILL);
            free(pids);
            sched_yield();
        }
    }
    cg_done(cg);
}

/* The runner's last act, outside every test. */
static inline void testing_sweep(void)
{
    struct cg cg = CG_INIT;
    char path[128];
    testing_path(path, getpid(), "");
    if (cg_open(&cg, path, NULL) == 0) {
        testing_thaw_all(&cg);
        cg_destroy(&cg, NULL);
    }
    cg_done(&cg);
    if (cg_open(&cg, "mini-docker-test", NULL) < 0)
        return;
    /* Not cg_destroy: another runner's groups may be in it. */
    for (size_t i = 0; i < cg.layout.n; i++) {
        char top[160];
        snprintf(top, sizeof top, "%s/mini-docker-test", cg.layout.v[i].mount);
        rmdir(top);
    }
    cg_done(&cg);
}

/* A child inside the group, as a container starts: born into the v2 group,
 * joining the v1 ones. It runs `body`, whose result is its exit status. */
static inline pid_t testing_spawn(const struct cg *cg, int (*body)(void *),
                                  void *arg)
{
    int ready[2];
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    struct clone_args args = {.exit_signal = SIGCHLD};
    if (cg_clone_fd(cg) >= 0) {
        args.flags = CLONE_INTO_CGROUP;
        args.cgroup = (unsigned int)cg_clone_fd(cg);
    }
    fflush(NULL);
    int pid = sys_clone3(&args, sizeof args);
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        struct err e = {0};
        int r = cg_join(cg, &e);
        ssize_t n = write(ready[1], &e, sizeof e);
        close(ready[1]);
        _exit(r < 0 || n < 0 ? 99 : body(arg));
    }
    close(ready[1]);
    struct err e = {0};
    ck_assert_int_eq((int)read(ready[0], &e, sizeof e), (int)sizeof e);
    close(ready[0]);
    ck_assert_msg(e.code == 0, "cg_join: %s", e.msg);
    return pid;
}

/* The child's end, as waitpid(2) reports it. */
static inline int testing_wait(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* Use processor time. */
static inline void testing_burn(long milliseconds)
{
    struct timespec now, start;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while ((now.tv_sec - start.tv_sec) * 1000 +
               (now.tv_nsec - start.tv_nsec) / 1000000 <
           milliseconds);
}

static inline int testing_body_pause(void *arg)
{
    (void)arg;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a fork does not inherit it */
    while (pause() < 0)
        continue;
    return 0;
}

static inline int testing_body_burn(void *arg)
{
    testing_burn(*(const long *)arg);
    return 0;
}

/* Touch so many bytes; 0 if one lives to tell. */
static inline int testing_body_allocate(void *arg)
{
    size_t size = (size_t) * (const long *)arg;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        return 1;
    memset(memory, 1, size);
    return 0;
}

/* The text of a file in the group, without its newline. */
static inline char *testing_read(int dir, const char *file)
{
    struct err e;
    struct text text = {0};
    must(files_read(dir, file, &text, &e));
    text_trim(&text);
    return text_take(&text);
}

/* True if the pid stands in the directory's cgroup.procs. */
static inline bool testing_has_pid(int dir, pid_t pid)
{
    auto_free char *list = testing_read(dir, "cgroup.procs");
    bool found = false;
    for (char *s = list; *s != '\0' && !found; s += strspn(s, "\n"))
        found = strtol(s, &s, 10) == pid;
    return found;
}

/* Is the group's directory there in this hierarchy? Seen from outside. */
static inline bool testing_exists(const struct cg *cg, size_t i)
{
    char path[384];
    snprintf(path, sizeof path, "%s/%s", cg->layout.v[i].mount, cg->path);
    return access(path, F_OK) == 0;
}

/* Tests that need a controller say so. */
#define testing_needs(cg, controller, name)                                    \
    contract_needs(cg_version((cg), (controller)) > 0,                         \
                   "no " name " controller here")

#endif
