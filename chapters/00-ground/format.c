/* The three looks of a trace: for people, for programs, for Perfetto. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double us(uint64_t ns)
{
    return (double)ns / 1e3;
}

static void add_result(struct text *out, const struct watch_event *ev)
{
    if (ev->begins)
        text_add(out, "?");
    else if (ev->result < 0)
        text_addf(out, "-1 %s", strerrorname_np((int)-ev->result));
    else
        text_addf(out, "%ld", ev->result);
}

static void text_event(struct text *out, const struct watch_event *ev)
{
    double ms = us(ev->end_ns - ev->begin_ns) / 1e3;
    if (ev->call == NULL) {
        text_addf(out, "[%d] %s %-16s %8.3f ms  %s", ev->pid, ev->chapter,
                  ev->step, ms, ev->why);
        if (ev->result < 0)
            text_addf(out, "  FAILED: %s", strerror((int)-ev->result));
        text_add(out, "\n");
        return;
    }
    text_addf(out, "[%d]     %s(", ev->pid, ev->call->name);
    args_add_text(out, ev);
    text_add(out, ") = ");
    add_result(out, ev);
    text_addf(out, "  %.3f ms\n", ms);
}

/* The members that jsonl and chrome share. */
static void add_members(struct text *out, const struct watch_event *ev)
{
    if (ev->call != NULL) {
        text_add(out, "\"call\": ");
        args_add_json(out, ev);
        text_add(out, ", \"step\": ");
        const char *step = ev->step != NULL ? ev->step : "";
        quote_add(out, step, strlen(step));
    } else {
        text_add(out, "\"why\": ");
        quote_add(out, ev->why, strlen(ev->why));
    }
    if (ev->begins)
        text_add(out, ", \"result\": null");
    else
        text_addf(out, ", \"result\": %ld", ev->result);
}

static void jsonl_event(struct text *out, const struct watch_event *ev)
{
    text_addf(out,
              "{\"ts\": %.3f, \"us\": %.3f, \"pid\": %d, \"tid\": %d, "
              "\"event\": \"%s\", \"name\": \"%s\", \"chapter\": \"%s\", ",
              us(ev->begin_ns), us(ev->end_ns - ev->begin_ns), ev->pid,
              gettid(), ev->call != NULL ? "call" : "step",
              ev->call != NULL ? ev->call->name : ev->step,
              ev->chapter != NULL ? ev->chapter : "");
    add_members(out, ev);
    text_add(out, "}\n");
}

/* A complete event ("ph": "X") is a span with a beginning and a duration;
 * spans of one thread that contain each other are drawn as a stack. */
static void chrome_event(struct text *out, const struct watch_event *ev)
{
    text_addf(out,
              "{\"ph\": \"X\", \"ts\": %.3f, \"dur\": %.3f, \"pid\": %d, "
              "\"tid\": %d, \"name\": \"%s\", \"cat\": \"%s%s\", \"args\": {",
              us(ev->begin_ns), us(ev->end_ns - ev->begin_ns), ev->pid, ev->pid,
              ev->call != NULL ? ev->call->name : ev->step,
              ev->call != NULL ? "call" : "step,chapter ",
              ev->call != NULL ? "" : ev->chapter);
    add_members(out, ev);
    text_add(out, "}},\n");
}

static void chrome_finish(struct text *out, pid_t pid)
{
    /* The last element has no comma after it. */
    text_addf(out,
              "{\"ph\": \"M\", \"pid\": %d, \"tid\": %d, \"name\": "
              "\"process_name\", \"args\": {\"name\": \"mini-docker\"}}\n]\n",
              pid, pid);
}

static void no_finish(struct text *out, pid_t pid)
{
    (void)out;
    (void)pid;
}

const struct watch_format *format_find(const char *name, size_t len)
{
    static const struct watch_format formats[] = {
        {"text",   "",    text_event,   no_finish    },
        {"jsonl",  "",    jsonl_event,  no_finish    },
        {"chrome", "[\n", chrome_event, chrome_finish},
    };
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strlen(formats[i].name) == len &&
            strncmp(formats[i].name, name, len) == 0)
            return &formats[i];
    return NULL;
}
