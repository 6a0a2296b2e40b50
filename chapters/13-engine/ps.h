/*
 * ps.h - the host's ps(1), and of what it says the lines of given processes.
 *
 * Options are the user's, and may ask for processes of the whole machine; so
 * ps is not told which to show, but its lines are chosen by their column PID.
 * `top` of mini-docker and `ps` of mini-runc are made of it:
 *
 *     ps_lines(&options, pids, n, &lines, &e);     lines.v[0]: the titles
 *
 * The lines are the caller's. Errors: -ENOENT where there is no ps, -EINVAL
 * with the first line of what ps says where it does not like the options, or
 * where these leave no column PID.
 */
#ifndef PS_H
#define PS_H

#include "err.h"
#include "text.h"

#include <sys/types.h>

/* Options: none is -ef. */
int ps_lines(const struct strv *options, const pid_t *pids, size_t n,
             struct strv *ret, struct err *e);
/* Add the words between blanks, which may be several in a row. */
void ps_words(struct strv *words, const char *s);

#endif
