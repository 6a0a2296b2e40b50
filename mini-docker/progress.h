/*
 * progress.h - bars on a terminal, as Docker draws them, one line each.
 *
 *     5f70bf18a086: Loading layer [=====>        ]  12.3MB/45MB
 *
 * A line is drawn where it was first, by moving the cursor there and back.
 * Nothing is drawn where `is_shown` is false, nor what is there already. How
 * much there is may be unknown, as it is with a pipe: a `total` of 0.
 *
 *     auto_progress struct progress bars = {.action = "Loading layer",
 *                                           .is_shown = isatty(1)};
 *     ... progress_tell(&bars, &(struct image_progress){id, done, total});
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "image.h"

#include <stdbool.h>
#include <stdio.h>

struct progress {
    const char *action;
    bool is_shown;
    bool is_on_error;      /* on standard error, instead of standard output */
    struct strv ids, bars; /* one for each line, from above; what it shows */
};
#define auto_progress __attribute__((cleanup(progress_done)))

/* As image.h calls it: `arg` is the struct. */
void progress_tell(void *arg, const struct image_progress *now);
void progress_done(struct progress *progress);
/* Where it is drawn, and how wide that is. */
FILE *progress_out(const struct progress *progress);
int progress_width(const struct progress *progress);
/* Any text on the line of that id, which begins with it. */
void progress_line(struct progress *progress, const char *id, const char *text);
/* What stands after the action, for a terminal of that width. */
struct progress_bar {
    char s[128];
};
struct progress_bar progress_bar(const struct image_progress *now, int width);

#endif
