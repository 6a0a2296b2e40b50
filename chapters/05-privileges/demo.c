/*
 * demo.c - a command run as root that is none, in a group with few devices.
 *
 *     demo                            show what is left to it
 *     demo [-u UID] [-a CAP] [-d CAP] [-l LIMIT] CMD ...
 *                                     CMD; -a, -d and -l may be repeated
 *
 * Chapter 04's group carries the device rules. What is new: the process is
 * root by name, and yet it may not mount, load modules, open the disk or read
 * the kernel's log.
 */
#include "caps.h"
#include "cg.h"
#include "devices.h"
#include "filter.h"
#include "limits.h"
#include "own.h"
#include "sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct wish {
    struct strv add, drop, limits, command;
    uid_t uid;
};

static void read_options(int argc, char **argv, struct wish *wish)
{
    int option;
    while ((option = getopt(argc, argv, "+u:a:d:l:")) > 0) {
        if (option == 'u')
            wish->uid = (uid_t)strtoul(optarg, NULL, 10);
        else
            strv_add(option == 'a'   ? &wish->add
                     : option == 'd' ? &wish->drop
                                     : &wish->limits,
                     optarg);
    }
    for (int i = optind; i < argc; i++)
        strv_add(&wish->command, argv[i]);
    if (wish->command.n == 0)
        strv_split(&wish->command,
                   "/bin/grep -E Uid:|Cap|Seccomp: /proc/self/status", ' ');
}

/* The order of the lesson: what needs privileges first, giving them up last. */
static int become_and_run(const struct wish *wish, const struct cg *cg,
                          struct err *e)
{
    auto_filter struct filter filter = {0};
    uint64_t mask = 0;
    int r = cg_join(cg, e);
    for (size_t i = 0; r >= 0 && i < wish->limits.n; i++) {
        struct limit limit;
        r = limits_parse(wish->limits.v[i], &limit, e);
        if (r >= 0)
            r = limits_apply(&limit, 1, e);
    }
    if (r >= 0)
        r = caps_adjust(caps_default(), &wish->add, &wish->drop, &mask, e);
    if (r >= 0)
        r = filter_get(NULL, mask, -1, &filter, e);
    if (r >= 0)
        r = filter_install(&filter, NULL, e);
    struct caps caps = caps_for_user(mask, wish->uid);
    if (r >= 0)
        r = caps_become(&caps, wish->uid, wish->uid, NULL, 0, e);
    if (r < 0)
        return r;
    r = sys_execve(wish->command.v[0], wish->command.v, environ);
    return err_sys(e, r, "run %s", wish->command.v[0]);
}

int main(int argc, char **argv)
{
    struct wish wish = {0};
    struct err e = {0};
    auto_cg struct cg cg = CG_INIT;
    auto_device_rules struct device_rules rules = {0};
    auto_free char *group = text_format("mini-docker-demo-%d", getpid());
    int status = 125 << 8;
    read_options(argc, argv, &wish);
    device_rules_add_default(&rules);
    if (cg_create(&cg, group, &e) < 0 ||
        device_rules_apply(&rules, &cg, &e) < 0)
        return fprintf(stderr, "demo: %s\n", e.msg), cg_destroy(&cg, NULL), 125;
    pid_t child = fork();
    if (child == 0) {
        become_and_run(&wish, &cg, &e);
        return fprintf(stderr, "demo: %s\n", e.msg), 125;
    }
    waitpid(child, &status, 0);
    cg_destroy(&cg, NULL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
