/* From what a check said to its verdict, and the line of JSON between grader
 * and grader. See inside_end.h and inside.h. */
#include "inside_end.h"

#include "inside.h"
#include "own.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PRINTED_MAX (64 << 10)

int inside_read_output(struct inside_check *check, int fd, struct err *e)
{
    auto_free char *bytes = own_alloc(PRINTED_MAX);
    ssize_t n = pread(fd, bytes, PRINTED_MAX, 0);
    if (n < 0)
        return err_sys(e, errno, "what %s printed", check->name);
    text_addn(&check->printed, bytes, (size_t)n);
    text_add(&check->printed, "");
    return 0;
}

/* Take apart what came by the channel. True if the test came to its end; *skip
 * is why it could not be tried. */
static bool read_channel(const struct inside_check *check,
                         struct strv *evidence, char **skip)
{
    auto_strv struct strv lines = {0};
    auto_free char *saw = text_format("%s saw ", check->word);
    auto_free char *end = text_format("%s end %s", check->word, check->name);
    auto_free char *cannot = text_format("%s skip ", check->word);
    bool ended = false;
    if (check->said.len > 0)
        strv_split(&lines, check->said.s, '\n');
    for (size_t i = 0; i < lines.n; i++) {
        if (text_starts(lines.v[i], saw))
            strv_add(evidence, lines.v[i] + strlen(saw));
        if (text_starts(lines.v[i], cannot) && *skip == NULL)
            *skip = own_strdup(lines.v[i] + strlen(cannot));
        ended |= strcmp(lines.v[i], end) == 0;
    }
    return ended;
}

/* The reason in "not ok 1 - file.c:case:test: REASON" (Check's TAP). */
static char *reason_in(const struct inside_check *check)
{
    const char *line = strstr(check->printed.s, "not ok 1 - ");
    auto_free char *mark = text_format(":%s: ", check->name);
    const char *reason = line ? strstr(line, mark) : NULL;
    if (reason == NULL)
        return NULL;
    reason += strlen(mark);
    return text_format("%.*s", (int)strcspn(reason, "\n"), reason);
}

/* Why it has not passed; NULL if it has. */
static char *judge(const struct inside_check *check, struct strv *evidence,
                   enum model_verdict *ret)
{
    auto_free char *skip = NULL, *reason = reason_in(check);
    bool ended = read_channel(check, evidence, &skip);
    *ret = MODEL_FAILED;
    if (!check->in_time)
        return text_format("it has not ended after %d seconds",
                           check->budget_ms * 2 / 1000);
    if (check->status == 127 && check->printed.len == 0)
        return *ret = MODEL_GRADER,
               text_format("%s does not start", check->program);
    if (skip != NULL && reason != NULL && !ended)
        return *ret = MODEL_CANNOT, own_take(&skip);
    if (reason != NULL)
        return own_take(&reason);
    if (check->status != 0)
        return text_format("it ended with status %d", check->status);
    if (!ended)
        return own_strdup("it ended before the check did");
    if (evidence->n == 0)
        return own_strdup("it showed nothing");
    *ret = MODEL_PASSED;
    return NULL;
}

/* Bytes that need not be UTF-8, which JSON's strings are. */
static json_t *text_of(const char *s)
{
    json_t *whole = json_string(s);
    if (whole != NULL)
        return whole;
    auto_free char *copy = own_strdup(s);
    for (char *at = copy; *at != '\0'; at++)
        if ((unsigned char)*at >= 128)
            *at = '?';
    return json_string(copy);
}

void inside_judge(struct inside_check *check, const char *broken)
{
    check->verdict = MODEL_GRADER;
    check->reason = broken ? own_strdup(broken)
                           : judge(check, &check->evidence, &check->verdict);
    if (broken)
        text_clear(&check->printed);
}

void inside_tell(const struct inside_check *check)
{
    bool shown = check->verdict != MODEL_PASSED && check->printed.s != NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < check->evidence.n; i++)
        json_array_append_new(list, text_of(check->evidence.v[i]));
    json_t *line = json_pack(
        "{s:s, s:i, s:f, s:o, s:o, s:o, s:o}", "check", check->name, "verdict",
        (int)check->verdict, "seconds", check->seconds, "evidence", list,
        "reason", text_of(check->reason ? check->reason : ""), "output",
        text_of(shown ? check->printed.s : ""), "difference",
        text_of(check->difference ? check->difference : ""));
    char *text = json_dumps(line, JSON_COMPACT);
    printf("%s\n", text);
    fflush(stdout);
    free(text);
    json_decref(line);
}

void inside_done(struct inside_check *check)
{
    text_done(&check->said);
    text_done(&check->printed);
    strv_done(&check->evidence);
    free(check->reason);
    free(check->difference);
}

static struct model_check *find(struct model_lab *lab, const char *name)
{
    for (size_t i = 0; i < lab->n_exercises; i++)
        for (size_t k = 0; k < lab->exercises[i].n_checks; k++)
            if (strcmp(lab->exercises[i].checks[k].name, name) == 0)
                return &lab->exercises[i].checks[k];
    return NULL;
}

int inside_read(struct model_lab *lab, const char *text, struct err *e)
{
    json_t *line = json_loads(text, 0, NULL), *list, *item;
    const char *name, *reason, *output, *difference;
    int verdict, r = 0;
    double seconds;
    size_t i;
    struct model_check *check = NULL;
    if (line == NULL ||
        json_unpack(line, "{s:s, s:i, s:F, s:o, s:s, s:s, s:s}", "check", &name,
                    "verdict", &verdict, "seconds", &seconds, "evidence", &list,
                    "reason", &reason, "output", &output, "difference",
                    &difference) < 0 ||
        (check = find(lab, name)) == NULL || verdict < MODEL_NOT_RUN ||
        verdict > MODEL_GRADER)
        r = err_set(e, EBADMSG, "no report of a check: %.80s", text);
    if (check != NULL && r >= 0 && check->verdict == MODEL_NOT_RUN) {
        check->verdict = (enum model_verdict)verdict;
        check->seconds = seconds;
        check->reason = own_strdup(reason);
        check->output = own_strdup(output);
        check->difference = own_strdup(difference);
        json_array_foreach(list, i, item)
            strv_add(&check->evidence, json_string_value(item));
    }
    json_decref(line);
    return r;
}
