/* Bad luck: killed at any call, any call failing, a full disk, a rush. */
#include "test_image.h"

#include "fault.h"
#include "files.h"

#include <sys/wait.h>

/* Run `work` in a child whose n-th call ends as `how` says. The child's wait
 * status; its work returns 0 or -errno. */
static int run_faulty(int (*work)(void), int n, const char *how)
{
    pid_t pid = fork();
    if (pid == 0) {
        auto_free char *wish = text_format("*:%d:%s", n, how);
        if (fault_open(wish, NULL) < 0)
            _exit(100);
        _exit(work() < 0 ? 1 : 0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static int import_new(void)
{
    return import("new", "new", NULL);
}

static int write_file(void *arg, const void *bytes, size_t len)
{
    return files_write_all(*(int *)arg, bytes, len);
}

/* An archive of "new", which is not in the store any more. */
static int save_new(void)
{
    auto_image_store struct image_store store = {.root = -1};
    auto_strv struct strv names = {0};
    strv_add(&names, "new");
    auto_fd int fd =
        open(SCRATCH "/new.tar", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const struct image_save what = {
        .names = &names, .target = {write_file, &fd}
    };
    int r = import_new();
    if (r == 0)
        r = image_store_open(&store, ROOT, &why);
    if (r == 0)
        r = image_save(&store, &what, &why);
    return r < 0 ? r : remove_image("new", NULL);
}

static ssize_t read_file(void *arg, void *bytes, size_t len)
{
    return read(*(int *)arg, bytes, len);
}

static int load_new(void)
{
    auto_image_store struct image_store store = {.root = -1};
    auto_strv struct strv said = {0};
    auto_fd int fd = open(SCRATCH "/new.tar", O_RDONLY | O_CLOEXEC);
    struct image_load what = {
        .source = {.read = read_file, .arg = &fd},
          .said = &said
    };
    int r = image_store_open(&store, ROOT, &why);
    return r < 0 ? r : image_load(&store, &what, &why);
}

static int remove_new(void)
{
    return remove_image("new", NULL);
}

/* After bad luck: "old" is whole, "new" is whole or not there, and one good
 * import and the removal of all leave nothing. */
static void check_aftermath(void)
{
    ck_assert(is_whole("old", "old"));
    ck_assert_uint_eq(count_images(), is_whole("new", "new") ? 2 : 1);
    must(import("next", "next", NULL));
    must(remove_image("next", NULL));
    if (is_whole("new", "new"))
        must(remove_image("new", NULL));
    must(remove_image("old", NULL));
    nothing_left();
    must(import("old", "old", NULL));
}

/* Kill `work` at every call it makes, one after the other (contract_step: or at
 * some). Returns how many those are. */
static int walk_kills(int (*prepare)(void), int (*work)(void))
{
    must(import("old", "old", NULL));
    for (int n = 1;; n += contract_step()) {
        must(prepare());
        int status = run_faulty(work, n, "kill");
        check_aftermath();
        if (status == 0)
            return n - 1;
        /* Or it was a process of its own that was killed. */
        ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 1);
    }
}

/* Fail each of its calls. */
static void walk_errors(int calls, int (*work)(void), const char *code)
{
    for (int n = 1; n <= calls; n += contract_step()) {
        int status = run_faulty(work, n, code);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        check_aftermath();
    }
}

static int nothing(void)
{
    return 0;
}

START_TEST(lab_8_3_killed_or_failed_at_any_call_an_import_is_all_or_nothing)
{
    scratch_enter();
    int calls = walk_kills(nothing, import_new);
    ck_assert_int_gt(calls, 30);
    walk_errors(calls, import_new, "EIO");
}
END_TEST

START_TEST(killed_or_failed_at_any_call_a_load_is_all_or_nothing)
{
    scratch_enter();
    must(save_new());
    int calls = walk_kills(nothing, load_new);
    ck_assert_int_gt(calls, 30);
    walk_errors(calls, load_new, "EIO");
}
END_TEST

START_TEST(killed_at_any_call_a_removal_is_all_or_nothing)
{
    scratch_enter();
    ck_assert_int_gt(walk_kills(import_new, remove_new), 10);
}
END_TEST

START_TEST(a_full_disk_is_one_line_and_nothing_left)
{
    scratch_enter_sized("2m");
    must(import("old", "old", NULL));
    int blobs = count_entries(ROOT "/images/blobs/sha256");
    char *big = own_alloc((3 << 20) + 1);
    memset(big, 'x', 3 << 20);
    ck_assert_int_eq(import(big, "big", NULL), -ENOSPC);
    ck_assert_ptr_nonnull(strstr(why.msg, "No space left on device"));
    ck_assert_ptr_null(strchr(why.msg, '\n'));
    ck_assert_int_eq(count_entries(ROOT "/tmp"), 1);
    ck_assert_int_eq(count_entries(ROOT "/layers"), 1);
    ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), blobs);
    ck_assert(is_whole("old", "old"));
    ck_assert_uint_eq(count_images(), 1);
    free(big);
}
END_TEST

START_TEST(damage_leaves_nothing)
{
    scratch_enter();
    auto_image_store struct image_store store = {.root = -1};
    must(image_store_open(&store, ROOT, &why));
    struct tarball t = pack("content");
    tarball_pack(&t, "gzip");
    t.len -= 20;
    struct image_import what = {.source = tarball_source(&t), .name = "x"};
    char id[72];
    ck_assert_int_eq(image_import(&store, &what, id, &why), -EBADMSG);
    nothing_left();
    ck_assert_uint_eq(count_images(), 0);
    free(t.bytes);
}
END_TEST

START_TEST(many_at_once_do_not_meet)
{
    enum { WORKERS = 8, ROUNDS = 10 };
    scratch_enter();
    pid_t pids[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        /* Two have each name and content; half of them remove it again. */
        char name[16];
        snprintf(name, sizeof name, "n%d", i / 2);
        for (int k = 0; k < ROUNDS; k++) {
            must(import(name, name, NULL));
            if (i % 2 == 1 && remove_image(name, NULL) < 0)
                ck_assert_int_eq(why.code, ENOENT);
        }
        must(import(name, name, NULL));
        _exit(0);
    }
    for (int i = 0; i < WORKERS; i++) {
        int status = -1;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
    for (int i = 0; i < WORKERS / 2; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        ck_assert_msg(is_whole(name, name), "%s: %s", name, why.msg);
    }
    ck_assert_int_eq(count_entries(ROOT "/layers"), WORKERS / 2);
    ck_assert_int_eq(count_entries(ROOT "/tmp"), 1);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(
        tc, lab_8_3_killed_or_failed_at_any_call_an_import_is_all_or_nothing);
    tcase_add_test(tc, killed_or_failed_at_any_call_a_load_is_all_or_nothing);
    tcase_add_test(tc, killed_at_any_call_a_removal_is_all_or_nothing);
    tcase_add_test(tc, a_full_disk_is_one_line_and_nothing_left);
    tcase_add_test(tc, damage_leaves_nothing);
    tcase_add_test(tc, many_at_once_do_not_meet);
}

int main(void)
{
    return contract_main("crash", add);
}
