/*
 * What is a profile's answer to a system call that did not exist when it was
 * written? The default action would be EPERM, and that breaks programs: the C
 * library tries the newest call first and goes back to an older one only at
 * ENOSYS, "there is no such call". So that is what these calls get, from a few
 * instructions in front of the others, for each architecture:
 *
 *     if the architecture is this one
 *        and the number is above that of every call the profile names
 *        and below where the numbers of another begin:  return ENOSYS
 */
#include "filter_parts.h"

#include "own.h"

#include <errno.h>
#include <jansson.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* x32 is x86-64 to the kernel, with this bit set in the number. */
#define X32_BIT 0x40000000U

static const struct {
    uint32_t arch;  /* libseccomp's */
    uint32_t audit; /* the kernel's: linux/audit.h */
    uint32_t end;   /* numbers of this architecture are below */
} arches[] = {
    {SCMP_ARCH_X86_64,  AUDIT_ARCH_X86_64,  X32_BIT   },
    {SCMP_ARCH_X32,     AUDIT_ARCH_X86_64,  UINT32_MAX},
    {SCMP_ARCH_X86,     AUDIT_ARCH_I386,    UINT32_MAX},
    {SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, UINT32_MAX},
    {SCMP_ARCH_ARM,     AUDIT_ARCH_ARM,     UINT32_MAX},
    {SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, UINT32_MAX},
    {SCMP_ARCH_S390X,   AUDIT_ARCH_S390X,   UINT32_MAX},
    {SCMP_ARCH_S390,    AUDIT_ARCH_S390,    UINT32_MAX},
    {SCMP_ARCH_PPC64LE, AUDIT_ARCH_PPC64LE, UINT32_MAX},
};
enum { COUNT = sizeof arches / sizeof arches[0], PER_ARCH = 7 };

static void raise_to_name(const json_t *name, uint32_t arch, int *highest)
{
    const char *s = json_string_value(name);
    int call = s == NULL ? -1 : seccomp_syscall_resolve_name_arch(arch, s);
    if (call > *highest)
        *highest = call;
}

/* Also names in entries that do not apply count: the profile knows the call
 * and has its reasons. */
static int find_highest(const json_t *profile, uint32_t arch)
{
    const json_t *entries = json_object_get(profile, "syscalls");
    int highest = -1;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        const json_t *names = json_object_get(entry, "names");
        raise_to_name(json_object_get(entry, "name"), arch, &highest);
        for (size_t k = 0; k < json_array_size(names); k++)
            raise_to_name(json_array_get(names, k), arch, &highest);
    }
    return highest;
}

/* A jump says how many instructions to skip if true, and if false. The last
 * one, for calls to be judged by the program, leads over `rest` others. */
static void emit_arch(struct sock_filter code[PER_ARCH], size_t row,
                      int highest, size_t rest)
{
    const struct sock_filter block[PER_ARCH] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arches[row].audit, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, arches[row].end, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)highest, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)rest),
    };
    memcpy(code, block, sizeof block);
}

/* Where the default lets calls through, or asks a tracer that may know them,
 * there is nothing to be put right. */
static bool is_lenient(uint32_t action)
{
    uint32_t kind = action & SECCOMP_RET_ACTION_FULL;
    return kind == SECCOMP_RET_ALLOW || kind == SECCOMP_RET_LOG ||
           kind == SECCOMP_RET_TRACE;
}

/* Jumps are relative, so the old program may simply follow. */
void filter_prepend_newer(struct filter *filter, const struct filter_builder *b,
                          const json_t *profile)
{
    size_t rows[COUNT], used = 0;
    if (is_lenient(b->default_action))
        return;
    for (size_t i = 0; i < COUNT; i++)
        if (seccomp_arch_exist(b->ctx, arches[i].arch) == 0)
            rows[used++] = i;
    size_t n = used * PER_ARCH;
    struct sock_filter *code = own_alloc((n + filter->n) * sizeof *code);
    for (size_t i = 0; i < used; i++)
        emit_arch(code + i * PER_ARCH, rows[i],
                  find_highest(profile, arches[rows[i]].arch),
                  (used - 1 - i) * PER_ARCH);
    memcpy(code + n, filter->code, filter->n * sizeof *code);
    free(filter->code);
    filter->code = code;
    filter->n += n;
}
