#include "fault.h"

#include "door.h"
#include "text.h"
#include "watch.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* The errors worth injecting. */
static const struct {
    const char *name;
    int code;
} errors[] = {
    {"EPERM",  EPERM },
    {"ENOENT", ENOENT},
    {"EINTR",  EINTR },
    {"EIO",    EIO   },
    {"EAGAIN", EAGAIN},
    {"ENOMEM", ENOMEM},
    {"EACCES", EACCES},
    {"EBUSY",  EBUSY },
    {"EEXIST", EEXIST},
    {"EINVAL", EINVAL},
    {"EMFILE", EMFILE},
    {"ENOSPC", ENOSPC},
    {"EROFS",  EROFS },
    {"ENOSYS", ENOSYS},
    {"kill",   0     },
};

static struct {
    char call[32];    /* "*" is any */
    uint64_t nth;     /* 1 is the first */
    int code;         /* 0 kills */
    uint64_t *so_far; /* shared with every child */
} fault;

static int parse_action(const char *word, struct err *e)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strcmp(errors[i].name, word) == 0) {
            fault.code = errors[i].code;
            return 0;
        }
    return err_set(e, EINVAL, "fault: unknown error \"%s\"", word);
}

int fault_open(const char *wish, struct err *e)
{
    if (wish == NULL || wish[0] == '\0')
        return 0;
    auto_strv struct strv words = {0};
    strv_split(&words, wish, ':');
    if (words.n != 3 || text_to_u64(words.v[1], &fault.nth) < 0 ||
        fault.nth == 0)
        return err_set(e, EINVAL, "fault \"%s\": want CALL:N:ERRNO", wish);
    int r = parse_action(words.v[2], e);
    if (r < 0)
        return r;
    snprintf(fault.call, sizeof fault.call, "%s", words.v[0]);
    void *page = mmap(NULL, sizeof *fault.so_far, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return err_sys(e, errno, "fault: mmap");
    fault.so_far = page;
    door_watchers |= DOOR_FAULTY;
    return 0;
}

bool fault_strikes(const struct door_call *call, long *ret_result)
{
    if (fault.call[0] != '*' && strcmp(fault.call, call->name) != 0)
        return false;
    if (__atomic_add_fetch(fault.so_far, 1, __ATOMIC_RELAXED) != fault.nth)
        return false;
    if (fault.code == 0)
        kill(getpid(), SIGKILL);
    *ret_result = -fault.code;
    return true;
}
