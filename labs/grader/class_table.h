/* class_table.h - the results of a class, side by side. Inside class.h. */
#ifndef CLASS_TABLE_H
#define CLASS_TABLE_H

#include "work.h"

/* Read WORK/NAME/result.json of each; print a table, and of each exercise how
 * many have solved it and how well it tells the strong from the weak; write the
 * CSV. 0, 1 if somebody's result is missing, or -errno. */
int class_table(const struct work *work, const struct strv *names,
                struct err *e);

#endif
