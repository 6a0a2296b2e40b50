/* Two lists of calls for each process, side by side. See difference.h. */
#include "difference.h"

#include "own.h"
#include "text.h"

#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct event {
    char *name;  /* "mount", "step hostname" */
    char *label; /* with what is named of its arguments: "mount(proc)" */
    int pid;
    long result;
    double at; /* in microseconds */
};

struct events {
    struct event *v;
    size_t n;
    int *pids; /* in the order in which the processes were made */
    size_t n_pids;
};
#define auto_events __attribute__((cleanup(events_done)))

static void events_done(struct events *events)
{
    for (size_t i = 0; i < events->n; i++) {
        free(events->v[i].name);
        free(events->v[i].label);
    }
    free(events->v);
    free(events->pids);
}

/* --- reading ----------------------------------------------------------------
 */

/* "MS_BIND|MS_REC", and no number, path or text. */
static bool is_symbol(const char *value)
{
    return isupper((unsigned char)value[0]) && strchr(value, '_') != NULL &&
           value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789|")] ==
               '\0';
}

static char *label_of(const char *name, json_t *arguments)
{
    struct text label = {0};
    const char *key, *between = "(";
    json_t *value;
    text_add(&label, name);
    json_object_foreach(arguments, key, value)
    {
        const char *word = json_string_value(value);
        if (word == NULL || (strcmp(key, "type") != 0 && !is_symbol(word)))
            continue;
        text_addf(&label, "%s%s", between, word);
        between = ", ";
    }
    text_add(&label, between[0] == ',' ? ")" : "");
    return text_take(&label);
}

static void add_pid(struct events *events, int pid)
{
    for (size_t i = 0; i < events->n_pids; i++)
        if (events->pids[i] == pid)
            return;
    events->pids =
        own_grow(events->pids, (events->n_pids + 1) * sizeof events->pids[0]);
    events->pids[events->n_pids++] = pid;
}

/* Each process's children in the order of its clones; then who is left. */
static void order_processes(struct events *events)
{
    if (events->n > 0)
        add_pid(events, events->v[0].pid);
    for (size_t p = 0; p < events->n_pids; p++)
        for (size_t i = 0; i < events->n; i++) {
            const struct event *event = &events->v[i];
            if (event->pid == events->pids[p] && event->result > 0 &&
                strncmp(event->name, "clone", 5) == 0)
                add_pid(events, (int)event->result);
        }
    for (size_t i = 0; i < events->n; i++)
        add_pid(events, events->v[i].pid);
}

static void read_line(struct events *ret, const char *text)
{
    const char *name, *kind;
    json_t *line = json_loads(text, 0, NULL), *result = NULL, *call = NULL;
    struct event event = {0};
    if (line != NULL &&
        json_unpack(line, "{s:F, s:i, s:s, s:s, s:o, s?o}", "ts", &event.at,
                    "pid", &event.pid, "event", &kind, "name", &name, "result",
                    &result, "call", &call) == 0) {
        event.name = strcmp(kind, "step") == 0 ? text_format("step %s", name)
                                               : own_strdup(name);
        event.label = label_of(event.name, call);
        event.result = (long)json_integer_value(result);
        ret->v = own_grow(ret->v, (ret->n + 1) * sizeof event);
        ret->v[ret->n++] = event;
    }
    json_decref(line);
}

static void read_events(struct events *ret, const char *trace)
{
    auto_strv struct strv lines = {0};
    strv_split(&lines, trace, '\n');
    for (size_t i = 0; i < lines.n; i++)
        read_line(ret, lines.v[i]);
    order_processes(ret);
}

/* --- comparing --------------------------------------------------------------
 */

/* One process's events: the next after index `from`; events->n at the end. */
static size_t next_of(const struct events *events, int pid, size_t from)
{
    while (from < events->n && events->v[from].pid != pid)
        from++;
    return from;
}

/* Does what is called so come later in this process? */
static bool comes(const struct events *events, size_t after, const char *label)
{
    int pid = events->v[after].pid;
    for (size_t i = after + 1; i < events->n; i++)
        if (events->v[i].pid == pid && strcmp(events->v[i].label, label) == 0)
            return true;
    return false;
}

static char *tell_result(const struct event *ours, const struct event *theirs)
{
    if (theirs->result >= 0)
        return text_format("in yours %s succeeds, in the reference it fails",
                           theirs->label);
    return text_format("in yours %s fails: %s; in the reference %s",
                       theirs->label, strerrorname_np((int)-theirs->result),
                       ours->result >= 0 ? "it does not" : "in another way");
}

/* Both go on, with something else each. */
static char *tell_other(const struct events *ours, size_t mine,
                        const struct events *theirs, size_t other)
{
    const struct event *a = &ours->v[mine], *b = &theirs->v[other];
    bool mine_comes = comes(theirs, other, a->label);
    bool other_comes = comes(ours, mine, b->label);
    if (mine_comes && other_comes)
        return text_format("in yours %s comes before %s, in the reference "
                           "after it",
                           b->label, a->label);
    if (strcmp(a->name, b->name) == 0)
        return text_format("yours has %s, the reference has %s with other "
                           "flags there",
                           b->label, a->name);
    if (other_comes)
        return text_format("the reference has %s before %s, yours has not",
                           a->name, b->label);
    if (mine_comes)
        return text_format("yours has %s before %s, the reference has not",
                           b->label, a->label);
    return text_format("yours has %s where the reference has %s", b->label,
                       a->name);
}

/* One of them has ended, or both. `last` is what they had in common, or NULL.
 */
static char *tell_end(const struct event *ours, const struct event *theirs,
                      const char *last)
{
    const char *after = last ? last : "the beginning";
    if (ours != NULL)
        return text_format("yours ends after %s, the reference goes on with %s",
                           after, ours->name);
    if (theirs != NULL)
        return text_format("yours goes on with %s after %s, where the "
                           "reference ends",
                           theirs->label, after);
    return NULL;
}

static bool same_result(const struct event *a, const struct event *b)
{
    return a->result < 0 || b->result < 0 ? a->result == b->result : true;
}

/* The first difference of one process; *ret_at is when that was. */
static char *tell_process(const struct events *ours, int pid,
                          const struct events *theirs, int their_pid,
                          double *ret_at)
{
    const char *last = NULL;
    size_t a = next_of(ours, pid, 0), b = next_of(theirs, their_pid, 0);
    for (; a < ours->n && b < theirs->n;
         a = next_of(ours, pid, a + 1), b = next_of(theirs, their_pid, b + 1)) {
        const struct event *mine = &ours->v[a], *other = &theirs->v[b];
        *ret_at = other->at;
        if (strcmp(mine->label, other->label) != 0)
            return tell_other(ours, a, theirs, b);
        if (!same_result(mine, other))
            return tell_result(mine, other);
        last = other->label;
    }
    return tell_end(a < ours->n ? &ours->v[a] : NULL,
                    b < theirs->n ? &theirs->v[b] : NULL, last);
}

char *difference_of(const char *reference, const char *theirs)
{
    auto_events struct events a = {0}, b = {0};
    auto_free char *first = NULL;
    double when = 0;
    size_t in_process = 0;
    read_events(&a, reference);
    read_events(&b, theirs);
    for (size_t p = 0; p < a.n_pids && p < b.n_pids; p++) {
        double at = 0;
        auto_free char *said = tell_process(&a, a.pids[p], &b, b.pids[p], &at);
        if (said == NULL || (first != NULL && at >= when))
            continue;
        free(first);
        first = own_take(&said);
        when = at;
        in_process = p;
    }
    if (first == NULL || in_process == 0)
        return own_take(&first);
    return text_format("in child %zu: %s", in_process, first);
}
