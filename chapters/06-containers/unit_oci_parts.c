/* config.json: what becomes of members that this kernel, or this machine, may
 * not be able to show. */
#include "test_oci.h"

#include "oci_parts.h"

static void processors_of_exec_are_bits(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    accept(&config, "process.execCPUAffinity",
           "{\"initial\": \"\", \"final\": \"0-2,70,1023\"}");
    const struct spec_process *process = &config.spec.process;
    assert_false(process->first_cpus.set);
    assert_true(process->cpus.set);
    assert_int_equal(process->cpus.mask[0], 7);
    assert_int_equal(process->cpus.mask[1], 1 << 6);
    assert_true(process->cpus.mask[15] == 1ul << 63);
}

/* Only a machine with SELinux could show what the kernel makes of it. */
static void a_label_goes_to_new_file_systems(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    accept(&config, "mounts",
           "[{\"destination\": \"/a\", \"type\": \"tmpfs\","
           "  \"options\": [\"size=64k\", \"nosuid\"]},"
           " {\"destination\": \"/b\", \"type\": \"tmpfs\"},"
           " {\"destination\": \"/c\", \"type\": \"proc\"},"
           " {\"destination\": \"/d\", \"type\": \"bind\","
           "  \"source\": \"/\"}]");
    const struct mnt *mounts = config.spec.mounts.v;
    oci_label_mounts(&config.spec, "a:b:c:s0:c1,c2");
    assert_string_equal(mounts[0].data, "size=64k,context=\"a:b:c:s0:c1,c2\"");
    assert_string_equal(mounts[1].data, "context=\"a:b:c:s0:c1,c2\"");
    for (size_t i = 2; i < 4; i++)
        assert_null(strstr(mounts[i].data, "context"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processors_of_exec_are_bits),
        cmocka_unit_test(a_label_goes_to_new_file_systems),
    };
    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
