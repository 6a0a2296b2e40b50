/*
 * What chapter 06 adds: all the steps in their order, told as they are taken.
 *
 *     demo [ROOTFS COMMAND [ARG...]]      as root
 *
 * Without arguments it makes a tiny root of /bin/busybox. MINI_DOCKER_TRACE
 * says what is told; "steps" unless it is set.
 */
#include "ctr.h"
#include "files.h"
#include "own.h"
#include "proc.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What is missing in `root`, the place of /bin/sh and of /proc, is made. */
static int describe(struct spec *spec, const char *root, char **argv,
                    struct err *e)
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
    spec->root.path = own_strdup(root);
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

static int run(const char *root, char **argv, struct err *e)
{
    auto_spec struct spec spec = SPEC_INIT;
    struct ctr ctr = CTR_INIT;
    struct ctr_options options = {
        .stdio = {-1, -1, -1},
          .dies_with_us = true
    };
    int r = describe(&spec, root, argv, e);
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
    /* A name that nobody could know before: in /tmp, others wait with links. */
    char tiny[] = "/tmp/mini-docker-demo.XXXXXX";
    int r = trace_open(wish != NULL ? wish : "steps", &e);
    if (r == 0 && argc == 1 && mkdtemp(tiny) == NULL)
        r = err_sys(&e, errno, "make a directory like %s", tiny);
    if (r == 0)
        r = run(argc > 1 ? argv[1] : tiny, argv, &e);
    trace_close();
    if (argc == 1)
        files_remove_tree(AT_FDCWD, tiny, NULL);
    if (r < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    return r < 0 ? 125 : r;
}
