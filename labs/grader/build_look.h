/*
 * build_look.h - what the compiler made of a student's files, looked at before
 * it runs: see build.h for what must not be there.
 */
#ifndef BUILD_LOOK_H
#define BUILD_LOOK_H

#include "err.h"
#include "model.h"

/* Look at `place`/NN-name/FILE.o for each FILE.c in `place`/source/NN-name; the
 * reference's is build/NN-name/FILE.o. What is found goes to lab->broken. */
int build_look(struct model_lab *lab, const char *place, struct err *e);

#endif
