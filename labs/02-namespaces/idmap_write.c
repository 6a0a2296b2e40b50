/* Giving a process its id maps. See idmap.h. */
#include "idmap.h"

#include "files.h"
#include "ns.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define EXIT_NO_HELPER 127

/* What is different between users and groups. */
struct half {
    const char *file;   /* in /proc/PID */
    const char *helper; /* set-uid root; grants what subuid(5) grants */
    uint32_t own_id;
    bool is_group;
    int pidfd; /* of the helper, while it runs */
};

/* All lines must arrive in one write(2); there is no second one. */
static char *map_lines(const struct idmap *map)
{
    struct text lines = {0};
    for (size_t i = 0; i < map->n; i++)
        text_addf(&lines, "%u %u %u\n", map->v[i].inside, map->v[i].outside,
                  map->v[i].count);
    return text_take(&lines);
}

static int write_file(pid_t pid, const char *file, const char *value,
                      struct err *e)
{
    auto_free char *path = text_format("/proc/%d/%s", (int)pid, file);
    return files_write(AT_FDCWD, path, value, e);
}

/* Anyone may map his own id. For the group id he must first give up
 * setgroups(2): a group may also *deny* access (rw----r--), and leaving it
 * would get round that (user_namespaces(7), CVE-2014-8989). */
static int write_own_id(pid_t pid, const struct half *half, const char *lines,
                        struct err *e)
{
    int r = half->is_group ? write_file(pid, "setgroups", "deny", e) : 0;
    return r < 0 ? r : write_file(pid, half->file, lines, e);
}

/* newuidmap PID INSIDE OUTSIDE COUNT ... */
static void helper_arguments(struct strv *argv, pid_t pid,
                             const struct half *half, const struct idmap *map)
{
    strv_add(argv, half->helper);
    strv_addf(argv, "%d", (int)pid);
    for (size_t i = 0; i < map->n; i++) {
        strv_addf(argv, "%u", map->v[i].inside);
        strv_addf(argv, "%u", map->v[i].outside);
        strv_addf(argv, "%u", map->v[i].count);
    }
}

static _Noreturn void become_helper(const struct strv *argv)
{
    char *path;
    for (size_t i = 0; (path = idmap_helper_path(argv->v[0], i)) != NULL; i++)
        sys_execve(path, argv->v, environ);
    _exit(EXIT_NO_HELPER);
}

static int start_helper(pid_t pid, struct half *half, const struct idmap *map,
                        struct err *e)
{
    auto_strv struct strv argv = {0};
    helper_arguments(&argv, pid, half, map);
    int child = proc_clone(0, -1, &half->pidfd, e);
    if (child == 0)
        become_helper(&argv);
    return child < 0 ? err_add(e, "run %s", half->helper) : 0;
}

/* Nothing to wait for where the map was written directly. */
static int wait_for_helper(struct half *half, struct err *e)
{
    if (half->pidfd < 0)
        return 0;
    int code = proc_wait(half->pidfd, e);
    /* It must not write, or complain, after we have gone on without it. */
    struct pollfd end = {.fd = half->pidfd, .events = POLLIN};
    if (code < 0 && proc_signal(half->pidfd, SIGKILL, NULL) == 0)
        poll(&end, 1, -1);
    own_close(&half->pidfd);
    if (code < 0)
        err_add(e, "run %s", half->helper);
    if (code <= 0)
        return code;
    if (code == EXIT_NO_HELPER)
        return err_set(e, ENOENT,
                       "%s is not installed (package uidmap or shadow-utils); "
                       "without it a user can map only his own id",
                       half->helper);
    return err_set(e, EPERM,
                   "%s refused (exit code %d); does /etc/sub%cid grant "
                   "these ids to you?",
                   half->helper, code, half->is_group ? 'g' : 'u');
}

static int write_half(pid_t pid, struct half *half, const struct idmap *map,
                      struct err *e)
{
    auto_free char *lines = map_lines(map);
    int r = write_file(pid, half->file, lines, e);
    if (r != -EPERM)
        return r;
    if (map->n == 1 && map->v[0].count == 1 &&
        map->v[0].outside == half->own_id)
        return write_own_id(pid, half, lines, e);
    return start_helper(pid, half, map, e);
}

/*
 * Until the maps are written every id of the process is the overflow id,
 * 65534, and it has all capabilities in its namespace but can own nothing.
 *
 * The set-uid helpers take a millisecond each, so both are started before
 * either is waited for. */
int idmap_write(pid_t pid, const struct idmap *uids, const struct idmap *gids,
                struct err *e)
{
    /* TODO lab 2.5: a write_half for users, one for groups; then
     * wait_for_helper for both */
    return err_set(e, ENOSYS, "lab 2.5 is not written yet");
}

/* Born into the namespace, to hold it until it has its maps. The pipe closes
 * with its other end, also when that side dies. */
static _Noreturn void hold_open(int pipe[2])
{
    char byte;
    own_close(&pipe[1]);
    while (read(pipe[0], &byte, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

int idmap_open(const struct idmap *uids, const struct idmap *gids,
               struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "make a pipe");
    auto_fd int pidfd = -1;
    int pid = proc_clone(CLONE_NEWUSER, -1, &pidfd, e);
    if (pid == 0)
        hold_open(ends);
    int r = pid < 0 ? pid : idmap_write(pid, uids, gids, e);
    auto_fd int fd = r < 0 ? r : ns_open(pid, NS_USER, e);
    own_close(&ends[0]);
    own_close(&ends[1]);
    if (pid > 0)
        proc_wait(pidfd, NULL);
    return fd < 0 ? fd : fd_take(&fd);
}
