/*
 * build_screen.h - the table of build_board.h on a terminal, drawn again and
 * again in its place.
 *
 * A process of its own draws it, so that seconds go on whatever the build is
 * doing: it is told of events over a pair of sockets (talk.h), and draws at
 * most ten times a second, which is also how often it asks for the terminal's
 * size. Of the terminal it wants little: cursor up, clear to the end of line
 * and of screen (ECMA-48), and the cursor hidden (DEC) while it is moved. Each
 * picture is one write(2) that ends with the cursor shown, below the table; so
 * however a build ends, its terminal is as it was.
 *
 *     struct build_screen screen;
 *     build_screen_open(&screen, STDERR_FILENO, true, &e);
 *     build_screen_tell(&screen, &event);
 *     build_screen_close(&screen);          // the last picture is drawn
 *
 * Opening makes a child: flush stdio before. A signal that ends the build ends
 * the other process by the end of file, and what was drawn last stays.
 */
#ifndef BUILD_SCREEN_H
#define BUILD_SCREEN_H

#include "engine.h"
#include "text.h"

struct build_screen {
    int fd, pidfd;
};

int build_screen_open(struct build_screen *screen, int terminal,
                      bool has_colours, struct err *e);
void build_screen_tell(const struct build_screen *screen,
                       const struct engine_build_event *event);
void build_screen_close(struct build_screen *screen);

/* What turns the lines `before` (NULL: none) into `now`, where the terminal is
 * so wide now: lines that have become too long for it have been broken by it.
 */
void build_screen_replace(const struct text *before, const struct text *now,
                          size_t columns, struct text *ret);

#endif
