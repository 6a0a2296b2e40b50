/*
 * wish.h - for the tests of this chapter: a child that gives up power as
 * wished, seen from outside.
 *
 *     struct wish wish = {.caps = caps_for_user(caps_default(), 0)};
 *     auto_text struct text status = {0};
 *     wish_look_at(&wish, "status", &status);
 *     wish_assert_set(status, "CapBnd", caps_default());
 *
 * What the child says about itself does not count; what /proc/PID says does,
 * or what a program that the child became reads there.
 */
#ifndef WISH_H
#define WISH_H

#include "contract.h"

#include "caps.h"
#include "files.h"
#include "filter.h"
#include "limits.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child of ours shall be. */
struct wish {
    struct caps caps;
    uid_t uid;
    bool filtered, no_new_privs;
    const char *profile; /* a file, for `filtered` */
    const struct limit *limits;
    size_t n_limits;
    bool runs_cat; /* become `cat FILE` instead of waiting */
    bool anyway;   /* whatever caps_become says: what it did so far counts */
};

static inline int wish_fulfil(const struct wish *wish, struct err *e)
{
    auto_filter struct filter filter = {0};
    int r = limits_apply(wish->limits, wish->n_limits, e);
    if (r == 0 && wish->no_new_privs)
        r = caps_set_no_new_privs(e);
    if (r == 0 && wish->filtered)
        r = filter_get(wish->profile, wish->caps.bounding, -1, &filter, e);
    if (r == 0 && wish->filtered)
        r = filter_install(&filter, NULL, e);
    if (r < 0)
        return r;
    r = caps_become(&wish->caps, wish->uid, wish->uid, NULL, 0, e);
    return wish->anyway ? 0 : r;
}

/* A child as wished, that runs `body` and hands back what it returns, or
 * -errno; the reason of a failure is copied to `e`. */
static inline int wish_run(const struct wish *wish, int (*body)(void),
                           struct err *e)
{
    struct err reason = {0};
    int result[2] = {0}, channel[2];
    contract_needs(geteuid() == 0, "root");
    ck_assert_int_eq(pipe2(channel, O_CLOEXEC), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        result[0] = wish_fulfil(wish, &reason);
        if (result[0] == 0)
            result[1] = body();
        bool told = write(channel[1], result, sizeof result) == sizeof result &&
                    write(channel[1], &reason, sizeof reason) == sizeof reason;
        _exit(told ? 0 : 1);
    }
    close(channel[1]);
    ck_assert_int_eq(read(channel[0], result, sizeof result), sizeof result);
    ck_assert_int_eq(read(channel[0], &reason, sizeof reason), sizeof reason);
    close(channel[0]);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    if (result[0] < 0 && e != NULL)
        *e = reason;
    else
        ck_assert_msg(result[0] == 0, "%s", reason.msg);
    return result[0] < 0 ? result[0] : result[1];
}

/* The child's half of wish_look_at: tells "+" when it is ready, or "!" and why
 * it is not; as `cat`, what it sees. */
static inline void wish_be_seen(const struct wish *wish, const char *file,
                                int ready, int go)
{
    struct err e = {0};
    char word;
    auto_free char *path = text_format("/proc/self/%s", file);
    if (wish_fulfil(wish, &e) < 0)
        _exit(dprintf(ready, "!%s", e.msg) < 0);
    if (wish->runs_cat && dup2(ready, 1) == 1)
        execl("/bin/cat", "cat", path, (char *)NULL);
    _exit(write(ready, "+", 1) == 1 && read(go, &word, 1) == 0);
}

/* What /proc says about such a child: read by us while it waits, or by the
 * child itself after execve(2), as `cat`. */
static inline void wish_look_at(const struct wish *wish, const char *file,
                                struct text *ret)
{
    int ready[2], go[2];
    char word = 0;
    contract_needs(geteuid() == 0, "root");
    ck_assert(pipe(ready) == 0 && pipe(go) == 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(go[1]);
        wish_be_seen(wish, file, ready[1], go[0]);
    }
    close(ready[1]);
    close(go[0]);
    auto_free char *path = text_format("/proc/%d/%s", child, file);
    while (word != '+' && read(ready[0], &word, 1) == 1)
        text_addn(ret, &word, 1);
    if (word == '+') {
        text_clear(ret);
        files_read(AT_FDCWD, path, ret, NULL);
    }
    close(go[1]);
    close(ready[0]);
    waitpid(child, NULL, 0);
    ck_assert_msg(ret->len > 0, "nothing to be seen of the child");
    ck_assert_msg(ret->s[0] != '!', "%s", ret->s + 1);
}

/* The number after "Key:" in the text of /proc/PID/status. */
static inline uint64_t wish_field(const struct text *status, const char *key,
                                  int base)
{
    const char *at = strstr(status->s, key);
    ck_assert_msg(at != NULL, "no %s in /proc/PID/status", key);
    return strtoull(at + strlen(key) + 1, NULL, base);
}

#define wish_assert_set(status, key, right)                                    \
    ck_assert_msg(wish_field(&(status), key, 16) == (right),                   \
                  "%s is %#llx, not %#llx", key,                               \
                  (unsigned long long)wish_field(&(status), key, 16),          \
                  (unsigned long long)(right))

#endif
