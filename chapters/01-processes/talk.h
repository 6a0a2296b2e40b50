/*
 * talk.h - parent and child tell each other how far they are.
 *
 * A pair of connected sockets of type SOCK_SEQPACKET (unix(7)): one message
 * sent is one message received, never half of one, and when the last
 * descriptor of the other side is closed, by close, exec or death, there is
 * end of file. SCM_RIGHTS carries descriptors (cmsg(3)).
 *
 *     int pair[2];
 *     talk_pair(pair, e);
 *     pid = proc_clone(...);
 *     own_close(&pair[pid == 0 ? 0 : 1]);    // or nobody sees a death
 *     ...
 *     struct talk_message failed = {.kind = FAILED, .value = step};
 *     err_sys(&failed.err, errno, "mount /proc");
 *     talk_send(pair[1], &failed, NULL);
 *
 * The caller owns both descriptors. -EPIPE: the other side is gone. -EPROTO:
 * it sent something else; what is received is checked in size, and its text is
 * terminated, but its numbers mean only what the caller makes of them. Needs
 * nothing; interrupted calls are repeated. Both sides may live in different
 * namespaces and under different users.
 */
#ifndef TALK_H
#define TALK_H

#include "err.h"

/* What one side says. An error crosses whole: struct err has no pointers. */
struct talk_message {
    int kind;       /* the caller's own numbering, > 0 */
    int value;      /* a step number, an exit code ... */
    struct err err; /* meaningful where kind says so */
};

/* A connected pair of SOCK_SEQPACKET sockets (unix(7)): messages keep their
 * borders and a death is seen as end of file. Close-on-exec. */
int talk_pair(int ret_fds[2], struct err *e);

/* 0 or -errno; -EPIPE when the other side is gone. Never raises SIGPIPE. */
int talk_send(int fd, const struct talk_message *message, struct err *e);

/* Wait for a message of exactly our size. 0, or -EPIPE when the other side has
 * ended without a word. */
int talk_receive(int fd, struct talk_message *ret, struct err *e);

/* Hand over a descriptor beside a message (SCM_RIGHTS), and take it. */
int talk_send_fd(int fd, int passed, struct err *e);
/* The same for a receiver who expects certain words beside it. */
int talk_send_fd_as(int fd, int passed, const char *text, struct err *e);
int talk_receive_fd(int fd, struct err *e);

/* The same kind of socket with a name, for those who are no parent and child:
 * `path`, below dirfd. Listen there, or connect to who does, with socket(2)'s
 * `flags` (SOCK_NONBLOCK). The caller closes it, and whoever listens removes
 * the file. -EADDRINUSE: the file is there; -ENOENT, -ECONNREFUSED: nobody
 * listens. */
int talk_listen(int dirfd, const char *path, struct err *e);
int talk_connect(int dirfd, const char *path, int flags, struct err *e);

#endif
