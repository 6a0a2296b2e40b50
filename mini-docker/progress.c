#include "progress.h"

#include "terminal.h"

#include "own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Docker's: a bar of 50 where there is room for it. */
enum { BAR = 50, WIDE = 110, ID = 12 };

struct progress_bar progress_bar(const struct image_progress *now, int width)
{
    static const char full[] =
        "==================================================";
    struct progress_bar bar;
    char done[16], total[16];
    if (now->total == 0) {
        snprintf(bar.s, sizeof bar.s, "%8s", text_from_bytes(now->done, done));
        return bar;
    }
    int share = now->done >= now->total
                    ? BAR
                    : (int)((double)now->done / (double)now->total * BAR);
    size_t used = 0;
    if (width > WIDE)
        used = (size_t)snprintf(bar.s, sizeof bar.s, "[%.*s>%*s] ", share, full,
                                BAR - share, "");
    snprintf(bar.s + used, sizeof bar.s - used, "%8s/%s",
             text_from_bytes(now->done, done),
             text_from_bytes(now->total, total));
    return bar;
}

static size_t find_line(const struct progress *progress, const char *id)
{
    size_t line = 0;
    while (line < progress->ids.n && strcmp(progress->ids.v[line], id) != 0)
        line++;
    return line;
}

FILE *progress_out(const struct progress *progress)
{
    return progress->is_on_error ? stderr : stdout;
}

int progress_width(const struct progress *progress)
{
    return terminal_size(fileno(progress_out(progress))).ws_col;
}

void progress_line(struct progress *progress, const char *id, const char *text)
{
    FILE *out = progress_out(progress);
    size_t line = find_line(progress, id);
    if (line == progress->ids.n) {
        strv_add(&progress->ids, id);
        strv_add(&progress->bars, "");
        putc('\n', out);
    }
    if (strcmp(progress->bars.v[line], text) == 0)
        return;
    free(progress->bars.v[line]);
    progress->bars.v[line] = own_strdup(text);
    int up = (int)(progress->ids.n - line);
    fprintf(out, "\x1b[%dA\x1b[2K\r%s: %s\r\x1b[%dB", up, id, text, up);
    fflush(out);
}

void progress_tell(void *arg, const struct image_progress *now)
{
    struct progress *progress = arg;
    if (!progress->is_shown)
        return;
    auto_free char *id = text_format("%.*s", ID, now->id);
    /* One that has not begun has no line yet. */
    if (find_line(progress, id) == progress->ids.n && now->done == 0)
        return;
    struct progress_bar bar = progress_bar(now, progress_width(progress));
    auto_free char *text = text_format("%s %s", progress->action, bar.s);
    progress_line(progress, id, text);
}

void progress_done(struct progress *progress)
{
    strv_done(&progress->ids);
    strv_done(&progress->bars);
}
