/* TAP version 14 and JUnit XML: a line, or an element, for each check. See
 * formats.h. */
#include "formats.h"

#include <string.h>

/* --- TAP --------------------------------------------------------------------
 */

/* A description: # and \ have a meaning there. */
static void tap_text(struct text *ret, const char *s)
{
    for (; s != NULL && *s != '\0'; s++) {
        if (*s == '#' || *s == '\\')
            text_add(ret, "\\");
        text_addn(ret, *s == '\n' ? " " : s, 1);
    }
}

/* A YAML scalar in double quotes. */
static void yaml_text(struct text *ret, const char *key, const char *s)
{
    text_addf(ret, "  %s: \"", key);
    for (; s != NULL && *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            text_add(ret, "\\");
        text_addn(ret, (unsigned char)*s < ' ' ? " " : s, 1);
    }
    text_add(ret, "\"\n");
}

static void tap_check(struct text *ret, size_t number,
                      const struct model_exercise *x,
                      const struct model_check *check)
{
    bool skipped = check->verdict == MODEL_CANNOT ||
                   check->verdict == MODEL_WAITS ||
                   check->verdict == MODEL_NOT_RUN;
    text_addf(ret, "%s %zu - ",
              skipped || check->verdict == MODEL_PASSED ? "ok" : "not ok",
              number);
    tap_text(ret, check->name);
    if (skipped) {
        text_add(ret, " # SKIP ");
        if (check->verdict == MODEL_WAITS)
            text_addf(ret, "%s needs an exercise that failed: ", x->id);
        tap_text(ret, check->reason);
    }
    text_add(ret, "\n");
    if (check->verdict != MODEL_FAILED && check->verdict != MODEL_GRADER)
        return;
    text_add(ret, "  ---\n");
    yaml_text(ret, "message", check->reason);
    yaml_text(ret, "severity",
              check->verdict == MODEL_FAILED ? "fail" : "error");
    if (check->difference != NULL && check->difference[0] != '\0')
        yaml_text(ret, "trace", check->difference);
    yaml_text(ret, "hint", x->hint);
    text_add(ret, "  ...\n");
}

void formats_tap(const struct course *course, struct text *ret)
{
    size_t n = 0;
    text_add(ret, "TAP version 14\n");
    for (size_t i = 0; i < course->n_labs; i++)
        for (size_t k = 0; k < course->labs[i].n_exercises; k++) {
            const struct model_exercise *x = &course->labs[i].exercises[k];
            for (size_t c = 0; c < x->n_checks; c++)
                tap_check(ret, ++n, x, &x->checks[c]);
        }
    text_addf(ret, "1..%zu\n", n);
}

/* --- JUnit ------------------------------------------------------------------
 */

static void attribute(struct text *ret, const char *name, const char *value)
{
    text_addf(ret, " %s=\"", name);
    formats_escape(ret, value);
    text_add(ret, "\"");
}

static void junit_check(struct text *ret, const struct model_lab *lab,
                        const struct model_exercise *x,
                        const struct model_check *check)
{
    static const char *const element[] = {
        [MODEL_NOT_RUN] = "skipped", [MODEL_FAILED] = "failure",
        [MODEL_WAITS] = "skipped",   [MODEL_CANNOT] = "skipped",
        [MODEL_GRADER] = "error",
    };
    text_add(ret, "    <testcase");
    attribute(ret, "name", check->name);
    text_addf(ret, " classname=\"%s.%s\" time=\"%.3f\"", lab->name, x->id,
              check->seconds);
    if (check->verdict == MODEL_PASSED) {
        text_add(ret, "/>\n");
        return;
    }
    text_addf(ret, "><%s", element[check->verdict]);
    attribute(ret, "message", check->reason);
    text_addf(ret, "/></testcase>\n");
}

static size_t count(const struct model_lab *lab, enum model_verdict from,
                    enum model_verdict to)
{
    size_t n = 0;
    for (size_t k = 0; k < lab->n_exercises; k++)
        for (size_t c = 0; c < lab->exercises[k].n_checks; c++) {
            enum model_verdict v = lab->exercises[k].checks[c].verdict;
            n += v >= from && v <= to;
        }
    return n;
}

static void junit_lab(const struct course *course, const struct model_lab *lab,
                      struct text *ret)
{
    text_add(ret, "  <testsuite");
    attribute(ret, "name", lab->name);
    text_addf(ret, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
              count(lab, MODEL_NOT_RUN, MODEL_GRADER),
              count(lab, MODEL_FAILED, MODEL_FAILED),
              count(lab, MODEL_GRADER, MODEL_GRADER));
    text_addf(ret, " skipped=\"%zu\" timestamp=\"%.19s\">\n",
              count(lab, MODEL_WAITS, MODEL_CANNOT) +
                  count(lab, MODEL_NOT_RUN, MODEL_NOT_RUN),
              course->started);
    text_addf(ret,
              "    <properties><property name=\"tier\" value=\"%s\"/>"
              "</properties>\n",
              model_tier_name(course->tier));
    for (size_t k = 0; k < lab->n_exercises; k++)
        for (size_t c = 0; c < lab->exercises[k].n_checks; c++)
            junit_check(ret, lab, &lab->exercises[k],
                        &lab->exercises[k].checks[c]);
    text_add(ret, "  </testsuite>\n");
}

void formats_junit(const struct course *course, struct text *ret)
{
    text_add(ret, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < course->n_labs; i++)
        junit_lab(course, &course->labs[i], ret);
    text_add(ret, "</testsuites>\n");
}
