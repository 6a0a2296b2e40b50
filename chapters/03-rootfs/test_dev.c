/* Contract of dev.h: the devices are those of the numbers, and everyone may
 * use them; also where mknod(2) is not permitted. */
#include "dev.h"

#include "room.h"

#include <sys/sysmacros.h>

static const struct {
    const char *path;
    unsigned int major, minor;
} nodes[] = {
    {ROOM "/dev/null",    1, 3},
    {ROOM "/dev/zero",    1, 5},
    {ROOM "/dev/full",    1, 7},
    {ROOM "/dev/random",  1, 8},
    {ROOM "/dev/urandom", 1, 9},
    {ROOM "/dev/tty",     5, 0},
};

static void check_nodes(void)
{
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        struct stat st;
        ck_assert_int_eq(lstat(nodes[i].path, &st), 0);
        ck_assert_msg(S_ISCHR(st.st_mode) &&
                          st.st_rdev == makedev(nodes[i].major, nodes[i].minor),
                      "%s is the wrong device", nodes[i].path);
        ck_assert_msg((st.st_mode & 0777) == 0666, "%s has mode %o",
                      nodes[i].path, st.st_mode & 0777);
    }
    room_write(ROOM "/dev/null", "gone");
}

START_TEST(lab_3_7_six_devices_whatever_the_umask)
{
    auto_fd int root = room_enter();
    umask(077);
    room_put("tmpfs", ROOM "/dev", MS_NOSUID);
    room_ok(dev_populate(root, &e));
    room_ok(dev_populate(root, &e)); /* they are there: no harm */
    check_nodes();
    ck_assert_uint_eq(umask(0), 077);
}
END_TEST

START_TEST(links_lead_where_programs_expect)
{
    static const char *links[][2] = {
        {ROOM "/dev/fd",     "/proc/self/fd"  },
        {ROOM "/dev/stdin",  "/proc/self/fd/0"},
        {ROOM "/dev/stdout", "/proc/self/fd/1"},
        {ROOM "/dev/stderr", "/proc/self/fd/2"},
        {ROOM "/dev/core",   "/proc/kcore"    },
        {ROOM "/dev/ptmx",   "pts/ptmx"       },
    };
    auto_fd int root = room_enter();
    room_ok(dev_populate(root, &e));
    room_ok(dev_populate(root, &e)); /* twice does no harm */
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char text[64] = {0};
        ck_assert_int_gt(readlink(links[i][0], text, sizeof text - 1), 0);
        ck_assert_str_eq(text, links[i][1]);
    }
}
END_TEST

START_TEST(lab_3_7_what_is_there_must_be_the_device)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(sys_mkdirat(root, "dev", 0755), 0);
    ck_assert_int_eq(
        sys_mknodat(root, "dev/null", S_IFCHR | 0666, makedev(1, 1)), 0);
    room_fails(EEXIST, dev_populate(root, &e));
}
END_TEST

START_TEST(dev_itself_as_a_link_stays_inside)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(sys_symlinkat(OUTSIDE, root, "dev"), 0);
    room_ok(dev_populate(root, &e));
    ck_assert_int_eq(room_count(OUTSIDE), 0);
    ck_assert_int_eq(access(ROOM OUTSIDE "/null", F_OK), 0);
}
END_TEST

START_TEST(lab_3_7_more_devices_on_request)
{
    auto_fd int root = room_enter();
    auto_free char *path = own_strdup("/dev/net/tun");
    const struct dev_node tun = {.path = path,
                                 .type = 'c',
                                 .major = 10,
                                 .minor = 200,
                                 .mode = 0620,
                                 .uid = 33,
                                 .gid = 5};
    room_ok(dev_add(root, &tun, &e));
    struct stat st;
    ck_assert_int_eq(lstat(ROOM "/dev/net/tun", &st), 0);
    ck_assert_uint_eq(st.st_rdev, makedev(10, 200));
    ck_assert_uint_eq(st.st_mode, S_IFCHR | 0620);
    ck_assert_uint_eq(st.st_uid, 33);
    ck_assert_uint_eq(st.st_gid, 5);
    const struct dev_node odd = {.path = path, .type = 'x'};
    room_fails(EINVAL, dev_add(root, &odd, &e));
}
END_TEST

START_TEST(a_device_of_the_host_is_described)
{
    struct dev_node node = {0};
    room_ok(dev_from_host("/dev/full", &node, &e));
    ck_assert_str_eq(node.path, "/dev/full");
    ck_assert_int_eq(node.type, 'c');
    ck_assert_uint_eq(node.major, 1);
    ck_assert_uint_eq(node.minor, 7);
    ck_assert_uint_eq(node.mode, 0666);
    own_free(&node.path);
    room_fails(ENODEV, dev_from_host("/etc/passwd", &node, &e));
    room_fails(ENOENT, dev_from_host("/dev/no-such", &node, &e));
}
END_TEST

/* Become root of a user namespace, in which our uid is the only one. */
static void become_fake_root(void)
{
    ck_assert_int_eq(sys_unshare(CLONE_NEWUSER | CLONE_NEWNS), 0);
    room_ok(files_write(AT_FDCWD, "/proc/self/setgroups", "deny", &e));
    room_ok(files_write(AT_FDCWD, "/proc/self/uid_map", "0 0 1", &e));
    room_ok(files_write(AT_FDCWD, "/proc/self/gid_map", "0 0 1", &e));
}

START_TEST(lab_3_7_in_a_user_namespace_nodes_are_bound)
{
    close(room_enter());
    become_fake_root();
    auto_fd int root =
        sys_openat(AT_FDCWD, ROOM, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    room_put("tmpfs", ROOM "/dev", 0);
    room_ok(dev_populate(root, &e));
    check_nodes();
    ck_assert_int_eq(room_find("self", ROOM "/dev/null", NULL), 1);
}
END_TEST

START_TEST(locked_flags_survive_in_a_user_namespace)
{
    close(room_enter());
    ck_assert_int_eq(mkdir("/mnt/data", 0755), 0);
    ck_assert_int_eq(sys_mount("t", "/mnt/data", "tmpfs",
                               MS_NOSUID | MS_NODEV | MS_NOATIME, NULL),
                     0);
    become_fake_root();
    auto_fd int root =
        sys_openat(AT_FDCWD, ROOM, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    room_ok(
        room_make(root, "/mnt/data", "/d", "bind", MS_BIND | MS_RDONLY, &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/d", &m), 1);
    ck_assert(room_has(m.options, "ro") && room_has(m.options, "nodev"));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_3_7_six_devices_whatever_the_umask);
    tcase_add_test(tc, links_lead_where_programs_expect);
    tcase_add_test(tc, lab_3_7_what_is_there_must_be_the_device);
    tcase_add_test(tc, dev_itself_as_a_link_stays_inside);
    tcase_add_test(tc, lab_3_7_more_devices_on_request);
    tcase_add_test(tc, a_device_of_the_host_is_described);
    tcase_add_test(tc, lab_3_7_in_a_user_namespace_nodes_are_bound);
    tcase_add_test(tc, locked_flags_survive_in_a_user_namespace);
}

int main(void)
{
    return contract_main("dev", add);
}
