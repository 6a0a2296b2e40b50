/*
 * brief.h - private to this chapter: what a list tells of images, kept where
 * one read(2) has all of it.
 *
 * A list of a thousand images would open three thousand files: manifests,
 * configurations, layer sizes. But a manifest is named by its digest, so what
 * follows from it never changes, and ROOT/cache/images remembers it: a line for
 * each, the newest image first.
 *
 * What does change are the names. The first line says of which names.json the
 * lines are (stamp.h), and when a blob was added or removed the last time.
 * While both are so they are the whole list; after that each image's two files
 * are looked at (fstatat(2)), and who lost or damaged one is told by the list
 * as without a cache. Whatever is wrong with it, the images are read
 * themselves.
 *
 *     auto_brief_list struct brief_list briefs = {.blobs = -1};
 *     brief_load(store, &briefs);
 *     if (!brief_all(&briefs, &images)) {
 *         if (!brief_find(&briefs, digest, &image))    for each
 *             ... read the image; brief_add(&briefs, &image);
 *         brief_save(store, &briefs, &images);
 *     }
 *
 * Nothing fails. Two who save at once: one of them wins, and both are right.
 */
#ifndef BRIEF_H
#define BRIEF_H

#include "digest.h"
#include "image.h"
#include "stamp.h"

/* What tells one state of a file from another. */
struct brief_stamp {
    long long size, mtime_ns;
};

/* names.json is replaced and never written to; blobs come and go by rename(2),
 * which changes their directory. */
struct brief_state {
    struct stamp names, blobs;
};

struct brief {
    char manifest[DIGEST_HEX + 1], config[DIGEST_HEX + 1];
    struct timespec created;
    unsigned long long size;
    struct brief_stamp stamps[2]; /* of these two blobs */
    const char *names;            /* familiar, a blank before each */
};

struct brief_list {
    int blobs; /* their directory */
    struct text text;
    struct brief *v;
    size_t n, sorted; /* the first `sorted` are in order, for brief_find */
    struct brief_state then, now; /* of the lines; as it was at brief_load */
    bool is_new;                  /* something was added */
};

/* To be called before names.json is read: it may change meanwhile. */
void brief_load(const struct image_store *store, struct brief_list *ret);
/* Every image, newest first, if that is known and nothing has changed. */
bool brief_all(const struct brief_list *list, struct image_list *ret);
/* Fill in id, digest, size and created. False: it is not known, or not so any
 * more. */
bool brief_find(struct brief_list *list, const char *digest, struct image *ret);
void brief_add(struct brief_list *list, const struct image *image);
/* If anything is new. `whole` is not true if an image is missing in `images`,
 * which brief_all must not hide. */
void brief_save(const struct image_store *store, struct brief_list *list,
                const struct image_list *images, bool whole);
#define auto_brief_list __attribute__((cleanup(brief_done)))
void brief_done(struct brief_list *list);

#endif
