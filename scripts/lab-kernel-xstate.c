/*
 * lab-kernel-xstate.c - lets User-Mode Linux run on processors with AMX.
 *
 * At each switch to a guest's process, User-Mode Linux writes its floating
 * point and vector registers with PTRACE_SETREGSET. It knows the registers up
 * to PKRU, 2696 bytes. The host's kernel takes the whole area of the processor
 * or nothing (EFAULT), and AMX has made that 11008 bytes. So this library,
 * preloaded, fills up what is missing: registers in their initial state.
 *
 * What it costs: programs in the guest cannot use AMX.
 */
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

typedef long ptrace_function(int request, long pid, void *addr, void *data);

/* Where the XSAVE area keeps one bit per set of registers that is in use, and
 * the bits that lie in 2696 bytes: x87 (0) to PKRU (9). */
enum { XSTATE_BV = 512, KNOWN_SETS = 0x3ff };

/* Not on the stack, which is a guest kernel's and small. There is one thread.
 */
static unsigned char area[1 << 16];

static long set_all(ptrace_function *real, long pid, struct iovec *part)
{
    struct iovec all = {area, sizeof area};
    long r = real(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &all);
    if (r < 0 || all.iov_len <= part->iov_len)
        return real(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, part);
    memset(area, 0, all.iov_len);
    memcpy(area, part->iov_base, part->iov_len);
    uint64_t sets;
    memcpy(&sets, area + XSTATE_BV, sizeof sets);
    sets &= KNOWN_SETS;
    memcpy(area + XSTATE_BV, &sets, sizeof sets);
    return real(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, &all);
}

long ptrace(enum __ptrace_request request, ...)
{
    static ptrace_function *real;
    if (real == NULL)
        real = (ptrace_function *)dlsym(RTLD_NEXT, "ptrace");
    va_list list;
    va_start(list, request);
    long pid = va_arg(list, int);
    void *addr = va_arg(list, void *);
    void *data = va_arg(list, void *);
    va_end(list);
    if (request == PTRACE_SETREGSET && (long)addr == NT_X86_XSTATE)
        return set_all(real, pid, data);
    return real((int)request, pid, addr, data);
}
