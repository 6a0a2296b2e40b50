// WRAP files_write files_read
/* Limits that are lists: which file gets which line, on either version. */
#include "cg_parts.h"
#include "faking.h"

#include "files.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static struct {
    char log[FAKING_LOG];
    const char *controllers; /* of the v2 group */
} fake;

/* A kernel that counts reserved pages of one size only, and has no file whose
 * name begins with "no". */
int __wrap_files_write(int dirfd, const char *path, const char *value,
                       struct err *e)
{
    if (text_starts(path, "hugetlb.1GB.rsvd") || text_starts(path, "no."))
        return err_sys(e, ENOENT, "open %s", path);
    faking_log(fake.log, dirfd, path, value);
    return 0;
}

int __wrap_files_read(int dirfd, const char *path, struct text *out,
                      struct err *e)
{
    (void)dirfd;
    if (strcmp(path, "cgroup.controllers") != 0 || fake.controllers == NULL)
        return err_sys(e, ENOENT, "open %s", path);
    text_add(out, fake.controllers);
    return (int)out->len;
}

static int boot(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof fake);
    return 0;
}

static struct cg_limits many(void)
{
    struct cg_limits limits = CG_LIMITS_INIT;
    limits.memory_tcp = 7;
    limits.io_leaf_weight = 300;
    strv_add(&limits.io_weight_device, "8:0 200");
    strv_add(&limits.io_leaf_weight_device, "8:0 250");
    strv_add(&limits.hugetlb, "2MB=1048576");
    strv_add(&limits.hugetlb, "1GB=0");
    strv_add(&limits.rdma, "mlx5_0 hca_handle=2 hca_object=2000");
    return limits;
}

static void lists_on_v1(void **state)
{
    (void)state;
    struct cg_limits limits = many();
    struct cg v1 = faking_on_v1();
    limits.net_class_id = 1048577;
    strv_add(&limits.net_priorities, "eth0 5");
    assert_int_equal(cg_set_limits(&v1, &limits, NULL), 0);
    assert_string_equal(fake.log,
                        "10 memory.kmem.tcp.limit_in_bytes 7; "
                        "15 blkio.leaf_weight 300; "
                        "20 net_cls.classid 1048577; "
                        "15 blkio.bfq.weight_device 8:0 200; "
                        "15 blkio.leaf_weight_device 8:0 250; "
                        "18 hugetlb.2MB.limit_in_bytes 1048576; "
                        "18 hugetlb.2MB.rsvd.limit_in_bytes 1048576; "
                        "18 hugetlb.1GB.limit_in_bytes 0; "
                        "19 rdma.max mlx5_0 hca_handle=2 hca_object=2000; "
                        "21 net_prio.ifpriomap eth0 5; ");
    cg_limits_done(&limits);
    assert_int_equal(limits.hugetlb.n, 0);
    assert_int_equal(limits.memory_tcp, CG_UNSET);
}

static void lists_on_v2(void **state)
{
    (void)state;
    struct cg_limits limits = many();
    struct cg v2 = faking_on_v2();
    struct err e = {0};
    fake.controllers = "memory hugetlb rdma\n";
    assert_int_equal(cg_set_limits(&v2, &limits, &e), 0);
    assert_string_equal(fake.log,
                        "20 io.bfq.weight 8:0 200; "
                        "20 hugetlb.2MB.max 1048576; "
                        "20 hugetlb.2MB.rsvd.max 1048576; "
                        "20 hugetlb.1GB.max 0; "
                        "20 rdma.max mlx5_0 hca_handle=2 hca_object=2000; ");
    limits.net_class_id = 1;
    assert_int_equal(cg_set_limits(&v2, &limits, &e), -EOPNOTSUPP);
    assert_non_null(strstr(e.msg, "net_cls"));
    limits.net_class_id = CG_UNSET;
    strv_add(&limits.net_priorities, "eth0 5");
    assert_int_equal(cg_set_limits(&v2, &limits, &e), -EOPNOTSUPP);
    assert_non_null(strstr(e.msg, "net_prio"));
    cg_limits_done(&limits);
}

static void a_strict_list_is_not_passed_over(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg v2 = faking_on_v2();
    strv_add(&limits.io_leaf_weight_device, "8:0 250");
    assert_int_equal(cg_set_limits(&v2, &limits, NULL), 0);
    limits.strict = true;
    assert_int_equal(cg_set_limits(&v2, &limits, NULL), -EOPNOTSUPP);
    cg_limits_done(&limits);
}

static void a_page_size_is_no_path(void **state)
{
    (void)state;
    static const char *const wrong[] = {"2MB", "../x=1", ""};
    struct cg v1 = faking_on_v1();
    for (size_t i = 0; i < 3; i++) {
        struct cg_limits limits = CG_LIMITS_INIT;
        strv_add(&limits.hugetlb, wrong[i]);
        assert_int_equal(cg_set_limits(&v1, &limits, NULL), -EINVAL);
        assert_string_equal(fake.log, "");
        cg_limits_done(&limits);
    }
}

static int unified(struct cg *cg, const char *assignment, struct err *e)
{
    struct cg_limits limits = CG_LIMITS_INIT;
    limits.pids = 5;
    strv_add(&limits.unified, assignment);
    int r = cg_set_limits(cg, &limits, e);
    cg_limits_done(&limits);
    return r;
}

static void unified_writes_any_file_last(void **state)
{
    (void)state;
    struct cg v1 = faking_on_v1(), v2 = faking_on_v2();
    struct err e = {0};
    fake.controllers = "memory pids\n";
    assert_int_equal(unified(&v2, "io.max=8:0 rbps=5\n8:1 rbps=6\n", &e), 0);
    assert_string_equal(fake.log, "20 pids.max 5; "
                                  "20 io.max 8:0 rbps=5; "
                                  "20 io.max 8:1 rbps=6; ");
    assert_true(unified(&v1, "memory.high=5", &e) < 0);
    assert_non_null(strstr(e.msg, "cannot use unified on cgroup v1"));
    assert_int_equal(unified(&v2, "../memory.high=5", &e), -EINVAL);
    assert_non_null(strstr(e.msg, "must be a file name (no slashes)"));
    assert_int_equal(unified(&v2, "no.max=5", &e), -ENOENT);
    assert_non_null(strstr(e.msg, "unified resource \"no.max\" can't be set: "
                                  "controller \"no\" not available"));
    fake.controllers = "memory pids no\n";
    assert_int_equal(unified(&v2, "no.max=5", &e), -ENOENT);
    assert_non_null(strstr(e.msg, "unable to set unified resource"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lists_on_v1, boot),
        cmocka_unit_test_setup(lists_on_v2, boot),
        cmocka_unit_test_setup(a_strict_list_is_not_passed_over, boot),
        cmocka_unit_test_setup(a_page_size_is_no_path, boot),
        cmocka_unit_test_setup(unified_writes_any_file_last, boot),
    };
    return cmocka_run_group_tests_name("lists", tests, NULL, NULL);
}
