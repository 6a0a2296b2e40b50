/*
 * door.h - inside the door: how a call is described and how it is watched.
 *
 * Only 00-ground's own files include this. Each function of sys.h passes its
 * call's description and arguments to door_enter. While nothing watches, that
 * is the system call and nothing else; while trace, fault or probe do, it is
 * door_enter_watched.
 *
 * A call's arguments are described by one word each, NAME=KIND:
 *
 *     s string        d number        x hexadecimal   o octal mode
 *     p pointer       @ directory fd  b bytes (their count comes next)
 *     v argv          D device        S signal
 *     C struct clone_args             H struct open_how
 *     M mount flags   U umount flags  N clone flags   O open flags
 *     A AT_ flags     W wait flags    L lock flags    w waitid's type
 *     P prctl option  q seccomp operation
 *
 * The door's state is the one place in the project whose file-scope variables
 * change after start-up.
 */
#ifndef DOOR_H
#define DOOR_H

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

struct door_call {
    const char *name; /* as in sys_NAME and man 2 NAME */
    long number;      /* SYS_NAME */
    const char *args; /* "source=s target=s ..." */
};

/* Describes sys_CALL. The linker gathers a pointer to each description between
 * __start_door_calls and __stop_door_calls (ld: "input section wildcards"), so
 * that there is a table of all calls without anyone writing it. Weak, since a
 * program that makes no call has none. */
#define DOOR_CALL(call, args)                                                  \
    static const struct door_call call_##call = {#call, SYS_##call, args};     \
    static const struct door_call *const row_##call                            \
        __attribute__((section("door_calls"), used)) = &call_##call
extern const struct door_call *const __start_door_calls[] __attribute__((weak));
extern const struct door_call *const __stop_door_calls[] __attribute__((weak));

/* Who is watching; 0 while nobody is. */
enum { DOOR_TRACED = 1, DOOR_FAULTY = 2 };
extern unsigned int door_watchers;
/* Counted up by the kernel while a tracer is attached to the probe. */
extern volatile unsigned short mini_docker_call_semaphore;

/* Make the call, telling the watchers. Returns >= 0 or -errno. */
long door_enter_watched(const struct door_call *call, const long args[6]);

static inline long door_enter(const struct door_call *call, const long args[6])
{
    if (__builtin_expect((door_watchers | mini_docker_call_semaphore) != 0, 0))
        return door_enter_watched(call, args);
    long result = syscall(call->number, args[0], args[1], args[2], args[3],
                          args[4], args[5]);
    return result < 0 ? -errno : result;
}

/* ENTER(mount, source, ...): arguments left out are zero. */
#define ENTER(call, ...) door_enter(&call_##call, (const long[6]){__VA_ARGS__})

#endif
