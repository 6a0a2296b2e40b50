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

void run_set_running(json_t *doc, pid_t pid)
{
    json_t *state = json_object_get(doc, "State");
    json_object_set_new(state, "Status", json_string("running"));
    json_object_set_new(state, "Running", json_true());
    json_object_set_new(state, "Pid", json_integer(pid));
    json_object_set_new(state, "StartedAt", state_now());
}

void run_set_exited(json_t *doc, int exit_code, bool oom_killed)
{
    json_t *state = json_object_get(doc, "State");
    json_object_set_new(state, "Status", json_string("exited"));
    json_object_set_new(state, "Running", json_false());
    json_object_set_new(state, "Pid", json_integer(0));
    json_object_set_new(state, "ExitCode", json_integer(exit_code));
    json_object_set_new(state, "OOMKilled", json_boolean(oom_killed));
    json_object_set_new(state, "FinishedAt", state_now());
}

char *state_status(const json_t *doc)
{
    char span[32];
    int64_t now = time(NULL);
    const char *status = field_string(doc, "State.Status");
    if (status != NULL && strcmp(status, "running") == 0) {
        int64_t since = state_time(field_string(doc, "State.StartedAt"));
        return text_format("Up %s", text_from_seconds(now - since, span));
    }
    if (status != NULL && strcmp(status, "exited") == 0) {
        int64_t at = state_time(field_string(doc, "State.FinishedAt"));
        return text_format("Exited (%" PRId64 ") %s ago",
                           field_int(doc, "State.ExitCode", 0),
                           text_from_seconds(now - at, span));
    }
    return own_strdup("Created");
}
