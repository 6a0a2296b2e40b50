/* What grading systems read: Gradescope, GitHub Classroom and Autolab, all of
 * them JSON. See formats.h. */
#include "formats.h"

#include "own.h"

#include <jansson.h>
#include <stdlib.h>

/* Add the JSON in `value`, which is consumed, as one line or several. */
static void add(struct text *ret, json_t *value, size_t flags)
{
    char *text = json_dumps(value, flags);
    text_add(ret, text);
    text_add(ret, "\n");
    free(text);
    json_decref(value);
}

/* What `test_of` makes of each exercise, with why it has no points. */
static json_t *tests_of(const struct course *course,
                        json_t *(*test_of)(const struct model_lab *lab,
                                           const struct model_exercise *x,
                                           const char *title, const char *why))
{
    json_t *tests = json_array();
    for (size_t i = 0; i < course->n_labs; i++)
        for (size_t k = 0; k < course->labs[i].n_exercises; k++) {
            const struct model_exercise *x = &course->labs[i].exercises[k];
            auto_free char *title = text_format("%s %s", x->id, x->function);
            auto_text struct text why = {0};
            formats_explain(course, &course->labs[i], x, &why);
            json_array_append_new(
                tests, test_of(&course->labs[i], x, title, why.s ? why.s : ""));
        }
    return tests;
}

static json_t *gradescope_test(const struct model_lab *lab,
                               const struct model_exercise *x,
                               const char *title, const char *why)
{
    struct model_score score = model_score_of(x);
    return json_pack("{s:s, s:s, s:i, s:i, s:s, s:s, s:[s], s:s}", "name",
                     title, "number", x->id, "score", score.got, "max_score",
                     score.of, "status",
                     score.got == score.of ? "passed" : "failed", "output", why,
                     "tags", lab->name, "visibility", "visible");
}

/* Gradescope, "Autograder specifications": results.json. The total is the sum
 * of the tests' scores. What could not run is shown, and says so. */
void formats_gradescope(const struct course *course, struct text *ret)
{
    struct model_score all = model_score(course);
    add(ret,
        json_pack(
            "{s:f, s:s, s:s, s:s, s:o, s:{s:s, s:s, s:b}}", "execution_time",
            course->seconds, "output",
            all.provisional ? "Provisional: some checks cannot run here." : "",
            "visibility", "visible", "stdout_visibility", "hidden", "tests",
            tests_of(course, gradescope_test), "extra_data", "tier",
            model_tier_name(course->tier), "sha256",
            course->hash ? course->hash : "", "provisional", all.provisional),
        JSON_INDENT(1));
}

static const char *classroom_status(const struct model_exercise *x)
{
    switch (model_verdict(x)) {
    case MODEL_PASSED:
        return "pass";
    case MODEL_FAILED:
    case MODEL_WAITS:
        return "fail";
    default:
        return "error";
    }
}

static json_t *classroom_test(const struct model_lab *lab,
                              const struct model_exercise *x, const char *title,
                              const char *why)
{
    double seconds = 0;
    for (size_t c = 0; c < x->n_checks; c++)
        seconds += x->checks[c].seconds;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:f}", "name", title,
                     "status", classroom_status(x), "message", why, "test_code",
                     x->function, "filename", lab->name, "line_no", 0, "score",
                     model_score_of(x).got, "execution_time", seconds);
}

/* GitHub Classroom: the object whose base64 is a step's output `result`, as
 * autograding-grading-reporter reads it. */
void formats_classroom(const struct course *course, struct text *ret)
{
    struct model_score all = model_score(course);
    add(ret,
        json_pack("{s:i, s:s, s:i, s:o}", "version", 1, "status",
                  all.got == all.of ? "pass" : "fail", "max_score", all.of,
                  "tests", tests_of(course, classroom_test)),
        JSON_COMPACT);
}

/* Autolab reads the last line of standard output: the scores by problem, which
 * here are the labs. */
void formats_autolab(const struct course *course, struct text *ret)
{
    json_t *scores = json_object(), *board = json_array();
    for (size_t i = 0; i < course->n_labs; i++)
        json_object_set_new(
            scores, course->labs[i].name,
            json_integer(model_score_lab(&course->labs[i]).got));
    json_array_append_new(board, json_integer(model_score(course).got));
    formats_text(course, ret);
    add(ret, json_pack("{s:o, s:o}", "scores", scores, "scoreboard", board),
        JSON_COMPACT);
}
