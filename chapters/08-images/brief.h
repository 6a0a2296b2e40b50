/*
 * brief.h - private to this chapter: what a list tells of images, kept where
 * one read(2) has all of it.
 *
 * A list of a thousand images would open three thousand files: manifests,
 * configurations, layer sizes. But a manifest is named by its digest, so what
 * follows from it never changes, and ROOT/cache/images remembers it: a line for
 * each, sorted. The two files are still looked at (fstatat(2)): whoever lost
 * or damaged one is told by the list as before. It is a cache: whatever is
 * wrong with it, the images are read themselves.
 *
 *     struct brief_list briefs = {0};
 *     brief_load(store, &briefs);
 *     if (!brief_find(store, &briefs, digest, &image))
 *         ... read the image; brief_add(store, &briefs, &image);
 *     brief_save(store, &briefs);
 *     brief_done(&briefs);
 *
 * Nothing fails. Two who save at once: one of them wins, and both are right.
 */
#ifndef BRIEF_H
#define BRIEF_H

#include "digest.h"
#include "image.h"

/* What tells one state of a file from another. */
struct brief_stamp {
    long long size, mtime_ns;
};

struct brief {
    char manifest[DIGEST_HEX + 1], config[DIGEST_HEX + 1];
    struct timespec created;
    unsigned long long size;
    struct brief_stamp stamps[2]; /* of these two blobs */
};

struct brief_list {
    struct brief *v;
    size_t n, sorted; /* the first `sorted` are in order, as they were read */
};

void brief_load(const struct image_store *store, struct brief_list *ret);
/* Fill in id, digest, size and created. False: it is not known, or not so any
 * more. */
bool brief_find(const struct image_store *store, const struct brief_list *list,
                const char *digest, struct image *ret);
void brief_add(const struct image_store *store, struct brief_list *list,
               const struct image *image);
/* Where anything was added. */
void brief_save(const struct image_store *store, const struct brief_list *list);
void brief_done(struct brief_list *list);

#endif
