/*
 * model.h - what grading is about: exercises with points, their checks, and
 * what came of each. One result, which every output format shows in its own
 * way.
 *
 *     auto_course struct course course = {0};
 *     course_read(&course, "..", &e);             // course.h
 *     ... run the checks ...                      // tier.h, inside.h
 *     model_settle(&course);
 *     formats_find("json")->write(&course, &text);
 *
 * A lab is a chapter; an exercise is a function of it that students write, a
 * check is a test lab_N_k_... of that chapter. An exercise gives its points
 * when all its checks have passed: many of them expect an error, which what is
 * not written yet gives, too. Everything here belongs to the course and is
 * freed with it.
 */
#ifndef MODEL_H
#define MODEL_H

#include "text.h"

/* What came of a check. Only MODEL_PASSED rests on evidence. */
enum model_verdict {
    MODEL_NOT_RUN, /* not chosen */
    MODEL_PASSED,
    MODEL_FAILED,
    MODEL_WAITS,  /* failed as an exercise did that it needs */
    MODEL_CANNOT, /* the environment cannot prove it */
    MODEL_GRADER, /* the grader or the environment broke */
};

/* Where a check can run, from the least that is asked of a machine. */
enum model_tier { MODEL_PLAIN, MODEL_USERNS, MODEL_KERNEL, MODEL_ROOT };

struct model_check {
    char *name, *program;
    enum model_verdict verdict;
    char *reason;         /* why not; "" or NULL if it has passed */
    char *output;         /* what the program said, when it failed */
    char *difference;     /* first one to the reference's calls; "" or NULL */
    struct strv evidence; /* what held, one line each */
    double seconds;
};

struct model_exercise {
    char id[12]; /* "4.2" */
    int points, minutes;
    char *level, *function, *hint;
    enum model_tier tier;
    struct strv needs; /* ids of the same lab */
    struct model_check *checks;
    size_t n_checks;
};

struct model_lab {
    char *name;   /* "04-cgroups" */
    char *broken; /* why nothing of it could run: it did not compile */
    struct model_exercise *exercises;
    size_t n_exercises;
};

struct course {
    struct model_lab *labs;
    size_t n_labs;
    char *student;        /* whose work it is: the name of the directory */
    char *started;        /* ISO 8601 */
    char *hash;           /* SHA-256 of the files that were graded */
    enum model_tier tier; /* where it ran */
    bool explain;         /* show the evidence, too */
    double seconds;
};

#define auto_course __attribute__((cleanup(model_done)))
void model_done(struct course *course);

/* "plain", "userns", "kernel", "root", and back: -EINVAL. */
const char *model_tier_name(enum model_tier tier);
int model_tier_of(const char *name);
/* "passed", "failed", "waits", "cannot run", "grader error". */
const char *model_verdict_name(enum model_verdict verdict);

/* Tell what failed by itself from what failed with an exercise that it needs:
 * such a check waits, and nobody is blamed for it twice. */
void model_settle(struct course *course);

/* What all its checks came to: the worst of them. */
enum model_verdict model_verdict(const struct model_exercise *exercise);

/* Points of an exercise, a lab or all: got, and to be had. */
struct model_score {
    int got, of;
    bool provisional; /* some of it could not run here */
};
struct model_score model_score_of(const struct model_exercise *exercise);
struct model_score model_score_lab(const struct model_lab *lab);
struct model_score model_score(const struct course *course);

/* The exercise, by its id, or NULL. */
struct model_exercise *model_find(struct model_lab *lab, const char *id);

#endif
