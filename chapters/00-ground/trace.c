#include "trace.h"

#include "own.h"
#include "sys.h"
#include "watch.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<sys/sdt.h>)
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>
#else
#define DTRACE_PROBE4(provider, name, a, b, c, d) (void)0
#endif

/* Counted up by the kernel while a tracer is attached to the step probe. */
__attribute__((
    section(".probes"))) volatile unsigned short mini_docker_step_semaphore;

/* Everything about the one trace a process has. */
static struct {
    int fd;
    const struct watch_format *format;
    bool steps;              /* of calls only those that are named */
    struct strv only;        /* calls and chapters asked for; none means all */
    pid_t pid;               /* as the tracer's pid namespace knows us */
    struct watch_event step; /* the step under way; its name is NULL if none */
    struct text pending;     /* the step's calls, shown below its line */
} trace = {.fd = -1};

static bool is_named(const char *word)
{
    for (size_t i = 0; i < trace.only.n; i++)
        if (strcmp(trace.only.v[i], word) == 0)
            return true;
    return false;
}

static bool is_chapter(const char *word)
{
    return isdigit((unsigned char)word[0]) && isdigit((unsigned char)word[1]) &&
           word[2] == '\0';
}

/* "steps" is of all chapters, if none is named. */
static bool is_step_wanted(const char *chapter)
{
    bool some = !trace.steps && trace.only.n > 0;
    for (size_t i = 0; i < trace.only.n; i++)
        some = some || is_chapter(trace.only.v[i]);
    return !some || is_named(chapter);
}

static bool is_call_wanted(const char *call)
{
    bool all = !trace.steps && trace.only.n == 0;
    bool in_step = !trace.steps && trace.step.step != NULL;
    return all || is_named(call) || (in_step && is_named(trace.step.chapter));
}

/* FORMAT or FORMAT:FILE, whose colon is at `colon`. */
static int choose_format(const struct watch_format *format, const char *colon,
                         struct err *e)
{
    trace.format = format;
    if (*colon == '\0')
        return 0;
    const char *file = colon + 1;
    int fd =
        open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_sys(e, errno, "trace: open %s", file);
    own_close(&trace.fd);
    trace.fd = fd;
    return 0;
}

static int choose(const char *word, struct err *e)
{
    if (strcmp(word, "all") == 0)
        return 0;
    if (strcmp(word, "steps") == 0) {
        trace.steps = true;
        return 0;
    }
    const char *colon = strchrnul(word, ':');
    const struct watch_format *format =
        format_find(word, (size_t)(colon - word));
    if (format != NULL)
        return choose_format(format, colon, e);
    if (!is_chapter(word) && door_find_call(word) == NULL)
        return err_set(e, EINVAL, "trace: \"%s\" is no format, chapter or call",
                       word);
    strv_add(&trace.only, word);
    return 0;
}

static void write_out(struct text *out)
{
    /* Not sys_write: the trace does not trace itself. */
    if (out->len > 0 &&
        TEMP_FAILURE_RETRY(write(trace.fd, out->s, out->len)) < 0)
        door_watchers &= ~(unsigned int)DOOR_TRACED;
    text_clear(out);
}

void trace_flush(void)
{
    if (trace_is_on())
        write_out(&trace.pending);
}

/* Back to the state before trace_open. */
static void forget(void)
{
    own_close(&trace.fd);
    text_done(&trace.pending);
    strv_done(&trace.only);
    memset(&trace.step, 0, sizeof trace.step);
    trace.format = NULL;
}

int trace_open(const char *wish, struct err *e)
{
    if (wish == NULL || wish[0] == '\0')
        return 0;
    trace.steps = false;
    auto_strv struct strv words = {0};
    strv_split(&words, wish, ',');
    for (size_t i = 0; i < words.n; i++) {
        int r = choose(words.v[i], e);
        if (r < 0) {
            forget();
            return r;
        }
    }
    if (trace.format == NULL)
        trace.format = format_find("text", 4);
    if (trace.fd < 0)
        trace.fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    if (trace.fd < 0)
        return err_sys(e, errno, "trace: standard error");
    trace.pid = getpid();
    door_watchers |= DOOR_TRACED;
    text_add(&trace.pending, trace.format->head);
    write_out(&trace.pending);
    return 0;
}

bool trace_is_on(void)
{
    return (door_watchers & DOOR_TRACED) != 0;
}

void trace_child(void)
{
    trace.step = (struct watch_event){0};
    if (!trace_is_on())
        return;
    text_clear(&trace.pending);
    /* In a new pid namespace getpid() is 1. The /proc of our parent's
     * namespace, still mounted here, knows us by the number it uses. */
    char self[16] = "";
    ssize_t len = readlink("/proc/self", self, sizeof self - 1);
    trace.pid = len > 0 ? (pid_t)strtol(self, NULL, 10) : getpid();
}

/* A call belongs to the step under way. */
static void show_call(struct watch_event ev)
{
    if (!is_call_wanted(ev.call->name))
        return;
    ev.pid = trace.pid;
    ev.step = trace.step.step;
    ev.chapter = trace.step.chapter;
    trace.format->add(&trace.pending, &ev);
    /* What happens outside any step is shown at once. */
    if (trace.step.step == NULL)
        write_out(&trace.pending);
}

void trace_call(const struct door_call *call, const long args[6], long result,
                uint64_t begin_ns, uint64_t end_ns)
{
    show_call((struct watch_event){
        .begin_ns = begin_ns,
        .end_ns = end_ns,
        .result = result,
        .call = call,
        .args = args,
    });
}

void trace_call_begins(const struct door_call *call, const long args[6])
{
    uint64_t now = door_now_ns();
    show_call((struct watch_event){
        .begin_ns = now,
        .end_ns = now,
        .begins = true,
        .call = call,
        .args = args,
    });
}

void trace_step_begin(const char *name, const char *chapter, const char *why)
{
    if (!trace_is_on() && mini_docker_step_semaphore == 0)
        return;
    trace.step = (struct watch_event){
        .pid = trace.pid,
        .begin_ns = door_now_ns(),
        .step = name,
        .chapter = chapter,
        .why = why,
    };
}

/* A step's line comes first, the calls it made below it. */
static void show_step(const struct watch_event *step)
{
    auto_text struct text block = {0};
    if (trace.pending.len > 0 || is_step_wanted(step->chapter))
        trace.format->add(&block, step);
    text_addn(&block, trace.pending.s, trace.pending.len);
    text_clear(&trace.pending);
    write_out(&block);
}

void trace_step_end(int result)
{
    struct watch_event *step = &trace.step;
    if (step->step == NULL)
        return;
    step->end_ns = door_now_ns();
    step->result = result;
    if (trace_is_on())
        show_step(step);
    DTRACE_PROBE4(mini_docker, step, step->step, step->chapter, result,
                  step->end_ns - step->begin_ns);
    *step = (struct watch_event){0};
}

void trace_leave(void)
{
    if (!trace_is_on())
        return;
    write_out(&trace.pending);
    door_watchers &= ~(unsigned int)DOOR_TRACED;
    forget();
}

void trace_close(void)
{
    if (trace_is_on())
        trace.format->finish(&trace.pending, trace.pid);
    trace_leave();
}
