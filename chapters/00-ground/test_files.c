/* Contract of files.h: what others find in the file system, and who is kept
 * out of it. */
#include "contract.h"

#include "err.h"
#include "fault.h"
#include "files.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char place[] = "/tmp/test_files.XXXXXX";

/* Made and removed by the process that starts the tests, so that no failing
 * test leaves it behind. */
static void make_place(void)
{
    ck_assert(mkdtemp(place) != NULL);
}

static void remove_place(void)
{
    ck_assert_int_eq(files_remove_tree(AT_FDCWD, place, NULL), 0);
}

/* A directory of its own for each test, which is its working directory. */
static void enter_place(void)
{
    char own[] = "XXXXXX";
    ck_assert(chdir(place) == 0 && mkdtemp(own) != NULL && chdir(own) == 0);
}

/* Make a file without the functions under test. */
static void put(const char *path, const char *content)
{
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, content, strlen(content)),
                     (ssize_t)strlen(content));
}

static void assert_content(int fd, const char *content)
{
    char now[64] = "";
    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(pread(fd, now, sizeof now - 1, 0), 0);
    ck_assert_str_eq(now, content);
}

static void assert_mode(const char *path, mode_t mode)
{
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert(S_ISDIR(st.st_mode));
    ck_assert_int_eq(st.st_mode & 07777, mode);
}

START_TEST(lab_0_1_every_missing_directory_is_made)
{
    struct err e = {0};
    umask(0);
    ck_assert_msg(files_mkdirs(AT_FDCWD, "a/b/c", 0750, &e) == 0, "%s", e.msg);
    assert_mode("a", 0750);
    assert_mode("a/b/c", 0750);
    /* Again, partly there, with odd slashes. */
    ck_assert_int_eq(files_mkdirs(AT_FDCWD, "a/b/c", 0700, &e), 0);
    ck_assert_int_eq(files_mkdirs(AT_FDCWD, "a//b/./d/", 0700, &e), 0);
    assert_mode("a/b/c", 0750);
    assert_mode("a/b/d", 0700);
    /* Relative to the descriptor, whatever the working directory is. */
    auto_fd int dir = open("a", O_PATH | O_CLOEXEC);
    ck_assert_int_eq(files_mkdirs(dir, "x/y", 0700, &e), 0);
    assert_mode("a/x/y", 0700);
}
END_TEST

START_TEST(lab_0_1_a_file_is_no_directory)
{
    struct err e = {0};
    ck_assert_int_eq(files_mkdirs(AT_FDCWD, "dir", 0700, &e), 0);
    put("file", "");
    ck_assert_int_eq(symlink("dir", "link"), 0);
    ck_assert_int_eq(files_mkdirs(AT_FDCWD, "file/x", 0700, &e), -ENOTDIR);
    ck_assert_int_eq(files_mkdirs(AT_FDCWD, "file", 0700, &e), -EEXIST);
    ck_assert_msg(strstr(e.msg, "file") != NULL, "unnamed: %s", e.msg);
    ck_assert_int_eq(files_mkdirs(AT_FDCWD, "link", 0700, &e), 0);
    ck_assert_int_eq(files_mkdirs(AT_FDCWD, "", 0700, &e), -ENOENT);
}
END_TEST

START_TEST(lab_0_2_the_new_file_takes_the_name)
{
    struct err e = {0};
    put("f", "a long old content");
    auto_fd int old = open("f", O_RDONLY | O_CLOEXEC);
    int r = files_replace(AT_FDCWD, "f", "new", 3, FILES_DURABLE, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    auto_fd int new = open("f", O_RDONLY | O_CLOEXEC);
    assert_content(new, "new");
    /* Who had it open still reads the old file, whole. */
    assert_content(old, "a long old content");
    ck_assert_int_eq(files_replace(AT_FDCWD, "fresh", "", 0, 0, &e), 0);
    ck_assert_int_eq(access("fresh", F_OK), 0);
}
END_TEST

START_TEST(beginnings_go_and_nothing_else)
{
    static const char *const kept[] = {"f", "f.new", "f.newx1", "f.new1x"};
    struct err e = {0};
    ck_assert_int_eq(files_mkdirs(AT_FDCWD, "d", 0700, &e), 0);
    ck_assert_int_eq(chdir("d"), 0);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        put(kept[i], "");
    put("f.new4711", "the begin");
    files_remove_beginnings(AT_FDCWD, ".");
    files_remove_beginnings(AT_FDCWD, "nosuch");
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        ck_assert_int_eq(access(kept[i], F_OK), 0);
    ck_assert_int_eq(access("f.new4711", F_OK), -1);
}
END_TEST

/* Bring about, in a child, that a call of files_replace has to fail. */
static int replace_under_limit(int resource, rlim_t most)
{
    fflush(NULL);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        const struct rlimit limit = {most, most};
        signal(SIGXFSZ, SIG_IGN); /* so that write(2) returns EFBIG */
        if (setrlimit(resource, &limit) < 0)
            _exit(0);
        _exit(-files_replace(AT_FDCWD, "f", "new", 3, FILES_DURABLE, NULL));
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status), "it died");
    return WEXITSTATUS(status);
}

static int count_entries(const char *path)
{
    auto_dir DIR *dir = opendir(path);
    ck_assert(dir != NULL);
    int entries = -2; /* "." and ".." */
    while (readdir(dir) != NULL)
        entries++;
    return entries;
}

START_TEST(lab_0_2_a_failed_call_leaves_the_old_file)
{
    struct err e = {0};
    put("f", "old");
    ck_assert_int_eq(replace_under_limit(RLIMIT_NOFILE, 3), EMFILE);
    ck_assert_int_eq(replace_under_limit(RLIMIT_FSIZE, 2), EFBIG);
    ck_assert_int_eq(count_entries("."), 1);
    auto_fd int fd = open("f", O_RDONLY | O_CLOEXEC);
    assert_content(fd, "old");
    /* A file cannot be renamed over a directory. */
    ck_assert_int_eq(mkdir("dir", 0700), 0);
    int r = files_replace(AT_FDCWD, "dir", "new", 3, FILES_DURABLE, &e);
    ck_assert_int_eq(r, -EISDIR);
    ck_assert_msg(strstr(e.msg, "dir") != NULL, "unnamed: %s", e.msg);
    ck_assert_int_eq(count_entries("."), 2);
    ck_assert_int_eq(count_entries("dir"), 0);
}
END_TEST

/* fsync(2) of a durable file is one call, of its directory another. */
START_TEST(lab_0_2_what_must_last_is_synced_with_its_directory)
{
    struct err e = {0};
    put("f", "old");
    ck_assert_int_eq(fault_open("fsync:1:EIO", &e), 0);
    ck_assert_int_eq(files_replace(AT_FDCWD, "f", "new", 3, FILES_DURABLE, &e),
                     -EIO);
    ck_assert_int_eq(count_entries("."), 1);
    auto_fd int fd = open("f", O_RDONLY | O_CLOEXEC);
    assert_content(fd, "old");
    ck_assert_int_eq(fault_open("fsync:2:EIO", &e), 0);
    ck_assert_int_eq(files_replace(AT_FDCWD, "f", "new", 3, FILES_DURABLE, &e),
                     -EIO);
    ck_assert_msg(strstr(e.msg, "f:") != NULL, "unnamed: %s", e.msg);
}
END_TEST

/* A root with links that would like to lead out of it. */
static int make_jail(void)
{
    put("secret", "outside");
    ck_assert_int_eq(mkdir("jail", 0755), 0);
    ck_assert_int_eq(mkdir("jail/etc", 0755), 0);
    put("jail/secret", "inside");
    put("jail/etc/name", "box");
    ck_assert_int_eq(symlink("../../../../secret", "jail/up"), 0);
    ck_assert_int_eq(symlink("/secret", "jail/absolute"), 0);
    ck_assert_int_eq(symlink("..", "jail/etc/parent"), 0);
    ck_assert_int_eq(symlink("/etc", "jail/dir"), 0);
    ck_assert_int_eq(symlink("loop", "jail/loop"), 0);
    int jail = open("jail", O_PATH | O_CLOEXEC);
    ck_assert_int_ge(jail, 0);
    return jail;
}

START_TEST(lab_0_3_no_link_leads_out)
{
    static const char *const paths[] = {
        "secret",
        "/secret",
        "../secret",
        "../../../../../../secret",
        "etc/../../secret",
        "up",
        "absolute",
        "etc/parent/secret",
        "etc/parent/../../secret",
    };
    auto_fd int jail = make_jail();
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct err e = {0};
        auto_fd int fd = files_open_in(jail, paths[i], O_RDONLY, 0, &e);
        ck_assert_msg(fd >= 0, "%s: %s", paths[i], e.msg);
        assert_content(fd, "inside");
        ck_assert((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    }
    auto_fd int fd = files_open_in(jail, "dir/name", O_RDONLY, 0, NULL);
    assert_content(fd, "box");
}
END_TEST

START_TEST(lab_0_3_files_are_made_inside)
{
    auto_fd int jail = make_jail();
    struct err e = {0};
    auto_fd int fd =
        files_open_in(jail, "/../new", O_WRONLY | O_CREAT | O_EXCL, 0600, &e);
    ck_assert_msg(fd >= 0, "%s", e.msg);
    ck_assert_int_eq(access("new", F_OK), -1);
    ck_assert_int_eq(access("jail/new", F_OK), 0);
    /* A directory is opened, not made: the mode is not the kernel's matter. */
    auto_fd int dir =
        files_open_in(jail, "etc", O_RDONLY | O_DIRECTORY, 0755, &e);
    ck_assert_msg(dir >= 0, "%s", e.msg);
    ck_assert_int_eq(files_open_in(jail, "loop", O_RDONLY, 0, &e), -ELOOP);
    ck_assert_int_eq(files_open_in(jail, "none", O_RDONLY, 0, &e), -ENOENT);
    ck_assert_msg(strstr(e.msg, "none") != NULL, "unnamed: %s", e.msg);
    /* A link of /proc jumps anywhere, were it followed. */
    auto_fd int proc = open("/proc", O_PATH | O_CLOEXEC);
    ck_assert_int_lt(files_open_in(proc, "self/root/tmp", O_RDONLY, 0, &e), 0);
}
END_TEST

START_TEST(lab_0_3_eagain_is_tried_again)
{
    struct err e = {0};
    auto_fd int jail = make_jail();
    ck_assert_int_eq(fault_open("openat2:1:EAGAIN", &e), 0);
    auto_fd int fd = files_open_in(jail, "secret", O_RDONLY, 0, &e);
    assert_content(fd, "inside");
}
END_TEST

START_TEST(lab_0_4_a_lock_keeps_others_out)
{
    struct err e = {0};
    auto_fd int held = files_lock(AT_FDCWD, "lock", 0, &e);
    ck_assert_msg(held >= 0, "%s", e.msg);
    ck_assert((fcntl(held, F_GETFD) & FD_CLOEXEC) != 0);
    ck_assert_int_eq(files_lock(AT_FDCWD, "lock", FILES_TRY, &e), -EWOULDBLOCK);
    auto_fd int other = files_lock(AT_FDCWD, "other", FILES_TRY, &e);
    ck_assert_int_ge(other, 0);
    own_close(&held);
    auto_fd int again = files_lock(AT_FDCWD, "lock", FILES_TRY, &e);
    ck_assert_int_ge(again, 0);
    /* What others put there as a link is not followed. */
    ck_assert_int_eq(symlink("elsewhere", "link"), 0);
    ck_assert_int_eq(files_lock(AT_FDCWD, "link", 0, &e), -ELOOP);
    ck_assert_int_eq(access("elsewhere", F_OK), -1);
}
END_TEST

START_TEST(lab_0_4_a_signal_does_not_end_the_waiting)
{
    struct err e = {0};
    ck_assert_int_eq(fault_open("flock:1:EINTR", &e), 0);
    auto_fd int held = files_lock(AT_FDCWD, "lock", 0, &e);
    ck_assert_msg(held >= 0, "%s", e.msg);
}
END_TEST

START_TEST(lab_0_4_death_gives_the_lock_back)
{
    int ready[2], go[2];
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC) | pipe2(go, O_CLOEXEC), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        char byte = files_lock(AT_FDCWD, "lock", 0, NULL) >= 0 ? 'y' : 'n';
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    char byte = 0;
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
    struct err e;
    ck_assert_int_eq(files_lock(AT_FDCWD, "lock", FILES_TRY, &e), -EWOULDBLOCK);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    auto_fd int fd = files_lock(AT_FDCWD, "lock", FILES_TRY, &e);
    ck_assert_int_ge(fd, 0);
}
END_TEST

/* True as soon as a process waits in flock(2): /proc/locks says "->". */
static bool somebody_waits(pid_t pid)
{
    auto_text struct text locks = {0};
    ck_assert_int_ge(files_read(AT_FDCWD, "/proc/locks", &locks, NULL), 0);
    auto_free char *waiting = text_format("WRITE %d ", (int)pid);
    auto_strv struct strv lines = {0};
    strv_split(&lines, locks.s, '\n');
    for (size_t i = 0; i < lines.n; i++)
        if (strstr(lines.v[i], "->") != NULL &&
            strstr(lines.v[i], waiting) != NULL)
            return true;
    return false;
}

START_TEST(lab_0_4_the_lock_of_a_removed_file_is_worth_nothing)
{
    auto_fd int held = files_lock(AT_FDCWD, "lock", 0, NULL);
    ck_assert_int_ge(held, 0);
    int answer[2];
    ck_assert_int_eq(pipe2(answer, O_CLOEXEC), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        own_close(&held);
        struct stat named = {0}, mine = {0};
        int fd = files_lock(AT_FDCWD, "lock", 0, NULL);
        char byte = fstat(fd, &mine) == 0 && stat("lock", &named) == 0 &&
                            mine.st_ino == named.st_ino
                        ? 'y'
                        : 'n';
        _exit(write(answer[1], &byte, 1) == 1 ? 0 : 1);
    }
    while (!somebody_waits(pid))
        sched_yield();
    ck_assert_int_eq(unlink("lock"), 0);
    own_close(&held);
    char byte = 0;
    ck_assert_int_eq(read(answer[0], &byte, 1), 1);
    ck_assert_msg(byte == 'y', "locked a file that nobody will find");
    waitpid(pid, NULL, 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_unchecked_fixture(tc, make_place, remove_place);
    tcase_add_checked_fixture(tc, enter_place, NULL);
    tcase_add_test(tc, lab_0_1_every_missing_directory_is_made);
    tcase_add_test(tc, lab_0_1_a_file_is_no_directory);
    tcase_add_test(tc, lab_0_2_the_new_file_takes_the_name);
    tcase_add_test(tc, lab_0_2_a_failed_call_leaves_the_old_file);
    tcase_add_test(tc, lab_0_2_what_must_last_is_synced_with_its_directory);
    tcase_add_test(tc, beginnings_go_and_nothing_else);
    tcase_add_test(tc, lab_0_3_no_link_leads_out);
    tcase_add_test(tc, lab_0_3_files_are_made_inside);
    tcase_add_test(tc, lab_0_3_eagain_is_tried_again);
    tcase_add_test(tc, lab_0_4_a_lock_keeps_others_out);
    tcase_add_test(tc, lab_0_4_a_signal_does_not_end_the_waiting);
    tcase_add_test(tc, lab_0_4_death_gives_the_lock_back);
    tcase_add_test(tc, lab_0_4_the_lock_of_a_removed_file_is_worth_nothing);
}

int main(void)
{
    return contract_main("files", add);
}
