/* Contract of root.h: two processes look at the same tree, and each sees only
 * what it may. */
#include "root.h"

#include "room.h"

#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* A process in a mount namespace of its own that ran `work` and now waits, so
 * that it can be looked at. Ends with the test, or with visitor_done. */
struct visitor {
    pid_t pid;
    char name[16]; /* the pid as text, for /proc */
    int go;        /* write end: closing it lets the visitor go on */
};

static void visitor_wait(int ready, int go)
{
    char byte = 'r';
    ck_assert_int_eq((int)sys_write(ready, &byte, 1), 1);
    ck_assert_int_eq(read(go, &byte, 1), 0);
}

/* `later` runs in the visitor after visitor_done. */
static struct visitor visitor_start(void (*work)(void), void (*later)(void))
{
    struct visitor v = {0};
    int ready[2], go[2];
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
    v.pid = fork();
    if (v.pid == 0) {
        sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        close(go[1]);
        ck_assert_int_eq(sys_unshare(CLONE_NEWNS), 0);
        work();
        visitor_wait(ready[1], go[0]);
        if (later != NULL)
            later();
        _exit(0);
    }
    close(ready[1]);
    close(go[0]);
    v.go = go[1];
    snprintf(v.name, sizeof v.name, "%d", (int)v.pid);
    char byte;
    ck_assert_msg(read(ready[0], &byte, 1) == 1, "the visitor failed");
    close(ready[0]);
    return v;
}

static void visitor_done(struct visitor *v)
{
    int status = -1;
    close(v->go);
    ck_assert_int_eq(waitpid(v->pid, &status, 0), v->pid);
    ck_assert_int_eq(status, 0);
}

/* The room as a host has it: everything shared. */
static void shared_room(void)
{
    close(room_enter());
    ck_assert_int_eq(sys_mount(NULL, "/mnt", NULL, MS_SHARED | MS_REC, NULL),
                     0);
    ck_assert_int_eq(mkdir(ROOM "/host", 0755), 0);
    ck_assert_int_eq(mkdir(ROOM "/inner", 0755), 0);
}

/* ---- 3.4 ---- */

static void prepare_and_mount(void)
{
    int fd = -1;
    room_ok(fd = root_prepare(ROOM, 0, &e));
    room_put("tmpfs", ROOM "/inner", 0);
    ck_assert_int_eq(room_find("self", ROOM "/inner", NULL), 1);
}

static void sees_host_mount(void)
{
    ck_assert_int_gt(room_find("self", ROOM "/host", NULL), 0);
}

START_TEST(lab_3_4_no_mount_travels_to_the_host)
{
    shared_room();
    int before = room_find("self", NULL, NULL);
    struct visitor v = visitor_start(prepare_and_mount, NULL);
    ck_assert_int_eq(room_find("self", NULL, NULL), before);
    ck_assert_int_eq(room_find(v.name, ROOM, NULL), 1);
    ck_assert_int_eq(room_find(v.name, ROOM "/inner", NULL), 1);
    visitor_done(&v);
}
END_TEST

static void bind_and_prepare(void)
{
    room_ok(mnt_set_propagation("/", MS_SLAVE | MS_REC, &e));
    ck_assert_int_eq(sys_mount(ROOM, ROOM, NULL, MS_BIND, NULL), 0);
    int before = room_find("self", NULL, NULL);
    room_ok(root_prepare(ROOM, 0, &e));
    ck_assert_int_eq(room_find("self", NULL, NULL), before);
}

START_TEST(lab_3_4_a_mount_point_is_taken_as_it_is)
{
    shared_room();
    struct visitor v = visitor_start(bind_and_prepare, sees_host_mount);
    /* As a slave it still learns what the host mounts below. */
    ck_assert_int_eq(sys_mount("t", ROOM "/host", "tmpfs", 0, NULL), 0);
    visitor_done(&v);
}
END_TEST

START_TEST(lab_3_4_a_root_that_is_none_is_named)
{
    close(room_enter());
    struct err e = {0};
    ck_assert_int_eq(root_prepare("/mnt/nowhere", 0, &e), -ENOENT);
    ck_assert_ptr_nonnull(strstr(e.msg, "/mnt/nowhere"));
    room_write("/mnt/file", "");
    ck_assert_int_eq(root_prepare("/mnt/file", 0, &e), -ENOTDIR);
}
END_TEST

/* ---- 3.5 ---- */

static void enter(void)
{
    ck_assert_int_eq(sys_mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL), 0);
    ck_assert_int_eq(sys_mount(ROOM, ROOM, NULL, MS_BIND, NULL), 0);
    room_put("tmpfs", ROOM "/inner", 0);
    int fd = sys_openat(AT_FDCWD, ROOM, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    room_ok(root_enter(fd, &e));
    close(fd);
}

static void ways_out_are_shut(void)
{
    struct stat top, up;
    ck_assert_int_eq(stat("/", &top), 0);
    ck_assert_int_eq(stat("../../../../..", &up), 0);
    ck_assert(top.st_ino == up.st_ino && top.st_dev == up.st_dev);
    ck_assert_int_eq(access(OUTSIDE, F_OK), -1);
    ck_assert_int_eq(access("/../mnt/outside", F_OK), -1);
    ck_assert_int_eq(access("/inner", F_OK), 0);
    /* The classic escape: chroot below, then climb. */
    ck_assert_int_eq(chroot("/inner"), 0);
    for (int i = 0; i < 64; i++)
        ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(chroot("."), 0);
    ck_assert_int_eq(stat("/", &up), 0);
    ck_assert(top.st_ino == up.st_ino && top.st_dev == up.st_dev);
}

START_TEST(lab_3_5_a_refused_pivot_detaches_nothing)
{
    shared_room();
    int before = room_find("self", NULL, NULL);
    struct err e = {0};
    struct stat root, after;
    ck_assert_int_eq(stat("/", &root), 0);
    auto_fd int no_mount = open(ROOM "/inner", O_PATH | O_CLOEXEC);
    auto_fd int next = open("/", O_PATH | O_CLOEXEC);
    ck_assert_int_eq(root_enter(no_mount, &e), -EINVAL);
    ck_assert_ptr_nonnull(strstr(e.msg, "Invalid argument"));
    ck_assert_int_eq(room_find("self", NULL, NULL), before);
    ck_assert_int_eq(stat("/", &after), 0);
    ck_assert_uint_eq(root.st_ino, after.st_ino);
    auto_fd int last = open("/", O_PATH | O_CLOEXEC);
    ck_assert_int_eq(last, next + 1); /* nothing is left open */
}
END_TEST

START_TEST(lab_3_5_the_old_root_is_out_of_reach)
{
    shared_room();
    int before = room_find("self", NULL, NULL);
    struct visitor v = visitor_start(enter, ways_out_are_shut);
    ck_assert_int_eq(room_find(v.name, NULL, NULL), 2);
    ck_assert_int_eq(room_find(v.name, "/", NULL), 1);
    ck_assert_int_eq(room_find(v.name, "/inner", NULL), 1);
    auto_free char *at = text_format("/proc/%s/root", v.name);
    auto_free char *cwd = text_format("/proc/%s/cwd", v.name);
    struct stat here, there, work;
    ck_assert_int_eq(stat(ROOM, &here), 0);
    ck_assert_int_eq(stat(at, &there), 0);
    ck_assert_int_eq(stat(cwd, &work), 0);
    ck_assert_uint_eq(here.st_ino, there.st_ino);
    ck_assert_uint_eq(here.st_ino, work.st_ino);
    /* Detaching the old root unmounted nothing for us. */
    ck_assert_int_eq(room_find("self", NULL, NULL), before);
    visitor_done(&v);
    ck_assert_int_eq(room_find("self", NULL, NULL), before);
}
END_TEST

static void enter_shared(void)
{
    int fd = -1;
    room_ok(fd = root_prepare(ROOM, MS_SHARED | MS_REC, &e));
    /* By hand, since it is not root_enter that is looked at. */
    auto_fd int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(sys_fchdir(fd), 0);
    ck_assert_int_eq(sys_pivot_root(".", "."), 0);
    ck_assert_int_eq(sys_fchdir(old), 0);
    ck_assert_int_eq(sys_mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL), 0);
    ck_assert_int_eq(sys_umount2(".", MNT_DETACH), 0);
}

START_TEST(lab_3_4_a_shared_root_costs_the_host_nothing)
{
    shared_room();
    room_put("tmpfs", ROOM "/host", 0);
    /* Unmounting this last one from its shared parent would unmount ours. */
    room_put("tmpfs", "/mnt/other", 0);
    room_put("tmpfs", "/mnt/other/below", 0);
    int before = room_find("self", NULL, NULL);
    struct visitor v = visitor_start(enter_shared, NULL);
    ck_assert_int_eq(room_find(v.name, "/", NULL), 1);
    ck_assert_int_eq(room_find(v.name, "/host", NULL), 1);
    ck_assert_int_eq(room_find("self", NULL, NULL), before);
    visitor_done(&v);
}
END_TEST

/* ---- 3.6 ---- */

/* A root with the kernel's views, and a null device for the masks. */
static int room_with_proc(void)
{
    int root = room_enter();
    room_put("proc", ROOM "/proc", 0);
    room_put("sysfs", ROOM "/sys", MS_NOSUID);
    ck_assert_int_eq(sys_mkdirat(root, "dev", 0755), 0);
    ck_assert_int_eq(
        sys_mknodat(root, "dev/null", S_IFCHR | 0666, makedev(1, 3)), 0);
    return root;
}

START_TEST(lab_3_6_masked_files_are_empty)
{
    auto_fd int root = room_with_proc();
    auto_text struct text seen = {0};
    room_ok(files_read(AT_FDCWD, ROOM "/proc/uptime", &seen, &e));
    ck_assert_uint_gt(seen.len, 0);
    text_clear(&seen);
    room_ok(root_mask(root, "/proc/uptime", &e));
    room_ok(files_read(AT_FDCWD, ROOM "/proc/uptime", &seen, &e));
    ck_assert_uint_eq(seen.len, 0);
    room_ok(files_read(AT_FDCWD, "/proc/uptime", &seen, &e));
    ck_assert_uint_gt(seen.len, 0);
}
END_TEST

START_TEST(lab_3_6_masked_directories_are_empty)
{
    auto_fd int root = room_with_proc();
    ck_assert_int_gt(room_count(ROOM "/sys/kernel"), 0);
    room_ok(root_mask(root, "/sys/kernel", &e));
    ck_assert_int_eq(room_count(ROOM "/sys/kernel"), 0);
    ck_assert_int_eq(room_try_create(ROOM "/sys/kernel/x"), -EROFS);
    ck_assert_int_gt(room_count("/sys/kernel"), 0);
}
END_TEST

START_TEST(lab_3_6_what_is_missing_needs_no_mask)
{
    auto_fd int root = room_with_proc();
    int before = room_find("self", NULL, NULL);
    room_ok(root_mask(root, "/proc/no/such/file", &e));
    room_ok(root_mask(root, "/proc/uptime/below-a-file", &e));
    room_ok(root_make_readonly(root, "/proc/no/such/file", &e));
    ck_assert_int_eq(room_find("self", NULL, NULL), before);
}
END_TEST

START_TEST(lab_3_6_a_false_null_device_is_refused)
{
    auto_fd int root = room_with_proc();
    ck_assert_int_eq(sys_unlinkat(root, "dev/null", 0), 0);
    room_write(ROOM "/dev/null", "a file");
    room_fails(ENODEV, root_mask(root, "/proc/uptime", &e));
    ck_assert_int_eq(sys_unlinkat(root, "dev/null", 0), 0);
    ck_assert_int_eq(
        sys_symlinkat("/proc/sys/kernel/core_pattern", root, "dev/null"), 0);
    room_fails(ENODEV, root_mask(root, "/proc/uptime", &e));
    ck_assert_int_eq(room_find("self", ROOM "/proc/uptime", NULL), 0);
}
END_TEST

START_TEST(lab_3_6_a_false_proc_is_refused)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(sys_mkdirat(root, "decoy", 0755), 0);
    room_write(ROOM "/decoy/kcore", "");
    ck_assert_int_eq(sys_symlinkat("decoy", root, "proc"), 0);
    room_fails(EXDEV, root_mask(root, "/proc/kcore", &e));
    room_fails(EXDEV, root_make_readonly(root, "/proc/kcore", &e));
}
END_TEST

/* ---- read-only ---- */

START_TEST(a_path_is_made_read_only)
{
    auto_fd int root = room_with_proc();
    const char *name = ROOM "/proc/sys/kernel/hostname";
    ck_assert_int_eq(access(name, W_OK), 0);
    room_ok(root_make_readonly(root, "/proc/sys", &e));
    auto_fd int fd = sys_openat(AT_FDCWD, name, O_WRONLY | O_CLOEXEC, 0);
    ck_assert_int_eq(fd, -EROFS);
    ck_assert_int_eq(access("/proc/sys/kernel/hostname", W_OK), 0);
    room_ok(root_make_readonly(root, "/sys/kernel", &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/sys/kernel", &m), 1);
    ck_assert(room_has(m.options, "ro") && room_has(m.options, "nosuid"));
}
END_TEST

START_TEST(the_root_is_made_read_only_but_not_what_is_on_it)
{
    close(room_enter());
    auto_fd int root = -1;
    room_ok(root = root_prepare(ROOM, 0, &e));
    room_put("tmpfs", ROOM "/run", 0);
    ck_assert_int_eq(room_try_create(ROOM "/x"), 0);
    room_ok(root_set_readonly(root, &e));
    ck_assert_int_eq(room_try_create(ROOM "/x"), -EROFS);
    ck_assert_int_eq(room_try_create(ROOM "/run/x"), 0);
    ck_assert_int_eq(room_try_create(OUTSIDE "/x"), 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_3_4_no_mount_travels_to_the_host);
    tcase_add_test(tc, lab_3_4_a_mount_point_is_taken_as_it_is);
    tcase_add_test(tc, lab_3_4_a_root_that_is_none_is_named);
    tcase_add_test(tc, lab_3_5_the_old_root_is_out_of_reach);
    tcase_add_test(tc, lab_3_5_a_refused_pivot_detaches_nothing);
    tcase_add_test(tc, lab_3_4_a_shared_root_costs_the_host_nothing);
    tcase_add_test(tc, lab_3_6_masked_files_are_empty);
    tcase_add_test(tc, lab_3_6_masked_directories_are_empty);
    tcase_add_test(tc, lab_3_6_what_is_missing_needs_no_mask);
    tcase_add_test(tc, lab_3_6_a_false_null_device_is_refused);
    tcase_add_test(tc, lab_3_6_a_false_proc_is_refused);
    tcase_add_test(tc, a_path_is_made_read_only);
    tcase_add_test(tc, the_root_is_made_read_only_but_not_what_is_on_it);
}

int main(void)
{
    return contract_main("root", add);
}
