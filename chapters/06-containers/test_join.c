/* Namespaces of others, clocks of one's own, and the user namespace that owns
 * what is new. */
#include "test_box.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define DAY 86400
#define FIRST_ID 100000

/* Somebody who is in new namespaces and does nothing. */
struct host {
    pid_t pid;
    int pidfd;
};

static const struct idmap ids = {
    .v = {{.inside = 0, .outside = FIRST_ID, .count = 65536}},
    .n = 1,
};

static struct host host_in(unsigned int kinds)
{
    struct host host = {.pidfd = -1};
    struct err e;
    host.pid = proc_clone(ns_clone_flags(kinds), -1, &host.pidfd, &e);
    contract_needs(host.pid >= 0, "namespaces");
    if (host.pid == 0)
        for (;;)
            pause();
    if ((kinds & NS_BIT(NS_USER)) != 0)
        ck_assert_msg(idmap_write(host.pid, &ids, &ids, &e) == 0, "%s", e.msg);
    return host;
}

static void host_end(struct host *host)
{
    proc_signal(host->pidfd, SIGKILL, NULL);
    proc_wait(host->pidfd, NULL);
}

static void join(struct box *box, const struct host *host, enum ns_kind kind)
{
    box->spec.new_namespaces &= ~NS_BIT(kind);
    box->spec.join_paths[kind] =
        text_format("/proc/%d/ns/%s", (int)host->pid, ns_table[kind].file);
}

static void own_users(struct box *box)
{
    box->spec.new_namespaces |= NS_BIT(NS_USER);
    box->spec.uids = box->spec.gids = ids;
}

static void box_wait_up(struct box *box)
{
    char up[3];
    box_start(box);
    ck_assert_int_eq(read(box->output, up, 3), 3);
}

#define ck_same(kind, a, b)                                                    \
    ck_assert_uint_eq(ns_inode(a, kind), ns_inode(b, kind))

/* The inode of the user namespace that a namespace belongs to. */
static ino_t owner_of(pid_t pid, enum ns_kind kind)
{
    auto_fd int fd = ns_open(pid, kind, NULL);
    auto_fd int owner = ioctl(fd, NS_GET_USERNS);
    struct stat st;
    ck_assert_int_eq(fstat(owner, &st), 0);
    return st.st_ino;
}

START_TEST(a_pid_namespace_is_joined_by_path)
{
    struct box box;
    char said[256];
    struct host host = host_in(NS_BIT(NS_PID));
    box_init(&box, "echo up; echo $$; while :; do :; done");
    join(&box, &host, NS_PID);
    box_wait_up(&box);
    ck_same(NS_PID, box.ctr.pid, host.pid);
    ck_assert_int_eq(read(box.output, said, 2), 2);
    ck_assert_int_eq(said[0], '2'); /* 1 is the host there */
    box_end(&box);
    host_end(&host);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(what_runs_there_is_our_child_and_dies_with_us)
{
    struct box box;
    struct host host = host_in(NS_BIT(NS_PID));
    box_init(&box, "echo up; while :; do :; done");
    join(&box, &host, NS_PID);
    box.options.dies_with_us = true;
    pid_t owner = fork();
    if (owner == 0) {
        box_wait_up(&box);
        raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(owner, NULL, 0), owner);
    close(box.options.stdio[1]);
    char said[256];
    box_read(&box, said); /* up to the end of file: its death */
    ck_assert_int_eq(ctr_remove_remains(box.spec.cgroup, &box.e), 0);
    host_end(&host);
    spec_done(&box.spec);
}
END_TEST

START_TEST(its_own_users_in_a_network_of_the_host)
{
    struct box box;
    char said[256];
    struct host host = host_in(NS_BIT(NS_NET) | NS_BIT(NS_UTS));
    box_init(&box, "echo up; echo $(cat /proc/self/uid_map); id -u; "
                   "while :; do :; done");
    join(&box, &host, NS_NET);
    join(&box, &host, NS_UTS);
    own_users(&box);
    free(box.spec.hostname);
    box.spec.hostname = NULL;
    box_wait_up(&box);
    ck_same(NS_NET, box.ctr.pid, host.pid);
    ck_same(NS_UTS, box.ctr.pid, host.pid);
    ck_assert_uint_ne(ns_inode(box.ctr.pid, NS_USER), ns_inode(0, NS_USER));
    ck_assert_uint_eq(owner_of(box.ctr.pid, NS_PID),
                      ns_inode(box.ctr.pid, NS_USER));
    ck_assert_int_gt(read(box.output, said, 15), 0);
    ck_assert_msg(strncmp(said, "0 100000 65536\n", 15) == 0, "%s", said);
    box_end(&box);
    host_end(&host);
}
END_TEST

START_TEST(new_namespaces_belong_to_the_users_it_joined)
{
    struct box box;
    struct host host = host_in(NS_BIT(NS_USER));
    box_init(&box, "test $(id -u) = 0 && test -e /proc/self/status && "
                   "echo up; while :; do :; done");
    join(&box, &host, NS_USER);
    box_wait_up(&box);
    ck_same(NS_USER, box.ctr.pid, host.pid);
    for (int kind = NS_CGROUP; kind < NS_COUNT; kind++)
        if ((BOX_NAMESPACES & NS_BIT(kind)) != 0)
            ck_assert_msg(owner_of(box.ctr.pid, (enum ns_kind)kind) ==
                              ns_inode(host.pid, NS_USER),
                          "%s", ns_table[kind].file);
    box_end(&box);
    host_end(&host);
}
END_TEST

/* The network belongs to the host's users, whom it leaves by joining. */
START_TEST(users_of_one_and_network_of_another)
{
    struct box box;
    struct host users = host_in(NS_BIT(NS_USER) | NS_BIT(NS_IPC));
    struct host network = host_in(NS_BIT(NS_NET) | NS_BIT(NS_PID));
    box_init(&box, "echo up; while :; do :; done");
    join(&box, &users, NS_USER);
    join(&box, &users, NS_IPC);
    join(&box, &network, NS_NET);
    box_wait_up(&box);
    ck_same(NS_USER, box.ctr.pid, users.pid);
    ck_same(NS_IPC, box.ctr.pid, users.pid);
    ck_same(NS_NET, box.ctr.pid, network.pid);
    box_end(&box);
    host_end(&users);
    host_end(&network);
}
END_TEST

START_TEST(a_path_that_is_no_namespace_is_named)
{
    struct box box;
    box_init(&box, "true");
    box.spec.new_namespaces &= ~NS_BIT(NS_PID);
    box.spec.join_paths[NS_PID] = own_strdup("/nosuch/pid");
    ck_assert_int_eq(box_fails(&box), -ENOENT);
    ck_assert_str_eq(box.e.msg, "open /nosuch/pid: No such file or directory");
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(its_clocks_are_its_own)
{
    contract_needs(access("/proc/self/ns/time", F_OK) == 0, "time namespaces");
    struct box box;
    char said[256];
    box_init(&box, "cut -d. -f1 /proc/uptime");
    box.spec.new_namespaces |= NS_BIT(NS_TIME);
    if (_i == 1) /* and with users of its own, to whom the namespace belongs */
        own_users(&box);
    box.spec.boottime =
        (struct spec_time_offset){.set = true, .seconds = 100 * DAY};
    box.spec.monotonic =
        (struct spec_time_offset){.set = true, .seconds = 7, .nanoseconds = 5};
    box_start(&box);
    box_read(&box, said);
    ck_assert_int_ge(strtol(said, NULL, 10), 100 * DAY);
    box_end(&box);
}
END_TEST

START_TEST(exec_joins_users_and_clocks_too)
{
    struct box box;
    char said[256];
    box_init(&box, "echo up; while :; do :; done");
    if (access("/proc/self/ns/time", F_OK) == 0) /* not every kernel has it */
        box.spec.new_namespaces |= NS_BIT(NS_TIME);
    own_users(&box);
    box.spec.process.has_oom_score_adj = true;
    box.spec.process.oom_score_adj = 100;
    box_wait_up(&box);
    int dir = open(SCRATCH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct ctr_identity identity;
    ck_assert_int_eq(ctr_identity_save(dir, "state", box.ctr.pid, &box.e), 0);
    ck_assert_int_eq(ctr_identity_load(dir, "state", &identity, &box.e), 0);
    struct spec_process process = box.spec.process;
    char *args[] = {(char[]){"sh"}, (char[]){"-c"},
                    (char[]){"read x </proc/self/oom_score_adj; id -u; echo "
                             "$x; while :; do :; done"},
                    NULL};
    process.args = (struct strv){.v = args, .n = 3};
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    struct ctr_options options = {
        .stdio = {-1, ends[1], -1}
    };
    auto_fd int pidfd =
        ctr_exec(&identity, box.spec.cgroup, &process, &options, &box.e);
    ck_assert_msg(pidfd >= 0, "%s", box.e.msg);
    for (size_t used = 0; used < 6; used++)
        ck_assert_int_eq(read(ends[0], said + used, 1), 1);
    ck_assert_msg(strncmp(said, "0\n100\n", 6) == 0, "%s", said);
    pid_t *pids;
    size_t n;
    ck_assert_int_ge(cg_list_pids(&box.ctr.cg, &pids, &n, &box.e), 0);
    ck_assert_uint_eq(n, 2);
    pid_t second = pids[0] == box.ctr.pid ? pids[1] : pids[0];
    for (int kind = 0; kind < NS_COUNT; kind++)
        ck_same((enum ns_kind)kind, second, box.ctr.pid);
    free(pids);
    /* Process 1 has not ended before all of its namespace are waited for. */
    proc_signal(pidfd, SIGKILL, NULL);
    ck_assert_int_eq(proc_wait(pidfd, NULL), 128 + SIGKILL);
    box_end(&box);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_pid_namespace_is_joined_by_path);
    tcase_add_test(tc, what_runs_there_is_our_child_and_dies_with_us);
    tcase_add_test(tc, its_own_users_in_a_network_of_the_host);
    tcase_add_test(tc, new_namespaces_belong_to_the_users_it_joined);
    tcase_add_test(tc, users_of_one_and_network_of_another);
    tcase_add_test(tc, a_path_that_is_no_namespace_is_named);
    tcase_add_loop_test(tc, its_clocks_are_its_own, 0, 2);
    tcase_add_test(tc, exec_joins_users_and_clocks_too);
}

int main(void)
{
    return contract_main("join", add);
}
