/*
 * init.h - pid 1: pass signals on, reap everybody, end with the main child.
 */
#ifndef INIT_H
#define INIT_H

/* Be pid 1 for argv: start it as a child in a process group of its own
 * (foreground of the terminal if there is one), forward every signal that can
 * be caught, reap orphans until the child ends. Returns its exit code as a
 * shell counts, 127 or 126 if it cannot be executed. What `docker run --init`
 * does with tini. Used by the program mini-docker-init. */
int init_run(char *const argv[]);

#endif
