/*
 * inside_end.h - what a check that has ended comes to, and the line that says
 * so. Inside inside.h.
 */
#ifndef INSIDE_END_H
#define INSIDE_END_H

#include "err.h"
#include "model.h"

struct inside_check {
    const char *program, *name;
    char word[40]; /* only who knows it is listened to */
    int budget_ms;
    int channel, output; /* where it writes */
    int trace;           /* where it tells its calls; -1 if it need not */
    struct text said;    /* what came by the channel */
    struct text printed; /* what it wrote to standard output and error */
    int status;          /* as proc_wait has it */
    bool in_time;
    double seconds;
    /* What it came to: */
    enum model_verdict verdict;
    char *reason;         /* NULL if it has passed */
    struct strv evidence; /* what held */
    char *difference;     /* difference.h; or NULL */
};
void inside_done(struct inside_check *check);

/* What it printed: the first 64 KiB. */
int inside_read_output(struct inside_check *check, int fd, struct err *e);

/* Judge it. `broken`: why it could not be run at all. */
void inside_judge(struct inside_check *check, const char *broken);

/* Print the line. */
void inside_tell(const struct inside_check *check);

#endif
