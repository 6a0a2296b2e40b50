/*
 * attach.h - sitting in front of a container: our terminal, its streams.
 *
 * The other side of hub.h. What we are told is printed, what is typed is sent,
 * signals that come to us go to the container instead. With a terminal ours is
 * in raw mode (termios(3)), so that ctrl-c is a byte like others and means what
 * the container's own terminal makes of it; a sequence of keys, ctrl-p ctrl-q
 * unless another one is chosen, leaves the container alone and running.
 *
 *     struct attach attach = ATTACH_INIT;
 *     attach_open(&attach, &options, &e);     // before the container starts
 *     ... it is started, and options.fd leads to its monitor ...
 *     int code = attach_run(&attach, fd, &e);
 *     attach_close(&attach);
 *
 * attach_open blocks the signals that are to be passed on, so that none that
 * comes before attach_run is lost; attach_close puts the mask and the
 * terminal's modes back. A child that is
 * forked in between puts the mask back itself.
 *
 * Errors: -EPIPE, the monitor is gone. One thread. Needs nothing.
 */
#ifndef ATTACH_H
#define ATTACH_H

#include "err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* The longest sequence of keys. */
enum { ATTACH_KEYS = 32 };
struct attach_keys {
    unsigned char v[ATTACH_KEYS];
    size_t n; /* 0: none */
};
/* "ctrl-p,ctrl-q", "a", "ctrl-\": letters, or ctrl- with one of a-z @ [ \ ] ^
 * _, and commas between. "" is no keys. -EINVAL, in Docker's words. */
int attach_read_keys(const char *text, struct attach_keys *ret, struct err *e);

/* What is typed, sifted for the keys: who has typed some of them may mean
 * something else, and so they are held back until that is known. `out` has
 * room for `len` bytes and all the keys. Returns how many bytes go on; in
 * *ret_detached, whether the keys are complete. */
struct attach_sifted {
    struct attach_keys keys;
    size_t matched; /* typed, and held back */
};
size_t attach_sift(struct attach_sifted *sifted, const char *in, size_t len,
                   char *out, bool *ret_detached);

struct attach_options {
    bool input;    /* send what comes to our standard input */
    bool terminal; /* the container has a terminal */
    bool signals;  /* pass signals on */
    struct attach_keys keys;
};

struct attach {
    struct attach_options options;
    int signals; /* signalfd, or -1 */
    bool has_mask, has_modes;
    sigset_t old_mask;
    struct termios old_modes;
    struct attach_sifted sifted;
    bool waits;       /* for FRAME_TAKEN */
    bool input_ended; /* and was told */
    struct attach_work *work;
    struct err *unclean; /* where to put what FRAME_END says beside the code */
};
#define auto_attach __attribute__((cleanup(attach_close)))
#define ATTACH_INIT                                                            \
    {                                                                          \
        .signals = -1                                                          \
    }

int attach_open(struct attach *ret, const struct attach_options *options,
                struct err *e);
/* Until the container has ended: its exit code, 0..255. Where it runs on:
 * ATTACH_DETACHED, the keys were typed; ATTACH_SIGNAL + n, signal n told us to
 * end (SIGPIPE: nobody reads our output any more); -errno. */
enum { ATTACH_DETACHED = 1000, ATTACH_SIGNAL = 2000 };
int attach_run(struct attach *attach, int fd, struct err *e);
/* Idempotent. */
void attach_close(struct attach *attach);

#endif
