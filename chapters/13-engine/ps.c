/* ps(1) for the processes of a container: ps.h. */
#include "ps.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { NOT_FOUND = 127 };

void ps_words(struct strv *words, const char *s)
{
    static const char blanks[] = " \t\r\n\v\f";
    for (s += strspn(s, blanks); *s != '\0'; s += strspn(s, blanks)) {
        size_t len = strcspn(s, blanks);
        strv_addf(words, "%.*s", (int)len, s);
        s += len;
    }
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
    const pid_t *pids;
    size_t n, pid_column;
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

static int find_pid_column(struct choice *choice, const struct strv *titles,
                           struct err *e)
{
    for (size_t i = 0; i < titles->n; i++) {
        if (strcmp(titles->v[i], "PID") != 0)
            continue;
        choice->pid_column = i;
        return 0;
    }
    return err_set(e, EINVAL, "Couldn't find PID field in ps output");
}

static int choose(struct choice *choice, const char *output, struct strv *ret,
                  struct err *e)
{
    auto_strv struct strv lines = {0}, titles = {0};
    strv_split(&lines, output, '\n');
    ps_words(&titles, lines.n > 0 ? lines.v[0] : "");
    int r = find_pid_column(choice, &titles, e);
    if (r < 0)
        return r;
    strv_add(ret, lines.v[0]);
    for (size_t i = 1; i < lines.n; i++) {
        auto_strv struct strv words = {0};
        ps_words(&words, lines.v[i]);
        if (words.n <= choice->pid_column)
            continue;
        choice->last_was_ours = is_ours(choice, words.v[choice->pid_column]);
        if (choice->last_was_ours)
            strv_add(ret, lines.v[i]);
    }
    return 0;
}

int ps_lines(const struct strv *options, const pid_t *pids, size_t n,
             struct strv *ret, struct err *e)
{
    auto_strv struct strv argv = {0};
    auto_text struct text output = {0};
    struct choice choice = {.pids = pids, .n = n};
    strv_add(&argv, "ps");
    for (size_t i = 0; i < options->n; i++)
        strv_add(&argv, options->v[i]);
    if (argv.n == 1)
        strv_add(&argv, "-ef");
    int r = run_ps(argv.v, &output, e);
    return r < 0 ? r : choose(&choice, output.len > 0 ? output.s : "", ret, e);
}
