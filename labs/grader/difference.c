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
    int pid, tid;
    size_t number; /* its place in the trace */
    long result;
};

/* Sorted by process and thread, and in each as they happened. */
struct events {
    struct event *v;
    size_t n;
    int *pids; /* in the order in which the processes were made */
    size_t n_pids;
    size_t *first; /* of each thread, of those of the first process first */
    size_t n_threads;
};
#define auto_events __attribute__((cleanup(events_done)))

static void event_done(struct event *event)
{
    free(event->name);
    free(event->label);
}

static void events_done(struct events *events)
{
    for (size_t i = 0; i < events->n; i++)
        event_done(&events->v[i]);
    free(events->v);
    free(events->pids);
    free(events->first);
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

static int compare_events(const void *left, const void *right)
{
    const struct event *a = left, *b = right;
    if (a->pid != b->pid)
        return a->pid < b->pid ? -1 : 1;
    if (a->tid != b->tid)
        return a->tid < b->tid ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static bool same_thread(const struct event *a, const struct event *b)
{
    return a->pid == b->pid && a->tid == b->tid;
}

/* Each process's children in the order of its clones; then who is left. */
static void order_processes(struct events *events)
{
    if (events->n == 0)
        return;
    add_pid(events, events->v[0].pid);
    qsort(events->v, events->n, sizeof events->v[0], compare_events);
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

static void order_threads(struct events *events)
{
    events->first = own_alloc((events->n + 1) * sizeof events->first[0]);
    for (size_t p = 0; p < events->n_pids; p++)
        for (size_t i = 0; i < events->n; i++)
            if (events->v[i].pid == events->pids[p] &&
                (i == 0 || !same_thread(&events->v[i], &events->v[i - 1])))
                events->first[events->n_threads++] = i;
}

/* Who opens a file to look into it, or waits, changes nothing: tests do so, and
 * helpers of one's own may. */
static bool only_looks(const char *label)
{
    static const char *const looks[] = {"openat", "openat(O_CLOEXEC)",
                                        "openat(AT_FDCWD)",
                                        "openat(AT_FDCWD, O_CLOEXEC)"};
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
        if (strcmp(label, looks[i]) == 0)
            return true;
    return strncmp(label, "waitid", 6) == 0;
}

static void read_line(struct events *ret, const char *text)
{
    const char *name, *kind;
    json_t *line = json_loads(text, 0, NULL), *result = NULL, *call = NULL;
    struct event event = {0};
    if (line != NULL &&
        json_unpack(line, "{s:i, s:i, s:s, s:s, s:o, s?o}", "pid", &event.pid,
                    "tid", &event.tid, "event", &kind, "name", &name, "result",
                    &result, "call", &call) == 0) {
        event.number = ret->n;
        event.name = strcmp(kind, "step") == 0 ? text_format("step %s", name)
                                               : own_strdup(name);
        event.label = label_of(event.name, call);
        event.result = (long)json_integer_value(result);
        ret->v = own_grow(ret->v, (ret->n + 1) * sizeof event);
        if (only_looks(event.label))
            event_done(&event);
        else
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
    order_threads(ret);
}

/* --- comparing --------------------------------------------------------------
 */

static bool same_result(const struct event *a, const struct event *b)
{
    return a->result < 0 || b->result < 0 ? a->result == b->result : true;
}

/* The next event of the same thread that is no repetition of this one, as of
 * who tries or waits again; NULL at its end. */
static const struct event *next_of(const struct events *events,
                                   const struct event *event)
{
    const struct event *next = event + 1, *end = events->v + events->n;
    while (next < end && same_thread(next, event) &&
           strcmp(next->label, event->label) == 0 && same_result(next, event))
        next++;
    return next < end && same_thread(next, event) ? next : NULL;
}

/* Does what is called so come later in this thread? */
static bool comes(const struct events *events, const struct event *after,
                  const char *label)
{
    while ((after = next_of(events, after)) != NULL)
        if (strcmp(after->label, label) == 0)
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
static char *tell_other(const struct events *ours, const struct event *a,
                        const struct events *theirs, const struct event *b)
{
    bool mine_comes = comes(theirs, b, a->label);
    bool other_comes = comes(ours, a, b->label);
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

/* What tells most first: who goes another way comes to other results, and to
 * another end; and so does who waits for him. */
enum { OTHER_WAY, OTHER_RESULT, OTHER_END, N_WEIGHTS };

/* The first difference of a thread, with its weight. */
static char *tell_thread(const struct events *ours, const struct event *mine,
                         const struct events *theirs, const struct event *other,
                         int *ret_weight)
{
    const char *last = NULL;
    for (; mine != NULL && other != NULL;
         mine = next_of(ours, mine), other = next_of(theirs, other)) {
        *ret_weight = OTHER_WAY;
        if (strcmp(mine->label, other->label) != 0)
            return tell_other(ours, mine, theirs, other);
        *ret_weight = OTHER_RESULT;
        if (!same_result(mine, other))
            return tell_result(mine, other);
        last = other->label;
    }
    *ret_weight = OTHER_END;
    return tell_end(mine, other, last);
}

/* The weightiest of the threads' first differences, and the thread it is in;
 * NULL for none. */
static char *tell_first(const struct events *ours, const struct events *theirs,
                        size_t *in_thread)
{
    auto_free char *found = NULL;
    /* Of several, one may have been killed by another at any call. */
    int least =
        ours->n_threads == 1 && theirs->n_threads == 1 ? N_WEIGHTS : OTHER_END;
    for (size_t t = 0; t < ours->n_threads && t < theirs->n_threads; t++) {
        int weight;
        auto_free char *said =
            tell_thread(ours, &ours->v[ours->first[t]], theirs,
                        &theirs->v[theirs->first[t]], &weight);
        if (said == NULL || weight >= least)
            continue;
        free(found);
        found = own_take(&said);
        least = weight;
        *in_thread = t;
    }
    return own_take(&found);
}

bool difference_is_none(const char *trace, const char *other)
{
    auto_events struct events a = {0}, b = {0};
    size_t in_thread;
    read_events(&a, trace);
    read_events(&b, other);
    auto_free char *said = tell_first(&a, &b, &in_thread);
    return said == NULL && a.n_threads == b.n_threads;
}

char *difference_of(const char *reference, const char *theirs)
{
    auto_events struct events a = {0}, b = {0};
    size_t in_thread = 0;
    read_events(&a, reference);
    read_events(&b, theirs);
    auto_free char *found = tell_first(&a, &b, &in_thread);
    if (found == NULL || in_thread == 0)
        return own_take(&found);
    return text_format("in child %zu: %s", in_thread, found);
}
