// WRAP sys_mount sys_fsopen sys_chdir sys_openat
/* What snap_mount asks of the kernel, with the kernel faked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "snap.h"
#include "sys.h"

#include <errno.h>
#include <string.h>

int __wrap_sys_mount(const char *source, const char *target, const char *type,
                     unsigned long flags, const void *data)
{
    (void)source, (void)flags;
    check_expected(target);
    assert_string_equal(type, "overlay");
    assert_in_range(strlen(data), 1, 4095);
    check_expected(data);
    return (int)mock();
}

/* A kernel from before the newer mount calls. */
int __wrap_sys_fsopen(const char *type, unsigned int flags)
{
    (void)type, (void)flags;
    return -ENOSYS;
}

int __wrap_sys_chdir(const char *path)
{
    check_expected(path);
    return 0;
}

int __real_sys_openat(int dirfd, const char *path, int flags, mode_t mode);

/* A layer's descriptor is a number that is not in use; the rest is real. */
#define LAYER_PATH "/a/long/path/to/where/layers/are/kept"
int __wrap_sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
    if (!text_starts(path, LAYER_PATH))
        return __real_sys_openat(dirfd, path, flags, mode);
    return (int)mock();
}

/* Does the string begin and end so? */
static int has_ends(LargestIntegralType value, LargestIntegralType wanted)
{
    const char *s = (const char *)(uintptr_t)value;
    const char *const *ends = (const char *const *)(uintptr_t)wanted;
    return text_starts(s, ends[0]) && strstr(s, ends[1]) != NULL;
}

static void a_few_layers_are_one_string(void **state)
{
    (void)state;
    auto_snap struct snap snap = {.dir = own_strdup("/c/web,1")};
    strv_add(&snap.layers, "/l/top");
    strv_add(&snap.layers, "/l/b:c\\d");
    static const char *const ends[] = {
        "lowerdir=/l/top:/l/b\\:c\\\\d,upperdir=/c/web\\,1/diff,"
        "workdir=/c/web\\,1/work,index=off",
        ",metacopy=off"};
    expect_string(__wrap_sys_mount, target, "/c/web,1/merged");
    expect_check(__wrap_sys_mount, data, has_ends, ends);
    will_return(__wrap_sys_mount, 0);
    assert_int_equal(snap_mount(&snap, NULL), 0);
}

static void many_layers_are_named_by_number(void **state)
{
    (void)state;
    auto_snap struct snap snap = {.dir = own_strdup("/c/web"),
                                  .is_volatile = true};
    enum { LAYERS = 128, FD = 5000 };
    for (int i = 0; i < LAYERS; i++) {
        strv_addf(&snap.layers, LAYER_PATH "/%d", i);
        will_return(__wrap_sys_openat, FD + i);
    }
    static const char *const ends[] = {"lowerdir=5000:5001:5002:", ",volatile"};
    expect_string(__wrap_sys_chdir, path, "/proc/self/fd");
    expect_string(__wrap_sys_mount, target, "/c/web/merged");
    expect_check(__wrap_sys_mount, data, has_ends, ends);
    will_return(__wrap_sys_mount, 0);
    assert_int_equal(snap_mount(&snap, NULL), 0);
}

static void the_kernels_refusal_names_the_place(void **state)
{
    (void)state;
    auto_snap struct snap snap = {.dir = own_strdup("/c/web")};
    strv_add(&snap.layers, "/l");
    struct err e;
    expect_any(__wrap_sys_mount, target);
    expect_any(__wrap_sys_mount, data);
    will_return(__wrap_sys_mount, -EINVAL);
    assert_int_equal(snap_mount(&snap, &e), -EINVAL);
    assert_string_equal(e.msg,
                        "mount overlay on /c/web/merged: Invalid argument");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_layers_are_one_string),
        cmocka_unit_test(many_layers_are_named_by_number),
        cmocka_unit_test(the_kernels_refusal_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
