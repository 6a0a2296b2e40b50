/* linux.resources of config.json becomes the limits of chapter 04. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oci_parts.h"

#include <errno.h>
#include <string.h>

static void read_all(const char *json, struct cg_limits *limits)
{
    auto_json json_t *doc = json_loads(json, 0, NULL);
    struct oci_reader reader = {0};
    struct err e = {0};
    assert_non_null(doc);
    if (oci_read(&reader, doc, oci_resources_fields, limits, &e) < 0)
        fail_msg("%s", e.msg);
}

static void weights_of_devices_are_two_lists(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    read_all("{\"blockIO\": {\"weight\": 10, \"leafWeight\": 20, "
             "\"weightDevice\": [{\"major\": 8, \"minor\": 0, \"weight\": "
             "500, \"leafWeight\": 300}, {\"major\": 8, \"minor\": 16, "
             "\"leafWeight\": 400}]}}",
             &limits);
    assert_int_equal(limits.io_weight, 10);
    assert_int_equal(limits.io_leaf_weight, 20);
    assert_int_equal(limits.io_weight_device.n, 1);
    assert_string_equal(limits.io_weight_device.v[0], "8:0 500");
    assert_int_equal(limits.io_leaf_weight_device.n, 2);
    assert_string_equal(limits.io_leaf_weight_device.v[0], "8:0 300");
    assert_string_equal(limits.io_leaf_weight_device.v[1], "8:16 400");
    cg_limits_done(&limits);
}

static void lists_are_spelled_for_the_kernel(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    read_all("{\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 4}], "
             "\"rdma\": {\"mlx5_0\": {\"hcaHandles\": 3}}, \"unified\": "
             "{\"memory.high\": \"5\"}, \"network\": {\"classID\": 7, "
             "\"priorities\": [{\"name\": \"eth0\", \"priority\": 6}]}}",
             &limits);
    assert_string_equal(limits.hugetlb.v[0], "2MB=4");
    assert_string_equal(limits.rdma.v[0], "mlx5_0 hca_handle=3");
    assert_string_equal(limits.unified.v[0], "memory.high=5");
    assert_string_equal(limits.net_priorities.v[0], "eth0 6");
    assert_int_equal(limits.net_class_id, 7);
    assert_int_equal(limits.memory, CG_UNSET);
    cg_limits_done(&limits);
}

/* However long the value, the message says first where it stands. */
static void a_long_value_does_not_hide_its_place(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    auto_text struct text json = {0};
    struct err e = {0};
    text_add(&json, "{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"/\"}, "
                    "\"linux\": {\"namespaces\": [{\"type\": \"");
    for (int i = 0; i < 400; i++)
        text_add(&json, "x");
    text_add(&json, "\"}]}}");
    assert_int_equal(
        oci_config_parse(&config, json.s, json.len, "config.json", &e),
        -EINVAL);
    static const char place[] = "config.json: linux.namespaces[0]: unknown";
    assert_memory_equal(e.msg, place, strlen(place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_of_devices_are_two_lists),
        cmocka_unit_test(lists_are_spelled_for_the_kernel),
        cmocka_unit_test(a_long_value_does_not_hide_its_place),
    };
    return cmocka_run_group_tests_name("oci resources", tests, NULL, NULL);
}
