/*
 * links.h - private to this chapter: files with several names, found by their
 * inodes while a tree is walked.
 *
 *     struct links links = {0};
 *     const char *first = links_first(&links, &st, "bin/sh");
 *     if (first == NULL) ... make the file; else ... link it to `first`
 *     links_done(&links);
 */
#ifndef LINKS_H
#define LINKS_H

#include <sys/stat.h>

struct links {
    void *root; /* tsearch(3) */
};

/* The name under which this file was met first, borrowed; NULL: now, or it has
 * only one name. */
const char *links_first(struct links *links, const struct stat *st,
                        const char *name);
void links_done(struct links *links);

#endif
