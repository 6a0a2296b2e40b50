/*
 * modes.h - permissions as chmod(1) writes them: "755", "u=rwX,go=rX", "+x".
 *
 *     if (modes_is_valid("go-w,a+rX"))
 *         st.st_mode = modes_apply("go-w,a+rX", st.st_mode);
 *
 * Who is not named means all, and then writing is given to the owner alone, as
 * with a umask(2) of 022. X is x of directories and of what somebody may
 * execute already. Needs nothing.
 */
#ifndef MODES_H
#define MODES_H

#include <stdbool.h>
#include <sys/stat.h>

/* Of the symbolic form. */
bool modes_is_valid(const char *words);
/* The mode of a file, its type too, that had the other one before. */
mode_t modes_apply(const char *words, mode_t before);

#endif
