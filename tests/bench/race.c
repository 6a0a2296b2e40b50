/*
 * race - time commands against each other, fairly.
 *
 *     race ROUNDS LABEL COMMAND [ARGS...] [-- LABEL COMMAND [ARGS...]]...
 *
 * Each round runs every command once, one after the other, so that whatever
 * else the machine does falls on all of them alike. Before each, all that was
 * written is synced: who syncs its own work must not pay for the others'.
 * Printed are the median, the fastest and the slowest run in milliseconds, and
 * how many times the first command's median each took. A command that fails is
 * told and not timed. With -j N as the first argument, each turn starts N at
 * once.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_RUNNERS 16
#define MAX_ROUNDS 2000

struct runner {
    const char *label;
    char **argv;
    double ms[MAX_ROUNDS];
    int failed;
};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Start `at_once` of them, wait for all. Milliseconds, or < 0. */
static double run_once(char **argv, int at_once)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    sync();
    double begin = now_ms();
    int good = 0;
    for (int i = 0; i < at_once; i++)
        good += posix_spawnp(&(pid_t){0}, argv[0], &actions, NULL, argv,
                             environ) == 0;
    int status;
    while (wait(&status) > 0)
        good -= status != 0;
    posix_spawn_file_actions_destroy(&actions);
    return good == at_once ? now_ms() - begin : -1;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(struct runner *runner, int rounds, double base)
{
    if (runner->failed > 0) {
        printf("%-34s failed in %d of %d runs\n", runner->label, runner->failed,
               rounds);
        return;
    }
    double median = runner->ms[rounds / 2];
    printf("%-34s %8.2f %8.2f %8.2f", runner->label, median, runner->ms[0],
           runner->ms[rounds - 1]);
    if (base > 0)
        printf("   %6.2fx", median / base);
    printf("\n");
}

/* Split argv at "--" into runners. Returns how many. */
static int parse(char **argv, struct runner *runners)
{
    int n = 0;
    while (*argv != NULL && n < MAX_RUNNERS) {
        runners[n].label = *argv++;
        runners[n++].argv = argv;
        while (*argv != NULL && strcmp(*argv, "--") != 0)
            argv++;
        if (*argv != NULL)
            *argv++ = NULL;
    }
    return n;
}

int main(int argc, char **argv)
{
    int at_once = 1;
    if (argc > 3 && strcmp(argv[1], "-j") == 0) {
        at_once = (int)strtol(argv[2], NULL, 10);
        argv += 2;
    }
    int rounds = argc > 3 ? (int)strtol(argv[1], NULL, 10) : 0;
    if (rounds < 1 || rounds > MAX_ROUNDS || at_once < 1) {
        fprintf(stderr, "usage: race [-j N] ROUNDS LABEL COMMAND... "
                        "[-- LABEL COMMAND...]...\n");
        return 2;
    }
    static struct runner runners[MAX_RUNNERS];
    int n = parse(argv + 2, runners);
    for (int round = -2; round < rounds; round++) /* two to warm up */
        for (int i = 0; i < n; i++) {
            double ms = run_once(runners[i].argv, at_once);
            if (round >= 0)
                runners[i].ms[round] = ms;
            runners[i].failed += round >= 0 && ms < 0;
        }
    for (int i = 0; i < n; i++)
        qsort(runners[i].ms, (size_t)rounds, sizeof runners[i].ms[0], compare);
    double base = runners[0].failed > 0 ? 0 : runners[0].ms[rounds / 2];
    printf("%-34s %8s %8s %8s   %7s\n", "", "median", "fastest", "slowest",
           "x first");
    for (int i = 0; i < n; i++)
        report(&runners[i], rounds, base);
    return 0;
}
