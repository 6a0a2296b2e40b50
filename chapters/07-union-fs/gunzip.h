/*
 * gunzip.h - private to this chapter: gzip undone by ISA-L (isa-l(7), "igzip").
 *
 * The library is a shared one that is loaded when a gzip stream is first seen
 * (lazy.h). Where it is missing on the building machine, or on this one,
 * gunzip_init says -ELIBACC, and the caller has zlib.
 *
 *     struct gunzip g = {0};
 *     if (gunzip_init(&g, e) < 0) ...
 *     g.in = bytes, g.in_len = n;            lent until they are used up
 *     while ((n = gunzip_step(&g, &block, e)) > 0) ...
 *
 * -EBADMSG: damaged. Fork-safe.
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
    bool is_between; /* a member has ended and no other has begun */
    bool has_ended;  /* what follows is no member */
    struct gunzip_state *state;
};

int gunzip_init(struct gunzip *gunzip, struct err *e);
/* The next piece of plain bytes, lent; 0: more input is needed, or it has
 * ended. */
ssize_t gunzip_step(struct gunzip *gunzip, const void **ret, struct err *e);
void gunzip_done(struct gunzip *gunzip);

#endif
