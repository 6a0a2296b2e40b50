/*
 * stamp.h - is it still the file that was read before?
 *
 * A file that is only ever replaced (files_replace) is another inode each time,
 * and one that is written to has another time of change (stat(2), st_ctim),
 * which no program can set. While inode, size and that time are the same, so is
 * the content: what followed from it once follows still.
 *
 * The clock that stamps files ticks every few milliseconds. One that changed a
 * moment ago may change again within the same tick, and even get the number of
 * an inode that just became free. So a file younger than a second has no stamp
 * (git calls entries of such files racy).
 *
 *     struct stamp now;
 *     stamp_get(root, "names.json", &now);      before it is read
 *     if (stamp_is_same(&then, &now))
 *         ...                                   it says what it said then
 *
 * As text, a stamp is three numbers between blanks. Fork-safe; owns nothing.
 */
#ifndef STAMP_H
#define STAMP_H

#include "text.h"

struct stamp {
    uint64_t inode; /* 0: none, which is like no other */
    int64_t size, ctime_ns;
};

/* Of the file itself, where it is a symbolic link. 0, also where it is too
 * young for a stamp, or -errno; then *ret is none. */
int stamp_get(int dirfd, const char *path, struct stamp *ret);
bool stamp_is_same(const struct stamp *a, const struct stamp *b);

void stamp_add(struct text *out, const struct stamp *stamp);
/* Read one at the beginning of `text`; what follows it. */
char *stamp_read(char *text, struct stamp *ret);

#endif
