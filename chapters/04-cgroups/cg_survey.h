/*
 * cg_survey.h - what of control groups is to be had here, without making one.
 *
 * cg_create makes what it can and cg_set_limits says what it cannot. Whoever
 * wants to know beforehand (`info`, `doctor`) reads it off the files: may the
 * hierarchy be written, is the file of a limit there? Where v2's root has no
 * such files, groups below it are looked at.
 *
 *     struct cg_survey survey;
 *     cg_survey(&survey);
 *     if (cg_survey_reach(&survey, CG_MEMORY) < 0) ...
 *     if (survey.features[CG_FEATURE_SWAP] == CG_NO) ...
 *
 * Plain bytes, nothing owned; no errors: what cannot be read is not there.
 * Changes nothing, needs no privilege; the answer is the caller's, so an
 * ordinary user gets another than root. Fork-safe.
 */
#ifndef CG_SURVEY_H
#define CG_SURVEY_H

#include "cg.h"

/* Limits that a kernel may have been built without, though it has their
 * controller. */
enum cg_feature {
    CG_FEATURE_SWAP,
    CG_FEATURE_OOM_KILL_DISABLE, /* v1 alone */
    CG_FEATURE_CPU_QUOTA,
    CG_FEATURE_CPU_SHARES,
    CG_FEATURE_CPU_REALTIME, /* v1 alone */
    CG_FEATURE_IO_MAX,
    CG_FEATURE_KILL, /* v2 alone */
    CG_FEATURES,
};
enum cg_answer { CG_NO, CG_YES, CG_UNKNOWN }; /* unknown: no group to look at */

struct cg_survey {
    struct cg_layout layout;       /* n == 0: there are no control groups */
    int reach[CG_MAX_HIERARCHIES]; /* may groups be made there? 0, -EACCES,
                                      -EROFS; -ENOENT: another mount hides it */
    enum cg_answer features[CG_FEATURES];
};
void cg_survey(struct cg_survey *ret);

/* May limits of this controller be set? 0, one of the above, or -EOPNOTSUPP:
 * no hierarchy has it. */
int cg_survey_reach(const struct cg_survey *survey,
                    enum cg_controller controller);
/* The best of all hierarchies: 0 if there is one to make groups in. */
int cg_survey_best(const struct cg_survey *survey);
/* "memory" or "blkio", and where: its name there and its hierarchy, or NULL. */
const char *cg_survey_name(const struct cg_survey *survey,
                           enum cg_controller controller);
const struct cg_hierarchy *cg_survey_where(const struct cg_survey *survey,
                                           enum cg_controller controller);

#endif
