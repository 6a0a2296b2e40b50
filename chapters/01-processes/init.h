/*
 * init.h - pid 1: pass signals on, reap everybody, end with the main child.
 *
 * The first process of a pid namespace has three duties and privileges
 * (pid_namespaces(7)): it becomes the parent of every orphan and has to wait
 * for them; signals that it neither handles nor blocks are thrown away, even
 * SIGTERM; and when it ends, the kernel kills everybody else. A program that
 * is not written for that leaves zombies and does not stop.
 *
 *     mini-docker-init -- COMMAND ARG...         // the program around it
 *     return init_run(argv);                     // in a process made for it
 *
 * argv stays the caller's. Blocks all signals for good and reaps all children
 * of the process, so it is for a process that does nothing else. Needs no
 * privilege; where it is not pid 1 it asks for the orphans below it
 * (PR_SET_CHILD_SUBREAPER). The command starts with the caller's signal mask.
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
