/*
 * shield.h - our own program file, out of reach of what we start.
 *
 * /proc/self/exe is the file that a process executes; not its name, but the
 * file. An image that says "execute /proc/self/exe", or whose program begins
 * with "#!/proc/self/exe", makes us execute ourselves among its libraries:
 * code of the image runs, and can open that file of the host. It waits until
 * nobody executes it any more, writes, and is root of the host at the next
 * start of a container (CVE-2019-5736). It could not if the file was executed
 * through a mount that is read-only, or was a sealed copy in memory:
 *
 *     int main(int argc, char **argv)
 *     {
 *         shield_self(argv, &e);      starts main once more, shielded
 *
 * The mount is a clone that is attached nowhere (open_tree(2)): nobody can
 * name it to make it writable again. Where we may not have one, or before
 * Linux 5.12, the copy is made: memfd_create(2), F_SEAL_WRITE in fcntl(2).
 *
 * Nothing is owned. Not fork-safe: it replaces the whole process, and must be
 * called before anything is open that has to be closed properly.
 */
#ifndef SHIELD_H
#define SHIELD_H

#include "err.h"

/* The environment's variable that tells the second start where the program
 * really lies, and what a copy of it is sealed with (F_ADD_SEALS). */
#define SHIELD_VARIABLE "MINI_DOCKER_PROGRAM"
#define SHIELD_SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* 0 if what we execute is out of reach already; otherwise it executes it anew,
 * with the same arguments, and returns only if that fails. */
int shield_self(char *const argv[], struct err *e);
/* The path by which our program was found: of a shielded one /proc/self/exe
 * does not tell. The caller frees it. NULL if that cannot be known. */
char *shield_program(void);

#endif
