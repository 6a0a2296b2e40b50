/* The processes of a container, as the host's ps(1) tells of them. */
#include "engine.h"

#include "cg.h"
#include "events.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "proc.h"
#include "record.h"
#include "run.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { NOT_FOUND = 127 };

/* The words between blanks, which may be several in a row. */
static void add_words(struct strv *words, const char *s)
{
    static const char blanks[] = " \t\r\n\v\f";
    for (s += strspn(s, blanks); *s != '\0'; s += strspn(s, blanks)) {
        size_t len = strcspn(s, blanks);
        strv_addf(words, "%.*s", (int)len, s);
        s += len;
    }
}

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

/* --- running ps ----------------------------------------------------------- */

/* The child. */
static _Noreturn void become_ps(char *const argv[], int out, int err)
{
    proc_die_with_parent(NULL);
    if (sys_dup3(out, STDOUT_FILENO, 0) >= 0 &&
        sys_dup3(err, STDERR_FILENO, 0) >= 0)
        execvp(argv[0], argv);
    _exit(NOT_FOUND);
}

static int read_all(int fd, struct text *ret, struct err *e)
{
    auto_free char *path = text_format("/proc/self/fd/%d", fd);
    return files_read(AT_FDCWD, path, ret, e);
}

/* It writes into memory, where there is room for both of its streams: of two
 * pipes one could be full while we read the other. */
static int run_ps(char *const argv[], struct text *ret, struct err *e)
{
    auto_fd int out = memfd_create("ps", MFD_CLOEXEC);
    auto_fd int err = memfd_create("ps", MFD_CLOEXEC);
    if (out < 0 || err < 0)
        return err_sys(e, errno, "memfd_create");
    auto_fd int pidfd = -1;
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0)
        become_ps(argv, out, err);
    int code = pid < 0 ? pid : proc_wait(pidfd, e);
    if (code == NOT_FOUND)
        return err_set(e, ENOENT,
                       "ps: exec: \"ps\": executable file not found in $PATH");
    if (code <= 0)
        return code < 0 ? code : read_all(out, ret, e);
    auto_text struct text said = {0};
    int r = read_all(err, &said, e);
    if (r < 0)
        return r;
    const char *why = said.len > 0 ? said.s : "it failed";
    return err_set(e, EINVAL, "ps: %.*s", (int)strcspn(why, "\n"), why);
}

/* --- choosing its lines --------------------------------------------------- */

struct choice {
    pid_t *pids;
    size_t n, columns, pid_column;
    bool last_was_ours; /* a line "-" is of the process above: ps -m */
};

static bool is_ours(const struct choice *choice, const char *word)
{
    int64_t pid;
    if (strcmp(word, "-") == 0)
        return choice->last_was_ours;
    if (text_to_i64(word, &pid) < 0)
        return false;
    for (size_t i = 0; i < choice->n; i++)
        if (choice->pids[i] == pid)
            return true;
    return false;
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

static int find_pid_column(struct choice *choice, const struct strv *titles,
                           struct err *e)
{
    for (size_t i = 0; i < titles->n; i++) {
        if (strcmp(titles->v[i], "PID") != 0)
            continue;
        choice->pid_column = i;
        choice->columns = titles->n;
        return 0;
    }
    return err_set(e, EINVAL, "Couldn't find PID field in ps output");
}

static int choose(struct choice *choice, const char *output, json_t **ret,
                  struct err *e)
{
    auto_strv struct strv lines = {0}, titles = {0};
    strv_split(&lines, output, '\n');
    add_words(&titles, lines.n > 0 ? lines.v[0] : "");
    int r = find_pid_column(choice, &titles, e);
    if (r < 0)
        return r;
    json_t *rows = json_array();
    for (size_t i = 1; i < lines.n; i++) {
        auto_strv struct strv words = {0};
        add_words(&words, lines.v[i]);
        if (words.n <= choice->pid_column)
            continue;
        choice->last_was_ours = is_ours(choice, words.v[choice->pid_column]);
        if (choice->last_was_ours)
            json_array_append_new(rows, make_row(&words, choice->columns));
    }
    *ret = json_pack("{s:o, s:o}", "Titles", make_row(&titles, titles.n),
                     "Processes", rows);
    return 0;
}

/* --- the request ---------------------------------------------------------- */

static int list_pids(struct engine *engine, const char *name,
                     struct record *record, struct choice *ret, struct err *e)
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
    return r < 0 ? r : cg_list_pids(&cg, &ret->pids, &ret->n, e);
}

int engine_top(struct engine *engine, const char *name,
               const struct strv *options, json_t **ret, struct err *e)
{
    auto_strv struct strv argv = {0};
    strv_add(&argv, "ps");
    for (size_t i = 0; i < options->n; i++)
        add_words(&argv, options->v[i]);
    if (argv.n == 1)
        strv_add(&argv, "-ef");
    auto_record struct record record = {.doc = NULL};
    auto_text struct text output = {0};
    struct choice choice = {0};
    int r = check_options(&argv, e);
    if (r == 0)
        r = list_pids(engine, name, &record, &choice, e);
    if (r == 0)
        r = run_ps(argv.v, &output, e);
    if (r >= 0)
        r = choose(&choice, output.len > 0 ? output.s : "", ret, e);
    if (r == 0)
        events_of_container(engine, record.doc, "top", NULL);
    free(choice.pids);
    return r;
}
