/*
 * cells.h - text of strangers, made fit for the cells of a terminal.
 *
 * What a program prints may hold anything: sequences that move the cursor,
 * clear the screen, set the window's title or type something (ECMA-48; "OSC"
 * of xterm's ctlseqs), characters that turn the order of others around, bytes
 * that are no text. Of all this only letters are left; what is no UTF-8 is
 * U+FFFD, as terminals show it. A character has one cell, an East Asian one or
 * an emoji two (UAX #11), an accent of its own none.
 *
 *     size_t used = cells_add(&line, bytes, len, 40);    // 40 cells at most
 *     text_addf(&line, "%*s", (int)(40 - used), "");
 *
 * Nothing is owned. Needs no locale.
 */
#ifndef CELLS_H
#define CELLS_H

#include "text.h"

/* Add what of the line fits into so many cells; how many it took. A tab, and
 * the end of a line inside, are a blank. */
size_t cells_add(struct text *ret, const char *bytes, size_t len, size_t most);

/* How many cells such a text takes. */
size_t cells_count(const char *bytes, size_t len);

/* What a terminal would show of a line whose program went back to its beginning
 * by carriage returns: what follows the last one. */
const char *cells_last_written(const char *line, size_t len, size_t *ret_len);

#endif
