/* From a document to a specification: defaults, limits, and what is refused.
 * The files the plan writes go to a directory of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files.h"
#include "own.h"
#include "plan.h"
#include "unit_json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/unit_plan.XXXXXX";

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
    (void)state;
    return files_remove_tree(AT_FDCWD, dir, NULL);
}

/* Plan a container with this HostConfig and this Config, JSON both; "" are
 * ordinary ones. The specification is valid also after an error. */
static int plan(const char *host, const char *config, struct spec *ret,
                struct err *e)
{
    auto_free char *text =
        text_format("{'Config': %s, 'HostConfig': %s}",
                    config[0] != '\0' ? config : "{'Cmd':['sh']}",
                    host[0] != '\0' ? host : "{}");
    json_t *doc = unit_json(text);
    struct image image = {.config = NULL};
    struct engine engine = {.rootfd = open(dir, O_RDONLY | O_CLOEXEC)};
    struct plan p = {.engine = &engine,
                     .image = &image,
                     .layers = &image.layers,
                     .doc = doc,
                     .id = "0123",
                     .dir = dir,
                     .spec = ret};
    *ret = (struct spec)SPEC_INIT;
    int r = plan_make(&p, e);
    close(engine.rootfd);
    json_decref(doc);
    return r;
}

static void plan_ok(const char *host, const char *config, struct spec *ret)
{
    struct err e = {0};
    if (plan(host, config, ret, &e) < 0)
        fail_msg("%s: %s", host, e.msg);
}

static const struct mnt *find_mount(const struct spec *spec, const char *target)
{
    for (size_t i = 0; i < spec->mounts.n; i++)
        if (strcmp(spec->mounts.v[i].target, target) == 0)
            return &spec->mounts.v[i];
    return NULL;
}

static bool has(const struct strv *list, const char *word)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i], word) == 0)
            return true;
    return false;
}

/* --- defaults ------------------------------------------------------------- */

static void a_plain_container_has_dockers_defaults(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("", "{'Cmd':['sh','-c','x'],'Hostname':'web'}", &spec);
    const struct spec_process *process = &spec.process;
    assert_int_equal(process->args.n, 3);
    assert_string_equal(process->cwd, "/");
    assert_string_equal(strv_env(&process->env, "PATH"),
                        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                        "/sbin:/bin");
    assert_string_equal(strv_env(&process->env, "HOSTNAME"), "web");
    assert_int_equal(spec.new_namespaces,
                     NS_BIT(NS_MOUNT) | NS_BIT(NS_PID) | NS_BIT(NS_UTS) |
                         NS_BIT(NS_IPC) | NS_BIT(NS_NET) | NS_BIT(NS_CGROUP));
    assert_string_equal(spec.hostname, "web");
    assert_string_equal(spec.cgroup, "mini-docker/0123");
    assert_true(process->filter.n > 0);
    assert_int_equal(process->caps.bounding, caps_default());
    assert_false(process->no_new_privs);
    assert_true(has(&spec.masked, "/proc/kcore"));
    assert_true(has(&spec.readonly, "/proc/sys"));
    assert_false(spec.root.readonly);
    assert_true(spec.mount_cgroups && spec.default_dev);
    assert_int_equal(spec.limits.memory, CG_UNSET);
    assert_int_equal(spec.limits.pids, CG_UNSET);
}

static void mounts_come_in_an_order_in_which_none_hides_another(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("{'Tmpfs':{'/proc/x/y':'','/a':''}}", "", &spec);
    static const char *const wanted[] = {
        "/proc",       "/dev",       "/sys",          "/dev/pts",  "/dev/shm",
        "/dev/mqueue", "/etc/hosts", "/etc/hostname", "/proc/x/y", "/a"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (find_mount(&spec, wanted[i]) == NULL)
            fail_msg("no %s", wanted[i]);
    for (size_t i = 0; i < spec.mounts.n; i++)
        for (size_t j = 0; j < i; j++) {
            const char *later = spec.mounts.v[i].target;
            const char *earlier = spec.mounts.v[j].target;
            size_t len = strlen(later);
            if (strncmp(earlier, later, len) == 0 && earlier[len] == '/')
                fail_msg("%s is mounted over %s", later, earlier);
        }
}

static void a_volume_takes_the_place_of_a_default_mount(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("{'Binds':['/tmp:/dev/shm:ro']}", "", &spec);
    const struct mnt *shm = find_mount(&spec, "/dev/shm");
    assert_string_equal(shm->source, "/tmp");
    assert_int_equal(shm + 1 < spec.mounts.v + spec.mounts.n &&
                         strcmp(shm[1].target, "/dev/shm") == 0,
                     0);
}

static void shared_memory_has_a_size(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("", "", &spec);
    assert_non_null(strstr(find_mount(&spec, "/dev/shm")->data, "=67108864"));
    spec_done(&spec);
    plan_ok("{'ShmSize':1048576}", "", &spec);
    assert_non_null(strstr(find_mount(&spec, "/dev/shm")->data, "=1048576"));
    spec_done(&spec);
    plan_ok("{'IpcMode':'none'}", "", &spec);
    assert_null(find_mount(&spec, "/dev/shm"));
}

static void the_hosts_namespaces_are_not_made_anew(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *host;
        enum ns_kind kind;
    } cases[] = {
        {"{'PidMode':'host'}",      NS_PID   },
        {"{'IpcMode':'host'}",      NS_IPC   },
        {"{'UTSMode':'host'}",      NS_UTS   },
        {"{'NetworkMode':'host'}",  NS_NET   },
        {"{'CgroupnsMode':'host'}", NS_CGROUP},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_spec struct spec spec = SPEC_INIT;
        plan_ok(cases[i].host, "", &spec);
        assert_int_equal(spec.new_namespaces & NS_BIT(cases[i].kind), 0);
        assert_int_equal(__builtin_popcount(spec.new_namespaces), 5);
    }
}

static void the_entry_point_comes_before_the_command(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("",
            "{'Entrypoint':['e','-x'],'Cmd':['c'],"
            "'WorkingDir':'/srv','Env':['PATH=/p','NOVALUE']}",
            &spec);
    assert_int_equal(spec.process.args.n, 3);
    assert_string_equal(spec.process.args.v[0], "e");
    assert_string_equal(spec.process.args.v[2], "c");
    assert_string_equal(spec.process.cwd, "/srv");
    assert_string_equal(strv_env(&spec.process.env, "PATH"), "/p");
    assert_null(strv_env(&spec.process.env, "NOVALUE"));
}

/* --- limits --------------------------------------------------------------- */

static void limits_are_dockers_numbers(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("{'Memory':1000000,'NanoCpus':1500000000,'PidsLimit':7,"
            "'CpuShares':512,'CpusetCpus':'0','BlkioWeight':300}",
            "", &spec);
    assert_int_equal(spec.limits.memory, 1000000);
    assert_int_equal(spec.limits.memory_swap, 2000000); /* as much again */
    assert_int_equal(spec.limits.cpu_period, 100000);
    assert_int_equal(spec.limits.cpu_quota, 150000);
    assert_int_equal(spec.limits.pids, 7);
    assert_int_equal(spec.limits.cpu_shares, 512);
    assert_int_equal(spec.limits.io_weight, 300);
    assert_string_equal(spec.limits.cpuset_cpus, "0");
}

static void swap_can_be_none_or_without_limit(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("{'Memory':1000000,'MemorySwap':1000000}", "", &spec);
    assert_int_equal(spec.limits.memory_swap, 1000000);
    spec_done(&spec);
    plan_ok("{'Memory':1000000,'MemorySwap':-1}", "", &spec);
    assert_int_equal(spec.limits.memory_swap, -1);
    spec_done(&spec);
    /* In the API 0 means "not set". */
    plan_ok("{'PidsLimit':0,'Memory':0}", "", &spec);
    assert_int_equal(spec.limits.pids, CG_UNSET);
    assert_int_equal(spec.limits.memory_swap, CG_UNSET);
}

static void ulimits_and_the_oom_score_are_the_processs(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("{'OomScoreAdj':-5,'Ulimits':[{'Name':'nofile',"
            "'Soft':10,'Hard':20},{'Name':'core','Soft':-1,"
            "'Hard':-1}]}",
            "", &spec);
    assert_true(spec.process.has_oom_score_adj);
    assert_int_equal(spec.process.oom_score_adj, -5);
    assert_int_equal(spec.process.n_limits, 2);
    assert_int_equal(spec.process.limits[0].soft, 10);
    assert_int_equal(spec.process.limits[0].hard, 20);
    assert_true(spec.process.limits[1].hard == UINT64_MAX);
}

/* --- powers --------------------------------------------------------------- */

static void privileged_means_everything(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("{'Privileged':true}", "", &spec);
    assert_int_equal(spec.process.caps.effective, caps_all());
    assert_int_equal(spec.process.filter.n, 0);
    assert_int_equal(spec.masked.n + spec.readonly.n, 0);
    assert_int_equal(spec.rules.n, 1);
    assert_int_equal(spec.rules.v[0].type, 'a');
}

static void an_ordinary_user_has_the_ceiling_alone(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("", "{'Cmd':['sh'],'User':'1000:1001'}", &spec);
    assert_int_equal(spec.process.uid, 1000);
    assert_int_equal(spec.process.gid, 1001);
    assert_int_equal(spec.process.caps.effective, 0);
    assert_int_equal(spec.process.caps.bounding, caps_default());
}

static void security_options_are_read(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    plan_ok("{'SecurityOpt':['no-new-privileges','seccomp=unconfined',"
            "'systempaths=unconfined'],'CapDrop':['ALL'],"
            "'CapAdd':['CHOWN'],'ReadonlyRootfs':true}",
            "", &spec);
    assert_true(spec.process.no_new_privs);
    assert_int_equal(spec.process.filter.n, 0);
    assert_int_equal(spec.masked.n, 0);
    assert_int_equal(spec.process.caps.effective, 1 << 0); /* CAP_CHOWN */
    assert_true(spec.root.readonly);
}

/* --- refusals ------------------------------------------------------------- */

static void what_cannot_be_is_refused_in_words_that_name_it(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *host, *config, *words;
    } cases[] = {
        {"", "{}", "no command specified"},
        {"", "{'Cmd':['x'],'User':'nobody'}", "unable to find user nobody"},
        {"{'Ulimits':[{'Name':'files'}]}", "", "invalid ulimit type: files"},
        {"{'CapAdd':['NICE']}", "", "NICE"},
        {"{'IpcMode':'container:x'}", "", "--ipc container:x"},
        {"{'UsernsMode':'private'}", "", "user namespace mode: 'private'"},
        {"{'CpusetCpus':'0-'}", "", "Invalid value 0- for cpuset cpus"},
        {"{'CpusetCpus':'8000'}", "", "Requested CPUs are not available"},
        {"{'Binds':['/a']}", "", "invalid volume specification: "},
        {"{'Binds':['/a:b']}", "", "invalid volume specification"},
        {"{'Mounts':[{'Type':'bind','Target':'x'}]}", "",
         "mount path must be absolute"},
        {"{'Mounts':[{'Type':'bind','Source':'/no/such','Target':'/x'}]}", "",
         "bind source path does not exist: /no/such"},
        {"{'Devices':[{'PathOnHost':'/dev/nosuch'}]}", "", "/dev/nosuch"},
        {"{'SecurityOpt':['nosuch=1']}", "", "'nosuch=1'"},
        {"{'SecurityOpt':['no-new-privileges=maybe']}", "", "maybe"},
        {"{'CgroupParent':'../../up'}", "", "up"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_spec struct spec spec = SPEC_INIT;
        struct err e = {0};
        int r = plan(cases[i].host, cases[i].config, &spec, &e);
        if (r >= 0)
            fail_msg("not refused: %s %s", cases[i].host, cases[i].config);
        assert_int_equal(r, -e.code);
        auto_free char *words = unit_quotes(cases[i].words);
        if (strstr(e.msg, words) == NULL)
            fail_msg("%s: does not say %s", e.msg, words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_container_has_dockers_defaults),
        cmocka_unit_test(mounts_come_in_an_order_in_which_none_hides_another),
        cmocka_unit_test(a_volume_takes_the_place_of_a_default_mount),
        cmocka_unit_test(shared_memory_has_a_size),
        cmocka_unit_test(the_hosts_namespaces_are_not_made_anew),
        cmocka_unit_test(the_entry_point_comes_before_the_command),
        cmocka_unit_test(limits_are_dockers_numbers),
        cmocka_unit_test(swap_can_be_none_or_without_limit),
        cmocka_unit_test(ulimits_and_the_oom_score_are_the_processs),
        cmocka_unit_test(privileged_means_everything),
        cmocka_unit_test(an_ordinary_user_has_the_ceiling_alone),
        cmocka_unit_test(security_options_are_read),
        cmocka_unit_test(what_cannot_be_is_refused_in_words_that_name_it),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
