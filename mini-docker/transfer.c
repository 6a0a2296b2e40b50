#include "transfer.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print(const struct progress *lines, const struct pull_event *event)
{
    FILE *out = progress_out(lines);
    /* Bars are for terminals. */
    if (event->done > 0 || event->total > 0)
        return;
    if (event->id != NULL)
        fprintf(out, "%s: ", event->id);
    fprintf(out, "%s\n", event->status);
    fflush(out);
}

void transfer_tell(void *arg, const struct pull_event *event)
{
    struct progress *lines = arg;
    if (!lines->is_shown)
        return;
    if (event->id == NULL || !isatty(fileno(progress_out(lines)))) {
        print(lines, event);
        /* What comes next has lines of its own. */
        progress_done(lines);
        return;
    }
    const struct image_progress now = {event->id, event->done, event->total};
    struct progress_bar bar = {.s = ""};
    if (now.done > 0 || now.total > 0)
        bar = progress_bar(&now, progress_width(lines));
    auto_free char *text = text_format("%s%s%s", event->status,
                                       bar.s[0] != '\0' ? " " : "", bar.s);
    progress_line(lines, event->id, text);
}

static bool has_tag(const char *name, const struct ref *ref)
{
    return ref->digest != NULL ||
           (ref->tag != NULL && text_ends(name, ref->tag) &&
            strlen(name) > strlen(ref->tag) &&
            name[strlen(name) - strlen(ref->tag) - 1] == ':');
}

int transfer_begin(const struct call *call, struct ref *ret, struct err *e)
{
    const char *name = call->operands.v[0];
    bool all = field_bool(call->doc, "Cli.AllTags");
    int r = ref_parse(name, ret, e);
    if (r < 0)
        return r;
    bool is_whole = has_tag(name, ret);
    if (all && is_whole)
        return err_set(e, EINVAL, "tag can't be used with --all-tags/-a");
    if (!all && !is_whole && !field_bool(call->doc, "Cli.Quiet"))
        printf("Using default tag: latest\n");
    fflush(stdout);
    return 0;
}
