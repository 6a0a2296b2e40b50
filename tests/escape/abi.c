/*
 * abi - the same calls by other numbers: on x86-64 a program may also call as a
 * 32-bit one (int 0x80) or as an x32 one (bit 30 of the number). A filter that
 * compares numbers and not architectures lets them pass: seccomp(2), "Caveats".
 *
 * unshare(CLONE_NEWUSER) and mount of nothing; getpid to see that the way is
 * open at all. The answers are the kernel's own, without errno. Each call has a
 * process of its own: where there is no gate for 32-bit calls the instruction
 * itself is an error (SIGSEGV), and a filter may kill (SIGSYS).
 */
#include "attack.h"

#include <sched.h>
#include <sys/wait.h>

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

enum { GETPID, MOUNT, UNSHARE };

static const struct way {
    const char *name;
    long (*call)(long number, long a, long b, long c);
    long numbers[3];
} ways[] = {
    {"i386", as_i386, {20, 21, 310} },
    {"x32",  as_x32,  {39, 165, 272}},
};

/* A kernel without 32-bit programs may take the number for its own, so what
 * getpid says is looked at. */
static long try(const struct way *way, int what)
{
    long a = what == UNSHARE ? CLONE_NEWUSER : 0;
    long result = way->call(way->numbers[what], a, 0, 0);
    if (what == GETPID && result >= 0)
        return result == getpid() ? 0 : -ENOSYS;
    return result;
}

static void say(const struct way *way, const char *name, int what)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        long result = try(way, what);
        _exit(result < 0 ? (int)-result : 0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        exit(1);
    if (WIFSIGNALED(status)) {
        printf("%s %s: SIG%s\n", way->name, name,
               sigabbrev_np(WTERMSIG(status)));
        return;
    }
    char line[32];
    snprintf(line, sizeof line, "%s %s", way->name, name);
    errno = WEXITSTATUS(status);
    attack_answer(line, errno != 0 ? -1 : 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        say(&ways[i], "getpid", GETPID);
        say(&ways[i], "mount", MOUNT);
        say(&ways[i], "unshare", UNSHARE);
    }
    return 0;
}
