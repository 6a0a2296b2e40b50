/* Contract of mnt.h for binds: a directory or a file of the host at a second
 * place, with the flags that were asked for and none lost, and inside the root
 * whatever the image tries. */
#include "fault.h"
#include "mnt_tree.h"
#include "room.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

START_TEST(lab_3_2_a_directory_is_bound_and_its_place_made)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir("/mnt/data", 0755), 0);
    room_write("/mnt/data/file", "hello");
    room_ok(
        room_make(root, "/mnt/data", "/srv/deep/data", "bind", MS_BIND, &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/srv/deep/data", &m), 1);
    ck_assert_str_eq(m.root, "/data");
    ck_assert(room_has(m.options, "rw"));
    ck_assert_int_eq(access(ROOM "/srv/deep/data/file", R_OK), 0);
    struct stat st;
    ck_assert_int_eq(stat(ROOM "/srv/deep", &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0755);
}
END_TEST

START_TEST(lab_3_2_a_file_is_bound_and_its_place_made)
{
    auto_fd int root = room_enter();
    room_write("/mnt/hosts", "127.0.0.1 localhost\n");
    room_ok(room_make(root, "/mnt/hosts", "/etc/hosts", "bind",
                      MS_BIND | MS_RDONLY, &e));
    auto_text struct text seen = {0};
    room_ok(files_read(AT_FDCWD, ROOM "/etc/hosts", &seen, &e));
    ck_assert_str_eq(seen.s, "127.0.0.1 localhost\n");
    ck_assert_int_eq(sys_openat(AT_FDCWD, ROOM "/etc/hosts", O_WRONLY, 0),
                     -EROFS);
    /* Only the bind is read-only, not the file where it came from. */
    room_write("/mnt/hosts", "new");
}
END_TEST

START_TEST(lab_3_2_bind_flags_are_added_and_none_is_lost)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir("/mnt/data", 0755), 0);
    ck_assert_int_eq(
        sys_mount("t", "/mnt/data", "tmpfs", MS_NOSUID | MS_NOATIME, NULL), 0);
    room_ok(room_make(root, "/mnt/data", "/d", "bind",
                      MS_BIND | MS_RDONLY | MS_NOEXEC, &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/d", &m), 1);
    ck_assert_msg(room_has(m.options, "ro") && room_has(m.options, "noexec") &&
                      room_has(m.options, "nosuid") &&
                      room_has(m.options, "noatime"),
                  "flags of the bind: %s", m.options);
}
END_TEST

START_TEST(lab_3_2_rbind_brings_what_is_mounted_below)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir("/mnt/data", 0755), 0);
    ck_assert_int_eq(mkdir("/mnt/data/sub", 0755), 0);
    ck_assert_int_eq(sys_mount("t", "/mnt/data/sub", "tmpfs", 0, NULL), 0);
    room_ok(room_make(root, "/mnt/data", "/one", "bind", MS_BIND, &e));
    room_ok(room_make(root, "/mnt/data", "/tree", "bind",
                      MS_BIND | MS_REC | MS_RDONLY, &e));
    ck_assert_int_eq(room_find("self", ROOM "/one/sub", NULL), 0);
    ck_assert_int_eq(room_find("self", ROOM "/tree/sub", NULL), 1);
    ck_assert_int_eq(room_try_create(ROOM "/tree/x"), -EROFS);
    ck_assert_int_eq(room_try_create(ROOM "/tree/sub/x"), 0);
}
END_TEST

START_TEST(lab_3_2_rro_holds_for_the_whole_tree)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir("/mnt/data", 0755), 0);
    ck_assert_int_eq(mkdir("/mnt/data/sub", 0755), 0);
    ck_assert_int_eq(sys_mount("t", "/mnt/data/sub", "tmpfs", 0, NULL), 0);
    auto_free char *source = own_strdup("/mnt/data");
    auto_free char *target = own_strdup("/tree");
    const struct mnt rro = {.source = source,
                            .target = target,
                            .flags = MS_BIND | MS_REC,
                            .rec_set = MOUNT_ATTR_RDONLY};
    room_ok(room_mount_tree(root, &rro, &e));
    ck_assert_int_eq(room_try_create(ROOM "/tree/x"), -EROFS);
    ck_assert_int_eq(room_try_create(ROOM "/tree/sub/x"), -EROFS);
    ck_assert_int_eq(room_try_create("/mnt/data/sub/x"), 0);
}
END_TEST

START_TEST(lab_3_2_a_clone_that_is_ready_is_taken)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir("/mnt/data", 0755), 0);
    room_write("/mnt/data/file", "hello");
    auto_fd int tree = -1;
    room_ok(tree = mnt_tree_clone(AT_FDCWD, "/mnt/data", false, &e));
    auto_mnt_list struct mnt_list list = {0};
    room_ok(mnt_list_add(&list, "/mnt/nowhere", "/d", "bind", "bind", &e));
    room_ok(mnt_make_mapped(root, list.v, tree, &e));
    ck_assert_int_eq(access(ROOM "/d/file", R_OK), 0);
    ck_assert_int_ge(fcntl(tree, F_GETFD), 0); /* it is the caller's */
}
END_TEST

START_TEST(lab_3_2_a_place_that_cannot_be_is_told)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir("/mnt/data", 0755), 0);
    ck_assert_int_eq(sys_symlinkat("loop", root, "loop"), 0);
    room_fails(ELOOP,
               room_make(root, "/mnt/data", "/loop/x", "bind", MS_BIND, &e));
}
END_TEST

START_TEST(a_bind_of_nothing_names_the_source)
{
    auto_fd int root = room_enter();
    struct err e = {0};
    ck_assert_int_eq(room_make(root, "/mnt/nowhere", "/x", "bind", MS_BIND, &e),
                     -ENOENT);
    ck_assert_ptr_nonnull(strstr(e.msg, "/mnt/nowhere"));
    ck_assert_int_eq(access(ROOM "/x", F_OK), -1);
}
END_TEST

START_TEST(a_file_can_be_bound_where_a_link_dangles)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(sys_mkdirat(root, "etc", 0755), 0);
    ck_assert_int_eq(sys_symlinkat("../run/stub.conf", root, "etc/resolv.conf"),
                     0);
    room_write("/mnt/resolv", "nameserver 127.0.0.11\n");
    room_ok(room_make(root, "/mnt/resolv", "/etc/resolv.conf", "bind", MS_BIND,
                      &e));
    ck_assert_int_eq(room_find("self", ROOM "/run/stub.conf", NULL), 1);
}
END_TEST

/* Swap a directory and a link to the outside as fast as the kernel can. */
static pid_t start_swapping(int root)
{
    pid_t pid = fork();
    if (pid > 0)
        return pid;
    sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (;;)
        sys_renameat2(root, "data", root, "evil", RENAME_EXCHANGE);
}

START_TEST(lab_3_2_a_race_is_not_won)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir(ROOM "/data", 0755), 0);
    ck_assert_int_eq(sys_symlinkat(OUTSIDE, root, "evil"), 0);
    ck_assert_int_eq(mkdir(OUTSIDE "/sub", 0755), 0); /* the bait */
    ck_assert_int_eq(mkdir("/mnt/source", 0755), 0);
    pid_t swapper = start_swapping(root);
    int made = 0;
    for (int i = 0; i < 500; i++)
        made += room_make(root, "/mnt/source", "/data/sub", "bind", MS_BIND,
                          NULL) == 0;
    kill(swapper, SIGKILL);
    waitpid(swapper, NULL, 0);
    ck_assert_int_gt(made, 0);
    ck_assert_int_eq(room_find("self", OUTSIDE "/sub", NULL), 0);
    ck_assert_int_eq(room_count(OUTSIDE), 1);
}
END_TEST

START_TEST(a_kernel_without_mount_setattr_keeps_flags_too)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir("/mnt/data", 0755), 0);
    ck_assert_int_eq(
        sys_mount("t", "/mnt/data", "tmpfs", MS_NOSUID | MS_NOATIME, NULL), 0);
    room_ok(fault_open("mount_setattr:1:ENOSYS", &e));
    room_ok(
        room_make(root, "/mnt/data", "/d", "bind", MS_BIND | MS_RDONLY, &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/d", &m), 1);
    ck_assert_msg(room_has(m.options, "ro") && room_has(m.options, "nosuid") &&
                      room_has(m.options, "noatime"),
                  "flags of the bind: %s", m.options);
    ck_assert_int_eq(room_find("self", "/mnt/data", &m), 1);
    ck_assert(room_has(m.options, "rw"));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_3_2_a_directory_is_bound_and_its_place_made);
    tcase_add_test(tc, lab_3_2_a_file_is_bound_and_its_place_made);
    tcase_add_test(tc, lab_3_2_bind_flags_are_added_and_none_is_lost);
    tcase_add_test(tc, lab_3_2_rbind_brings_what_is_mounted_below);
    tcase_add_test(tc, lab_3_2_rro_holds_for_the_whole_tree);
    tcase_add_test(tc, lab_3_2_a_clone_that_is_ready_is_taken);
    tcase_add_test(tc, lab_3_2_a_place_that_cannot_be_is_told);
    tcase_add_test(tc, a_bind_of_nothing_names_the_source);
    tcase_add_test(tc, a_file_can_be_bound_where_a_link_dangles);
    tcase_add_test(tc, lab_3_2_a_race_is_not_won);
    tcase_add_test(tc, a_kernel_without_mount_setattr_keeps_flags_too);
}

int main(void)
{
    return contract_main("bind", add);
}
