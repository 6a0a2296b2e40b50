/* The processes of a container, as the host's ps(1) tells of them. */
#include "engine.h"

#include "cg.h"
#include "events.h"
#include "field.h"
#include "own.h"
#include "ps.h"
#include "record.h"
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Who renames another column to PID would choose which lines are the
 * container's. */
static int check_options(const struct strv *options, struct err *e)
{
    for (size_t i = 0; i < options->n; i++) {
        const char *option = options->v[i];
        const char *title = strstr(option, "=PID");
        if (title == NULL)
            continue;
        bool is_pid = text_starts(option, "pid=PID");
        if (!is_pid || strstr(title + 1, "=PID") != NULL)
            return err_set(e, EINVAL, "specifying \"%s\" is not allowed",
                           option);
    }
    return 0;
}

/* As many cells as there are columns; the last holds all that is left. */
static json_t *make_row(const struct strv *words, size_t columns)
{
    json_t *row = json_array();
    auto_text struct text rest = {0};
    for (size_t i = 0; i < words->n; i++) {
        if (i + 1 < columns)
            json_array_append_new(row, json_string(words->v[i]));
        else
            text_addf(&rest, "%s%s", rest.len > 0 ? " " : "", words->v[i]);
    }
    /* A program may have any bytes for its name. */
    json_t *last = json_string(rest.len > 0 ? rest.s : "");
    json_array_append_new(row, last != NULL ? last : json_string("?"));
    return row;
}

/* The first line has the titles. */
static json_t *make_table(const struct strv *lines)
{
    auto_strv struct strv titles = {0};
    json_t *rows = json_array();
    ps_words(&titles, lines->v[0]);
    for (size_t i = 1; i < lines->n; i++) {
        auto_strv struct strv words = {0};
        ps_words(&words, lines->v[i]);
        json_array_append_new(rows, make_row(&words, titles.n));
    }
    return json_pack("{s:o, s:o}", "Titles", make_row(&titles, titles.n),
                     "Processes", rows);
}

/* --- the request ---------------------------------------------------------- */

struct pids {
    pid_t *v;
    size_t n;
};

static int list_pids(struct engine *engine, const char *name,
                     struct record *record, struct pids *ret, struct err *e)
{
    int r = record_find(engine, name, record, e);
    if (r < 0)
        return r;
    if (!record->live || !run_is_active(record->doc))
        return err_set(e, ESRCH, "container %s is not running", record->id);
    if (field_is(record->doc, "State.Status", "restarting"))
        return err_set(e, EBUSY,
                       "Container %s is restarting, wait until the container "
                       "is running",
                       record->id);
    auto_free char *group = record_cgroup(record->doc, record->id);
    auto_cg struct cg cg = CG_INIT;
    r = cg_open(&cg, group, e);
    return r < 0 ? r : cg_list_pids(&cg, &ret->v, &ret->n, e);
}

int engine_top(struct engine *engine, const char *name,
               const struct strv *options, json_t **ret, struct err *e)
{
    auto_strv struct strv words = {0}, lines = {0};
    for (size_t i = 0; i < options->n; i++)
        ps_words(&words, options->v[i]);
    auto_record struct record record = {.doc = NULL};
    struct pids pids = {0};
    int r = check_options(&words, e);
    if (r == 0)
        r = list_pids(engine, name, &record, &pids, e);
    if (r == 0)
        r = ps_lines(&words, pids.v, pids.n, &lines, e);
    if (r == 0) {
        *ret = make_table(&lines);
        events_of_container(engine, record.doc, "top", NULL);
    }
    free(pids.v);
    return r;
}
