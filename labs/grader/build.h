/*
 * build.h - a submission becomes test programs: the reference with the
 * student's files in place of its own.
 *
 * Of what was handed in, only the files count that have a skeleton, under its
 * name, and only as text: no makefile, header, test or link of it is looked at.
 * What the compiler made of them is looked at before it runs. It must not
 *
 *     include what is no header: the reference is on the include path
 *     have code that runs before main (an .init_array)
 *     define a global symbol that the reference's file does not: nothing that
 *     others call is replaced
 *     start other programs or load code: system(3), exec*(3), dlopen(3), ...
 */
#ifndef BUILD_H
#define BUILD_H

#include "err.h"
#include "model.h"

/* Build the lab's tests in `work`/NN-name from the files in `submission`:
 * there, in its NN-name/ or in its labs/NN-name/; a file that is missing is an
 * untouched skeleton. What is wrong with the student's files goes to
 * lab->broken, and is no error. `submission` may be NULL: the reference itself,
 * which is built already. */
int build_lab(struct model_lab *lab, const char *submission, const char *work,
              struct err *e);

/* Where its test programs are then. The caller frees it. */
char *build_place(const struct model_lab *lab, const char *submission,
                  const char *work);

#endif
