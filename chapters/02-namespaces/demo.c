/*
 * demo - a shell, or a command, in namespaces of its own: its own hostname,
 * pid 1, and ids. Everything else is still the host's: the files, the limits
 * and the privileges come in the chapters after this one.
 *
 *     demo [COMMAND [ARG...]]
 */
#include "idmap.h"
#include "ns.h"
#include "own.h"
#include "proc.h"
#include "rootless.h"
#include "sys.h"
#include "talk.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALL_KINDS ((1u << NS_COUNT) - 1)
enum { GO = 1 };

static int failed(const struct err *e)
{
    fprintf(stderr, "demo: %s\n", e->msg);
    return 125;
}

static void become_command(int talk, char *const argv[])
{
    struct err e;
    struct talk_message message;
    /* Until the maps are there we are nobody; if the parent dies, so do we. */
    if (talk_receive(talk, &message, &e) < 0 ||
        ns_set_hostname("demo", &e) < 0 || ns_loopback_up(&e) < 0)
        _exit(failed(&e));
    printf("\ninside: pid %d, uid %d, gid %d\n", (int)getpid(), (int)getuid(),
           (int)getgid());
    fflush(stdout);
    execvp(argv[0], argv);
    err_sys(&e, errno, "exec %s", argv[0]);
    failed(&e);
    _exit(errno == ENOENT ? 127 : 126);
}

/* Two processes share a namespace if and only if the inodes are equal. */
static void show_inodes(pid_t pid)
{
    printf("%-8s %12s %12s\n", "", "ours", "its own");
    for (int i = 0; i < NS_COUNT; i++)
        printf("%-8s %12lu %12lu\n", ns_table[i].file,
               (unsigned long)ns_inode(getpid(), i),
               (unsigned long)ns_inode(pid, i));
    printf("\noutside: pid %d, uid %d\n", (int)pid, (int)getuid());
    fflush(stdout);
}

static int supervise(pid_t pid, int pidfd, int talk, struct err *e)
{
    struct idmap uids = {.v = {{0, geteuid(), 1}}, .n = 1};
    struct idmap gids = {.v = {{0, getegid(), 1}}, .n = 1};
    int r = idmap_write(pid, &uids, &gids, e);
    if (r < 0)
        return r;
    show_inodes(pid);
    r = talk_send(talk, &(struct talk_message){.kind = GO}, e);
    return r < 0 ? r : proc_wait(pidfd, e);
}

int main(int argc, char *argv[])
{
    struct err e;
    int pair[2];
    char *shell[] = {(char[]){"sh"}, NULL};
    if (trace_open(getenv("MINI_DOCKER_TRACE"), &e) < 0 ||
        rootless_check(&e) < 0 || talk_pair(pair, &e) < 0)
        return failed(&e);
    auto_fd int ours = pair[0], theirs = pair[1], pidfd = -1;
    int pid = proc_clone(ns_clone_flags(ALL_KINDS), -1, &pidfd, &e);
    if (pid == 0) {
        own_close(&ours); /* or we would not see the parent's death */
        become_command(theirs, argc > 1 ? argv + 1 : shell);
    }
    int code = pid < 0 ? pid : supervise(pid, pidfd, ours, &e);
    return code < 0 ? failed(&e) : code;
}
