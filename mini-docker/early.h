/*
 * early.h - what happens before the C library has started.
 *
 * A program that executes itself (shield.h) starts twice, and more than half
 * of a small program's start is the C library's: it asks the processor what it
 * can do, and in a virtual machine each such question is a trap. So the first
 * start ends at the program's entry point, where it has only what the kernel
 * gave it: the stack with argc, argv and the environment (execve(2), and the
 * processor's ABI).
 *
 * It is a short cut, and never more: whatever fails here is left to
 * shield_self, which does it once more and can say what is wrong. The program
 * is linked with early_entry as its entry where it is static and the processor
 * is one that early.c knows; elsewhere main is reached first, as always.
 */
#ifndef EARLY_H
#define EARLY_H

#include <stdbool.h>

/* Is one of the words a command whose process becomes a container's? (It may
 * be an option's value: then we are shielded without need.) */
bool early_enters_container(char *const *argv);

#endif
