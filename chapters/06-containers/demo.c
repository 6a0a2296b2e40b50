/*
 * What chapter 06 adds: all the steps in their order, told as they are taken.
 *
 *     demo [ROOTFS COMMAND [ARG...]]      as root
 *
 * Without arguments it makes a tiny root of /bin/busybox. MINI_DOCKER_TRACE
 * says what is told; "steps" unless it is set.
 */
#include "ctr.h"
#include "own.h"
#include "proc.h"
#include "trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TINY "/tmp/mini-docker-demo"

/* Two directories and a file to bind /bin/busybox on. */
static void make_tiny(void)
{
    mkdir(TINY, 0755);
    mkdir(TINY "/bin", 0755);
    close(open(TINY "/bin/sh", O_WRONLY | O_CREAT | O_CLOEXEC, 0755));
}

static void remove_tiny(void)
{
    unlink(TINY "/bin/sh");
    rmdir(TINY "/bin");
    rmdir(TINY "/proc");
    rmdir(TINY);
}

static int describe(struct spec *spec, char **argv, struct err *e)
{
    static const char *const tiny[] = {
        "sh", "-c", "echo I am pid $$ on $(cat /proc/sys/kernel/hostname)"};
    int r = 0;
    for (size_t i = 0; argv[1] == NULL && i < 3; i++)
        strv_add(&spec->process.args, tiny[i]);
    for (char **arg = argv + 2; argv[1] != NULL && *arg != NULL; arg++)
        strv_add(&spec->process.args, *arg);
    if (argv[1] == NULL)
        r = mnt_list_add(&spec->mounts, "/bin/busybox", "/bin/sh", "bind",
                         "bind,ro", e);
    spec->root.path = own_strdup(argv[1] != NULL ? argv[1] : TINY);
    spec->process.cwd = own_strdup("/");
    spec->process.caps = caps_for_user(caps_default(), 0);
    spec->new_namespaces = NS_BIT(NS_MOUNT) | NS_BIT(NS_PID) | NS_BIT(NS_UTS) |
                           NS_BIT(NS_IPC) | NS_BIT(NS_NET) | NS_BIT(NS_CGROUP);
    spec->hostname = own_strdup("demo");
    spec->cgroup = text_format("mini-docker/demo-%d", (int)getpid());
    spec->limits.pids = 20;
    return r < 0 ? r
                 : mnt_list_add(&spec->mounts, "proc", "/proc", "proc",
                                "nosuid,noexec,nodev", e);
}

static int run(char **argv, struct err *e)
{
    auto_spec struct spec spec = SPEC_INIT;
    struct ctr ctr = CTR_INIT;
    struct ctr_options options = {
        .stdio = {-1, -1, -1},
          .dies_with_us = true
    };
    int r = describe(&spec, argv, e);
    if (r == 0)
        r = ctr_create(&ctr, &spec, &options, e);
    if (r == 0)
        r = ctr_start(&ctr, e);
    if (r < 0)
        return r;
    int code = proc_wait(ctr.pidfd, e);
    r = ctr_destroy(&ctr, e);
    return r < 0 ? r : code;
}

int main(int argc, char **argv)
{
    struct err e;
    const char *wish = getenv("MINI_DOCKER_TRACE");
    if (argc == 1)
        make_tiny();
    int r = trace_open(wish != NULL ? wish : "steps", &e);
    if (r == 0)
        r = run(argv, &e);
    trace_close();
    if (argc == 1)
        remove_tiny();
    if (r < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    return r < 0 ? 125 : r;
}
