/*
 * class.h - a whole class: each submission of a directory is graded by a grader
 * of its own, and what they all came to tells about the exercises, too.
 *
 * A submission is never trusted: it is compiled as nobody, if we are root, and
 * its checks run in the lab kernel, unless --tier says otherwise.
 * WORK/NAME/result.json is its result, with the hash of the files it is for.
 * One that could not be graded is told, and does not keep the others from it.
 */
#ifndef CLASS_H
#define CLASS_H

#include "work.h"

/* Grade each directory in work->class_of, work->jobs at a time; print a table
 * and what the exercises were like, and write a row of CSV for each to
 * work->output. Exit status for main or -errno. */
int class_grade(const struct work *work, struct err *e);

#endif
