/*
 * formats.h - one result, in the forms that people and grading systems read.
 */
#ifndef FORMATS_H
#define FORMATS_H

#include "model.h"

struct format {
    const char *name, *what;
    void (*write)(const struct course *course, struct text *ret);
};

/* By name; NULL if there is none. The array ends with a NULL name. */
const struct format *formats_find(const char *name);
extern const struct format formats_all[];

/* --- the forms, each in a file of its own -----------------------------------
 */

void formats_text(const struct course *course, struct text *ret);
void formats_json(const struct course *course, struct text *ret);
void formats_html(const struct course *course, struct text *ret);
void formats_gradescope(const struct course *course, struct text *ret);
void formats_classroom(const struct course *course, struct text *ret);
void formats_autolab(const struct course *course, struct text *ret);
void formats_tap(const struct course *course, struct text *ret);
void formats_junit(const struct course *course, struct text *ret);

/* --- what several say -------------------------------------------------------
 */

/* Why the exercise has no points: what failed in it, the first hint, or what it
 * waits for; with the evidence if the course asks for it. Lines, indented. */
void formats_explain(const struct course *course, const struct model_lab *lab,
                     const struct model_exercise *exercise, struct text *ret);

/* How many of its checks have passed. */
size_t formats_passed(const struct model_exercise *exercise);

/* Text as XML and HTML want it: & < > " as entities, no control characters. */
void formats_escape(struct text *ret, const char *s);

#endif
