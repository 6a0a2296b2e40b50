/*
 * demo [-m BYTES] [-c CPUS] [-p PIDS] COMMAND [ARG...]
 *
 * What you can do now: give a command limits of its own, and say afterwards
 * what it used.
 *
 *     demo -m 32m  tail /dev/zero                 dies of OOM
 *     demo -c 0.2  sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'
 *     demo -p 4    sh -c 'for i in 1 2 3 4 5; do sleep 1 & done; wait'
 */
#include "cg.h"
#include "sys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *message)
{
    fprintf(stderr, "demo: %s\n", message);
    return 125;
}

static int read_limits(int argc, char **argv, struct cg_limits *limits)
{
    uint64_t value;
    for (int opt; (opt = getopt(argc, argv, "+m:c:p:")) != -1;) {
        if (opt == 'm' && text_to_bytes(optarg, &value) == 0)
            limits->memory = limits->memory_swap = (int64_t)value;
        else if (opt == 'p' && text_to_u64(optarg, &value) == 0)
            limits->pids = (int64_t)value;
        else if (opt == 'c' && strtod(optarg, NULL) > 0)
            limits->cpu_quota = (int64_t)(strtod(optarg, NULL) * 100000);
        else
            return -1;
    }
    return optind < argc ? optind : -1;
}

/* The child is born in the v2 group and joins the v1 ones itself. */
static int run(const struct cg *cg, char **command)
{
    struct clone_args args = {.exit_signal = SIGCHLD};
    if (cg_clone_fd(cg) >= 0) {
        args.flags = CLONE_INTO_CGROUP;
        args.cgroup = (unsigned int)cg_clone_fd(cg);
    }
    int pid = sys_clone3(&args, sizeof args);
    if (pid == 0) {
        struct err e;
        if (cg_join(cg, &e) < 0)
            _exit(fail(e.msg));
        execvp(command[0], command);
        _exit(127);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return 125;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void report(const struct cg *cg, int status)
{
    struct cg_stats stats;
    if (cg_get_stats(cg, &stats, NULL) < 0)
        return;
    char peak[16];
    fprintf(stderr,
            "%s (cgroup %s): status %d, memory peak %s, OOM kills %" PRIu64
            ", cpu %" PRIu64 " ms, throttled %" PRIu64 " times for %" PRIu64
            " ms\n",
            cg->path, cg_layout_name(&cg->layout), status,
            text_from_bytes(stats.memory_peak_bytes, peak), stats.oom_kills,
            stats.cpu_ns / 1000000, stats.throttled_periods,
            stats.throttled_ns / 1000000);
}

int main(int argc, char **argv)
{
    struct err e;
    struct cg_limits limits = CG_LIMITS_INIT;
    int command = read_limits(argc, argv, &limits);
    if (command < 0)
        return fail("usage: [-m BYTES] [-c CPUS] [-p PIDS] COMMAND...");
    char path[64];
    snprintf(path, sizeof path, "mini-docker-demo/%d", (int)getpid());
    auto_cg struct cg cg = CG_INIT;
    if (cg_create(&cg, path, &e) < 0)
        return fail(e.msg);
    int status = cg_set_limits(&cg, &limits, &e) < 0 ? fail(e.msg)
                                                     : run(&cg, argv + command);
    report(&cg, status);
    if (cg_destroy(&cg, &e) < 0)
        fail(e.msg);
    return status;
}
