/*
 * course.h - what there is to grade, read from the course's own files.
 *
 *     labs/NN-name/exercises     a row for each exercise: points, tier, needs
 *     labs/NN-name/EXERCISES.md  its first hint
 *     chapters/NN-name/test_*.c  its checks: the tests named lab_N_k_...
 *
 * All of it is the lecturer's; nothing that a student hands in is read here.
 * The working directory is the top of the tree.
 */
#ifndef COURSE_H
#define COURSE_H

#include "err.h"
#include "model.h"

/* Read the labs named in `chosen` ("04", "04-cgroups"; empty: all that have a
 * table). -ENOENT for one that is not there, -EINVAL for a table that is wrong:
 * it names the file and the line. */
int course_read(struct course *course, const struct strv *chosen,
                struct err *e);

#endif
