/*
 * test_layer.h - what the tests of unpacking share: a scratch with a layer to
 * unpack into, a place outside of it that must stay empty, and a way to look.
 */
#ifndef TEST_LAYER_H
#define TEST_LAYER_H

#include "layer.h"
#include "own.h"
#include "scratch.h"
#include "tarball.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYER SCRATCH "/layer"
#define OUTSIDE SCRATCH "/outside"

static struct err why;

/* Unpack into LAYER. */
static inline int extract(struct tarball *t)
{
    auto_fd int dir = open(LAYER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(dir, 0);
    return layer_extract(tarball_source(t), (struct layer_sink){0}, dir, NULL,
                         &why);
}

/* Pack the files, which end with one without a name, and unpack them. */
static inline int unpack(const struct tarball_file *files)
{
    struct tarball t;
    tarball_begin(&t);
    for (; files->name != NULL; files++)
        tarball_add(&t, files);
    tarball_end(&t);
    int r = extract(&t);
    free(t.bytes);
    return r;
}

static inline void enter(void)
{
    scratch_enter();
    ck_assert_int_eq(mkdir(LAYER, 0755), 0);
    ck_assert_int_eq(mkdir(OUTSIDE, 0755), 0);
}

static inline int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    int count = 0;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2;
}

/* Nothing but the layer is new in the scratch, and outside is empty. */
static inline void nothing_outside(void)
{
    ck_assert_int_eq(count_entries(SCRATCH), 2);
    ck_assert_int_eq(count_entries(OUTSIDE), 0);
}

static inline struct stat look(const char *path)
{
    struct stat st;
    ck_assert_msg(lstat(path, &st) == 0, "%s is not there", path);
    return st;
}

static inline bool has(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

#endif
