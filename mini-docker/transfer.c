#include "transfer.h"

#include "own.h"
#include "terminal.h"

#include <stdio.h>
#include <unistd.h>

static void print(const struct pull_event *event)
{
    /* Bars are for terminals. */
    if (event->done > 0 || event->total > 0)
        return;
    if (event->id != NULL)
        printf("%s: ", event->id);
    printf("%s\n", event->status);
    fflush(stdout);
}

void transfer_tell(void *arg, const struct pull_event *event)
{
    struct progress *lines = arg;
    if (!lines->is_shown)
        return;
    if (!isatty(STDOUT_FILENO)) {
        print(event);
        return;
    }
    if (event->id == NULL) {
        /* What comes next has lines of its own. */
        print(event);
        progress_done(lines);
        *lines = (struct progress){.is_shown = true};
        return;
    }
    const struct image_progress now = {event->id, event->done, event->total};
    struct progress_bar bar = {.s = ""};
    if (now.done > 0 || now.total > 0)
        bar = progress_bar(&now, terminal_size(STDOUT_FILENO).ws_col);
    auto_free char *text = text_format("%s%s%s", event->status,
                                       bar.s[0] != '\0' ? " " : "", bar.s);
    progress_line(lines, event->id, text);
}
