/*
 * judge.h - what the unit tests of the filter share: an interpreter of the
 * classic BPF that libseccomp emits, so that a filter can be asked what it
 * would answer without being installed.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>

#define ALLOWED SECCOMP_RET_ALLOW
#define REFUSED(code) (SECCOMP_RET_ERRNO | (code))

static inline size_t judge_jump(const struct sock_filter *i, uint32_t a)
{
    static const uint16_t tests[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
    const bool results[] = {a == i->k, a > i->k, a >= i->k, (a & i->k) != 0};
    if (BPF_OP(i->code) == BPF_JA)
        return i->k;
    for (size_t n = 0; n < 4; n++)
        if (BPF_OP(i->code) == tests[n])
            return results[n] ? i->jt : i->jf;
    fail_msg("jump %#x", i->code);
    return 0;
}

static inline uint32_t judge_run(const struct filter *f,
                                 const struct seccomp_data *data)
{
    uint32_t a = 0;
    for (size_t pc = 0; pc < f->n; pc++) {
        const struct sock_filter *i = &f->code[pc];
        if (i->code == (BPF_RET | BPF_K))
            return i->k;
        if (i->code == (BPF_LD | BPF_W | BPF_ABS))
            memcpy(&a, (const char *)data + i->k, sizeof a);
        else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
            a &= i->k;
        else if (BPF_CLASS(i->code) == BPF_JMP)
            pc += judge_jump(i, a);
        else
            fail_msg("instruction %zu: %#x", pc, i->code);
    }
    fail_msg("the program has no end");
    return 0;
}

static inline uint32_t judge(const struct filter *f, int call, uint64_t first)
{
    struct seccomp_data data = {
        .nr = call, .arch = AUDIT_ARCH_X86_64, .args = {first}};
    return judge_run(f, &data);
}

#endif
