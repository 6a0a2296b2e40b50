// WRAP sys_write sys_fsync sys_renameat2 sys_openat2
/* files.c with part of the door faked: the order that survives a power cut,
 * what stays when a call fails, and when openat2 is asked again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files.h"
#include "own.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __real_sys_fsync(int fd);
int __real_sys_renameat2(int old_dirfd, const char *old_path, int new_dirfd,
                         const char *new_path, unsigned int flags);
ssize_t __real_sys_write(int fd, const void *bytes, size_t count);

/* The story of one test: the calls seen, and the one that shall fail. */
static struct {
    struct text calls;
    const char *broken; /* this call returns -EIO */
    int again;          /* openat2 says EAGAIN so many times */
    struct open_how how;
    size_t at_most; /* write takes no more than this at once; 0: all */
} door;

static bool breaks(const char *call)
{
    text_addf(&door.calls, "%s ", call);
    return door.broken != NULL && strcmp(door.broken, call) == 0;
}

ssize_t __wrap_sys_write(int fd, const void *bytes, size_t count)
{
    if (breaks("write"))
        return -EIO;
    bool cut = door.at_most > 0 && count > door.at_most;
    return __real_sys_write(fd, bytes, cut ? door.at_most : count);
}

int __wrap_sys_fsync(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    const char *call = S_ISDIR(st.st_mode) ? "fsync-dir" : "fsync";
    return breaks(call) ? -EIO : __real_sys_fsync(fd);
}

int __wrap_sys_renameat2(int old_dirfd, const char *old_path, int new_dirfd,
                         const char *new_path, unsigned int flags)
{
    return breaks("rename") ? -EIO
                            : __real_sys_renameat2(old_dirfd, old_path,
                                                   new_dirfd, new_path, flags);
}

int __wrap_sys_openat2(int dirfd, const char *path, struct open_how *how,
                       size_t size)
{
    (void)dirfd;
    (void)path;
    assert_int_equal(size, sizeof *how);
    door.how = *how;
    text_add(&door.calls, "openat2 ");
    return door.again-- > 0 ? -EAGAIN : -ENOENT;
}

static int make_directory(void **state)
{
    char name[] = "/tmp/unit_files.XXXXXX";
    int dir = mkdtemp(name) == NULL
                  ? -1
                  : open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct err e;
    if (dir < 0 || chdir(name) < 0 ||
        files_replace(dir, "f", "old", 3, 0, &e) < 0)
        return -1;
    text_clear(&door.calls);
    *state = own_strdup(name);
    close(dir);
    return 0;
}

static int remove_directory(void **state)
{
    text_done(&door.calls);
    memset(&door, 0, sizeof door);
    int r = chdir("/") < 0 ? -1 : files_remove_tree(AT_FDCWD, *state, NULL);
    free(*state);
    text_done(&door.calls);
    return r;
}

/* The file's content, and that nothing else is in the directory. */
static void assert_alone(const char *content)
{
    auto_text struct text now = {0};
    assert_int_equal(files_read(AT_FDCWD, "f", &now, NULL), strlen(content));
    assert_string_equal(now.s, content);
    auto_dir DIR *dir = opendir(".");
    int entries = 0;
    while (readdir(dir) != NULL)
        entries++;
    assert_int_equal(entries, 3); /* ".", ".." and "f" */
}

static void a_durable_file_is_synced_before_and_after_its_name(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(files_replace(AT_FDCWD, "f", "new", 3, FILES_DURABLE, &e),
                     0);
    assert_string_equal(door.calls.s, "write fsync rename fsync-dir ");
    assert_alone("new");
}

static void another_file_is_not_synced(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(files_replace(AT_FDCWD, "f", "new", 3, 0, &e), 0);
    assert_string_equal(door.calls.s, "write rename ");
}

static void short_writes_go_on(void **state)
{
    (void)state;
    struct err e;
    door.at_most = 2;
    assert_int_equal(files_replace(AT_FDCWD, "f", "12345", 5, 0, &e), 0);
    assert_string_equal(door.calls.s, "write write write rename ");
    assert_alone("12345");
}

static void a_failure_leaves_the_old_file(void **state)
{
    (void)state;
    static const char *const calls[] = {"write", "fsync", "rename"};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct err e;
        door.broken = calls[i];
        int r = files_replace(AT_FDCWD, "f", "new", 3, FILES_DURABLE, &e);
        assert_int_equal(r, -EIO);
        assert_string_equal(e.msg, "write f: Input/output error");
        assert_alone("old");
    }
    door.broken = "fsync-dir";
    struct err e;
    assert_int_equal(files_replace(AT_FDCWD, "f", "new", 3, FILES_DURABLE, &e),
                     -EIO);
    assert_string_equal(e.msg, "sync f: Input/output error");
}

static void a_value_is_one_write(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(files_write(AT_FDCWD, "f", "max", &e), 0);
    assert_string_equal(door.calls.s, "write ");
    door.at_most = 1;
    assert_int_equal(files_write(AT_FDCWD, "f", "max", &e), -EIO);
    door.broken = "write";
    assert_int_equal(files_write(AT_FDCWD, "f", "1 2", &e), -EIO);
    assert_string_equal(e.msg, "write \"1 2\" to f: Input/output error");
}

static void opening_inside_asks_again_but_not_forever(void **state)
{
    (void)state;
    struct err e;
    door.again = 3;
    assert_int_equal(files_open_in(3, "x", O_RDONLY, 0, &e), -ENOENT);
    assert_string_equal(door.calls.s, "openat2 openat2 openat2 openat2 ");
    door.again = 1000000;
    assert_int_equal(files_open_in(3, "x", O_RDONLY, 0, &e), -EAGAIN);
    assert_true(door.again > 0);
}

static void a_mode_is_passed_only_where_a_file_is_made(void **state)
{
    (void)state;
    static const struct {
        int flags;
        unsigned int mode;
    } cases[] = {
        {O_RDONLY,           0   },
        {O_DIRECTORY,        0   },
        {O_PATH,             0   },
        {O_WRONLY | O_CREAT, 0640},
        {O_RDWR | O_TMPFILE, 0640},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        files_open_in(3, "x", cases[i].flags, 0640, NULL);
        assert_int_equal(door.how.mode, cases[i].mode);
        assert_int_equal(door.how.flags,
                         (unsigned int)cases[i].flags | O_CLOEXEC);
        assert_true((door.how.resolve & RESOLVE_IN_ROOT) != 0);
    }
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_durable_file_is_synced_before_and_after_its_name),
        TEST(another_file_is_not_synced),
        TEST(short_writes_go_on),
        TEST(a_failure_leaves_the_old_file),
        TEST(a_value_is_one_write),
        TEST(opening_inside_asks_again_but_not_forever),
        TEST(a_mode_is_passed_only_where_a_file_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
