/* What lists remember of containers, under a clock of the test's. */
// WRAP clock_gettime
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "digest.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "roster.h"
#include "unit_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LIST "cache/containers/list"
enum { MANY = 20 };

static char dir[] = "/tmp/unit_roster.XXXXXX";
static struct engine engine;

static const char *id_of(int i)
{
    static char id[RECORD_ID_LEN + 1];
    snprintf(id, sizeof id, "%064x", i);
    return id;
}

/* A record that says more than a list shows; with `name`. */
static void put(int i, const char *name)
{
    auto_free char *place = text_format("containers/%s", id_of(i));
    json_t *doc = unit_json(
        "{'Config': {'Image': 'busybox', 'Cmd': ['a', 'b'], 'Env': ['A=b']},"
        " 'State': {'Status': 'exited', 'ExitCode': 3, 'Pid': 0},"
        " 'Created': '2020-01-01T00:00:00Z'}");
    json_object_set_new(doc, "Name", json_string(name));
    assert_int_equal(files_mkdirs(engine.rootfd, place, 0700, NULL), 0);
    assert_int_equal(record_save(&engine, id_of(i), doc, NULL), 0);
    json_decref(doc);
}

/* The names of the containers that a new list tells of, in a row. */
static char *names(bool is_whole, int first)
{
    struct text all = {0};
    auto_roster struct roster *roster = roster_open(&engine, MANY, true);
    for (int i = first; i < MANY; i++) {
        auto_record struct record record = {0};
        if (roster_load(roster, id_of(i), false, &record, NULL) == 0)
            text_add(&all, field_string(record.doc, "Name"));
    }
    roster_save(roster, is_whole);
    return text_take(&all);
}

static void expect(const char *want)
{
    auto_free char *got = names(true, 0);
    assert_string_equal(got, want);
}

/* MANY records that have been there for a while, and a list that knows them. */
static const char all_of_them[] = "/0/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"
                                  "/18/19";
static int begin(void **state)
{
    (void)state;
    engine = (struct engine){.root = dir, .run = dir};
    memcpy(dir + sizeof dir - 7, "XXXXXX", 7);
    if (mkdtemp(dir) == NULL)
        return -1;
    engine.rootfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    files_mkdirs(engine.rootfd, "run", 0700, NULL);
    engine.runfd = openat(engine.rootfd, "run", O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < MANY; i++) {
        auto_free char *name = text_format("/%d", i);
        put(i, name);
    }
    clock_ahead_s = 5;
    expect(all_of_them);
    return 0;
}

static int end(void **state)
{
    (void)state;
    close(engine.runfd);
    close(engine.rootfd);
    return files_remove_tree(AT_FDCWD, dir, NULL);
}

static struct stat look_at_list(void)
{
    struct stat st = {0};
    fstatat(engine.rootfd, LIST, &st, AT_SYMLINK_NOFOLLOW);
    return st;
}

/* Say something else of them all in the list, with the digest that fits. */
static void forge(const char *from, const char *to)
{
    auto_text struct text old = {0}, new = {0}, file = {0};
    char digest[DIGEST_SIZE];
    assert_true(files_read(engine.rootfd, LIST, &old, NULL) > 0);
    char *rest = strchr(old.s, '\n') + 1, *at;
    while ((at = strstr(rest, from)) != NULL) {
        text_addn(&new, rest, (size_t)(at - rest));
        text_add(&new, to);
        rest = at + strlen(from);
    }
    text_add(&new, rest);
    digest_of(new.s, new.len, digest);
    text_addf(&file, "%s\n%s", digest, new.s);
    files_replace(engine.rootfd, LIST, file.s, file.len, 0, NULL);
}

static void the_list_is_believed_and_not_written_again(void **state)
{
    (void)state;
    forge("\"/1", "\"/x1");
    struct stat before = look_at_list();
    expect("/0/x1/2/3/4/5/6/7/8/9/x10/x11/x12/x13/x14/x15/x16/x17/x18/x19");
    assert_int_equal(look_at_list().st_ino, before.st_ino);
}

static void it_holds_what_lists_show_and_no_more(void **state)
{
    (void)state;
    auto_roster struct roster *roster = roster_open(&engine, MANY, true);
    for (int i = 0; i < 2; i++) {
        auto_record struct record record = {0};
        if (i == 1) /* read anew it is the same */
            put(7, "/7");
        assert_int_equal(roster_load(roster, id_of(7), false, &record, NULL),
                         0);
        assert_string_equal(record.id, id_of(7));
        json_t *want = unit_json(
            "{'Config': {'Image': 'busybox', 'Cmd': ['a', 'b']},"
            " 'State': {'Status': 'exited', 'ExitCode': 3}, 'Name': '/7',"
            " 'Created': '2020-01-01T00:00:00Z'}");
        assert_true(json_equal(record.doc, want));
        json_decref(want);
    }
}

static void a_record_that_changed_is_read(void **state)
{
    (void)state;
    put(3, "/three");
    clock_ahead_s = 0; /* and is too young to be remembered */
    for (int i = 0; i < 2; i++)
        expect("/0/1/2/three/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19");
    put(3, "/3");
    expect(all_of_them);
}

static void one_that_is_gone_is_not_told(void **state)
{
    (void)state;
    auto_free char *path = text_format("containers/%s", id_of(0));
    files_remove_tree(engine.rootfd, path, NULL);
    expect(all_of_them + 2);
}

/* Only where all were asked for. */
static void the_file_forgets_who_is_gone(void **state)
{
    (void)state;
    off_t full = look_at_list().st_size;
    auto_free char *few = names(false, 18);
    assert_int_equal(look_at_list().st_size, full);
    auto_free char *whole = names(true, 18);
    assert_string_equal(whole, "/18/19");
    assert_true(look_at_list().st_size < full / 2);
    expect(all_of_them);
    assert_int_equal(look_at_list().st_size, full);
}

static void put_nothing(void)
{
    unlinkat(engine.rootfd, LIST, 0);
}
static void put_garbage(void)
{
    static const char garbage[] = "\n\n\0{}[sha256:\xff\n";
    files_replace(engine.rootfd, LIST, garbage, sizeof garbage, 0, NULL);
}
static void put_half(void)
{
    auto_fd int fd = openat(engine.rootfd, LIST, O_RDWR | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, look_at_list().st_size / 2), 0);
}
static void put_one_wrong_byte(void)
{
    auto_fd int fd = openat(engine.rootfd, LIST, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "9", 1, look_at_list().st_size - 30), 1);
}
static void put_holes(void)
{
    auto_fd int fd = openat(engine.rootfd, LIST, O_RDWR | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
}
static void put_pipe(void)
{
    put_nothing();
    assert_int_equal(mkfifoat(engine.rootfd, LIST, 0600), 0);
}
static void put_link(void)
{
    put_nothing();
    assert_int_equal(symlinkat("/dev/zero", engine.rootfd, LIST), 0);
}
static void put_directory(void)
{
    put_nothing();
    assert_int_equal(mkdirat(engine.rootfd, LIST, 0700), 0);
}
static void put_file_for_place(void)
{
    files_remove_tree(engine.rootfd, "cache", NULL);
    assert_int_equal(files_replace(engine.rootfd, "cache", "", 0, 0, NULL), 0);
}
static void put_short_rows(void)
{
    forge("{", "\n");
}
static void put_another_table(void)
{
    forge("Created Image", "Image");
    forge("\"/1", "\"/x1");
}

static void whatever_lies_there_the_list_is_right(void **state)
{
    static void (*const ways[])(void) = {
        put_nothing, put_garbage,    put_half,           put_one_wrong_byte,
        put_holes,   put_short_rows, put_another_table,  put_pipe,
        put_link,    put_directory,  put_file_for_place,
    };
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        ways[i]();
        for (int twice = 0; twice < 2; twice++)
            expect(all_of_them);
    }
}

static void who_finds_somebody_writing_leaves_it(void **state)
{
    (void)state;
    auto_fd int lock =
        files_lock(engine.rootfd, "cache/containers/lock", FILES_TRY, NULL);
    assert_true(lock >= 0);
    put_nothing();
    expect(all_of_them);
    assert_int_equal(look_at_list().st_ino, 0);
    own_close(&lock);
    expect(all_of_them);
    assert_int_not_equal(look_at_list().st_ino, 0);
}

static void who_writes_clears_up_after_one_that_was_killed(void **state)
{
    (void)state;
    static const char left[] = "cache/containers/list.new77";
    put_nothing();
    files_replace(engine.rootfd, left, "", 0, 0, NULL);
    expect(all_of_them);
    assert_int_equal(faccessat(engine.rootfd, left, F_OK, 0), -1);
}

/* A document in the run directory goes before the one on disk. */
static void what_was_set_aside_counts(void **state)
{
    (void)state;
    json_t *doc = unit_json("{'Name': '/aside'}");
    auto_free char *place = text_format("run/%s", id_of(5));
    files_mkdirs(engine.rootfd, place, 0700, NULL);
    auto_roster struct roster *roster = roster_open(&engine, MANY, true);
    for (int i = 0; i < 3; i++) {
        auto_record struct record record = {0};
        assert_int_equal(roster_load(roster, id_of(5), true, &record, NULL), 0);
        assert_string_equal(field_string(record.doc, "Name"),
                            i == 1 ? "/aside" : "/5");
        assert_int_equal(record.passing, i == 1);
        assert_false(record.live);
        if (i == 0)
            record_set_aside(&engine, id_of(5), doc, NULL);
        else
            record_save(&engine, id_of(5), record.doc, NULL);
        if (i == 1)
            put(5, "/5");
    }
    json_decref(doc);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(the_list_is_believed_and_not_written_again),
        T(it_holds_what_lists_show_and_no_more),
        T(a_record_that_changed_is_read),
        T(one_that_is_gone_is_not_told),
        T(the_file_forgets_who_is_gone),
        T(whatever_lies_there_the_list_is_right),
        T(who_finds_somebody_writing_leaves_it),
        T(who_writes_clears_up_after_one_that_was_killed),
        T(what_was_set_aside_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
