/*
 * build_parts.h - private: what ADD takes besides the context's files:
 * archives, which it takes apart, and what was fetched from another machine.
 * Each is a tree of its own, in a directory beside where images are made.
 *
 *     struct build_parts parts = {.b = b, .stage = {.dir = -1}};
 *     build_parts_fetch(&parts, &remote, &e);       // before the step's key
 *     build_parts_unpack(&parts, &set, &e);         // after it
 *     build_parts_pack(&parts, &to, pack, &e);
 *     build_parts_done(&parts);
 *
 * Only chapter 13 includes this.
 */
#ifndef BUILD_PARTS_H
#define BUILD_PARTS_H

#include "build.h"
#include "build_remote.h"

struct build_part {
    struct tree tree;
    struct copyset set;
    bool is_archive; /* owners and modes are its own */
};
struct build_parts {
    struct build *b;
    struct stage stage;
    struct build_part *v;
    size_t n;
};
void build_parts_done(struct build_parts *parts);

/* Fetch a source, and take all of it but what `exclude` names (NULL: nothing).
 */
int build_parts_fetch(struct build_parts *parts, struct build_remote *remote,
                      const struct ignore *exclude, struct err *e);
/* The archives of `set` that were named themselves: out of it, and apart. */
int build_parts_unpack(struct build_parts *parts, struct copyset *set,
                       struct err *e);
/* The same with those that were fetched. */
int build_parts_unpack_fetched(struct build_parts *parts, struct err *e);
int build_parts_pack(struct build_parts *parts, const struct copyset_to *to,
                     struct pack *pack, struct err *e);

#endif
