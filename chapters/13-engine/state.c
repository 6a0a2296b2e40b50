/* The State of a container's document, and what people are told of it. */
#include "run.h"

#include "state.h"

#include "field.h"
#include "own.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

json_t *state_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm tm;
    gmtime_r(&now.tv_sec, &tm);
    char date[32], text[64];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text, sizeof text, "%s.%09ldZ", date, now.tv_nsec);
    return json_string(text);
}

int64_t state_time(const char *text)
{
    struct tm tm = {0};
    if (text == NULL || strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
        return 0;
    return timegm(&tm);
}

/* The members that say in which state it is. */
static json_t *set_status(json_t *doc, const char *status)
{
    json_t *state = json_object_get(doc, "State");
    bool restarting = strcmp(status, "restarting") == 0;
    json_object_set_new(state, "Status", json_string(status));
    json_object_set_new(state, "Restarting", json_boolean(restarting));
    json_object_set_new(state, "Paused", json_false());
    json_object_set_new(
        state, "Running",
        json_boolean(restarting || strcmp(status, "running") == 0));
    return state;
}

void run_set_running(json_t *doc, pid_t pid)
{
    json_t *state = set_status(doc, "running");
    json_object_set_new(state, "Pid", json_integer(pid));
    json_object_set_new(state, "ExitCode", json_integer(0));
    json_object_set_new(state, "OOMKilled", json_false());
    json_object_set_new(state, "Error", json_string(""));
    json_object_set_new(state, "StartedAt", state_now());
}

/* As Docker has it: who is not there, or frozen, is not well. */
static void set_unprobed(json_t *state)
{
    json_t *health = json_object_get(state, "Health");
    if (health != NULL)
        json_object_set_new(health, "Status", json_string("unhealthy"));
}

static void set_end(json_t *state, int exit_code, bool oom_killed)
{
    json_object_set_new(state, "Pid", json_integer(0));
    json_object_set_new(state, "ExitCode", json_integer(exit_code));
    json_object_set_new(state, "OOMKilled", json_boolean(oom_killed));
    json_object_set_new(state, "FinishedAt", state_now());
    set_unprobed(state);
}

void run_set_exited(json_t *doc, int exit_code, bool oom_killed)
{
    set_end(set_status(doc, "exited"), exit_code, oom_killed);
    wiring_tell_gone(doc);
}

void run_set_restarting(json_t *doc, int exit_code, bool oom_killed)
{
    set_end(set_status(doc, "restarting"), exit_code, oom_killed);
    wiring_tell_gone(doc);
}

void run_set_failed(json_t *doc, int exit_code, const char *why)
{
    bool was_created = field_is(doc, "State.Status", "created");
    json_t *state = set_status(doc, was_created ? "created" : "exited");
    json_object_set_new(state, "Pid", json_integer(0));
    json_object_set_new(state, "ExitCode", json_integer(exit_code));
    json_object_set_new(state, "Error", json_string(why));
    wiring_tell_gone(doc);
}

bool run_is_active(const json_t *doc)
{
    return field_bool(doc, "State.Running") ||
           field_is(doc, "State.Status", "running");
}

void run_set_paused(json_t *doc, bool paused)
{
    json_t *state = set_status(doc, "running");
    json_object_set_new(state, "Paused", json_boolean(paused));
    if (!paused)
        return;
    json_object_set_new(state, "Status", json_string("paused"));
    set_unprobed(state);
}

/* "Up 3 seconds (Paused)", "Up 3 seconds (healthy)". */
static char *status_up(const json_t *doc)
{
    char span[32];
    int64_t since = state_time(field_string(doc, "State.StartedAt"));
    text_from_seconds(time(NULL) - since, span);
    const char *health = field_string(doc, "State.Health.Status");
    if (field_bool(doc, "State.Paused"))
        return text_format("Up %s (Paused)", span);
    if (health == NULL || strcmp(health, "none") == 0)
        return text_format("Up %s", span);
    return text_format("Up %s (%s%s)", span,
                       strcmp(health, "starting") == 0 ? "health: " : "",
                       health);
}

char *state_status(const json_t *doc)
{
    char span[32];
    const char *status = field_string(doc, "State.Status");
    int64_t at = state_time(field_string(doc, "State.FinishedAt"));
    int64_t code = field_int(doc, "State.ExitCode", 0);
    text_from_seconds(time(NULL) - at, span);
    if (status != NULL && strcmp(status, "restarting") == 0)
        return text_format("Restarting (%" PRId64 ") %s ago", code, span);
    if (status != NULL && strcmp(status, "exited") == 0)
        return text_format("Exited (%" PRId64 ") %s ago", code, span);
    return run_is_active(doc) ? status_up(doc) : own_strdup("Created");
}
