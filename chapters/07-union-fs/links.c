#include "links.h"

#include "own.h"

#include <search.h>
#include <stdlib.h>

struct link {
    dev_t device;
    ino_t inode;
    char *name;
};

static int by_inode(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode == y->inode ? 0 : x->inode < y->inode ? -1 : 1;
}

/* Two names of one file have one inode number on one device; a number alone
 * says nothing, since each file system counts from 1. */
const char *links_first(struct links *links, const struct stat *st,
                        const char *name)
{
    if (S_ISDIR(st->st_mode) || st->st_nlink < 2)
        return NULL;
    struct link *link = own_alloc(sizeof *link);
    *link = (struct link){.device = st->st_dev, .inode = st->st_ino};
    struct link **found = tsearch(link, &links->root, by_inode);
    if (found == NULL)
        abort(); /* out of memory */
    if (*found != link) {
        free(link);
        return (*found)->name;
    }
    link->name = own_strdup(name);
    return NULL;
}

static void free_link(void *node)
{
    struct link *link = node;
    free(link->name);
    free(link);
}

void links_done(struct links *links)
{
    tdestroy(links->root, free_link);
    links->root = NULL;
}
