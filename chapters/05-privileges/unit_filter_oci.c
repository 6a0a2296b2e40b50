// WRAP sys_seccomp
/* linux.seccomp of config.json: each word of it becomes what it says, and a
 * word that nobody knows is told with the place where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filter.h"
#include "filter_parts.h"
#include "judge.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

/* The kernel's side of installing: what it was asked, what it answers. */
static struct {
    unsigned int flags;
    int calls, answer;
} fake;

int __wrap_sys_seccomp(unsigned int operation, unsigned int flags, void *args)
{
    assert_int_equal(operation, SECCOMP_SET_MODE_FILTER);
    fake.calls++;
    fake.flags = flags;
    if (args == NULL)
        return flags == SECCOMP_FILTER_FLAG_LOG ? -EFAULT : -EINVAL;
    return fake.answer;
}

static int get(const char *json, struct filter *ret, struct err *e)
{
    return filter_get_oci(json, strlen(json), -1, ret, e);
}

static void must_get(const char *json, struct filter *ret)
{
    struct err e = {0};
    if (get(json, ret, &e) < 0)
        fail_msg("%s", e.msg);
}

static uint32_t ask(const struct filter *f, const char *call, uint64_t first)
{
    return judge(f, seccomp_syscall_resolve_name(call), first);
}

static void every_action_is_its_answer(void **state)
{
    (void)state;
    static const struct {
        const char *action;
        uint32_t answer;
    } rows[] = {
        {"\"SCMP_ACT_ERRNO\"",                   REFUSED(EPERM)          },
        {"\"SCMP_ACT_ERRNO\", \"errnoRet\": 95", REFUSED(95)             },
        {"\"SCMP_ACT_ERRNO\", \"errnoRet\": 0",  REFUSED(0)              },
        {"\"SCMP_ACT_KILL\"",                    SECCOMP_RET_KILL_THREAD },
        {"\"SCMP_ACT_KILL_THREAD\"",             SECCOMP_RET_KILL_THREAD },
        {"\"SCMP_ACT_KILL_PROCESS\"",            SECCOMP_RET_KILL_PROCESS},
        {"\"SCMP_ACT_TRAP\"",                    SECCOMP_RET_TRAP        },
        {"\"SCMP_ACT_TRACE\"",                   SECCOMP_RET_TRACE | 1   },
        {"\"SCMP_ACT_TRACE\", \"errnoRet\": 7",  SECCOMP_RET_TRACE | 7   },
        {"\"SCMP_ACT_LOG\"",                     SECCOMP_RET_LOG         },
        {"\"SCMP_ACT_NOTIFY\"",                  SECCOMP_RET_USER_NOTIF  },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_filter struct filter f = {0};
        auto_text struct text json = {0};
        text_addf(&json,
                  "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": "
                  "[{\"names\": [\"no_such_call\", \"getcwd\"], \"action\": "
                  "%s}]}",
                  rows[i].action);
        must_get(json.s, &f);
        assert_int_equal(ask(&f, "getcwd", 0), rows[i].answer);
        assert_int_equal(ask(&f, "read", 0), ALLOWED);
        assert_int_equal(f.notifies, rows[i].answer == SECCOMP_RET_USER_NOTIF);
    }
}

static void every_operator_compares(void **state)
{
    (void)state;
    static const struct {
        const char *op;
        bool below, equal, above;
    } rows[] = {
        {"SCMP_CMP_NE",        true,  false, true },
        {"SCMP_CMP_LT",        true,  false, false},
        {"SCMP_CMP_LE",        true,  true,  false},
        {"SCMP_CMP_EQ",        false, true,  false},
        {"SCMP_CMP_GE",        false, true,  true },
        {"SCMP_CMP_GT",        false, false, true },
        {"SCMP_CMP_MASKED_EQ", false, true,  true }, /* & 8 == 8: 8 and 9 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_filter struct filter f = {0};
        auto_text struct text json = {0};
        text_addf(&json,
                  "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": "
                  "[{\"names\": [\"close\"], \"action\": \"SCMP_ACT_ERRNO\", "
                  "\"args\": [{\"index\": 0, \"value\": 8, \"valueTwo\": 8, "
                  "\"op\": \"%s\"}]}]}",
                  rows[i].op);
        must_get(json.s, &f);
        assert_int_equal(ask(&f, "close", 7) != ALLOWED, rows[i].below);
        assert_int_equal(ask(&f, "close", 8) != ALLOWED, rows[i].equal);
        assert_int_equal(ask(&f, "close", 9) != ALLOWED, rows[i].above);
    }
}

static void all_conditions_must_hold_together(void **state)
{
    (void)state;
    auto_filter struct filter f = {0};
    must_get("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": "
             "[{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ERRNO\", "
             "\"args\": [{\"index\": 0, \"value\": 2, \"op\": "
             "\"SCMP_CMP_EQ\"}, {\"index\": 1, \"value\": 3, \"op\": "
             "\"SCMP_CMP_EQ\"}]}]}",
             &f);
    int call = seccomp_syscall_resolve_name("socket");
    struct seccomp_data data = {
        .nr = call, .arch = seccomp_arch_native(), .args = {2, 3}
    };
    assert_int_equal(judge_run(&f, &data), REFUSED(EPERM));
    data.args[1] = 4;
    assert_int_equal(judge_run(&f, &data), ALLOWED);
}

/* One word each, as runc and the kernel have them. */
static void flags_are_the_kernels(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        unsigned int flags;
    } rows[] = {
        {"",                                                          SECCOMP_FILTER_FLAG_SPEC_ALLOW                          },
        {", \"flags\": []",                                           0                                                       },
        {", \"flags\": [\"SECCOMP_FILTER_FLAG_TSYNC\"]",              0                                                       },
        {", \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\", "
         "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]",              SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW},
        {", \"flags\": [\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]",
         SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV                                                                               },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_filter struct filter f = {0};
        auto_text struct text json = {0};
        text_addf(&json, "{\"defaultAction\": \"SCMP_ACT_ALLOW\"%s}",
                  rows[i].json);
        must_get(json.s, &f);
        assert_int_equal(f.flags, rows[i].flags);
        assert_int_equal(ask(&f, "getpid", 0), ALLOWED);
    }
}

/* A default alone, of each kind: the smallest filters there are. */
static void a_default_may_stand_alone(void **state)
{
    (void)state;
    auto_filter struct filter errno_f = {0}, kill_f = {0};
    must_get("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": "
             "38}",
             &errno_f);
    assert_int_equal(ask(&errno_f, "getpid", 0), REFUSED(38));
    must_get("{\"defaultAction\": \"SCMP_ACT_KILL_PROCESS\"}", &kill_f);
    assert_int_equal(ask(&kill_f, "getpid", 0), SECCOMP_RET_KILL_PROCESS);
}

static void unnamed_architectures_are_killed(void **state)
{
    (void)state;
    if (seccomp_arch_native() != SCMP_ARCH_X86_64)
        skip();
    auto_filter struct filter both = {0}, one = {0};
    struct seccomp_data data = {.nr = 20, .arch = AUDIT_ARCH_I386};
    must_get("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": "
             "[\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\"]}",
             &both);
    assert_int_equal(judge_run(&both, &data), ALLOWED);
    must_get("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}", &one);
    assert_int_equal(judge_run(&one, &data), SECCOMP_RET_KILL);
}

/* Docker's conditions are not part of this format: such an entry counts. */
static void dockers_own_keys_mean_nothing(void **state)
{
    (void)state;
    auto_filter struct filter f = {0};
    must_get("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": "
             "\"/x\", \"archMap\": [1], \"syscalls\": [{\"names\": "
             "[\"getcwd\"], \"action\": \"SCMP_ACT_ERRNO\", \"includes\": "
             "{\"caps\": [\"CAP_SYS_ADMIN\"]}}]}",
             &f);
    assert_int_equal(ask(&f, "getcwd", 0), REFUSED(EPERM));
}

/* A default that kills would kill the C library for trying a new call. */
static void calls_from_the_future_do_not_kill(void **state)
{
    (void)state;
    auto_filter struct filter f = {0};
    must_get("{\"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": "
             "[{\"names\": [\"getcwd\", \"read\"], \"action\": "
             "\"SCMP_ACT_ALLOW\"}]}",
             &f);
    assert_int_equal(judge(&f, 4000, 0), REFUSED(ENOSYS));
    assert_int_equal(ask(&f, "getcwd", 0), ALLOWED);
    assert_int_equal(ask(&f, "write", 0), SECCOMP_RET_KILL);
}

#define WITH(entry)                                                            \
    "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "      \
    "[\"write\"], " entry "}]}"

static void wrong_words_are_named(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{\"defaultAction\": \"SCMP_ACT_MAYBE\"}",
        "unknown action \"SCMP_ACT_MAYBE\" in \"defaultAction\"",
        WITH("\"action\": \"ALLOW\""),
        "unknown action \"ALLOW\" in \"action\"",
        WITH("\"errnoRet\": 1"),
        "\"action\" is missing",
        WITH("\"action\": \"SCMP_ACT_KILL\", \"args\": [{\"op\": \"EQ\"}]"),
        "unknown operator \"EQ\" in \"op\"",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": "
        "[\"amd64\"]}",
        "unknown architecture \"amd64\" in \"architectures\"",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"TSYNC\"]}",
        "unknown flag \"TSYNC\" in \"flags\"",
        "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}",
        "SCMP_ACT_NOTIFY cannot be used as default action",
        WITH("\"action\": \"SCMP_ACT_NOTIFY\""),
        "SCMP_ACT_NOTIFY cannot be used for the write syscall",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i += 2) {
        auto_filter struct filter f = {0};
        auto_text struct text right = {0};
        struct err e = {0};
        text_addf(&right, "linux.seccomp: %s", wrong[i + 1]);
        assert_int_equal(get(wrong[i], &f, &e), -EINVAL);
        assert_string_equal(e.msg, right.s);
        assert_int_equal(get(wrong[i], &f, NULL), -EINVAL);
    }
}

static void installing_passes_the_flags_on(void **state)
{
    (void)state;
    struct filter f = {.flags = SECCOMP_FILTER_FLAG_LOG |
                                SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV};
    struct err e = {0};
    int listener = 99;
    fake.answer = 0;
    assert_int_equal(filter_install(&f, &listener, &e), 0);
    assert_int_equal(fake.flags, SECCOMP_FILTER_FLAG_LOG);
    assert_int_equal(listener, -1);
    f.notifies = true;
    fake.answer = 7;
    assert_int_equal(filter_install(&f, &listener, &e), 0);
    assert_int_equal(fake.flags, SECCOMP_FILTER_FLAG_LOG |
                                     SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV |
                                     SECCOMP_FILTER_FLAG_NEW_LISTENER);
    assert_int_equal(listener, 7);
    /* Without anybody to listen, nothing must be installed. */
    fake.calls = 0;
    assert_int_equal(filter_install(&f, NULL, &e), -EINVAL);
    assert_int_equal(fake.calls, 0);
    fake.answer = -EACCES;
    assert_int_equal(filter_install(&f, &listener, &e), -EACCES);
}

static void the_kernel_is_asked_for_each_flag(void **state)
{
    (void)state;
    for (size_t i = 0; filter_flag_name(i) != NULL; i++)
        assert_int_equal(
            filter_flag_supported(i),
            strcmp(filter_flag_name(i), "SECCOMP_FILTER_FLAG_LOG") == 0);
    assert_false(filter_flag_supported(99));
}

static void words_are_listed_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *(*name)(size_t i);
        size_t n;
    } lists[] = {
        {filter_action_name,   9 },
        {filter_operator_name, 7 },
        {filter_arch_name,     18},
        {filter_flag_name,     4 },
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        size_t n = 0;
        for (; lists[i].name(n) != NULL; n++)
            assert_true(n == 0 ||
                        strcmp(lists[i].name(n - 1), lists[i].name(n)) < 0);
        assert_int_equal(n, lists[i].n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_its_answer),
        cmocka_unit_test(every_operator_compares),
        cmocka_unit_test(all_conditions_must_hold_together),
        cmocka_unit_test(flags_are_the_kernels),
        cmocka_unit_test(a_default_may_stand_alone),
        cmocka_unit_test(unnamed_architectures_are_killed),
        cmocka_unit_test(dockers_own_keys_mean_nothing),
        cmocka_unit_test(calls_from_the_future_do_not_kill),
        cmocka_unit_test(wrong_words_are_named),
        cmocka_unit_test(installing_passes_the_flags_on),
        cmocka_unit_test(the_kernel_is_asked_for_each_flag),
        cmocka_unit_test(words_are_listed_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
