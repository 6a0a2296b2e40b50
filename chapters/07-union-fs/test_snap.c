/* Snapshots: layers below are shared and stay as they are. */
#include "files.h"
#include "own.h"
#include "scratch.h"
#include "snap.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DIR_PATH SCRATCH "/web"

static struct err why;

static void put(const char *path, const char *content)
{
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(files_write_all(fd, content, strlen(content)), 0);
}

/* What the file says, in a buffer that lives until the next call. */
static const char *get(const char *path)
{
    static char content[64];
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, content, sizeof content - 1);
    content[n < 0 ? 0 : n] = '\0';
    return n < 0 ? "(none)" : content;
}

/* One layer with two files, and a snapshot above it. */
static void make_snap(struct snap *snap)
{
    ck_assert_int_eq(mkdir(SCRATCH "/layer", 0751), 0);
    ck_assert_int_eq(chown(SCRATCH "/layer", 7, 8), 0);
    put(SCRATCH "/layer/kept", "layer");
    put(SCRATCH "/layer/gone", "layer");
    snap->dir = own_strdup(DIR_PATH);
    strv_add(&snap->layers, SCRATCH "/layer");
}

#define must(call) ck_assert_msg((call) == 0, "%s: %s", #call, why.msg)

START_TEST(writes_go_to_the_upper_directory)
{
    scratch_enter();
    auto_snap struct snap snap = {0};
    make_snap(&snap);
    must(snap_create(&snap, &why));
    must(snap_mount(&snap, &why));
    ck_assert_str_eq(get(DIR_PATH "/merged/kept"), "layer");
    put(DIR_PATH "/merged/kept", "container");
    ck_assert_int_eq(unlink(DIR_PATH "/merged/gone"), 0);
    ck_assert_str_eq(get(SCRATCH "/layer/kept"), "layer");
    ck_assert_str_eq(get(SCRATCH "/layer/gone"), "layer");
    ck_assert_str_eq(get(DIR_PATH "/diff/kept"), "container");
    struct stat st;
    ck_assert_int_eq(lstat(DIR_PATH "/diff/gone", &st), 0);
    ck_assert(S_ISCHR(st.st_mode) && st.st_rdev == 0);
}
END_TEST

START_TEST(the_root_looks_like_the_images)
{
    scratch_enter();
    auto_snap struct snap snap = {0};
    make_snap(&snap);
    must(snap_create(&snap, &why));
    must(snap_mount(&snap, &why));
    struct stat st;
    ck_assert_int_eq(stat(DIR_PATH "/merged", &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0751);
    ck_assert_uint_eq(st.st_uid, 7);
    ck_assert_uint_eq(st.st_gid, 8);
}
END_TEST

/* The options of what is mounted there, as the kernel tells them. */
static bool has_option(const char *option)
{
    auto_text struct text mounts = {0};
    files_read(AT_FDCWD, "/proc/self/mountinfo", &mounts, NULL);
    char *line = strstr(mounts.s, " " DIR_PATH "/merged ");
    ck_assert_ptr_nonnull(line);
    line[strcspn(line, "\n")] = '\0';
    return strstr(line, option) != NULL;
}

START_TEST(volatile_is_an_option)
{
    scratch_enter();
    for (int is_volatile = 0; is_volatile < 2; is_volatile++) {
        auto_snap struct snap snap = {.dir = own_strdup(DIR_PATH),
                                      .is_volatile = is_volatile};
        mkdir(SCRATCH "/layer", 0755);
        strv_add(&snap.layers, SCRATCH "/layer");
        must(snap_create(&snap, &why));
        must(snap_mount(&snap, &why));
        ck_assert_int_eq(has_option("volatile"), is_volatile);
        ck_assert_int_eq(umount(DIR_PATH "/merged"), 0);
        must(snap_destroy(&snap, &why));
    }
}
END_TEST

START_TEST(the_uppermost_layer_wins_among_many)
{
    enum { LAYERS = 120 }; /* more than a page of options */
    scratch_enter();
    auto_snap struct snap snap = {.dir = own_strdup(DIR_PATH)};
    for (int i = LAYERS - 1; i >= 0; i--) {
        auto_free char *path = text_format(
            SCRATCH "/a-rather-long-name-for-the-directory-of-layer-%d", i);
        auto_free char *own = text_format("%s/own-%d", path, i);
        auto_free char *shared = text_format("%s/shared", path);
        auto_free char *number = text_format("%d", i);
        ck_assert_int_eq(mkdir(path, 0755), 0);
        put(own, number);
        put(shared, number);
        strv_add(&snap.layers, path);
    }
    must(snap_create(&snap, &why));
    must(snap_mount(&snap, &why));
    ck_assert_str_eq(get(DIR_PATH "/merged/shared"), "119");
    ck_assert_str_eq(get(DIR_PATH "/merged/own-0"), "0");
    ck_assert_str_eq(get(DIR_PATH "/merged/own-60"), "60");
}
END_TEST

START_TEST(paths_may_have_any_characters)
{
    static const char *const names[] = {"a,b", "a:b", "a\\b", "a b", "a\\,:=b"};
    scratch_enter();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        auto_snap struct snap snap = {0};
        snap.dir = text_format(SCRATCH "/%s-dir", names[i]);
        auto_free char *layer = text_format(SCRATCH "/%s", names[i]);
        auto_free char *file = text_format("%s/f", layer);
        auto_free char *seen = text_format("%s/merged/f", snap.dir);
        auto_free char *upper = text_format("%s/diff/f", snap.dir);
        ck_assert_int_eq(mkdir(layer, 0755), 0);
        put(file, "layer");
        strv_add(&snap.layers, layer);
        must(snap_create(&snap, &why));
        must(snap_mount(&snap, &why));
        ck_assert_str_eq(get(seen), "layer");
        put(seen, "new");
        ck_assert_str_eq(get(upper), "new");
    }
}
END_TEST

START_TEST(a_snapshot_is_made_once)
{
    scratch_enter();
    auto_snap struct snap snap = {0};
    make_snap(&snap);
    must(snap_create(&snap, &why));
    put(DIR_PATH "/diff/mine", "mine");
    ck_assert_int_eq(snap_create(&snap, &why), -EEXIST);
    ck_assert_str_eq(get(DIR_PATH "/diff/mine"), "mine");
    ck_assert_int_eq(access(DIR_PATH "/merged", F_OK), 0);
}
END_TEST

START_TEST(what_cannot_be_made_leaves_nothing)
{
    scratch_enter();
    auto_snap struct snap snap = {.dir = own_strdup(DIR_PATH)};
    strv_add(&snap.layers, SCRATCH "/no-such-layer");
    ck_assert_int_eq(snap_create(&snap, &why), -ENOENT);
    ck_assert_int_eq(access(DIR_PATH "/diff", F_OK), -1);
    ck_assert_int_eq(access(DIR_PATH "/work", F_OK), -1);
}
END_TEST

START_TEST(destroy_takes_everything_again_and_again)
{
    scratch_enter();
    auto_snap struct snap snap = {0};
    make_snap(&snap);
    must(snap_destroy(&snap, &why)); /* nothing there yet */
    must(snap_create(&snap, &why));
    must(snap_mount(&snap, &why));
    put(DIR_PATH "/merged/new", "x");
    put(DIR_PATH "/config.json", "not the snapshot's");
    ck_assert_int_eq(snap_destroy(&snap, &why), -EBUSY);
    ck_assert_str_eq(get(DIR_PATH "/merged/new"), "x");
    ck_assert_int_eq(umount(DIR_PATH "/merged"), 0);
    for (int i = 0; i < 2; i++)
        must(snap_destroy(&snap, &why));
    ck_assert_int_eq(access(DIR_PATH "/diff", F_OK), -1);
    ck_assert_int_eq(access(DIR_PATH "/work", F_OK), -1);
    ck_assert_int_eq(access(DIR_PATH "/merged", F_OK), -1);
    ck_assert_str_eq(get(DIR_PATH "/config.json"), "not the snapshot's");
    ck_assert_str_eq(get(SCRATCH "/layer/kept"), "layer");
}
END_TEST

START_TEST(it_works_in_a_user_namespace)
{
    scratch_enter();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        contract_needs(false, "user namespaces are not allowed");
    must(files_write(AT_FDCWD, "/proc/self/setgroups", "deny", &why));
    must(files_write(AT_FDCWD, "/proc/self/uid_map", "0 0 1", &why));
    must(files_write(AT_FDCWD, "/proc/self/gid_map", "0 0 1", &why));
    ck_assert_int_eq(mount("mine", SCRATCH, "tmpfs", 0, "mode=0755"), 0);
    contract_needs(setxattr(SCRATCH, "user.a", "b", 1, 0) == 0,
                   "user attributes on tmpfs (Linux 6.6)");
    auto_snap struct snap snap = {.dir = own_strdup(DIR_PATH)};
    ck_assert_int_eq(mkdir(SCRATCH "/layer", 0755), 0);
    ck_assert_int_eq(mkdir(SCRATCH "/layer/d", 0755), 0);
    put(SCRATCH "/layer/d/below", "layer");
    strv_add(&snap.layers, SCRATCH "/layer");
    must(snap_create(&snap, &why));
    must(snap_mount(&snap, &why));
    ck_assert(has_option("userxattr"));
    /* A directory made in place of one below must be marked opaque. */
    ck_assert_int_eq(unlink(DIR_PATH "/merged/d/below"), 0);
    ck_assert_int_eq(rmdir(DIR_PATH "/merged/d"), 0);
    ck_assert_int_eq(mkdir(DIR_PATH "/merged/d", 0755), 0);
    ck_assert_str_eq(get(DIR_PATH "/merged/d/below"), "(none)");
}
END_TEST

START_TEST(trying_tells_and_leaves_nothing)
{
    scratch_enter();
    ck_assert_int_eq(mkdir(SCRATCH "/place", 0755), 0);
    must(snap_try(SCRATCH "/place", NULL, &why));
    ck_assert_int_eq(rmdir(SCRATCH "/place"), 0);
    /* No overlay has its upper layer on another. */
    auto_snap struct snap snap = {0};
    make_snap(&snap);
    must(snap_create(&snap, &why));
    must(snap_mount(&snap, &why));
    ck_assert_int_eq(mkdir(DIR_PATH "/merged/place", 0755), 0);
    ck_assert_int_eq(snap_try(DIR_PATH "/merged/place", NULL, &why), -EINVAL);
    ck_assert_int_eq(rmdir(DIR_PATH "/merged/place"), 0);
    ck_assert_int_lt(snap_try(SCRATCH "/nothing", NULL, NULL), 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, trying_tells_and_leaves_nothing);
    tcase_add_test(tc, writes_go_to_the_upper_directory);
    tcase_add_test(tc, the_root_looks_like_the_images);
    tcase_add_test(tc, volatile_is_an_option);
    tcase_add_test(tc, the_uppermost_layer_wins_among_many);
    tcase_add_test(tc, paths_may_have_any_characters);
    tcase_add_test(tc, a_snapshot_is_made_once);
    tcase_add_test(tc, what_cannot_be_made_leaves_nothing);
    tcase_add_test(tc, destroy_takes_everything_again_and_again);
    tcase_add_test(tc, it_works_in_a_user_namespace);
}

int main(void)
{
    return contract_main("snap", add);
}
