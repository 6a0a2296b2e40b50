/*
 * terminal.h - what the terminal at a descriptor can do, and what its user
 * wants.
 *
 *     if (terminal_has_colours(STDOUT_FILENO))
 *         fputs("\033[31m", stdout);
 *
 * TERM tells whether it knows more than to print line after line (terminfo(5);
 * "dumb" does not, and who does not say does not know), NO_COLOR whether to
 * spare its user colours (no-color.org). Nothing is owned.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <sys/ioctl.h>

/* The cursor can be moved. */
bool terminal_has_cursor(int fd);
bool terminal_has_colours(int fd);
/* Its window; where nobody knows, 24 rows of 80 columns. */
struct winsize terminal_size(int fd);

#endif
