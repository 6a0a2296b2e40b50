/*
 * pattern.h - wildcards in paths, as Go's path.Match has them, and "**".
 *
 *     *        any characters but "/"
 *     ?        one character but "/"
 *     [a-z]    one of these; [^a-z] one that is none of these
 *     \x       x, whatever it is
 *     **       where it is asked for (PATTERN_DEEP): any number of directories
 *
 * pkg.go.dev/path#Match says so, and github.com/moby/patternmatcher for **.
 *
 *     pattern_match("*.c", "main.c") == 1
 *
 * A compiled pattern belongs to whoever compiled it, and may be used by several
 * threads. -EINVAL: a syntax error in the pattern. Needs no privilege.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>

/* Does all of `name` match? 1, 0, or -EINVAL. */
int pattern_match(const char *pattern, const char *name);
/* Is there a sign in it that stands for something else? */
bool pattern_is_wild(const char *text);

struct pattern;
enum { PATTERN_DEEP = 1 };
int pattern_compile(const char *text, int flags, struct pattern **ret);
void pattern_free(struct pattern **pattern);

/* What a pattern says about a path. */
enum {
    PATTERN_SELF = 1,   /* it matches */
    PATTERN_PARENT = 2, /* it matches a directory that the path lies in */
    PATTERN_BELOW = 4,  /* it might match something below the path */
};
int pattern_judge(const struct pattern *pattern, const char *path);

#endif
