/* Removing what containers made: files_remove_tree of 00-ground, with trees
 * that are made to hurt. */
#include "files.h"
#include "own.h"
#include "scratch.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct err why;

/* Make `depth` directories in each other, each with a file, from here on. */
static void make_deep(const char *top, int depth)
{
    auto_fd int dir = open(SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < depth; i++) {
        const char *name = i == 0 ? top : "d";
        ck_assert_int_eq(sys_mkdirat(dir, name, 0700), 0);
        int below = sys_openat(dir, name, O_PATH | O_CLOEXEC, 0);
        ck_assert_int_ge(below, 0);
        own_close(&dir);
        dir = below;
        ck_assert_int_eq(sys_mknodat(dir, "f", S_IFREG | 0600, 0), 0);
    }
}

static int count_descriptors(void)
{
    int count = 0;
    auto_dir DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir) != NULL)
        count++;
    return count;
}

START_TEST(depth_needs_neither_descriptors_nor_stack)
{
    scratch_enter();
    make_deep("deep", 20000 / contract_step());
    int before = count_descriptors();
    struct rlimit few = {.rlim_cur = 64, .rlim_max = 64};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    int r = files_remove_tree(AT_FDCWD, SCRATCH "/deep", &why);
    ck_assert_msg(r == 0, "%s", why.msg);
    ck_assert_int_eq(access(SCRATCH "/deep", F_OK), -1);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(names_that_we_use_ourselves_are_no_trouble)
{
    scratch_enter();
    make_deep("deep", 200);
    ck_assert_int_eq(mkdir(SCRATCH "/deep/deep.0", 0755), 0);
    ck_assert_int_eq(mkdir(SCRATCH "/deep/deep.1", 0755), 0);
    ck_assert_int_eq(mkdir(SCRATCH "/deep/deep.1/deep.2", 0755), 0);
    int r = files_remove_tree(AT_FDCWD, SCRATCH "/deep", &why);
    ck_assert_msg(r == 0, "%s", why.msg);
    ck_assert_int_eq(access(SCRATCH "/deep", F_OK), -1);
}
END_TEST

START_TEST(links_and_mounts_are_not_crossed)
{
    scratch_enter();
    ck_assert_int_eq(mkdir(SCRATCH "/keep", 0755), 0);
    ck_assert_int_eq(mknod(SCRATCH "/keep/file", S_IFREG | 0600, 0), 0);
    ck_assert_int_eq(mkdir(SCRATCH "/tree", 0755), 0);
    ck_assert_int_eq(symlink("../keep", SCRATCH "/tree/link"), 0);
    ck_assert_int_eq(mkdir(SCRATCH "/tree/mounted", 0755), 0);
    ck_assert_int_eq(mount("x", SCRATCH "/tree/mounted", "tmpfs", 0, NULL), 0);
    ck_assert_int_eq(mknod(SCRATCH "/tree/mounted/f", S_IFREG | 0600, 0), 0);
    ck_assert_int_eq(files_remove_tree(AT_FDCWD, SCRATCH "/tree", &why),
                     -EXDEV);
    ck_assert_int_eq(access(SCRATCH "/tree/mounted/f", F_OK), 0);
    ck_assert_int_eq(umount(SCRATCH "/tree/mounted"), 0);
    ck_assert_int_eq(files_remove_tree(AT_FDCWD, SCRATCH "/tree", &why), 0);
    ck_assert_int_eq(access(SCRATCH "/keep/file", F_OK), 0);
    ck_assert_int_eq(files_remove_tree(AT_FDCWD, SCRATCH "/tree", &why), 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, depth_needs_neither_descriptors_nor_stack);
    tcase_add_test(tc, names_that_we_use_ourselves_are_no_trouble);
    tcase_add_test(tc, links_and_mounts_are_not_crossed);
}

int main(void)
{
    return contract_main("remove", add);
}
