/*
 * difference.h - where two traces part: what a student's functions asked of the
 * kernel, and what the reference's did in the same check.
 *
 * Both are traces as trace.h writes them, in jsonl. Processes and threads
 * are matched by the order in which they were made, and in each the calls and
 * steps are compared one by one: by name, by the flags and types that have
 * names, and by whether they failed. Paths, numbers and addresses differ from
 * run to run, and nothing is said of them; nor of what is only opened to be
 * read, of waiting, and of what is done again and again.
 */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include <stdbool.h>

/* The first difference, in a sentence without an end, as "in yours mount(proc)
 * comes before unshare(CLONE_NEWPID), in the reference after it". Of what the
 * reference alone does only the name is told. NULL if there is none. The caller
 * frees it. */
char *difference_of(const char *reference, const char *theirs);

/* Have they as many processes, and no difference? Which of several processes
 * ends first is none. */
bool difference_is_none(const char *trace, const char *other);

#endif
