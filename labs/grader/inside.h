/*
 * inside.h - running checks, where they run: in the sandbox, in the lab kernel,
 * or right here. The grader starts itself there as
 *
 *     grade --inside REFERENCE PROGRAM:CHECK...
 *
 * and reads a line of JSON for each check from its standard output. Each check
 * is a process of its own: its standard output and error go to memory, it
 * inherits no descriptor but the channel (tests/lib/channel.h), its environment
 * is made here, it has limits, and what it leaves running is killed when it has
 * ended.
 *
 * How long it may take is counted in what this machine needs to start a
 * program: a kernel that is itself a program is slow, and so is a busy machine.
 *
 * The first check of an exercise that fails is run again, traced (trace.h), and
 * so is the program of that name in the directory REFERENCE: difference.h.
 */
#ifndef INSIDE_H
#define INSIDE_H

#include "err.h"
#include "model.h"

/* Run each "PROGRAM:CHECK" and report. `reference` is "" where there is nothing
 * to compare with. Exit status for main. */
int inside_main(const char *reference, char *const checks[]);

/* Read a line of that report into the check that it names; others, and those
 * that name none, are an error. */
int inside_read(struct model_lab *lab, const char *line, struct err *e);

#endif
