/*
 * act.h - running a command, with a fault or without.
 */
#ifndef ACT_H
#define ACT_H

#include <stdbool.h>

struct result {
    int status; /* exit status; -SIGNAL; or ACT_HANGS */
    char out[4096], err[2048];
};
enum { ACT_HANGS = -1000 };

/* Once, before all else: orphans become our children. */
void act_init(void);
/* Run the command, words with one space between them, and wait for its end; it
 * is killed after 20 seconds. `fault` is as in MINI_DOCKER_FAULT, or NULL. */
struct result act_execute(const char *line, const char *fault);
/* Run a command that has to work, and tell if it does not. One that begins
 * with "-" may fail with status 1; NULL is none. */
bool act_works(const char *line);

#endif
