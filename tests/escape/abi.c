/*
 * abi - the same calls by other numbers: on x86-64 a program may also call as a
 * 32-bit one (int 0x80) or as an x32 one (bit 30 of the number). A filter that
 * compares numbers and not architectures lets them pass: seccomp(2), "Caveats".
 *
 * unshare(CLONE_NEWUSER) and mount of nothing; getpid to see that the way is
 * open at all. The answers are the kernel's own, without errno.
 */
#include "attack.h"

#include <sched.h>

#define X32 0x40000000L

static long as_i386(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

static long as_x32(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number | X32), "D"(a), "S"(b), "d"(c)
                     : "memory", "rcx", "r11");
    return result;
}

static void say(const char *what, long result)
{
    errno = (int)-result;
    attack_answer(what, result < 0 ? -1 : 0);
}

int main(void)
{
    /* A kernel without 32-bit programs may take the number for its own. */
    say("i386 getpid", as_i386(20, 0, 0, 0) == getpid() ? 0 : -ENOSYS);
    say("i386 mount", as_i386(21, 0, 0, 0));
    say("i386 unshare", as_i386(310, CLONE_NEWUSER, 0, 0));
    say("x32 getpid", as_x32(39, 0, 0, 0) == getpid() ? 0 : -ENOSYS);
    say("x32 mount", as_x32(165, 0, 0, 0));
    say("x32 unshare", as_x32(272, CLONE_NEWUSER, 0, 0));
    return 0;
}
