/*
 * see.h - what is there, to be compared before and after.
 *
 * A list of lines, sorted: all processes, mounts and links that can be seen
 * here, the directories of all control groups, and all files below /run, with
 * their rights and sizes.
 */
#ifndef SEE_H
#define SEE_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
    char **v;
    size_t n, space;
};

struct lines see_all(void);
/* The same when it changes no more: what was there before may be going still.
 */
struct lines see_at_rest(void);
void see_done(struct lines *lines);
/* Is it all as before? What is not is told on standard output. What was killed
 * is given a moment to be gone. */
bool see_same(const struct lines *before);
/* The same, without the moment and without a word. */
bool see_same_at_once(const struct lines *before);
/* Wait a moment for processes that were not there before to be gone. */
void see_settle(const struct lines *before);

#endif
