#include "door.h"

#include "sys.h"
#include "trace.h"
#include "watch.h"

#include <string.h>
#include <time.h>

/* A USDT probe is a nop and a note in the ELF file that names it; a tracer
 * that attaches counts up the semaphore, so unused arguments cost nothing. */
#if __has_include(<sys/sdt.h>)
#define _SDT_HAS_SEMAPHORES 1 /* the notes name PROVIDER_PROBE_semaphore */
#include <sys/sdt.h>
#else
#define DTRACE_PROBE3(provider, name, a, b, c) (void)0
#endif

unsigned int door_watchers;
__attribute__((
    section(".probes"))) volatile unsigned short mini_docker_call_semaphore;

const struct door_call *door_find_call(const char *name)
{
    for (const struct door_call *const *row = __start_door_calls;
         row < __stop_door_calls; row++)
        if (strcmp((*row)->name, name) == 0)
            return *row;
    return NULL;
}

uint64_t door_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

long door_enter_watched(const struct door_call *call, const long args[6])
{
    uint64_t begin = door_now_ns();
    long result;
    bool struck =
        (door_watchers & DOOR_FAULTY) != 0 && fault_strikes(call, &result);
    /* execve does not come back to report itself, so it is told before. */
    if (call->number == SYS_execve && !struck && trace_is_on()) {
        trace_call_begins(call, args);
        trace_flush();
    }
    if (!struck) {
        result = syscall(call->number, args[0], args[1], args[2], args[3],
                         args[4], args[5]);
        if (result < 0)
            result = -errno;
    }
    uint64_t end = door_now_ns();
    bool forks = call->number == SYS_clone3 || call->number == SYS_clone;
    if (forks && result == 0)
        trace_child();
    if (trace_is_on())
        trace_call(call, args, result, begin, end);
    DTRACE_PROBE3(mini_docker, call, call->name, result, end - begin);
    return result;
}
