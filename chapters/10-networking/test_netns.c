/* The contract of netns_name.h, and of values in a namespace: mounts and /run
 * are the test's own. */
#include "files.h"
#include "netns_name.h"
#include "own.h"
#include "test_net.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define WEB NETNS_NAME_DIR "/web"

static struct err e;

static void make_place(void)
{
    contract_needs(unshare(CLONE_NEWNS) == 0, "root");
    ck_assert_int_eq(mount("", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mount("none", "/run", "tmpfs", 0, NULL), 0);
}

static bool is_mounted(const char *words)
{
    auto_text struct text all = {0};
    net_do(files_read(AT_FDCWD, "/proc/self/mountinfo", &all, &e));
    return strstr(all.s, words) != NULL;
}

static bool is_there(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

START_TEST(a_name_leads_to_its_namespace_until_it_is_removed)
{
    make_place();
    struct net box = net_new();
    struct stat named, own;
    auto_netns_name struct netns_name name = {0}, again = {0};
    net_do(netns_name_open("web", box.ns, &name, &e));
    ck_assert(!is_there(WEB));
    net_do(netns_name_add(&name, box.ns, &e));
    ck_assert_int_eq(stat(WEB, &named), 0);
    ck_assert_int_eq(fstat(box.ns, &own), 0);
    ck_assert(named.st_dev == own.st_dev && named.st_ino == own.st_ino);
    ck_assert(is_mounted(" " NETNS_NAME_DIR " rw"));
    ck_assert(is_mounted("shared:"));
    net_do(netns_name_open("web", box.ns, &again, &e));
    ck_assert_int_eq(netns_name_add(&again, box.ns, &e), -EEXIST);
    ck_assert_str_eq(e.msg, "network namespace " WEB " is there already");
    for (int i = 0; i < 2; i++) {
        net_do(netns_name_remove(&name, &e));
        ck_assert(!is_there(WEB) && !is_mounted(WEB));
    }
}
END_TEST

/* Killed at any moment: a file without a mount, or no file yet. And what has
 * the name by now may be somebody else's, mounted or not. */
START_TEST(only_what_was_written_down_is_removed)
{
    make_place();
    struct net box = net_new(), other = net_new();
    auto_netns_name struct netns_name name = {0}, theirs = {0};
    net_do(netns_name_open("web", box.ns, &name, &e));
    net_do(netns_name_remove(&name, &e));
    net_do(netns_name_add(&name, box.ns, &e));
    ck_assert_int_eq(umount2(WEB, MNT_DETACH), 0);
    ck_assert(is_there(WEB));
    net_do(netns_name_remove(&name, &e));
    ck_assert(!is_there(WEB));
    net_do(netns_name_open("web", other.ns, &theirs, &e));
    net_do(netns_name_add(&theirs, other.ns, &e));
    net_do(netns_name_remove(&name, &e));
    ck_assert(is_mounted(WEB));
    net_do(netns_name_remove(&theirs, &e));
    int fd = open(WEB, O_CREAT | O_EXCL | O_CLOEXEC | O_WRONLY, 0);
    ck_assert_int_ge(fd, 0);
    close(fd);
    net_do(netns_name_remove(&name, &e));
    ck_assert(is_there(WEB));
}
END_TEST

START_TEST(a_name_is_a_file_s)
{
    static const char *const names[] = {"", ".", "..", "a/b", "/"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_int_eq(netns_name_check(names[i], &e), -EINVAL);
    ck_assert_str_eq(e.msg, "invalid name of a network namespace: \"/\"");
    net_do(netns_name_check("..a b", &e));
}
END_TEST

START_TEST(a_value_is_set_in_the_namespace_alone)
{
    static const char path[] = "/proc/sys/net/ipv4/ip_forward";
    make_place();
    struct net box = net_new(), other = net_new();
    auto_text struct text here = {0};
    net_do(netns_set(box.ns, path, "1", &e));
    net_do(netns_set(other.ns, path, "0", &e));
    ck_assert_int_eq(setns(box.ns, CLONE_NEWNET), 0);
    net_do(files_read(AT_FDCWD, path, &here, &e));
    ck_assert_str_eq(here.s, "1\n");
    ck_assert_int_lt(netns_set(box.ns, "/proc/sys/net/none", "1", &e), 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_name_leads_to_its_namespace_until_it_is_removed);
    tcase_add_test(tc, only_what_was_written_down_is_removed);
    tcase_add_test(tc, a_name_is_a_file_s);
    tcase_add_test(tc, a_value_is_set_in_the_namespace_alone);
}

int main(void)
{
    return contract_main("netns", add);
}
