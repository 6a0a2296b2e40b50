// WRAP sys_bpf sys_openat sys_write
/* devices.c and its parts with the door faked. The v2 program is run here, by
 * an interpreter, and must judge as the rules do when read one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "devices.h"
#include "devices_parts.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- an interpreter for what devices_bpf.c emits --- */

static void run_alu(const struct bpf_insn *i, uint32_t *r)
{
    uint32_t value =
        BPF_SRC(i->code) == BPF_X ? r[i->src_reg] : (uint32_t)i->imm;
    uint32_t *to = &r[i->dst_reg];
    if (BPF_OP(i->code) == BPF_MOV)
        *to = value;
    else if (BPF_OP(i->code) == BPF_AND)
        *to &= value;
    else if (BPF_OP(i->code) == BPF_RSH)
        *to >>= value;
    else
        fail_msg("operation %#x", i->code);
}

static uint32_t run(const struct bpf_insn *code, size_t n,
                    const struct bpf_cgroup_dev_ctx *ctx)
{
    uint32_t r[11] = {0};
    for (size_t pc = 0; pc < n; pc++) {
        const struct bpf_insn *i = &code[pc];
        if (i->code == (BPF_JMP | BPF_EXIT))
            return r[0];
        if (i->code == (BPF_LDX | BPF_MEM | BPF_W))
            memcpy(&r[i->dst_reg], (const char *)ctx + i->off, 4);
        else if (i->code == (BPF_JMP32 | BPF_JNE | BPF_K))
            pc += r[i->dst_reg] != (uint32_t)i->imm ? (size_t)i->off : 0;
        else if (i->code == (BPF_JMP32 | BPF_JEQ | BPF_K))
            pc += r[i->dst_reg] == (uint32_t)i->imm ? (size_t)i->off : 0;
        else if (BPF_CLASS(i->code) == BPF_ALU)
            run_alu(i, r);
        else
            fail_msg("instruction %zu: %#x", pc, i->code);
    }
    fail_msg("the program has no end");
    return 0;
}

/* --- the rules read one by one --- */

/* For one kind of access: the last rule that speaks of it. */
static bool may(const struct device_rules *rules, char type, int64_t major,
                int64_t minor, char access)
{
    bool allowed = false;
    for (size_t i = 0; i < rules->n; i++) {
        const struct device_rule *rule = &rules->v[i];
        bool all = rule->type == 'a';
        if (all ||
            (rule->type == type && (rule->major < 0 || rule->major == major) &&
             (rule->minor < 0 || rule->minor == minor) &&
             strchr(rule->access, access) != NULL))
            allowed = rule->allow;
    }
    return allowed;
}

static void compare(const struct device_rules *rules)
{
    auto_free struct bpf_insn *code = NULL;
    size_t n = device_rules_compile(rules, &code);
    for (uint32_t i = 0; i < 2 * 4 * 4 * 7; i++) {
        uint32_t block = i & 1, major = i >> 1 & 3, minor = i >> 3 & 3;
        uint32_t asked = 1 + (i >> 5);
        struct bpf_cgroup_dev_ctx ctx = {
            .access_type = asked << 16 |
                           (block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
            .major = major,
            .minor = minor,
        };
        bool right = true;
        for (int bit = 0; bit < 3; bit++)
            if ((asked >> bit & 1) != 0)
                right = right &&
                        may(rules, block ? 'b' : 'c', major, minor, "mrw"[bit]);
        assert_int_equal(run(code, n, &ctx), right);
    }
}

static void add_random(struct device_rules *rules, unsigned int *seed)
{
    static const char *const accesses[] = {"r", "w", "m", "rw", "wm", "rwm"};
    int n = rand_r(seed) % 8;
    for (int i = 0; i < n; i++) {
        struct device_rule rule = {
            .allow = rand_r(seed) % 2 != 0,
            .type = "abcbc"[rand_r(seed) % 5],
            .major = rand_r(seed) % 5 - 1,
            .minor = rand_r(seed) % 5 - 1,
        };
        snprintf(rule.access, sizeof rule.access, "%s",
                 accesses[rand_r(seed) % 6]);
        device_rules_add(rules, rule);
    }
}

static void the_program_judges_as_the_rules_do(void **state)
{
    (void)state;
    unsigned int seed = 5;
    for (int round = 0; round < 500; round++) {
        auto_device_rules struct device_rules rules = {0};
        add_random(&rules, &seed);
        compare(&rules);
    }
}

/* --- v1 --- */

/* A v1 kernel with the flat rules: for one kind of access an exception decides
 * or the default does; the exceptions have no order. */
static bool v1_may(const struct device_rules *flat, char type, int64_t major,
                   int64_t minor, char access)
{
    bool excepted = false;
    for (size_t i = 1; i < flat->n; i++) {
        const struct device_rule *x = &flat->v[i];
        assert_int_not_equal(x->allow, flat->v[0].allow);
        excepted = excepted ||
                   (x->type == type && (x->major < 0 || x->major == major) &&
                    (x->minor < 0 || x->minor == minor) &&
                    strchr(x->access, access) != NULL);
    }
    return excepted != flat->v[0].allow;
}

static void compare_v1(const struct device_rules *rules,
                       const struct device_rules *flat)
{
    for (unsigned int i = 0; i < 2 * 4 * 4 * 3; i++) {
        char type = "bc"[i & 1], access = "rwm"[i >> 5];
        int64_t major = i >> 1 & 3, minor = i >> 3 & 3;
        assert_int_equal(v1_may(flat, type, major, minor, access),
                         may(rules, type, major, minor, access));
    }
}

/* 500 lists: what v1 is told has the same effect, or is refused. */
static void flat_rules_have_the_same_effect(void **state)
{
    (void)state;
    unsigned int seed = 7;
    int refused = 0;
    for (int round = 0; round < 500; round++) {
        auto_device_rules struct device_rules rules = {0}, flat = {0};
        struct err e = {0};
        add_random(&rules, &seed);
        int r = device_rules_flatten(&rules, &flat, &e);
        refused += r < 0;
        if (r == 0)
            compare_v1(&rules, &flat);
        else
            assert_non_null(strstr(e.msg, "cannot punch hole"));
    }
    assert_in_range(refused, 10, 400);
}

static void rules_v1_would_ignore(void **state)
{
    (void)state;
    static const struct {
        struct device_rule first, second;
        const char *flat; /* NULL: refused */
    } rows[] = {
        {{true, 'c', 1, 3, "rwm"},   {false, 'c', 1, -1, "w"},    "-a +c 1:3 rm "},
        {{true, 'c', 1, 3, "rwm"},   {false, 'c', -1, -1, "rwm"}, "-a "          },
        {{true, 'c', 1, -1, "rwm"},  {false, 'c', 1, 3, "w"},     NULL           },
        {{true, 'c', 1, -1, "r"},    {false, 'c', 1, 3, "w"},     "-a +c 1:* r " },
        {{true, 'c', 1, -1, "r"},    {false, 'b', 1, 3, "r"},     "-a +c 1:* r " },
        {{true, 'a', -1, -1, "rwm"}, {false, 'b', 8, -1, "w"},    "+a -b 8:* w " },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_device_rules struct device_rules rules = {0}, flat = {0};
        auto_text struct text got = {0};
        device_rules_add(&rules, rows[i].first);
        device_rules_add(&rules, rows[i].second);
        int r = device_rules_flatten(&rules, &flat, NULL);
        assert_int_equal(r, rows[i].flat != NULL ? 0 : -EINVAL);
        for (size_t k = 0; r == 0 && k < flat.n; k++) {
            char line[DEVICE_RULE_TEXT];
            device_rules_format(&flat.v[k], line);
            text_addf(&got, "%c%s ", flat.v[k].allow ? '+' : '-', line);
        }
        if (r == 0)
            assert_string_equal(got.s, rows[i].flat);
    }
}

/* --- reading --- */

static void a_rule_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct device_rule right;
    } rows[] = {
        {"c 1:3 rwm", {true, 'c', 1, 3, "rwm"}  },
        {"b 8:* r",   {true, 'b', 8, -1, "r"}   },
        {"a *:* rwm", {true, 'a', -1, -1, "rwm"}},
        {"a",         {true, 'a', -1, -1, "rwm"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_device_rules struct device_rules rules = {0};
        assert_int_equal(device_rules_parse(&rules, rows[i].text, NULL), 0);
        assert_int_equal(rules.n, 1);
        assert_int_equal(rules.v[0].allow, true);
        assert_int_equal(rules.v[0].type, rows[i].right.type);
        assert_int_equal(rules.v[0].major, rows[i].right.major);
        assert_int_equal(rules.v[0].minor, rows[i].right.minor);
        assert_string_equal(rules.v[0].access, rows[i].right.access);
    }
}

static void nonsense_is_not_read(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",         "c",           "c 1:3",
        "c 1:3 x",  "c 1:3 rwmr",  "d 1:3 rwm",
        "c 1 rwm",  "c 1:3:5 rwm", "c -1:3 r",
        "c 1:x r",  "c  1:3 r",    "c 1:3 rwm ",
        "cc 1:3 r", "c 1:3 ",      "c 9999999999:0 r",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        auto_device_rules struct device_rules rules = {0};
        struct err e = {0};
        if (device_rules_parse(&rules, wrong[i], &e) != -EINVAL)
            fail_msg("\"%s\" was read", wrong[i]);
        assert_true(text_starts(e.msg, "invalid device cgroup format '"));
        assert_int_equal(rules.n, 0);
    }
}

/* --- the door --- */

static struct text calls;
static int load_result, attach_result, probe_result;

int __real_sys_openat(int dirfd, const char *path, int flags, mode_t mode);
int __wrap_sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
    if (path[0] == '/')
        return __real_sys_openat(dirfd, path, flags, mode);
    text_addf(&calls, "open %s\n", path);
    return __real_sys_openat(AT_FDCWD, "/dev/null", flags, mode);
}

ssize_t __wrap_sys_write(int fd, const void *bytes, size_t count)
{
    (void)fd;
    text_addn(&calls, bytes, count);
    text_add(&calls, "\n");
    return (ssize_t)count;
}

int __wrap_sys_bpf(int command, union bpf_attr *attr, unsigned int size)
{
    assert_int_equal(size, sizeof *attr);
    if (command == BPF_PROG_LOAD) {
        assert_int_equal(attr->prog_type, BPF_PROG_TYPE_CGROUP_DEVICE);
        bool probe = attr->insn_cnt == 2;
        text_add(&calls, probe ? "probe " : "load ");
        return probe ? probe_result : load_result;
    }
    assert_int_equal(command, BPF_PROG_ATTACH);
    assert_int_equal(attr->attach_type, BPF_CGROUP_DEVICE);
    assert_int_equal(attr->attach_flags, BPF_F_ALLOW_MULTI);
    assert_int_equal(attr->target_fd, 77);
    text_add(&calls, "attach");
    return attach_result;
}

static void v1_writes_the_rules_in_their_order(void **state)
{
    (void)state;
    auto_device_rules struct device_rules rules = {0};
    device_rules_add_default(&rules);
    assert_int_equal(device_rules_write_v1(&rules, 77, NULL), 0);
    assert_string_equal(calls.s, "open devices.deny\nopen devices.allow\na\n"
                                 "c *:* m\nb *:* m\nc 1:3 rwm\nc 1:5 rwm\n"
                                 "c 1:7 rwm\nc 1:8 rwm\nc 1:9 rwm\n"
                                 "c 5:0 rwm\nc 5:1 rwm\nc 5:2 rwm\n"
                                 "c 136:* rwm\n");
    text_done(&calls);
}

/* Without a program the container has every device: only a kernel that knows
 * no such programs may be left without. */
static void v2_tells_cannot_from_must_not(void **state)
{
    (void)state;
    static const struct {
        int load, probe, attach, right;
        const char *calls;
    } rows[] = {
        {-ENOSYS, 0,       0, 0,       "load "      },
        {-EINVAL, -EINVAL, 0, 0,       "load probe "},
        {-EINVAL, -EPERM,  0, -EINVAL, "load probe "},
        {-EACCES, 0,       0, -EACCES, "load "      },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_device_rules struct device_rules rules = {0};
        device_rules_add_default(&rules);
        load_result = rows[i].load;
        probe_result = rows[i].probe;
        assert_int_equal(device_rules_attach(&rules, 77, NULL), rows[i].right);
        assert_string_equal(calls.s, rows[i].calls);
        text_done(&calls);
    }
}

static void v2_attaches_what_it_loaded(void **state)
{
    (void)state;
    auto_device_rules struct device_rules rules = {0};
    device_rules_add_default(&rules);
    for (int i = 0; i < 2; i++) {
        load_result = __real_sys_openat(AT_FDCWD, "/dev/null", O_RDONLY, 0);
        attach_result = i == 0 ? 0 : -EBADF;
        assert_int_equal(device_rules_attach(&rules, 77, NULL), attach_result);
        assert_string_equal(calls.s, "load attach");
        text_done(&calls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_judges_as_the_rules_do),
        cmocka_unit_test(flat_rules_have_the_same_effect),
        cmocka_unit_test(rules_v1_would_ignore),
        cmocka_unit_test(a_rule_is_read),
        cmocka_unit_test(nonsense_is_not_read),
        cmocka_unit_test(v1_writes_the_rules_in_their_order),
        cmocka_unit_test(v2_tells_cannot_from_must_not),
        cmocka_unit_test(v2_attaches_what_it_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
