/* The contract of ns.h: what is ours in a new namespace, and only there. */
#include "contract.h"
#include "files.h"
#include "ns.h"
#include "own.h"
#include "sys.h"
#include "test_child.h"
#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int be_web(struct err *e)
{
    int r = leave(NS_BIT(NS_UTS), e);
    if (r == 0)
        r = ns_set_hostname("web", e);
    return r < 0 ? r : ns_set_domainname("example.org", e);
}

/* What a process answers to, asked in its namespace. */
static void names_of(const struct child *child, struct utsname *ret)
{
    int names[2];
    ck_assert_int_eq(pipe(names), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() != 0)
            sys_setns(child->pidfd, CLONE_NEWUSER);
        int r = sys_setns(child->pidfd, CLONE_NEWUTS);
        uname(ret);
        _exit(r == 0 && write(names[1], ret, sizeof *ret) > 0 ? 0 : 1);
    }
    ck_assert_int_eq(read(names[0], ret, sizeof *ret), sizeof *ret);
    waitpid(pid, NULL, 0);
}

START_TEST(lab_2_3_hostname_inside_and_not_outside)
{
    struct utsname before, inside, after;
    uname(&before);
    struct child child = child_that(be_web);
    names_of(&child, &inside);
    uname(&after);
    ck_assert_str_eq(inside.nodename, "web");
    ck_assert_str_eq(inside.domainname, "example.org");
    ck_assert_str_eq(after.nodename, before.nodename);
    end(&child);
}
END_TEST

static int be_64_long(struct err *e)
{
    char name[66];
    memset(name, 'a', 65);
    name[65] = '\0';
    int r = leave(NS_BIT(NS_UTS), e);
    if (r < 0)
        return r;
    r = ns_set_hostname(name, NULL);
    if (r != -EINVAL)
        return err_set(e, EPROTO, "for 65 bytes it returned %d", r);
    return ns_set_hostname(name + 1, e);
}

START_TEST(lab_2_3_a_hostname_has_64_bytes_at_most)
{
    struct utsname inside;
    struct child child = child_that(be_64_long);
    names_of(&child, &inside);
    ck_assert_uint_eq(strlen(inside.nodename), 64);
    end(&child);
}
END_TEST

static int can_reach_loopback(void)
{
    auto_fd int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto_fd int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof to;
    struct sockaddr *address = (struct sockaddr *)&to;
    if (bind(server, address, len) < 0 || listen(server, 1) < 0 ||
        getsockname(server, address, &len) < 0)
        return -errno;
    return connect(client, address, len) < 0 ? -errno : 0;
}

static int bring_up(struct err *e)
{
    int r = leave(NS_BIT(NS_NET), e);
    if (r < 0)
        return r;
    if (can_reach_loopback() == 0)
        return err_set(e, EPROTO, "lo was up before");
    r = ns_loopback_up(e);
    if (r < 0)
        return r;
    r = can_reach_loopback();
    return r < 0 ? err_sys(e, r, "connect to 127.0.0.1") : 0;
}

START_TEST(lab_2_4_loopback_comes_up)
{
    struct child child = child_that(bring_up);
    end(&child);
}
END_TEST

/* What else lo is, it stays; nothing is left open; twice is no error. */
static int bring_up_with_care(struct err *e)
{
    struct ifreq lo = {.ifr_name = "lo"};
    int r = leave(NS_BIT(NS_NET), e);
    auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (r < 0 || ioctl(fd, SIOCGIFFLAGS, &lo) < 0)
        return err_set(e, EPROTO, "no lo to look at");
    lo.ifr_flags |= IFF_ALLMULTI;
    if (ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
        return err_set(e, EPROTO, "no flag can be set");
    int next = dup(fd);
    close(next);
    for (int i = 0; r == 0 && i < 2; i++)
        r = ns_loopback_up(e);
    int after = dup(fd);
    close(after);
    if (r == 0 && after != next)
        return err_set(e, EPROTO, "a descriptor is left open");
    ioctl(fd, SIOCGIFFLAGS, &lo);
    short want = IFF_UP | IFF_LOOPBACK | IFF_ALLMULTI;
    if (r == 0 && (lo.ifr_flags & want) != want)
        return err_set(e, EPROTO, "flags %#x", (unsigned int)lo.ifr_flags);
    return r;
}

START_TEST(lab_2_4_its_other_flags_stay)
{
    struct child child = child_that(bring_up_with_care);
    end(&child);
}
END_TEST

#define DAY INT64_C(86400)

static int live_tomorrow(struct err *e)
{
    int r = leave(NS_BIT(NS_TIME), e);
    return r < 0 ? r : ns_set_time_offset("monotonic", DAY, 0, e);
}

static int day_of_first_child(struct err *e)
{
    struct timespec before, now;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int r = live_tomorrow(e);
    if (r < 0)
        return r;
    pid_t pid = fork();
    if (pid == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        _exit((int)((now.tv_sec - before.tv_sec) / DAY));
    }
    int status;
    waitpid(pid, &status, 0);
    if (WEXITSTATUS(status) != 1)
        return err_set(e, EPROTO, "the child is %d days ahead",
                       WEXITSTATUS(status));
    /* Now there is a process in it, and its clock may not jump. */
    if (ns_set_time_offset("monotonic", 2 * DAY, 0, NULL) != -EACCES)
        return err_set(e, EPROTO, "the offset could be changed again");
    return 0;
}

START_TEST(the_first_child_lives_tomorrow)
{
    contract_needs(access("/proc/self/ns/time", F_OK) == 0, "time namespaces");
    struct child child = child_that(day_of_first_child);
    end(&child);
}
END_TEST

START_TEST(lab_2_6_the_key_is_named_as_it_was_written)
{
    static const char *const keys[] = {"net/core/somaxconn", "net/../x",
                                       "kernel/hostname", "vm/swappiness",
                                       "kernel.shmmax"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct err e = {0};
        auto_free char *quoted = text_format("sysctl \"%s\" is no", keys[i]);
        int r = ns_check_sysctl(keys[i], 0, &e);
        ck_assert_int_eq(r, i == 1 ? -EINVAL : -EPERM);
        ck_assert_int_eq(e.code, -r);
        ck_assert_msg(strncmp(e.msg, quoted, strlen(quoted)) == 0, "%s", e.msg);
    }
}
END_TEST

START_TEST(lab_2_6_a_sysctl_needs_a_namespace_of_its_own)
{
    static const struct {
        const char *key;
        unsigned int kinds;
        int result;
    } cases[] = {
        {"kernel.shmmax",                     NS_BIT(NS_IPC), 0      },
        {"kernel/shmmax",                     NS_BIT(NS_IPC), 0      },
        {"kernel.shm_rmid_forced",            NS_BIT(NS_IPC), 0      },
        {"fs.mqueue.msg_max",                 NS_BIT(NS_IPC), 0      },
        {"net.core.somaxconn",                NS_BIT(NS_NET), 0      },
        {"net.ipv4.conf.eth0/100.forwarding", NS_BIT(NS_NET), 0      },
        {"kernel.domainname",                 NS_BIT(NS_UTS), 0      },
        {"kernel.shmmax",                     NS_BIT(NS_NET), -EPERM },
        {"fs.mqueue.msg_max",                 0,              -EPERM },
        {"net.core.somaxconn",                NS_BIT(NS_IPC), -EPERM },
        {"kernel.domainname",                 NS_BIT(NS_NET), -EPERM },
        {"kernel.hostname",                   NS_BIT(NS_UTS), -EPERM },
        {"kernel/hostname",                   NS_BIT(NS_UTS), -EPERM },
        {"kernel.core_pattern",               ~0u,            -EPERM },
        {"vm.swappiness",                     ~0u,            -EPERM },
        {"kernel.shmmax.more",                ~0u,            -EPERM },
        {"network.x",                         ~0u,            -EPERM },
        {"net/../kernel/core_pattern",        ~0u,            -EINVAL},
        {"net.//.kernel",                     ~0u,            -EINVAL},
        {"net//core",                         ~0u,            -EINVAL},
        {"net/",                              ~0u,            -EINVAL},
        {"net",                               ~0u,            -EINVAL},
        {"",                                  ~0u,            -EINVAL},
        {"/net/core/somaxconn",               ~0u,            -EINVAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = {0};
        int r = ns_check_sysctl(cases[i].key, cases[i].kinds, &e);
        ck_assert_msg(r == cases[i].result, "%s: %d, %s", cases[i].key, r,
                      e.msg);
    }
}
END_TEST

/* None of net.core's, which older kernels hide from user namespaces. */
#define FIRST_PORT "net.ipv4.ip_unprivileged_port_start"
#define FIRST_PORT_FILE "sys/net/ipv4/ip_unprivileged_port_start"

static int set_first_port(struct err *e)
{
    int r = leave(NS_BIT(NS_NET), e);
    auto_fd int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (r == 0)
        r = ns_set_sysctl(proc, FIRST_PORT, "777", e);
    auto_text struct text value = {0};
    if (r == 0)
        r = files_read(proc, FIRST_PORT_FILE, &value, e);
    if (r >= 0 && (value.s == NULL || strcmp(value.s, "777\n") != 0))
        return err_set(e, EPROTO, "it is %s", value.s);
    return r;
}

START_TEST(a_sysctl_is_set_inside_and_not_outside)
{
    struct err e;
    auto_text struct text before = {0}, after = {0};
    const char *file = "/proc/" FIRST_PORT_FILE;
    contract_needs(files_read(AT_FDCWD, file, &before, &e) >= 0, FIRST_PORT);
    struct child child = child_that(set_first_port);
    ck_assert_int_ge(files_read(AT_FDCWD, file, &after, &e), 0);
    ck_assert(before.s != NULL && after.s != NULL &&
              strcmp(before.s, after.s) == 0);
    end(&child);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_2_3_hostname_inside_and_not_outside);
    tcase_add_test(tests, lab_2_3_a_hostname_has_64_bytes_at_most);
    tcase_add_test(tests, lab_2_4_loopback_comes_up);
    tcase_add_test(tests, lab_2_4_its_other_flags_stay);
    tcase_add_test(tests, the_first_child_lives_tomorrow);
    tcase_add_test(tests, lab_2_6_a_sysctl_needs_a_namespace_of_its_own);
    tcase_add_test(tests, lab_2_6_the_key_is_named_as_it_was_written);
    tcase_add_test(tests, a_sysctl_is_set_inside_and_not_outside);
}

int main(void)
{
    return contract_main("inside", add);
}
