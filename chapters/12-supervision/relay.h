/*
 * relay.h - standard streams carried through pipes, signals passed on.
 *
 * A container never gets the caller's own files as its standard streams: a
 * terminal could be read and its modes changed, a file could be opened again
 * through /proc/self/fd with the container's privileges. It gets pipes, as
 * Docker gives it, and the relay carries the bytes (pipe(7), poll(2),
 * signalfd(2)).
 *
 *     struct relay relay = RELAY_INIT;
 *     int ends[3];
 *     relay_open(&relay, RELAY_STDIN, ends, &e);   // before the clone
 *     ... the child gets ends[] as descriptors 0, 1, 2 ...
 *     relay_started(&relay, pidfd);
 *     relay_run(&relay, &e);              // until the process has ended
 *     relay_close(&relay);
 *
 * relay_open blocks the signals that are to be passed on, so that none is lost
 * between the clone and relay_run; relay_close puts the mask back. What cannot
 * be written yet is not read either, so that a slow reader slows the writer
 * down, and the relay never holds more than a buffer for each stream.
 *
 * Ownership: the relay owns its pipe ends and the ends it gives out, which
 * relay_started closes. Single-threaded; fork-safe (all close-on-exec).
 */
#ifndef RELAY_H
#define RELAY_H

#include "err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* The signals that are the container's rather than ours. */
void relay_signals(sigset_t *set);

enum { RELAY_STDIN = 1, RELAY_NO_SIGNALS = 2, RELAY_TERMINAL = 4 };

/* One direction: bytes read and not yet written. */
struct relay_channel {
    int from, to; /* -1 when that end is closed */
    size_t begin, end;
    char bytes[65536];
};

struct relay {
    int theirs[3]; /* the container's ends until it has started */
    int signals;   /* signalfd, or -1 */
    int pidfd;     /* borrowed */
    bool has_mask;
    sigset_t old_mask;
    struct relay_channel *channels; /* stdin, stdout, stderr */
    int master;                     /* of the container's terminal, or -1 */
    bool has_modes;                 /* our terminal's, to be put back */
    struct termios old_modes;
};
#define RELAY_INIT                                                             \
    {                                                                          \
        .theirs = {-1, -1, -1}, .signals = -1, .pidfd = -1, .master = -1       \
    }

/* Make the pipes; ret_ends are what the child shall have as 0, 1 and 2 (still
 * owned by the relay). Without RELAY_STDIN it reads /dev/null. A stream of ours
 * that is closed counts as /dev/null. With RELAY_NO_SIGNALS our signals stay
 * ours. With RELAY_TERMINAL there are no pipes and every end is -1:
 * relay_set_terminal follows. 0 or -errno. */
int relay_open(struct relay *ret, int flags, int ret_ends[3], struct err *e);

/* Its streams are a terminal, whose master side this is (pty(7)); the relay
 * owns it from now on. Our own terminal, if we have one, goes into raw mode
 * (cfmakeraw(3)) until relay_close, and its size is the container's. */
int relay_set_terminal(struct relay *relay, int master, struct err *e);
/* Our terminal has another size: so has the container's (SIGWINCH). */
void relay_resize(const struct relay *relay);

/* The process runs: close the ends that are only its own now. */
void relay_started(struct relay *relay, int pidfd);

/* Carry bytes and signals until the process has ended and all it wrote is
 * delivered; what others who hold its streams write later is not waited for. 0
 * or -errno. A reader of ours that is gone (EPIPE) ends that direction only. */
int relay_run(struct relay *relay, struct err *e);

/* Idempotent. */
void relay_close(struct relay *relay);

#endif
