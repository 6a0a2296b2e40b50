/* Errors and ownership: what is cut when a message is too long, what moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "err.h"
#include "own.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void codes_come_back_negative(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(err_set(&e, EINVAL, "size \"%s\"", "12x"), -EINVAL);
    assert_string_equal(e.msg, "size \"12x\"");
    assert_int_equal(e.code, EINVAL);
    assert_int_equal(err_set(&e, -EINVAL, "same"), -EINVAL);
    assert_int_equal(e.code, EINVAL);
    assert_int_equal(err_sys(&e, ENOENT, "open %s", "/x"), -ENOENT);
    assert_int_equal(err_sys(&e, -ENOENT, "open %s", "/x"), -ENOENT);
    assert_int_equal(e.code, ENOENT);
    assert_string_equal(e.msg, "open /x: No such file or directory");
}

static void callers_put_their_intention_before(void **state)
{
    (void)state;
    struct err e;
    err_sys(&e, EPERM, "mount %s", "/proc");
    assert_int_equal(err_add(&e, "start %s", "web"), -EPERM);
    assert_string_equal(e.msg,
                        "start web: mount /proc: Operation not permitted");
}

static void names_stay_on_one_line(void **state)
{
    (void)state;
    struct err e;
    err_set(&e, EINVAL, "no %s", "a\nb\x1b[2J\x7f \xc3\xa9");
    assert_string_equal(e.msg, "no a?b?[2J? \xc3\xa9");
    err_sys(&e, EPERM, "open %s", "a\tb");
    assert_string_equal(e.msg, "open a?b: Operation not permitted");
    err_add(&e, "start %s", "\r\n");
    assert_string_equal(e.msg, "start ??: open a?b: Operation not permitted");
}

static void nobody_need_ask_for_the_reason(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, EIO, "x"), -EIO);
    assert_int_equal(err_sys(NULL, EIO, "x"), -EIO);
    assert_true(err_add(NULL, "x") < 0);
}

static void reason_survives_a_long_name(void **state)
{
    (void)state;
    char path[PATH_MAX];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    struct err e;
    err_sys(&e, ENOTDIR, "open %s", path);
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
    assert_true(text_starts(e.msg, "open ppp"));
    assert_true(text_ends(e.msg, "ppp: Not a directory"));
    for (int i = 0; i < 100; i++)
        assert_int_equal(err_add(&e, "level %d", i), -ENOTDIR);
    assert_true(text_ends(e.msg, "ppp: Not a directory"));
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
}

static void a_message_of_any_length_is_terminated(void **state)
{
    (void)state;
    for (int len = 0; len < 600; len++) {
        struct err e;
        memset(&e, '#', sizeof e);
        err_set(&e, EIO, "%0*d", len, 0);
        err_add(&e, "%0*d", len, 0);
        err_add(&e, "caller");
        assert_non_null(memchr(e.msg, '\0', sizeof e.msg));
        assert_int_equal(e.code, EIO);
    }
}

static void an_error_fits_one_write_to_a_pipe(void **state)
{
    (void)state;
    assert_true(sizeof(struct err) <= PIPE_BUF);
    assert_int_equal(sizeof(struct err), 256);
}

static void what_is_taken_is_not_released(void **state)
{
    (void)state;
    int kept;
    char *text;
    {
        auto_fd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        auto_free char *s = own_strdup("mine");
        kept = fd_take(&fd);
        text = own_take(&s);
        assert_int_equal(fd, -1);
        assert_null(s);
    }
    assert_true(fcntl(kept, F_GETFD) >= 0);
    assert_string_equal(text, "mine");
    close(kept);
    free(text);
}

static void what_is_not_taken_is_released(void **state)
{
    (void)state;
    int number;
    {
        auto_fd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        number = fd;
    }
    assert_int_equal(fcntl(number, F_GETFD), -1);
    errno = ENOENT;
    own_close(&number); /* EBADF inside, which the caller must not see */
    assert_int_equal(errno, ENOENT);
    assert_int_equal(number, -1);
}

static void memory_comes_zeroed_and_of_any_size(void **state)
{
    (void)state;
    char *block = own_alloc(64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(block[i], 0);
    block = own_grow(block, 4096);
    assert_int_equal(block[63], 0);
    free(block);
    free(own_alloc(0));
    free(own_grow(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_come_back_negative),
        cmocka_unit_test(callers_put_their_intention_before),
        cmocka_unit_test(names_stay_on_one_line),
        cmocka_unit_test(nobody_need_ask_for_the_reason),
        cmocka_unit_test(reason_survives_a_long_name),
        cmocka_unit_test(a_message_of_any_length_is_terminated),
        cmocka_unit_test(an_error_fits_one_write_to_a_pipe),
        cmocka_unit_test(what_is_taken_is_not_released),
        cmocka_unit_test(what_is_not_taken_is_released),
        cmocka_unit_test(memory_comes_zeroed_and_of_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
