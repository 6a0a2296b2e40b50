/* config.json: what becomes of members that this kernel, or this machine, may
 * not be able to show; and of those that belong together. */
#include "test_oci.h"

#include "oci_parts.h"

#include <errno.h>

static void the_size_of_no_terminal_is_ignored(void **state)
{
    (void)state;
    auto_oci_config struct oci_config with = OCI_CONFIG_INIT;
    auto_oci_config struct oci_config without = OCI_CONFIG_INIT;
    accept(&without, "process.consoleSize", "{\"height\": \"high\"}");
    assert_int_equal(without.spec.process.rows, 0);
    accept(&with, "process",
           "{\"cwd\": \"/\", \"args\": [\"x\"], \"terminal\": true,"
           " \"consoleSize\": {\"height\": 33, \"width\": 77}}");
    assert_int_equal(with.spec.process.rows, 33);
    assert_int_equal(with.spec.process.columns, 77);
}

static void versions_of_the_first_are_read(void **state)
{
    (void)state;
    static const char *const versions[] = {
        "\"1.0.2-dev\"", "\"1.3.0\"", "\"1.2.0-rc.1+a.b-c\"", "\"1.10.20+x\""};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
        accept(&config, "ociVersion", versions[i]);
    }
}

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

#define MAP "[{\"containerID\": 0, \"hostID\": 1, \"size\": 1}]"
static const char *const contradictions[][3] = {
    {"process.args",      "[]",                                            "process.args: no command specified"               },
    {"process.args",      "[\"\"]",                                        "process.args: no command specified"               },
    {"hostname",          "\"h\"",                                         "hostname: there is no uts namespace"              },
    {"domainname",        "\"d\"",                                         "domainname: there is no uts namespace"            },
    {"linux.uidMappings", MAP,                                             "linux.uidMappings: there is no user namespace"    },
    {"linux.gidMappings", MAP,                                             "linux.gidMappings: there is no user namespace"    },
    {"linux.namespaces",  "[{\"type\": \"user\"}]",
     "linux.uidMappings: a new user namespace needs them"                                                                     },
    {"linux",
     "{\"namespaces\": [{\"type\": \"user\"}], \"uidMappings\": " MAP "}",
     "linux.gidMappings: a new user namespace needs them"                                                                     },
    {"linux.timeOffsets", "{\"boottime\": {\"secs\": 1}}",
     "linux.timeOffsets: there is no new time namespace"                                                                      },
    {"linux",
     "{\"namespaces\": [{\"type\": \"time\", \"path\": \"/x\"}],"
     " \"timeOffsets\": {\"monotonic\": {}}}",                             "linux.timeOffsets: there is no new time namespace"},
    {"linux.seccomp",     "{\"listenerMetadata\": \"x\"}",
     "linux.seccomp.listenerMetadata: there is no listenerPath"                                                               },
    {"linux.namespaces",  "[{\"type\": \"pid\"}]",
     "linux.namespaces: a container needs a mount namespace"                                                                  },
};

static void what_is_wrong_together_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof contradictions / sizeof *contradictions;
         i++) {
        auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
        struct err e = {0};
        accept(&config, contradictions[i][0], contradictions[i][1]);
        assert_int_equal(oci_check_whole(&config, &e), -EINVAL);
        assert_string_equal(e.msg, contradictions[i][2]);
    }
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    accept(&config, "linux.namespaces", "[{\"type\": \"mount\"}]");
    assert_int_equal(oci_check_whole(&config, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_size_of_no_terminal_is_ignored),
        cmocka_unit_test(versions_of_the_first_are_read),
        cmocka_unit_test(processors_of_exec_are_bits),
        cmocka_unit_test(what_is_wrong_together_is_named),
        cmocka_unit_test(a_label_goes_to_new_file_systems),
    };
    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
