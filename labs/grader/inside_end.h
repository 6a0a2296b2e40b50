/*
 * inside_end.h - what a check that has ended comes to, and the line that says
 * so. Inside inside.h.
 */
#ifndef INSIDE_END_H
#define INSIDE_END_H

#include "err.h"
#include "text.h"

struct inside_check {
    const char *program, *name;
    char word[40]; /* only who knows it is listened to */
    int budget_ms;
    int channel, output; /* where it writes */
    struct text said;    /* what came by the channel */
    struct text printed; /* what it wrote to standard output and error */
    int status;          /* as proc_wait has it */
    bool in_time;
    double seconds;
};

/* What it printed: the first 64 KiB. */
int inside_read_output(struct inside_check *check, int fd, struct err *e);

/* Judge it and print the line. `broken`: why it could not be run at all. */
void inside_tell(const struct inside_check *check, const char *broken);

#endif
