/* What is told of layers, compared with what overlayfs makes of them. */
#include "explore.h"
#include "own.h"
#include "scratch.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LAYERS = 4 };
#define MERGED SCRATCH "/merged"

static struct err why;
static uint64_t visible;

static char *path_in(size_t layer, const char *path)
{
    return text_format(SCRATCH "/%zu/diff/%s", layer, path);
}

static void put_file(size_t layer, const char *path, const char *content)
{
    auto_free char *full = path_in(layer, path);
    auto_fd int fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, content, strlen(content)),
                     (ssize_t)strlen(content));
}

static void put_dir(size_t layer, const char *path, bool is_opaque)
{
    auto_free char *full = path_in(layer, path);
    ck_assert_int_eq(mkdir(full, 0755), 0);
    if (is_opaque)
        ck_assert_int_eq(setxattr(full, "trusted.overlay.opaque", "y", 1, 0),
                         0);
}

static void put_link(size_t layer, const char *path, const char *target)
{
    auto_free char *full = path_in(layer, path);
    ck_assert_int_eq(symlink(target, full), 0);
}

static void put_whiteout(size_t layer, const char *path)
{
    auto_free char *full = path_in(layer, path);
    ck_assert_int_eq(mknod(full, S_IFCHR, makedev(0, 0)), 0);
}

/* Every way of hiding there is: see the checks. */
static void make_layers(struct image *image)
{
    scratch_enter();
    for (size_t i = 1; i <= LAYERS; i++) {
        auto_free char *dir = text_format(SCRATCH "/%zu", i);
        ck_assert_int_eq(mkdir(dir, 0755), 0);
        put_dir(i, "", false);
    }
    put_dir(1, "etc", false);
    put_file(1, "etc/passwd", "root");
    put_file(1, "etc/gone", "12345");
    put_dir(1, "cache", false);
    put_file(1, "cache/a", "aaaaaaaaaa");
    put_dir(1, "cache/deep", false);
    put_file(1, "cache/deep/b", "bbb");
    put_dir(1, "tree", false);
    put_file(1, "tree/c", "cc");
    put_link(1, "run", "var/run");
    put_file(1, "once", "linked");
    ck_assert_int_eq(link(SCRATCH "/1/diff/once", SCRATCH "/1/diff/twice"), 0);
    put_dir(2, "etc", false);
    put_file(2, "etc/passwd", "root\nme");
    put_whiteout(2, "etc/gone");
    put_dir(2, "cache", true);
    put_file(2, "cache/new", "n");
    put_dir(2, "var", false);
    put_dir(2, "var/run", false);
    put_file(2, "var/run/pid", "77");
    put_file(3, "tree", "a file now");
    put_whiteout(3, "cache");
    put_dir(3, "etc", false);
    put_file(3, "etc/gone", "again");
    put_dir(4, "tree", false);
    put_file(4, "tree/c", "ccc");
    put_file(4, "no\xffutf8", "");
    *image = (struct image){.id = "sha256:0", .config = json_object()};
    for (size_t i = LAYERS; i > 0; i--)
        strv_addf(&image->layers, SCRATCH "/%zu/diff", i);
}

static int add_size(const char *path, const struct stat *st, int kind,
                    struct FTW *unused)
{
    static ino_t linked;
    (void)path;
    (void)unused;
    bool is_counted = st->st_nlink > 1 && st->st_ino == linked;
    if (kind == FTW_F && !is_counted)
        visible += (uint64_t)st->st_size;
    if (kind == FTW_F && st->st_nlink > 1)
        linked = st->st_ino;
    return 0;
}

static void mount_merged(const struct image *image)
{
    auto_text struct text options = {0};
    text_add(&options, "lowerdir=");
    strv_join(&image->layers, ":", &options);
    ck_assert_int_eq(mkdir(MERGED, 0755), 0);
    contract_needs(mount("overlay", MERGED, "overlay", MS_RDONLY, options.s) ==
                       0,
                   "overlayfs");
}

static json_int_t number(const json_t *doc, const char *member)
{
    return json_integer_value(json_object_get(doc, member));
}

START_TEST(what_is_not_wasted_is_what_overlayfs_shows)
{
    auto_image struct image image;
    json_auto_t *told = NULL;
    make_layers(&image);
    ck_assert_int_eq(explore_image(&image, &told, &why), 0);
    mount_merged(&image);
    ck_assert_int_eq(nftw(MERGED, add_size, 16, FTW_PHYS | FTW_MOUNT), 0);
    ck_assert_uint_eq(
        visible, (uint64_t)(number(told, "Size") - number(told, "Wasted")));
    ck_assert_int_gt(number(told, "Wasted"), 0);
}
END_TEST

START_TEST(each_layer_tells_what_it_did)
{
    static const struct {
        json_int_t added, changed, removed, hides, wasted;
    } wanted[LAYERS] = {
        {12, 0, 0, 0,              4 + 5 + 10 + 3 + 2},
        {4,  2, 1, 4 + 5 + 10 + 3, 1                 },
        {1,  1, 1, 2 + 1,          10                },
        {2,  1, 0, 10,             0                 },
    };
    auto_image struct image image;
    json_auto_t *told = NULL;
    make_layers(&image);
    ck_assert_int_eq(explore_image(&image, &told, &why), 0);
    const json_t *layers = json_object_get(told, "Layers");
    ck_assert_uint_eq(json_array_size(layers), LAYERS);
    for (size_t i = 0; i < LAYERS; i++) {
        const json_t *layer = json_array_get(layers, i);
        ck_assert_int_eq(number(layer, "Added"), wanted[i].added);
        ck_assert_int_eq(number(layer, "Changed"), wanted[i].changed);
        ck_assert_int_eq(number(layer, "Removed"), wanted[i].removed);
        ck_assert_int_eq(number(layer, "Hides"), wanted[i].hides);
        ck_assert_int_eq(number(layer, "Wasted"), wanted[i].wasted);
    }
}
END_TEST

START_TEST(a_path_is_told_as_overlayfs_resolves_it)
{
    static const struct {
        const char *path, *result, *real;
        json_int_t layer;
    } cases[] = {
        {"/etc/passwd",   "found",                      "/etc/passwd",  2},
        {"etc//gone",     "found",                      "/etc/gone",    3},
        {"/cache/a",      "removed",                    "/cache",       0},
        {"/tree/c",       "found",                      "/tree/c",      4},
        {"/run/pid",      "found",                      "/var/run/pid", 2},
        {"/etc/../twice", "found",                      "/twice",       1},
        {"/none",         "not in the image",           "/none",        0},
        {"/etc/passwd/x", "not a directory on the way", "/etc/passwd",  0},
        {"/",             "found",                      "/",            4},
    };
    auto_image struct image image;
    make_layers(&image);
    mount_merged(&image);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_auto_t *told = NULL;
        const char *path = cases[i].path;
        ck_assert_int_eq(explore_path(&image, path, &told, &why), 0);
        const char *result = json_string_value(json_object_get(told, "Result"));
        ck_assert_str_eq(result, cases[i].result);
        ck_assert_str_eq(json_string_value(json_object_get(told, "Real")),
                         cases[i].real);
        ck_assert_int_eq(number(told, "Layer"), cases[i].layer);
        /* The links of the image are relative: the kernel can follow them. */
        auto_free char *merged = text_format(MERGED "/%s", path);
        ck_assert_int_eq(access(merged, F_OK) == 0,
                         strcmp(result, "found") == 0);
    }
}
END_TEST

START_TEST(links_without_end_are_told)
{
    auto_image struct image image;
    make_layers(&image);
    put_link(4, "a", "b");
    put_link(4, "b", "/a/../a");
    put_link(4, "up", "../../../up/up");
    static const char *const paths[] = {"/a", "/up/x"};
    for (size_t i = 0; i < 2; i++) {
        json_auto_t *told = NULL;
        ck_assert_int_eq(explore_path(&image, paths[i], &told, &why), 0);
        ck_assert_str_eq(json_string_value(json_object_get(told, "Result")),
                         "too many symbolic links");
    }
}
END_TEST

START_TEST(a_layer_that_is_gone_is_named)
{
    auto_image struct image image;
    json_auto_t *told = NULL;
    make_layers(&image);
    ck_assert_int_eq(rename(SCRATCH "/2", SCRATCH "/moved"), 0);
    ck_assert_int_eq(explore_image(&image, &told, &why), -ENOENT);
    ck_assert_str_eq(why.msg, "open layer 2: " SCRATCH
                              "/2/diff: No such file or directory");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_is_not_wasted_is_what_overlayfs_shows);
    tcase_add_test(tc, each_layer_tells_what_it_did);
    tcase_add_test(tc, a_path_is_told_as_overlayfs_resolves_it);
    tcase_add_test(tc, links_without_end_are_told);
    tcase_add_test(tc, a_layer_that_is_gone_is_named);
}

int main(void)
{
    return contract_main("explore", add);
}
