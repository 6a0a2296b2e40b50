/* filter.c and its parts without installing anything: the program is run here,
 * by an interpreter, and must judge as the profile's text says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "caps.h"
#include "files.h"
#include "filter.h"
#include "filter_parts.h"
#include "judge.h"
#include "own.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYS_ADMIN (UINT64_C(1) << 21)
#define LAST_X86_64 450 /* the newest call that the oldest library knows */

/* --- the profile read a second time, in another way --- */

static bool has_text(const json_t *list, const char *text)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        if (strcmp(json_string_value(entry), text) == 0)
            return true;
    }
    return false;
}

/* CAP_SYS_ADMIN is the only capability these tests give or take; the kernel is
 * newer than 4.8 and the machine x86-64. */
static bool counts(const json_t *entry, bool admin)
{
    const json_t *in = json_object_get(entry, "includes");
    const json_t *out = json_object_get(entry, "excludes");
    const json_t *caps = json_object_get(in, "caps");
    const json_t *arches = json_object_get(in, "arches");
    if (json_array_size(caps) > 0 &&
        !(admin && has_text(caps, "CAP_SYS_ADMIN")) &&
        !has_text(caps, "CAP_SYS_CHROOT"))
        return false;
    if (json_array_size(arches) > 0 && !has_text(arches, "amd64"))
        return false;
    return !(admin && has_text(json_object_get(out, "caps"), "CAP_SYS_ADMIN"));
}

static bool args_match(const json_t *entry, uint64_t first)
{
    const json_t *arg = json_array_get(json_object_get(entry, "args"), 0);
    if (arg == NULL)
        return true;
    const char *op = json_string_value(json_object_get(arg, "op"));
    uint64_t value =
        (uint64_t)json_integer_value(json_object_get(arg, "value"));
    assert_int_equal(json_integer_value(json_object_get(arg, "index")), 0);
    if (strcmp(op, "SCMP_CMP_EQ") == 0)
        return first == value;
    if (strcmp(op, "SCMP_CMP_LT") == 0)
        return first < value;
    if (strcmp(op, "SCMP_CMP_GT") == 0)
        return first > value;
    assert_string_equal(op, "SCMP_CMP_MASKED_EQ");
    return (first & value) == 0;
}

static uint32_t expect(const json_t *profile, const char *name, uint64_t first,
                       bool admin)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(profile, "syscalls"), i, entry)
    {
        if (!has_text(json_object_get(entry, "names"), name) ||
            !counts(entry, admin) || !args_match(entry, first))
            continue;
        json_t *code = json_object_get(entry, "errnoRet");
        return code == NULL ? ALLOWED
                            : REFUSED((uint32_t)json_integer_value(code));
    }
    return REFUSED(EPERM);
}

static void get_default(uint64_t caps, int cache, struct filter *ret)
{
    struct err e = {0};
    if (filter_get(NULL, caps, cache, ret, &e) < 0)
        fail_msg("%s", e.msg);
}

static void compare(bool admin)
{
    static const uint64_t firsts[] = {
        0,  1,  8,       17,      38,         39,         40,
        41, 99, 0x20000, 0x20008, 0xffffffff, 0x10000000, 0x100000000};
    auto_filter struct filter f = {0};
    get_default(caps_default() | (admin ? SYS_ADMIN : 0), -1, &f);
    json_t *profile = json_loadb(
        filter_default_begin,
        (size_t)(filter_default_end - filter_default_begin), 0, NULL);
    assert_non_null(profile);
    for (int call = 0; call <= LAST_X86_64; call++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, call);
        for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
            uint32_t right =
                expect(profile, name ? name : "", firsts[i], admin);
            uint32_t got = judge(&f, call, firsts[i]);
            if (got != right)
                fail_msg("%s(%#llx): %#x, not %#x", name,
                         (unsigned long long)firsts[i], got, right);
        }
        free(name);
    }
    json_decref(profile);
}

static void every_call_is_judged_as_the_profile_says(void **state)
{
    (void)state;
    if (seccomp_arch_native() != SCMP_ARCH_X86_64)
        skip();
    compare(false);
}

static void a_capability_opens_the_calls_it_needs(void **state)
{
    (void)state;
    if (seccomp_arch_native() != SCMP_ARCH_X86_64)
        skip();
    compare(true);
}

static void calls_from_the_future_do_not_exist(void **state)
{
    (void)state;
    if (seccomp_arch_native() != SCMP_ARCH_X86_64)
        skip();
    auto_filter struct filter f = {0};
    get_default(caps_default(), -1, &f);
    assert_int_equal(judge(&f, 999, 0), REFUSED(ENOSYS));
    /* The same number with x32's bit is another call. */
    assert_int_equal(judge(&f, 0x40000000 | 39, 0), ALLOWED);
    assert_int_equal(judge(&f, 0x40000000 | 999, 0), REFUSED(ENOSYS));
    struct seccomp_data data = {.nr = 20, .arch = AUDIT_ARCH_I386};
    assert_int_equal(judge_run(&f, &data), ALLOWED);
    data.nr = 999;
    assert_int_equal(judge_run(&f, &data), REFUSED(ENOSYS));
    data.arch = AUDIT_ARCH_PPC;
    assert_int_equal(judge_run(&f, &data), SECCOMP_RET_KILL);
}

/* --- custom profiles --- */

static int compile(const char *json, const char *release, struct filter *ret,
                   struct err *e)
{
    struct filter_source source = {
        .name = "test", .text = json, .len = strlen(json), .release = release};
    return filter_compile(&source, ret, e);
}

static void a_wrong_profile_is_told_in_one_line(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{\"defaultAction\": ",
        "line 1, column ",
        "[]",
        "not a JSON object",
        "{}",
        "\"defaultAction\" is missing",
        "{\"defaultAction\": \"SCMP_ACT_MAYBE\"}",
        "unknown action \"SCMP_ACT_MAYBE\"",
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 70000}",
        "\"defaultErrnoRet\" is out of range",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "
        "[\"read\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [{\"index\": 0, "
        "\"op\": \"LIKE\"}]}]}",
        "unknown operator \"LIKE\"",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "
        "[\"read\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [{\"index\": 6, "
        "\"op\": \"SCMP_CMP_EQ\"}]}]}",
        "there is no argument number 6",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": "
        "[\"SCMP_ARCH_PDP11\"]}",
        "unknown architecture \"SCMP_ARCH_PDP11\"",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"name\": "
        "\"read\", \"names\": [\"write\"], \"action\": \"SCMP_ACT_KILL\"}]}",
        "an entry has both \"name\" and \"names\"",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "
        "[7], \"action\": \"SCMP_ACT_KILL\"}]}",
        "a name in \"syscalls\" is not a string",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i += 2) {
        auto_filter struct filter f = {0};
        struct err e = {0};
        assert_int_equal(compile(wrong[i], "6.1.0", &f, &e), -EINVAL);
        if (!text_starts(e.msg, wrong[i + 1]))
            fail_msg("\"%s\", not \"%s\"", e.msg, wrong[i + 1]);
    }
}

static void a_rule_waits_for_its_kernel(void **state)
{
    (void)state;
    static const struct {
        const char *release;
        uint32_t right;
    } rows[] = {
        {"4.7.10",         ALLOWED   },
        {"4.8.0-1",        REFUSED(7)},
        {"4.10",           REFUSED(7)},
        {"6.1.0-18-amd64", REFUSED(7)},
        {"3.99.1-generic", ALLOWED   },
    };
    const char *json = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": "
                       "[{\"names\": [\"no_such_call\", \"getpid\"], "
                       "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 7, "
                       "\"includes\": {\"minKernel\": \"4.8\"}}]}";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_filter struct filter f = {0};
        assert_int_equal(compile(json, rows[i].release, &f, NULL), 0);
        int getpid_call = seccomp_syscall_resolve_name("getpid");
        assert_int_equal(judge(&f, getpid_call, 0), rows[i].right);
        assert_int_equal(judge(&f, 999, 0), ALLOWED);
    }
}

static void two_conditions_on_one_argument_are_alternatives(void **state)
{
    (void)state;
    const char *json =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"name\": "
        "\"close\", \"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 0, "
        "\"value\": 3, \"op\": \"SCMP_CMP_EQ\"}, {\"index\": 0, \"value\": 5, "
        "\"op\": \"SCMP_CMP_EQ\"}]}]}";
    auto_filter struct filter f = {0};
    assert_int_equal(compile(json, "6.1", &f, NULL), 0);
    int call = seccomp_syscall_resolve_name("close");
    assert_int_equal(judge(&f, call, 3), REFUSED(EPERM));
    assert_int_equal(judge(&f, call, 4), ALLOWED);
    assert_int_equal(judge(&f, call, 5), REFUSED(EPERM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_is_judged_as_the_profile_says),
        cmocka_unit_test(a_capability_opens_the_calls_it_needs),
        cmocka_unit_test(calls_from_the_future_do_not_exist),
        cmocka_unit_test(a_wrong_profile_is_told_in_one_line),
        cmocka_unit_test(a_rule_waits_for_its_kernel),
        cmocka_unit_test(two_conditions_on_one_argument_are_alternatives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
