/* Text of strangers in the cells of a terminal: letters, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cells.h"

#include <string.h>

static void fits(const char *bytes, size_t most, const char *shown,
                 size_t cells)
{
    auto_text struct text text = {0};
    size_t used = cells_add(&text, bytes, strlen(bytes), most);
    assert_string_equal(text.s != NULL ? text.s : "", shown);
    assert_int_equal(used, cells);
}

static void letters_are_left_alone(void **state)
{
    (void)state;
    fits("plain text", 100, "plain text", 10);
    fits("plain text", 5, "plain", 5);
    fits("a\tb\nc", 100, "a b c", 5);
    fits("gr\u00fc\u00dfe", 100, "gr\u00fc\u00dfe", 5);
    /* Two cells each: half of one is none. */
    fits("\u6f22\u5b57", 4, "\u6f22\u5b57", 4);
    fits("\u6f22\u5b57", 3, "\u6f22", 2);
    fits("\U0001f680x", 3, "\U0001f680x", 3);
    fits("\uff21\uac00", 9, "\uff21\uac00", 4);
    /* An accent of its own stands with the letter before it. */
    fits("e\u0301x", 1, "e\u0301", 1);
    fits("\xff\xc3", 9, "\ufffd\ufffd", 2);
}

static void nothing_else_gets_through(void **state)
{
    (void)state;
    fits("\033[2J\033[1;1Hx", 99, "x", 1);
    fits("\033[38;5;196mred\033[0m", 99, "red", 3);
    fits("\033]0;title\007x", 99, "x", 1);
    fits("\033]8;;http://a\033\\link\033]8;;\033\\", 99, "link", 4);
    fits("\033P$q\"p\033\\x\033_y\033\\z\033^w\033\\", 99, "xz", 2);
    fits("\033]0;without an end", 99, "", 0);
    fits("\033]0;a\033[31mb", 99, "b", 1);
    fits("a\033", 99, "a", 1);
    fits("a\033[", 99, "a", 1);
    fits("a\033[1;", 99, "a", 1);
    fits("\033(B\0337\0338\033c\033=x", 99, "x", 1);
    fits("\033[\xc3\xbcx", 99, "\u00fcx", 2);
    fits("a\b\a\r\v\f\177b\1c", 99, "abc", 3);
    fits("a\xc2\x9b"
         "31mb\xc2\x85",
         99, "a31mb", 5);
    /* What turns the rest around, and what cannot be seen. */
    fits("\u202egnp.exe\u2066\u200f\u200b\ufeff", 99, "gnp.exe", 7);
}

static void last_written(const char *line, const char *shown)
{
    size_t len;
    const char *last = cells_last_written(line, strlen(line), &len);
    assert_int_equal(len, strlen(shown));
    assert_memory_equal(last, shown, len);
}

static void a_line_that_was_begun_again_is_what_came_last(void **state)
{
    (void)state;
    last_written("", "");
    last_written("\r\r", "");
    last_written("50%\r100%", "100%");
    last_written("50%\r100%\r", "100%");
    last_written("done\r", "done");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_are_left_alone),
        cmocka_unit_test(nothing_else_gets_through),
        cmocka_unit_test(a_line_that_was_begun_again_is_what_came_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
