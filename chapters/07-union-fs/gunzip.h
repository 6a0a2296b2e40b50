/*
 * gunzip.h - private to this chapter: gzip undone by igzip(1), a process beside
 * ours.
 *
 * It is the program of Intel's library ISA-L, three times as fast as zlib, and
 * works on another processor while we digest and write what it gave us. It is
 * looked for in PATH; where it is missing, gunzip_open says -ENOENT, and the
 * caller has zlib.
 *
 *     auto_gunzip struct gunzip g = {.fd = -1, .pidfd = -1};
 *     if (gunzip_open(&g, e) < 0) ...
 *     while ((n = gunzip_read(&g, &block, e)) >= 0 && !g.has_ended)
 *         if (n > 0)
 *             use(block, n);
 *         else if (there is more)
 *             g.in = bytes, g.in_len = n;     lent until they are used up
 *         else
 *             gunzip_end_input(&g);
 *
 * -EBADMSG: damaged or cut short. If we are killed it has no more input, and
 * ends. Not for two threads, nor across a fork.
 */
#ifndef GUNZIP_H
#define GUNZIP_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct gunzip {
    const void *in;
    size_t in_len;
    bool has_ended;
    bool is_last; /* no input follows what it has */
    int fd;       /* both its standard input and its standard output */
    int pidfd;
    char *piece;
};
#define auto_gunzip __attribute__((cleanup(gunzip_close)))

int gunzip_open(struct gunzip *gunzip, struct err *e);
/* The next piece of plain bytes, lent until the next call; 0: more input is
 * needed, or it has ended. */
ssize_t gunzip_read(struct gunzip *gunzip, const void **ret, struct err *e);
void gunzip_end_input(struct gunzip *gunzip);
/* Without an end it is killed. */
void gunzip_close(struct gunzip *gunzip);

#endif
