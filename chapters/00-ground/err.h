/*
 * err.h - an error is a number and a sentence, owned by the caller.
 *
 * Every function that can fail in more than one way takes `struct err *e`
 * last and returns >= 0, or -errno with `e` filled in. The innermost call
 * names the object, its callers add the intention, and only main prints:
 *
 *     int r = sys_mount(...);              // the door returns -errno
 *     if (r < 0)
 *         return err_sys(e, r, "mount %s", target);
 *     ...
 *     if (root_enter(..., e) < 0)
 *         return err_add(e, "start %s", name);
 *
 *     => start web: mount /proc: Operation not permitted
 *
 * The struct holds no pointers and is smaller than PIPE_BUF, so a child hands
 * it to its parent in one write (pipe(7): such writes are never torn).
 *
 * `e` may be NULL where the reason does not matter. errno(3) lists the codes.
 * Fork-safe; allocates nothing.
 */
#ifndef ERR_H
#define ERR_H

struct err {
    int code;      /* errno value, > 0 */
    char msg[252]; /* one line, always terminated; control characters are ? */
};

/* Fill `e` with the formatted sentence alone. Returns -|code|. */
int err_set(struct err *e, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fill `e` with "sentence: strerror(code)". `code` may be -errno as the door
 * returns it, or errno itself. Returns -|code|. */
int err_sys(struct err *e, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "sentence: " before the message. Returns -e->code, ready to return (-1
 * without `e`, where the code is lost: pass one if you tell codes apart). A
 * message that grows too long loses the end of the newest sentence. */
int err_add(struct err *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
