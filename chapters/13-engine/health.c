/* The health of a container: a command that is executed in it now and then.
 * There is one probe at a time, and the monitor waits for it as it does for all
 * else, in its loop. */
#include "monitor.h"

#include "exec.h"
#include "field.h"
#include "own.h"
#include "proc.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000LL /* in the document's nanoseconds */

enum {
    DEFAULT_INTERVAL_MS = 30 * 1000,
    DEFAULT_TIMEOUT_MS = 30 * 1000,
    DEFAULT_START_INTERVAL_MS = 5 * 1000,
    DEFAULT_RETRIES = 3,
    OUTPUT_MAX = 4096,
    LOG_MAX = 5, /* results that are kept */
    NO_CODE = -1 /* the probe did not come to an end of its own */
};

struct health {
    int timer;      /* of the next probe, or 0 */
    int limit;      /* of this probe's time, or 0 */
    int pidfd, out; /* of this probe, or -1 */
    bool timed_out;
    json_t *began;
    struct timespec began_at;
    struct exec_base exec;
    struct text output;
};

static int64_t setting(const struct monitor *m, const char *name,
                       int64_t fallback)
{
    int64_t value =
        field_int(field_get(m->run->doc, "Config.Healthcheck"), name, 0);
    return value > 0 ? value : fallback;
}

static int64_t setting_ms(const struct monitor *m, const char *name,
                          int64_t fallback_ms)
{
    int64_t ns = setting(m, name, fallback_ms * MS);
    return (ns + MS - 1) / MS;
}

static int64_t ms_between(const struct timespec *a, const struct timespec *b)
{
    return (b->tv_sec - a->tv_sec) * 1000 + (b->tv_nsec - a->tv_nsec) / MS;
}

static json_t *health_of(const struct monitor *m)
{
    return json_object_get(json_object_get(m->run->doc, "State"), "Health");
}

/* --- what came of it ------------------------------------------------------ */

static json_t *text_of(const struct text *bytes)
{
    if (bytes->len <= OUTPUT_MAX)
        return field_text(bytes->s, bytes->len);
    auto_text struct text cut = {0};
    text_addn(&cut, bytes->s, OUTPUT_MAX);
    text_add(&cut, "...");
    return field_text(cut.s, cut.len);
}

/* Docker's rules: failures of the start period do not count, until it has been
 * healthy once. */
static void judge(const struct monitor *m, json_t *health, int code)
{
    int64_t streak = field_int(health, "FailingStreak", 0);
    int64_t period_ms = setting_ms(m, "StartPeriod", 0);
    const char *status = code == 0 ? "healthy" : NULL;
    if (code == 0)
        streak = 0;
    else if (!field_is(health, "Status", "starting") ||
             ms_between(&m->started, &m->health->began_at) >= period_ms)
        streak++;
    if (code != 0 && streak >= setting(m, "Retries", DEFAULT_RETRIES))
        status = "unhealthy";
    json_object_set_new(health, "FailingStreak", json_integer(streak));
    if (status == NULL || field_is(health, "Status", status))
        return;
    json_object_set_new(health, "Status", json_string(status));
    auto_free char *action = text_format("health_status: %s", status);
    monitor_tell(m, action, NULL);
}

static void plan_next(struct monitor *m);

static void conclude(struct monitor *m, int code)
{
    struct health *h = m->health;
    json_t *health = health_of(m), *log = json_object_get(health, "Log");
    json_array_append_new(log,
                          json_pack("{s:O, s:o, s:i, s:o}", "Start", h->began,
                                    "End", state_now(), "ExitCode", code,
                                    "Output", text_of(&h->output)));
    if (json_array_size(log) > LOG_MAX)
        json_array_remove(log, 0);
    judge(m, health, code);
    monitor_save(m, NULL);
    plan_next(m);
}

/* --- a probe -------------------------------------------------------------- */

/* What it prints: all is read, so that it never waits for us, and a little more
 * than is kept is kept, to know that there was more. */
static void on_output(void *arg, uint32_t events)
{
    struct health *h = ((struct monitor *)arg)->health;
    char block[4096];
    ssize_t n = 0;
    (void)events;
    while (h->out >= 0 && (n = read(h->out, block, sizeof block)) > 0)
        if (h->output.len <= OUTPUT_MAX)
            text_addn(&h->output, block, (size_t)n);
    if (h->out >= 0 && (n == 0 || errno != EAGAIN)) {
        loop_remove(((struct monitor *)arg)->loop, h->out);
        own_close(&h->out);
    }
}

/* Its code. Those who have its output open live on as they like. */
static int end_probe(struct monitor *m)
{
    struct health *h = m->health;
    loop_cancel(m->loop, h->limit);
    h->limit = 0;
    loop_remove(m->loop, h->pidfd);
    int code = proc_wait(h->pidfd, NULL);
    own_close(&h->pidfd);
    on_output(m, 0);
    if (h->out >= 0)
        loop_remove(m->loop, h->out);
    own_close(&h->out);
    h->exec.container = m->run->doc;
    exec_tell_end(&h->exec, code);
    return code;
}

static void on_end(void *arg, uint32_t events)
{
    struct monitor *m = arg;
    (void)events;
    int code = end_probe(m);
    if (m->health->timed_out) {
        text_clear(&m->health->output);
        text_addf(&m->health->output, "Health check exceeded timeout (%gs)",
                  (double)setting_ms(m, "Timeout", DEFAULT_TIMEOUT_MS) / 1000);
        code = NO_CODE;
    }
    conclude(m, code);
}

static void on_limit(void *arg)
{
    struct monitor *m = arg;
    m->health->limit = 0;
    m->health->timed_out = true;
    proc_signal(m->health->pidfd, SIGKILL, NULL);
}

/* CMD: words; CMD-SHELL: a line for the image's shell. */
static json_t *make_request(const struct monitor *m)
{
    const json_t *test = field_get(m->run->doc, "Config.Healthcheck.Test");
    const char *kind = json_string_value(json_array_get(test, 0));
    json_t *words = json_array();
    if (strcmp(kind, "CMD-SHELL") == 0) {
        json_t *shell =
            (json_t *)(uintptr_t)field_get(m->run->doc, "Config.Shell");
        json_auto_t *usual = json_pack("[s, s]", "/bin/sh", "-c");
        json_array_extend(words, json_array_size(shell) > 0 ? shell : usual);
    }
    for (size_t i = 1; i < json_array_size(test); i++)
        json_array_append(words, json_array_get(test, i));
    return json_pack("{s:o}", "Cmd", words);
}

static int execute(struct monitor *m, struct spec *spec, struct err *e)
{
    struct health *h = m->health;
    struct ctr_identity target;
    auto_free char *path = text_format("%s/state", m->run->id);
    json_auto_t *request = make_request(m);
    int r = ctr_identity_load(m->run->engine->runfd, path, &target, e);
    if (r == 0)
        r = exec_plan(&h->exec, &target, request, spec, e);
    int ends[2];
    if (r == 0 && pipe2(ends, O_CLOEXEC) < 0)
        r = err_sys(e, errno, "pipe");
    if (r < 0)
        return r;
    h->out = ends[0];
    auto_fd int theirs = ends[1];
    fcntl(h->out, F_SETFL, O_NONBLOCK);
    struct ctr_options options = {
        .dies_with_us = true,
        .cgroup_optional = true,
        .stdio = {STDIN_FILENO, theirs, theirs},
    };
    auto_free char *group = record_cgroup(m->run->doc, m->run->id);
    exec_tell_command(&h->exec, "exec_create", &spec->process.args);
    exec_tell_command(&h->exec, "exec_start", &spec->process.args);
    h->pidfd = ctr_exec(&target, group, &spec->process, &options, e);
    if (h->pidfd < 0)
        exec_tell_end(&h->exec, engine_exit_code(e));
    return h->pidfd < 0 ? h->pidfd : 0;
}

static void on_timer(void *arg)
{
    struct monitor *m = arg;
    struct health *h = m->health;
    struct err why = {0};
    h->timer = 0;
    h->timed_out = false;
    text_clear(&h->output);
    json_decref(h->began);
    h->began = state_now();
    clock_gettime(CLOCK_MONOTONIC, &h->began_at);
    h->exec = (struct exec_base){m->run->engine, m->run->doc, ""};
    record_new_id(h->exec.id);
    auto_spec struct spec spec = SPEC_INIT;
    int r = execute(m, &spec, &why);
    if (r == 0)
        r = loop_add(m->loop, h->out, EPOLLIN, on_output, m, &why);
    if (r == 0)
        r = loop_add(m->loop, h->pidfd, EPOLLIN, on_end, m, &why);
    if (r == 0) {
        h->limit =
            loop_timer(m->loop, setting_ms(m, "Timeout", DEFAULT_TIMEOUT_MS),
                       on_limit, m, NULL);
        return;
    }
    if (h->pidfd >= 0) {
        proc_signal(h->pidfd, SIGKILL, NULL);
        end_probe(m);
    }
    own_close(&h->out);
    text_clear(&h->output);
    text_add(&h->output, why.msg);
    conclude(m, NO_CODE);
}

/* --- when ----------------------------------------------------------------- */

static void plan_next(struct monitor *m)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    bool starts =
        field_is(health_of(m), "Status", "starting") &&
        ms_between(&m->started, &now) < setting_ms(m, "StartPeriod", 0);
    int64_t after_ms =
        starts ? setting_ms(m, "StartInterval", DEFAULT_START_INTERVAL_MS)
               : setting_ms(m, "Interval", DEFAULT_INTERVAL_MS);
    m->health->timer = loop_timer(m->loop, after_ms, on_timer, m, NULL);
}

void monitor_begin_health(struct monitor *m)
{
    json_t *state = json_object_get(m->run->doc, "State");
    const json_t *test = field_get(m->run->doc, "Config.Healthcheck.Test");
    const char *kind = json_string_value(json_array_get(test, 0));
    if (kind == NULL || json_array_size(test) < 2)
        return;
    json_t *log = json_object_get(health_of(m), "Log");
    log = log != NULL ? json_incref(log) : json_array();
    json_object_set_new(state, "Health",
                        json_pack("{s:s, s:i, s:o}", "Status", "starting",
                                  "FailingStreak", 0, "Log", log));
    if (m->health == NULL)
        m->health = own_alloc(sizeof *m->health);
    *m->health = (struct health){.pidfd = -1, .out = -1};
    plan_next(m);
}

void monitor_resume_health(struct monitor *m)
{
    if (m->health != NULL && m->health->timer == 0)
        plan_next(m);
}

void monitor_stop_health(struct monitor *m)
{
    struct health *h = m->health;
    if (h == NULL)
        return;
    loop_cancel(m->loop, h->timer);
    h->timer = 0;
    if (h->pidfd < 0)
        return;
    proc_signal(h->pidfd, SIGKILL, NULL);
    end_probe(m);
}
