/*
 * waiting.h - private: who wants to sit in front of a container, or to hear of
 * its end, before it has been started.
 *
 * It has no monitor yet to connect to, and so it is the other way about: who
 * waits listens, at a socket in RUN/waiting/ID whose name tells what for, and
 * the monitor, when there is one, connects to each before the program runs.
 * Not a byte of its output is missed.
 *
 *     struct waiting waiting = {engine, WAITING_ATTACH, streams, -1, NULL};
 *     waiting_open(&waiting, id, &e);
 *     ... the container may have been started meanwhile: look again ...
 *     if (waiting_withdraw(&waiting)) ... connect to its monitor instead ...
 *     fd = waiting_meet(&waiting, &e);         // when waiting.fd is readable
 *
 * Both sides claim a socket by taking its name away (rename(2), unlink(2)):
 * whoever gets it decides. A name that a killed process left is taken away by
 * the next start, or with the container; if it was the monitor that was killed,
 * in the moment between, who waits is hung up on then.
 */
#ifndef WAITING_H
#define WAITING_H

#include "record.h"

/* What for; and its detail: streams as hub_attach takes them, or 1 for who
 * waits for the removal and not just for the end. */
enum { WAITING_ATTACH = 'a', WAITING_END = 'w' };

struct waiting {
    struct engine *engine;
    char kind;
    int detail;
    int fd; /* results */
    char *path;
};
#define auto_waiting __attribute__((cleanup(waiting_done)))
/* Withdraws. */
void waiting_done(struct waiting *waiting);

/* Engine, kind and detail are said. */
int waiting_open(struct waiting *waiting, const char *id, struct err *e);
/* True: nobody will come. False: somebody is on his way, or has come. */
bool waiting_withdraw(struct waiting *waiting);
/* Wait for who comes: the connection. */
int waiting_meet(struct waiting *waiting, struct err *e);

/* Connect to all who wait for this container, whose lock is held. `met` owns
 * the connection. */
void waiting_each(struct engine *engine, const char *id,
                  void (*met)(void *arg, int fd, char kind, int detail),
                  void *arg);
/* It is gone: hang up. */
void waiting_dismiss(struct engine *engine, const char *id);

#endif
