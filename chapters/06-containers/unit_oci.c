/* config.json: what becomes of each member, and that each has its type. Nothing
 * is made; the effects are for tests/oci_config.bats. */
#include "test_oci.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>

/* --- types --- */

enum type { STRING, BOOL, INTEGER, ARRAY, OBJECT, STRINGS, N_TYPES };
static const char *const samples[] = {
    [STRING] = "\"s\"", [BOOL] = "true", [INTEGER] = "1",
    [ARRAY] = "[1]",    [OBJECT] = "{}", [STRINGS] = "[\"s\"]",
};

static const struct {
    const char *path;
    enum type type;
} members[] = {
    {"root",                                            OBJECT },
    {"root.path",                                       STRING },
    {"root.readonly",                                   BOOL   },
    {"process",                                         OBJECT },
    {"process.terminal",                                BOOL   },
    {"process.cwd",                                     STRING },
    {"process.env",                                     ARRAY  },
    {"process.args",                                    STRINGS},
    {"process.user",                                    OBJECT },
    {"process.user.uid",                                INTEGER},
    {"process.user.gid",                                INTEGER},
    {"process.user.umask",                              INTEGER},
    {"process.user.additionalGids",                     ARRAY  },
    {"process.capabilities",                            OBJECT },
    {"process.capabilities.bounding",                   ARRAY  },
    {"process.capabilities.effective",                  ARRAY  },
    {"process.capabilities.permitted",                  ARRAY  },
    {"process.capabilities.inheritable",                ARRAY  },
    {"process.capabilities.ambient",                    ARRAY  },
    {"process.rlimits",                                 ARRAY  },
    {"process.noNewPrivileges",                         BOOL   },
    {"process.apparmorProfile",                         STRING },
    {"process.selinuxLabel",                            STRING },
    {"process.oomScoreAdj",                             INTEGER},
    {"process.scheduler",                               OBJECT },
    {"process.ioPriority",                              OBJECT },
    {"process.execCPUAffinity",                         OBJECT },
    {"hostname",                                        STRING },
    {"domainname",                                      STRING },
    {"mounts",                                          ARRAY  },
    {"hooks",                                           OBJECT },
    {"hooks.prestart",                                  ARRAY  },
    {"hooks.createRuntime",                             ARRAY  },
    {"hooks.createContainer",                           ARRAY  },
    {"hooks.startContainer",                            ARRAY  },
    {"hooks.poststart",                                 ARRAY  },
    {"hooks.poststop",                                  ARRAY  },
    {"annotations",                                     OBJECT },
    {"linux",                                           OBJECT },
    {"linux.namespaces",                                ARRAY  },
    {"linux.uidMappings",                               ARRAY  },
    {"linux.gidMappings",                               ARRAY  },
    {"linux.timeOffsets",                               OBJECT },
    {"linux.timeOffsets.monotonic",                     OBJECT },
    {"linux.timeOffsets.monotonic.secs",                INTEGER},
    {"linux.timeOffsets.boottime.nanosecs",             INTEGER},
    {"linux.devices",                                   ARRAY  },
    {"linux.cgroupsPath",                               STRING },
    {"linux.rootfsPropagation",                         STRING },
    {"linux.resources",                                 OBJECT },
    {"linux.resources.devices",                         ARRAY  },
    {"linux.resources.memory",                          OBJECT },
    {"linux.resources.memory.limit",                    INTEGER},
    {"linux.resources.memory.reservation",              INTEGER},
    {"linux.resources.memory.swap",                     INTEGER},
    {"linux.resources.memory.kernel",                   INTEGER},
    {"linux.resources.memory.kernelTCP",                INTEGER},
    {"linux.resources.memory.swappiness",               INTEGER},
    {"linux.resources.memory.disableOOMKiller",         BOOL   },
    {"linux.resources.memory.checkBeforeUpdate",        BOOL   },
    {"linux.resources.memory.useHierarchy",             BOOL   },
    {"linux.resources.cpu",                             OBJECT },
    {"linux.resources.cpu.shares",                      INTEGER},
    {"linux.resources.cpu.quota",                       INTEGER},
    {"linux.resources.cpu.burst",                       INTEGER},
    {"linux.resources.cpu.period",                      INTEGER},
    {"linux.resources.cpu.realtimeRuntime",             INTEGER},
    {"linux.resources.cpu.realtimePeriod",              INTEGER},
    {"linux.resources.cpu.cpus",                        STRING },
    {"linux.resources.cpu.mems",                        STRING },
    {"linux.resources.cpu.idle",                        INTEGER},
    {"linux.resources.pids",                            OBJECT },
    {"linux.resources.pids.limit",                      INTEGER},
    {"linux.resources.blockIO",                         OBJECT },
    {"linux.resources.blockIO.weight",                  INTEGER},
    {"linux.resources.blockIO.leafWeight",              INTEGER},
    {"linux.resources.blockIO.weightDevice",            ARRAY  },
    {"linux.resources.blockIO.throttleReadBpsDevice",   ARRAY  },
    {"linux.resources.blockIO.throttleWriteBpsDevice",  ARRAY  },
    {"linux.resources.blockIO.throttleReadIOPSDevice",  ARRAY  },
    {"linux.resources.blockIO.throttleWriteIOPSDevice", ARRAY  },
    {"linux.resources.hugepageLimits",                  ARRAY  },
    {"linux.resources.network",                         OBJECT },
    {"linux.resources.network.classID",                 INTEGER},
    {"linux.resources.network.priorities",              ARRAY  },
    {"linux.resources.rdma",                            OBJECT },
    {"linux.resources.unified",                         OBJECT },
    {"linux.intelRdt",                                  OBJECT },
    {"linux.memoryPolicy",                              OBJECT },
    {"linux.netDevices",                                OBJECT },
    {"linux.seccomp",                                   OBJECT },
    {"linux.sysctl",                                    OBJECT },
    {"linux.maskedPaths",                               STRINGS},
    {"linux.readonlyPaths",                             STRINGS},
    {"linux.personality",                               OBJECT },
    {"linux.personality.domain",                        STRING },
};

static bool is_array(enum type type)
{
    return type == ARRAY || type == STRINGS;
}

static void each_member_has_one_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        for (enum type type = 0; type < N_TYPES; type++) {
            struct oci_config config = OCI_CONFIG_INIT;
            struct err e = {0};
            char place[100];
            enum type own = members[i].type;
            if (type == own || (is_array(own) && is_array(type)))
                continue;
            snprintf(place, sizeof place, "config.json: %s: ", members[i].path);
            if (parse(&config, members[i].path, samples[type], &e) == 0)
                fail_msg("%s: %s is accepted", members[i].path, samples[type]);
            if (strncmp(e.msg, place, strlen(place)) != 0)
                fail_msg("%s: %s: %s", members[i].path, samples[type], e.msg);
            oci_config_done(&config);
        }
}

static void null_is_absent(void **state)
{
    (void)state;
    static const char *const required[] = {
        "root",
        "root.path",
        "process.cwd",
        "process.user.uid",
        "process.user.gid",
        "linux.personality.domain",
        NULL,
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct oci_config config = OCI_CONFIG_INIT;
        size_t j = 0;
        while (required[j] && strcmp(required[j], members[i].path) != 0)
            j++;
        if (required[j] == NULL)
            accept(&config, members[i].path, "null");
        oci_config_done(&config);
    }
}

/* --- what becomes of them --- */

static void unknown_members_are_passed_over(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "new",
        "root.new",
        "process.new",
        "linux.new",
        "linux.resources.new",
        "linux.resources.memory.new",
        "hooks.new",
        "windows",
        "vm",
        "solaris",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct oci_config config = OCI_CONFIG_INIT;
        accept(&config, paths[i], "{\"anything\": [1]}");
        oci_config_done(&config);
    }
}

static void numbers_of_64_bits_are_whole(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    accept(&config, "process.rlimits",
           "[{\"type\": \"RLIMIT_NOFILE\", \"soft\": 9223372036854775808,"
           "  \"hard\": 18446744073709551615},"
           " {\"type\": \"RLIMIT_CORE\", \"soft\": 0,"
           "  \"hard\": 9223372036854775807}]");
    const struct spec_process *process = &config.spec.process;
    assert_int_equal(process->n_limits, 2);
    assert_int_equal(process->limits[0].resource, RLIMIT_NOFILE);
    assert_true(process->limits[0].soft == UINT64_C(1) << 63);
    assert_true(process->limits[0].hard == UINT64_MAX);
    assert_true(process->limits[1].hard == INT64_MAX);
}

static void text_that_looks_like_numbers_stays(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    accept(&config, "process.args",
           "[\"18446744073709551615\", \"a\\\"18446744073709551615\"]");
    assert_string_equal(config.spec.process.args.v[0], "18446744073709551615");
    assert_string_equal(config.spec.process.args.v[1],
                        "a\"18446744073709551615");
}

static void an_empty_config_asks_for_nothing(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    accept(&config, "annotations", "{}");
    const struct spec *spec = &config.spec;
    assert_string_equal(spec->root.path, "//rootfs");
    assert_false(spec->root.readonly);
    assert_int_equal(spec->new_namespaces, 0);
    assert_int_equal(spec->mounts.n, 0);
    assert_int_equal(spec->masked.n, 0);
    assert_int_equal(spec->process.umask, 0022);
    assert_true(spec->process.caps.bounding == 0);
    assert_false(spec->process.has_oom_score_adj);
    assert_false(spec->process.has_personality);
    assert_false(spec->process.no_new_privs);
    assert_null(spec->hostname);
    /* "deny all" first, then what every container may use. */
    assert_true(spec->rules.n > 1);
    assert_false(spec->rules.v[0].allow);
    assert_int_equal(spec->rules.v[0].type, 'a');
}

static void relative_paths_begin_at_the_bundle(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    config.bundle = strdup("/run/b");
    accept(&config, "mounts",
           "[{\"destination\": \"/a\", \"source\": \"x\", \"type\": \"bind\"},"
           " {\"destination\": \"b\", \"source\": \"/y\","
           "  \"options\": [\"rbind\", \"ro\"]},"
           " {\"destination\": \"/c\", \"type\": \"tmpfs\"}]");
    const struct mnt *v = config.spec.mounts.v;
    assert_string_equal(config.spec.root.path, "/run/b/rootfs");
    assert_string_equal(v[0].source, "/run/b/x");
    assert_true((v[0].flags & MS_BIND) != 0);
    assert_string_equal(v[1].source, "/y");
    assert_string_equal(v[1].target, "/b");
    assert_true((v[1].flags & (MS_BIND | MS_REC)) == (MS_BIND | MS_REC));
    assert_string_equal(v[2].type, "tmpfs");
    assert_true((v[2].flags & MS_BIND) == 0);
}

static void words_become_the_kernels_numbers(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    accept(&config, "process",
           "{\"cwd\": \"/\", \"args\": [\"x\"],"
           " \"ioPriority\": {\"class\": \"IOPRIO_CLASS_IDLE\","
           "                  \"priority\": 3},"
           " \"scheduler\": {\"policy\": \"SCHED_BATCH\", \"nice\": 5,"
           "   \"flags\": [\"SCHED_FLAG_RESET_ON_FORK\"]},"
           " \"capabilities\": {\"bounding\": [\"CAP_KILL\", \"CAP_CHOWN\"],"
           "                    \"ambient\": [\"CAP_KILL\"]}}");
    const struct spec_process *process = &config.spec.process;
    assert_true(process->has_io_priority && process->has_scheduler);
    assert_int_equal(process->io_priority,
                     IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 3));
    assert_int_equal(process->scheduler.policy, SCHED_BATCH);
    assert_int_equal(process->scheduler.nice, 5);
    assert_int_equal(process->scheduler.flags, 1);
    assert_true(process->caps.bounding == (1 << 5 | 1 << 0));
    assert_true(process->caps.ambient == 1 << 5);
    assert_true(process->caps.effective == 0);
}

static void of_the_machine_and_its_parts(void **state)
{
    (void)state;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    accept(&config, "linux",
           "{\"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"time\"},"
           "   {\"type\": \"network\", \"path\": \"/proc/7/ns/net\"}],"
           " \"timeOffsets\": {\"monotonic\": {\"secs\": -5},"
           "   \"boottime\": {\"secs\": 7, \"nanosecs\": 9}},"
           " \"personality\": {\"domain\": \"LINUX32\"},"
           " \"rootfsPropagation\": \"rslave\","
           " \"sysctl\": {\"net.core.somaxconn\": \"1\"},"
           " \"resources\": {\"memory\": {\"limit\": 0, \"swap\": -1},"
           "   \"pids\": {\"limit\": -1}},"
           " \"devices\": [{\"path\": \"/dev/x\", \"type\": \"u\","
           "   \"major\": 1, \"minor\": 3},"
           "  {\"path\": \"/dev/ptmx\", \"type\": \"c\", \"major\": 5,"
           "   \"minor\": 2}]}");
    const struct spec *spec = &config.spec;
    assert_true(spec->new_namespaces == (NS_BIT(NS_MOUNT) | NS_BIT(NS_TIME)));
    assert_string_equal(spec->join_paths[NS_NET], "/proc/7/ns/net");
    assert_true(spec->monotonic.set && spec->monotonic.seconds == -5);
    assert_true(spec->boottime.set && spec->boottime.nanoseconds == 9);
    assert_true(spec->process.personality == PER_LINUX32);
    assert_true(spec->root.propagation == (MS_SLAVE | MS_REC));
    assert_string_equal(spec->sysctls.v[0], "net.core.somaxconn=1");
    assert_true(spec->limits.memory == CG_UNSET); /* 0 has always been that */
    assert_true(spec->limits.memory_swap == -1);
    assert_true(spec->limits.pids == -1);
    assert_int_equal(spec->n_devices, 1); /* ptmx is a link to its own */
    assert_int_equal(spec->devices[0].type, 'c');
    assert_int_equal(spec->devices[0].mode, 0666);
}

static void text_that_is_no_document(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "7",
        "{\"ociVersion\": \"1.0.0\",}",
        "{\"ociVersion\": \"1.0.0\", \"ociVersion\": \"1.0.0\"}",
        "{} x",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct oci_config config = OCI_CONFIG_INIT;
        struct err e = {0};
        int r = oci_config_parse(&config, texts[i], strlen(texts[i]), "c", &e);
        assert_int_equal(r, -EINVAL);
        assert_true(strncmp(e.msg, "c: ", 3) == 0);
        oci_config_done(&config);
    }
}

static void the_example_is_a_config(void **state)
{
    (void)state;
    for (int rootless = 0; rootless < 2; rootless++) {
        auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
        struct err e = {0};
        json_t *doc = oci_config_example(rootless == 1, 1000, 1001);
        char *text = json_dumps(doc, 0);
        if (oci_config_parse(&config, text, strlen(text), "spec", &e) < 0 ||
            spec_check(&config.spec, &e) < 0)
            fail_msg("%s", e.msg);
        assert_int_equal((config.spec.new_namespaces & NS_BIT(NS_USER)) != 0,
                         rootless);
        free(text);
        json_decref(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_has_one_type),
        cmocka_unit_test(null_is_absent),
        cmocka_unit_test(unknown_members_are_passed_over),
        cmocka_unit_test(numbers_of_64_bits_are_whole),
        cmocka_unit_test(text_that_looks_like_numbers_stays),
        cmocka_unit_test(an_empty_config_asks_for_nothing),
        cmocka_unit_test(relative_paths_begin_at_the_bundle),
        cmocka_unit_test(words_become_the_kernels_numbers),
        cmocka_unit_test(of_the_machine_and_its_parts),
        cmocka_unit_test(text_that_is_no_document),
        cmocka_unit_test(the_example_is_a_config),
    };
    return cmocka_run_group_tests_name("oci", tests, NULL, NULL);
}
