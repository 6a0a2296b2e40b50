// WRAP sys_mount sys_open_tree sys_move_mount sys_mount_setattr
// WRAP sys_pivot_root sys_umount2 sys_fchdir sys_chdir sys_mknodat
// WRAP sys_symlinkat
/*
 * unit_mnt.c - the order and the arguments of the calls, with the door faked.
 * Files are really opened; nothing is mounted, so no privilege is needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dev.h"
#include "mnt.h"
#include "own.h"
#include "root.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <sys/mount.h>
#include <unistd.h>

/* What was called, as lines, and what the next calls are to answer. */
static struct text calls;
static int answer_setattr, answer_mount, answer_pivot, answer_mknod;

static int setup(void **state)
{
    (void)state;
    text_clear(&calls);
    text_add(&calls, "");
    answer_setattr = answer_mount = answer_pivot = answer_mknod = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    text_done(&calls);
    return 0;
}

int __wrap_sys_mount(const char *source, const char *target, const char *type,
                     unsigned long flags, const void *data)
{
    const char *place = text_starts(target, "/proc/self/fd/") ? "@fd" : target;
    text_addf(&calls, "mount(%s, %s, %s, %#lx, %s)\n",
              source != NULL ? source : "-", place, type != NULL ? type : "-",
              flags, data != NULL ? (const char *)data : "-");
    return answer_mount;
}

int __wrap_sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
    (void)dirfd;
    text_addf(&calls, "open_tree(%s%s)\n", path,
              (flags & AT_RECURSIVE) != 0 ? ", recursive" : "");
    assert_true((flags & OPEN_TREE_CLONE) != 0);
    assert_true((flags & OPEN_TREE_CLOEXEC) != 0);
    return open("/", O_PATH | O_CLOEXEC); /* a directory, at any rate */
}

int __wrap_sys_move_mount(int from_dirfd, const char *from_path, int to_dirfd,
                          const char *to_path, unsigned int flags)
{
    (void)flags;
    assert_true(from_dirfd >= 0 && to_dirfd >= 0);
    assert_string_equal(from_path, "");
    assert_string_equal(to_path, "");
    text_add(&calls, "move_mount\n");
    return 0;
}

int __wrap_sys_mount_setattr(int dirfd, const char *path, unsigned int flags,
                             struct mount_attr *attr, size_t size)
{
    (void)dirfd;
    (void)size;
    assert_string_equal(path, "");
    text_addf(&calls, "setattr(+%#llx -%#llx%s%s)\n",
              (unsigned long long)attr->attr_set,
              (unsigned long long)attr->attr_clr,
              attr->propagation != 0 ? ", propagation" : "",
              (flags & AT_RECURSIVE) != 0 ? ", recursive" : "");
    return answer_setattr;
}

int __wrap_sys_pivot_root(const char *new_root, const char *put_old)
{
    text_addf(&calls, "pivot_root(%s, %s)\n", new_root, put_old);
    return answer_pivot;
}

int __wrap_sys_umount2(const char *target, int flags)
{
    text_addf(&calls, "umount2(%s%s)\n", target,
              flags == MNT_DETACH ? ", detach" : "");
    return 0;
}

int __wrap_sys_fchdir(int fd)
{
    assert_true(fd >= 0);
    text_add(&calls, "fchdir\n");
    return 0;
}

int __wrap_sys_chdir(const char *path)
{
    text_addf(&calls, "chdir(%s)\n", path);
    return 0;
}

int __wrap_sys_mknodat(int dirfd, const char *path, mode_t mode, dev_t dev)
{
    (void)dirfd;
    text_addf(&calls, "mknod(%s, %o, %llx)\n", path, mode,
              (unsigned long long)dev);
    return S_ISREG(mode) ? 0 : answer_mknod;
}

int __wrap_sys_symlinkat(const char *target, int dirfd, const char *path)
{
    (void)dirfd;
    (void)target;
    text_addf(&calls, "symlink(%s)\n", path);
    return 0;
}

/* mnt_make of one mount below the real "/", whose /tmp everyone has. */
static int make(const char *source, const char *type, const char *options,
                struct err *e)
{
    auto_mnt_list struct mnt_list list = {0};
    auto_fd int root = open("/", O_PATH | O_CLOEXEC);
    int r = mnt_list_add(&list, source, "/tmp", type, options, e);
    return r < 0 ? r : mnt_make(root, list.v, e);
}

static void a_file_system_is_one_call(void **state)
{
    (void)state;
    assert_int_equal(make("shm", "tmpfs", "nosuid,size=1m", NULL), 0);
    assert_string_equal(calls.s, "mount(shm, @fd, tmpfs, 0x2, size=1m)\n");
}

static void a_bind_has_its_flags_before_it_is_seen(void **state)
{
    (void)state;
    assert_int_equal(make("/usr", "bind", "rbind,ro,rprivate,rnoexec", NULL),
                     0);
    assert_string_equal(calls.s, "open_tree(/usr, recursive)\n"
                                 "setattr(+0x1 -0)\n"
                                 "setattr(+0x8 -0, propagation, recursive)\n"
                                 "move_mount\n");
}

static void a_bare_bind_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(make("/usr", "bind", "", NULL), 0);
    assert_string_equal(calls.s, "open_tree(/usr)\nmove_mount\n");
}

static void flags_that_fail_leave_nothing_attached(void **state)
{
    (void)state;
    struct err e = {0};
    answer_setattr = -EPERM;
    assert_int_equal(make("/usr", "bind", "ro", &e), -EPERM);
    assert_string_equal(calls.s, "open_tree(/usr)\nsetattr(+0x1 -0)\n");
    assert_true(text_starts(e.msg, "mount /tmp: "));
}

static void an_old_kernel_gets_its_flags_afterwards(void **state)
{
    (void)state;
    struct err e = {0};
    answer_setattr = -ENOSYS;
    assert_int_equal(make("/usr", "bind", "ro", &e), 0);
    assert_true(text_starts(calls.s, "open_tree(/usr)\nsetattr(+0x1 -0)\n"
                                     "move_mount\nmount(-, @fd, -, 0x"));
    /* and cannot do it for a whole tree: never silently */
    assert_int_equal(make("/usr", "bind", "rro", &e), -ENOSYS);
}

static void the_kernel_says_no_with_both_names(void **state)
{
    (void)state;
    struct err e = {0};
    answer_mount = -EPERM;
    assert_int_equal(make("sysfs", "tmpfs", "", &e), -EPERM);
    assert_string_equal(
        e.msg, "mount /tmp: file system tmpfs: Operation not permitted");
}

static void entering_is_five_calls_in_this_order(void **state)
{
    (void)state;
    auto_fd int root = open("/tmp", O_PATH | O_CLOEXEC);
    assert_int_equal(root_enter(root, NULL), 0);
    assert_string_equal(calls.s, "fchdir\n"
                                 "pivot_root(., .)\n"
                                 "setattr(+0 -0, propagation, recursive)\n"
                                 "fchdir\n"
                                 "umount2(., detach)\n"
                                 "chdir(/)\n");
}

static void without_the_pivot_nothing_is_detached(void **state)
{
    (void)state;
    struct err e = {0};
    auto_fd int root = open("/tmp", O_PATH | O_CLOEXEC);
    answer_pivot = -EINVAL;
    assert_int_equal(root_enter(root, &e), -EINVAL);
    assert_string_equal(calls.s, "fchdir\npivot_root(., .)\n");
}

static void propagation_ends_before_anything_else(void **state)
{
    (void)state;
    answer_mount = -EPERM;
    assert_int_equal(root_prepare("/tmp", 0, NULL), -EPERM);
    auto_free char *want =
        text_format("mount(-, /, -, %#lx, -)\n",
                    (unsigned long)MS_SLAVE | (unsigned long)MS_REC);
    assert_string_equal(calls.s, want);
}

static void a_node_is_bound_where_mknod_is_denied(void **state)
{
    (void)state;
    auto_fd int root = open("/", O_PATH | O_CLOEXEC);
    auto_free char *path = own_strdup("/dev/null");
    const struct dev_node null = {
        .path = path, .type = 'c', .major = 1, .minor = 3, .mode = 0666};
    answer_mknod = -EPERM;
    assert_int_equal(dev_add(root, &null, NULL), 0);
    assert_string_equal(calls.s, "mknod(null, 20666, 103)\n"
                                 "mknod(null, 100600, 0)\n"
                                 "open_tree()\n"
                                 "move_mount\n");
}

int main(void)
{
#define UNIT(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        UNIT(a_file_system_is_one_call),
        UNIT(a_bind_has_its_flags_before_it_is_seen),
        UNIT(a_bare_bind_changes_nothing),
        UNIT(flags_that_fail_leave_nothing_attached),
        UNIT(an_old_kernel_gets_its_flags_afterwards),
        UNIT(the_kernel_says_no_with_both_names),
        UNIT(entering_is_five_calls_in_this_order),
        UNIT(without_the_pivot_nothing_is_detached),
        UNIT(propagation_ends_before_anything_else),
        UNIT(a_node_is_bound_where_mknod_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
