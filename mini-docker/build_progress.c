#include "build_progress.h"

#include "terminal.h"

#include "field.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- which ---------------------------------------------------------------- */

enum kind { AUTO, PLAIN, LIVE, QUIET };

static int read_kind(const json_t *doc, enum kind *ret, struct err *e)
{
    static const char *const names[] = {
        [AUTO] = "auto", [PLAIN] = "plain", [LIVE] = "tty", [QUIET] = "quiet"};
    const char *said = field_string(doc, "Cli.Progress");
    const char *usual = getenv("BUILDKIT_PROGRESS");
    if (said == NULL || said[0] == '\0' || strcmp(said, names[AUTO]) == 0)
        said = usual != NULL && usual[0] != '\0' ? usual : names[AUTO];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(said, names[i]) != 0)
            continue;
        *ret = field_bool(doc, "Cli.Quiet") ? QUIET : (enum kind)i;
        return 0;
    }
    return err_set(e, EINVAL, "invalid progress mode %s", said);
}

static int choose(const json_t *doc, enum kind *ret, struct err *e)
{
    int r = read_kind(doc, ret, e);
    if (r == 0 && *ret == LIVE && isatty(STDERR_FILENO) == 0)
        r = err_set(e, EINVAL,
                    "failed to get console: provided file is not a console");
    if (r == 0 && *ret == AUTO)
        *ret = terminal_has_cursor(STDERR_FILENO) && !trace_is_on() &&
                       !field_bool(doc, "Cli.Explain")
                   ? LIVE
                   : PLAIN;
    return r;
}

int build_progress_open(struct build_progress *progress, const json_t *doc,
                        bool stdout_is_taken, struct err *e)
{
    enum kind kind = PLAIN;
    *progress = (struct build_progress){
        .lines = stdout_is_taken ? stderr : stdout, .screen = {-1, -1}
    };
    int r = choose(doc, &kind, e);
    if (r < 0)
        return r;
    progress->is_quiet = kind == QUIET;
    progress->is_live = kind == LIVE;
    fflush(NULL);
    return progress->is_live
               ? build_screen_open(&progress->screen, STDERR_FILENO,
                                   terminal_has_colours(STDERR_FILENO), e)
               : 0;
}

/* --- lines ---------------------------------------------------------------- */

static void add_plain(const struct engine_build_event *event, struct text *ret)
{
    if (event->kind == ENGINE_BUILD_STEP)
        text_addf(ret, "Step %zu/%zu : ", event->step, event->n_steps);
    if (event->kind == ENGINE_BUILD_CACHED)
        text_add(ret, " ---> Using cache\n");
    text_addn(ret, event->bytes, event->len);
    if (event->kind == ENGINE_BUILD_STEP)
        text_add(ret, "\n");
}

void build_progress_tell(void *arg, const struct engine_build_event *event)
{
    struct build_progress *progress = arg;
    if (progress->is_live) {
        build_screen_tell(&progress->screen, event);
        return;
    }
    if (progress->is_quiet) {
        add_plain(event, &progress->kept);
        return;
    }
    FILE *to = event->kind == ENGINE_BUILD_ERRORS ? stderr : progress->lines;
    auto_text struct text lines = {0};
    add_plain(event, &lines);
    if (lines.len > 0)
        fwrite(lines.s, 1, lines.len, to);
    fflush(to);
}

void build_progress_close(struct build_progress *progress, bool has_failed)
{
    build_screen_close(&progress->screen);
    if (has_failed && progress->kept.len > 0)
        fwrite(progress->kept.s, 1, progress->kept.len, stderr);
    text_done(&progress->kept);
}
