/*
 * test_image.h - what the tests of the store share: a store in a scratch of
 * its own, small archives, and a check that an image is all there.
 */
#ifndef TEST_IMAGE_H
#define TEST_IMAGE_H

#include "image.h"
#include "own.h"
#include "scratch.h"
#include "tarball.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT SCRATCH "/state"

static struct err why;

#define must(call) ck_assert_msg((call) >= 0, "%s: %s", #call, why.msg)

/* An archive with one file, "f", that says `content`. */
static inline struct tarball pack(const char *content)
{
    struct tarball t;
    tarball_begin(&t);
    tarball_add(&t, &(struct tarball_file){.name = "d/", .mode = 0755});
    tarball_add(&t, &(struct tarball_file){.name = "f", .data = content});
    tarball_end(&t);
    return t;
}

/* Import it under this name; the store is opened for that alone. */
static inline int import(const char *content, const char *name, char id[72])
{
    auto_image_store struct image_store store = {.root = -1};
    struct tarball t = pack(content);
    struct image_import what = {.source = tarball_source(&t), .name = name};
    char unused[72];
    int r = image_store_open(&store, ROOT, &why);
    if (r == 0)
        r = image_import(&store, &what, id != NULL ? id : unused, &why);
    free(t.bytes);
    return r;
}

/* Does the name lead to an image that is all there and says this? */
static inline bool is_whole(const char *name, const char *content)
{
    auto_image_store struct image_store store = {.root = -1};
    auto_image struct image image = {0};
    must(image_store_open(&store, ROOT, &why));
    if (image_find(&store, name, &image, &why) < 0)
        return false;
    ck_assert_uint_eq(image.layers.n, 1);
    auto_free char *path = text_format("%s/f", image.layers.v[0]);
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    char seen[64] = "";
    ck_assert_int_ge(read(fd, seen, sizeof seen - 1), 0);
    ck_assert_uint_eq(image.size, strlen(content));
    return strcmp(seen, content) == 0;
}

static inline size_t count_images(void)
{
    auto_image_store struct image_store store = {.root = -1};
    auto_image_list struct image_list list = {0};
    must(image_store_open(&store, ROOT, &why));
    must(image_list(&store, false, &list, NULL, &why));
    return list.n;
}

static inline int remove_image(const char *name, struct strv *said)
{
    auto_image_store struct image_store store = {.root = -1};
    auto_strv struct strv unused = {0};
    must(image_store_open(&store, ROOT, &why));
    return image_remove(&store, name, 0, said != NULL ? said : &unused, &why);
}

/* How many entries does the directory have? 0 if it is not there. */
static inline int count_entries(const char *path)
{
    int count = 0;
    auto_dir DIR *dir = opendir(path);
    while (dir != NULL && readdir(dir) != NULL)
        count++;
    return count > 2 ? count - 2 : 0;
}

/* Without images the store has no blob, no layer, nothing half made. */
static inline void nothing_left(void)
{
    ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), 0);
    ck_assert_int_eq(count_entries(ROOT "/layers"), 0);
    ck_assert_int_le(count_entries(ROOT "/tmp"), 1); /* the lock */
}

#endif
