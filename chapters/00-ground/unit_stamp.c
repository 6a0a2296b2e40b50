/* Files that are still the same, under a clock of the test's. */
// WRAP clock_gettime
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "files.h"
#include "stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char dir[] = "/tmp/unit_stamp.XXXXXX";

static struct stamp stamp_of(const char *name)
{
    struct stamp ret;
    assert_int_equal(stamp_get(AT_FDCWD, name, &ret), 0);
    return ret;
}

static void put(const char *content)
{
    assert_int_equal(files_replace(AT_FDCWD, "f", content, 3, 0, NULL), 0);
}

static void a_file_that_nobody_touched_is_the_same(void **state)
{
    (void)state;
    clock_ahead_s = 5;
    put("one");
    struct stamp first = stamp_of("f"), second = stamp_of("f");
    assert_int_not_equal(first.inode, 0);
    assert_int_equal(first.size, 3);
    assert_true(stamp_is_same(&first, &second));
}

static void one_that_was_replaced_or_written_to_is_not(void **state)
{
    (void)state;
    clock_ahead_s = 5;
    put("one");
    struct stamp first = stamp_of("f");
    /* The old one stays open, so that its inode is not free. */
    int old = open("f", O_RDONLY | O_CLOEXEC);
    put("two");
    struct stamp second = stamp_of("f");
    close(old);
    assert_false(stamp_is_same(&first, &second));
    assert_int_equal(truncate("f", 2), 0);
    struct stamp third = stamp_of("f");
    assert_false(stamp_is_same(&second, &third));
}

static void a_young_one_has_no_stamp(void **state)
{
    (void)state;
    put("one");
    for (clock_ahead_s = -1; clock_ahead_s <= 0; clock_ahead_s++) {
        struct stamp young = stamp_of("f");
        assert_int_equal(young.inode, 0);
        assert_false(stamp_is_same(&young, &young));
    }
    clock_ahead_s = 2;
    assert_int_not_equal(stamp_of("f").inode, 0);
}

static void what_is_not_there_has_none(void **state)
{
    (void)state;
    struct stamp stamp = {1, 1, 1};
    assert_int_equal(stamp_get(AT_FDCWD, "nothing", &stamp), -ENOENT);
    assert_int_equal(stamp.inode, 0);
}

static void of_a_link_it_is_the_link_s_own(void **state)
{
    (void)state;
    clock_ahead_s = 5;
    put("one");
    assert_int_equal(symlink("f", "link"), 0);
    struct stamp file = stamp_of("f"), link = stamp_of("link");
    assert_false(stamp_is_same(&file, &link));
    unlink("link");
}

static void as_text_it_is_read_back(void **state)
{
    (void)state;
    const struct stamp stamp = {UINT64_MAX, 7, -3};
    auto_text struct text text = {0};
    stamp_add(&text, &stamp);
    text_add(&text, " rest");
    assert_string_equal(text.s, "18446744073709551615 7 -3 rest");
    struct stamp again;
    assert_string_equal(stamp_read(text.s, &again), " rest");
    assert_true(stamp_is_same(&stamp, &again));
}

static int enter(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL ? -1 : chdir(dir);
}

static int leave(void **state)
{
    (void)state;
    return files_remove_tree(AT_FDCWD, dir, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_nobody_touched_is_the_same),
        cmocka_unit_test(one_that_was_replaced_or_written_to_is_not),
        cmocka_unit_test(a_young_one_has_no_stamp),
        cmocka_unit_test(what_is_not_there_has_none),
        cmocka_unit_test(of_a_link_it_is_the_link_s_own),
        cmocka_unit_test(as_text_it_is_read_back),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
