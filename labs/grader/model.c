/* Verdicts and points. See model.h. */
#include "model.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const tiers[] = {"plain", "userns", "kernel", "root"};
static const char *const verdicts[] = {"not run", "passed",     "failed",
                                       "waits",   "cannot run", "grader error"};

const char *model_tier_name(enum model_tier tier)
{
    return tiers[tier];
}

int model_tier_of(const char *name)
{
    for (size_t i = 0; i < sizeof tiers / sizeof tiers[0]; i++)
        if (strcmp(tiers[i], name) == 0)
            return (int)i;
    return -EINVAL;
}

const char *model_verdict_name(enum model_verdict verdict)
{
    return verdicts[verdict];
}

static void exercise_done(struct model_exercise *exercise)
{
    for (size_t i = 0; i < exercise->n_checks; i++) {
        struct model_check *check = &exercise->checks[i];
        free(check->name);
        free(check->program);
        free(check->reason);
        free(check->output);
        free(check->difference);
        strv_done(&check->evidence);
    }
    free(exercise->checks);
    free(exercise->level);
    free(exercise->function);
    free(exercise->hint);
    strv_done(&exercise->needs);
}

void model_done(struct course *course)
{
    for (size_t i = 0; i < course->n_labs; i++) {
        struct model_lab *lab = &course->labs[i];
        for (size_t k = 0; k < lab->n_exercises; k++)
            exercise_done(&lab->exercises[k]);
        free(lab->exercises);
        free(lab->name);
        free(lab->broken);
    }
    free(course->labs);
    free(course->student);
    free(course->started);
    free(course->hash);
    memset(course, 0, sizeof *course);
}

struct model_exercise *model_find(struct model_lab *lab, const char *id)
{
    for (size_t i = 0; i < lab->n_exercises; i++)
        if (strcmp(lab->exercises[i].id, id) == 0)
            return &lab->exercises[i];
    return NULL;
}

enum model_verdict model_verdict(const struct model_exercise *exercise)
{
    /* What tells most comes first: a failure is one, whatever could not run. */
    static const enum model_verdict worst[] = {
        MODEL_FAILED, MODEL_WAITS, MODEL_GRADER, MODEL_CANNOT, MODEL_NOT_RUN};
    for (size_t w = 0; w < sizeof worst / sizeof worst[0]; w++)
        for (size_t i = 0; i < exercise->n_checks; i++)
            if (exercise->checks[i].verdict == worst[w])
                return worst[w];
    return exercise->n_checks > 0 ? MODEL_PASSED : MODEL_NOT_RUN;
}

/* Has one failed that this one needs, itself or through others? The table has
 * no cycles (course.c), so this comes to an end. */
static bool is_held_up(struct model_lab *lab,
                       const struct model_exercise *exercise)
{
    for (size_t i = 0; i < exercise->needs.n; i++) {
        const struct model_exercise *needed =
            model_find(lab, exercise->needs.v[i]);
        enum model_verdict verdict = model_verdict(needed);
        if (verdict == MODEL_FAILED || verdict == MODEL_WAITS ||
            is_held_up(lab, needed))
            return true;
    }
    return false;
}

static void settle_exercise(struct model_lab *lab,
                            struct model_exercise *exercise)
{
    if (!is_held_up(lab, exercise))
        return;
    for (size_t i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].verdict == MODEL_FAILED)
            exercise->checks[i].verdict = MODEL_WAITS;
}

void model_settle(struct course *course)
{
    for (size_t i = 0; i < course->n_labs; i++)
        for (size_t k = 0; k < course->labs[i].n_exercises; k++)
            settle_exercise(&course->labs[i], &course->labs[i].exercises[k]);
}

struct model_score model_score_of(const struct model_exercise *exercise)
{
    enum model_verdict verdict = model_verdict(exercise);
    struct model_score score = {.of = exercise->points};
    if (verdict == MODEL_PASSED)
        score.got = exercise->points;
    score.provisional = verdict == MODEL_GRADER || verdict == MODEL_CANNOT;
    return score;
}

static void add_score(struct model_score *sum, struct model_score score)
{
    sum->got += score.got;
    sum->of += score.of;
    sum->provisional |= score.provisional;
}

struct model_score model_score_lab(const struct model_lab *lab)
{
    struct model_score sum = {0};
    for (size_t i = 0; i < lab->n_exercises; i++)
        add_score(&sum, model_score_of(&lab->exercises[i]));
    return sum;
}

struct model_score model_score(const struct course *course)
{
    struct model_score sum = {0};
    for (size_t i = 0; i < course->n_labs; i++)
        add_score(&sum, model_score_lab(&course->labs[i]));
    return sum;
}
