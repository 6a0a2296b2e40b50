/* class.h - a whole class: each submission of a directory, and what they tell
 * about the exercises. */
#ifndef CLASS_H
#define CLASS_H

#include "work.h"

/* Grade each directory in work->class_of. Exit status for main or -errno. */
int class_grade(const struct work *work, struct err *e);

#endif
