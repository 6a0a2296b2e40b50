/*
 * Device rules on cgroup v2: a small program that the kernel runs at every
 * open(2) and mknod(2) of a device by a member of the group. It is given the
 * device and what is asked for (struct bpf_cgroup_dev_ctx in linux/bpf.h) and
 * returns 1 for yes and 0 for no.
 *
 * The last rule that speaks of a device decides. So the program walks the
 * rules backwards: an allowing rule crosses out what it grants, a denying one
 * ends it with 0 where it forbids something not yet granted; when everything
 * asked for is crossed out the answer is 1, and at the end it is 0.
 */
#include "devices_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

/* Registers: R1 comes with the context, R0 is the answer. */
enum { TYPE = BPF_REG_2, ASKED, MAJOR, MINOR, SCRATCH };

struct program {
    struct bpf_insn *code;
    size_t n;
};

static void emit(struct program *p, struct bpf_insn insn)
{
    p->code[p->n++] = insn;
}

/* to = to OPERATION number */
static void emit_alu(struct program *p, int operation, unsigned int to,
                     uint32_t number)
{
    emit(p, (struct bpf_insn){
                .code = (uint8_t)(BPF_ALU | operation | BPF_K),
                .dst_reg = to & 15,
                .imm = (int32_t)number,
            });
}

/* if (a OPERATION number) skip `skip` instructions */
static void emit_jump(struct program *p, int operation, unsigned int a,
                      uint32_t number, size_t skip)
{
    emit(p, (struct bpf_insn){
                .code = (uint8_t)(BPF_JMP32 | operation | BPF_K),
                .dst_reg = a & 15,
                .off = (int16_t)skip,
                .imm = (int32_t)number,
            });
}

static void emit_load(struct program *p, unsigned int to, size_t offset)
{
    emit(p, (struct bpf_insn){
                .code = BPF_LDX | BPF_MEM | BPF_W,
                .dst_reg = to & 15,
                .src_reg = BPF_REG_1,
                .off = (int16_t)offset,
            });
}

static void emit_return(struct program *p, uint32_t answer)
{
    emit_alu(p, BPF_MOV, BPF_REG_0, answer);
    emit(p, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT});
}

/* The context packs two things into access_type: the device's type in the low
 * half, what is asked for in the high half. */
static void emit_prologue(struct program *p)
{
    emit_load(p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
    emit_load(p, ASKED, offsetof(struct bpf_cgroup_dev_ctx, access_type));
    emit_load(p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
    emit_load(p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
    emit_alu(p, BPF_AND, TYPE, 0xffff);
    emit_alu(p, BPF_RSH, ASKED, 16);
}

static uint32_t access_bits(const char *access)
{
    uint32_t bits = 0;
    for (; *access != '\0'; access++)
        bits |= *access == 'r'   ? BPF_DEVCG_ACC_READ
                : *access == 'w' ? BPF_DEVCG_ACC_WRITE
                                 : BPF_DEVCG_ACC_MKNOD;
    return bits;
}

/* After the conditions come four instructions, or five. */
enum { ALLOW_LENGTH = 4, DENY_LENGTH = 5, MOST_PER_RULE = 8 };

static void emit_rule(struct program *p, const struct device_rule *rule)
{
    size_t rest = rule->allow ? ALLOW_LENGTH : DENY_LENGTH;
    bool all = rule->type == 'a', minor = !all && rule->minor >= 0;
    bool major = !all && rule->major >= 0;
    uint32_t bits = all ? access_bits("rwm") : access_bits(rule->access);
    uint32_t type =
        rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
    if (!all)
        emit_jump(p, BPF_JNE, TYPE, type, rest + major + minor);
    if (major)
        emit_jump(p, BPF_JNE, MAJOR, (uint32_t)rule->major, rest + minor);
    if (minor)
        emit_jump(p, BPF_JNE, MINOR, (uint32_t)rule->minor, rest);
    if (rule->allow) {
        emit_alu(p, BPF_AND, ASKED, ~bits);
        emit_jump(p, BPF_JNE, ASKED, 0, 2);
        emit_return(p, 1);
        return;
    }
    emit(p, (struct bpf_insn){
                .code = BPF_ALU | BPF_MOV | BPF_X,
                .dst_reg = SCRATCH,
                .src_reg = ASKED,
            });
    emit_alu(p, BPF_AND, SCRATCH, bits);
    emit_jump(p, BPF_JEQ, SCRATCH, 0, 2);
    emit_return(p, 0);
}

size_t device_rules_compile(const struct device_rules *rules,
                            struct bpf_insn **ret)
{
    struct program p = {0};
    p.code = own_alloc((rules->n * MOST_PER_RULE + 8) * sizeof *p.code);
    emit_prologue(&p);
    for (size_t i = rules->n; i > 0; i--)
        emit_rule(&p, &rules->v[i - 1]);
    emit_return(&p, 0);
    *ret = p.code;
    return p.n;
}

static int load(const struct bpf_insn *code, size_t n)
{
    union bpf_attr attr = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insn_cnt = (uint32_t)n,
        .insns = (uintptr_t)code,
        .license = (uintptr_t) "GPL",
    };
    return sys_bpf(BPF_PROG_LOAD, &attr, sizeof attr);
}

/* Only the first user namespace maps all numbers to themselves. */
static bool in_user_namespace(void)
{
    auto_text struct text map = {0};
    uint64_t first[3] = {0};
    char *next;
    if (files_read(AT_FDCWD, "/proc/self/uid_map", &map, NULL) < 0)
        return false;
    next = map.s;
    for (int i = 0; i < 3; i++)
        first[i] = strtoull(next, &next, 10);
    return first[0] != 0 || first[1] != 0 || first[2] != UINT32_MAX;
}

/*
 * Why may there be no program? Two answers are no failure. In a user namespace
 * loading one is not permitted, and not needed: device nodes cannot be made
 * there, and file systems mounted there do not open those that exist. And the
 * kernel may be without CONFIG_CGROUP_BPF: then it does not know the shortest
 * program of this type either. Anything else must not pass in silence, since
 * the container would have every device.
 */
static bool does_without(int r)
{
    struct bpf_insn code[2];
    struct program yes = {code, 0};
    if (r == -EPERM)
        return in_user_namespace();
    if (r != -EINVAL)
        return r == -ENOSYS;
    emit_return(&yes, 1);
    auto_fd int known = load(yes.code, yes.n);
    return known == -EINVAL;
}

/* BPF_F_ALLOW_MULTI: a program attached further up judges as well, and no
 * later one in a group below can loosen this one. The program lives as long
 * as the group; our descriptor is not needed any more. */
int device_rules_attach(const struct device_rules *rules, int dir,
                        struct err *e)
{
    auto_free struct bpf_insn *code = NULL;
    size_t n = device_rules_compile(rules, &code);
    auto_fd int program = load(code, n);
    if (program < 0)
        return does_without(program)
                   ? 0
                   : err_sys(e, program, "load the device rules");
    union bpf_attr attr = {
        .target_fd = (uint32_t)dir,
        .attach_bpf_fd = (uint32_t)program,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI,
    };
    int r = sys_bpf(BPF_PROG_ATTACH, &attr, sizeof attr);
    return r < 0 ? err_sys(e, r, "attach the device rules") : 0;
}
