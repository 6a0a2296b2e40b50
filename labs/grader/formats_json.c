/* The whole result as JSON. Its keys are what other programs of ours read:
 * class.c and the tests. See formats.h. */
#include "formats.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *strings(const struct strv *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, json_string(list->v[i]));
    return array;
}

static json_t *check_of(const struct model_check *check)
{
    return json_pack("{s:s, s:s, s:s, s:f, s:s, s:s, s:s, s:o}", "name",
                     check->name, "program", check->program, "verdict",
                     model_verdict_name(check->verdict), "seconds",
                     check->seconds, "reason",
                     check->reason ? check->reason : "", "output",
                     check->output ? check->output : "", "difference",
                     check->difference ? check->difference : "", "evidence",
                     strings(&check->evidence));
}

static json_t *exercise_of(const struct model_exercise *x)
{
    struct model_score score = model_score_of(x);
    json_t *checks = json_array();
    for (size_t i = 0; i < x->n_checks; i++)
        json_array_append_new(checks, check_of(&x->checks[i]));
    return json_pack("{s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:o, s:s, s:o}", "id",
                     x->id, "function", x->function, "points", score.got, "of",
                     score.of, "verdict", model_verdict_name(model_verdict(x)),
                     "level", x->level, "tier", model_tier_name(x->tier),
                     "needs", strings(&x->needs), "hint", x->hint, "checks",
                     checks);
}

static json_t *lab_of(const struct model_lab *lab)
{
    struct model_score score = model_score_lab(lab);
    json_t *exercises = json_array();
    for (size_t i = 0; i < lab->n_exercises; i++)
        json_array_append_new(exercises, exercise_of(&lab->exercises[i]));
    return json_pack("{s:s, s:i, s:i, s:s*, s:o}", "name", lab->name, "points",
                     score.got, "of", score.of, "broken", lab->broken,
                     "exercises", exercises);
}

void formats_json(const struct course *course, struct text *ret)
{
    struct model_score score = model_score(course);
    json_t *labs = json_array();
    for (size_t i = 0; i < course->n_labs; i++)
        json_array_append_new(labs, lab_of(&course->labs[i]));
    json_t *all = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:b, s:f, s:o}", "student",
        course->student, "started", course->started, "sha256",
        course->hash ? course->hash : "", "tier", model_tier_name(course->tier),
        "points", score.got, "of", score.of, "provisional", score.provisional,
        "seconds", course->seconds, "labs", labs);
    char *text = json_dumps(all, JSON_INDENT(2));
    text_add(ret, text);
    text_add(ret, "\n");
    free(text);
    json_decref(all);
}
