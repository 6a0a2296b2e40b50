/* Which keys detach, and what is made of what is typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attach.h"
#include "text.h"

#include <errno.h>
#include <string.h>

static void keys_are_read_as_docker_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
    } good[] = {
        {"",              ""        },
        {"ctrl-p,ctrl-q", "\x10\x11"},
        {"a",             "a"       },
        {"a,ctrl-a,z",    "a\x01z"  },
        {"ctrl-\\",       "\x1c"    },
        {"ctrl-[",        "\x1b"    },
        {"ctrl-_",        "\x1f"    },
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct attach_keys keys;
        assert_int_equal(attach_read_keys(good[i].text, &keys, NULL), 0);
        assert_int_equal(keys.n, strlen(good[i].bytes));
        assert_memory_equal(keys.v, good[i].bytes, keys.n);
    }
    struct attach_keys nul;
    assert_int_equal(attach_read_keys("ctrl-@", &nul, NULL), 0);
    assert_int_equal(nul.n, 1);
    assert_int_equal(nul.v[0], 0);
}

static void others_are_refused_in_dockers_words(void **state)
{
    (void)state;
    static const char *const bad[] = {"ctrl-P", "ab",      "ctrl-", "ctrl-1",
                                      "a,,b",   "ctrl-ab", "Ctrl-p"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct attach_keys keys;
        struct err e = {0};
        assert_int_equal(attach_read_keys(bad[i], &keys, &e), -EINVAL);
        assert_non_null(strstr(e.msg, "invalid detach keys ("));
        assert_non_null(strstr(e.msg, bad[i]));
    }
}

static void more_keys_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    auto_text struct text text = {0};
    for (int i = 0; i < ATTACH_KEYS; i++)
        text_add(&text, i == 0 ? "a" : ",a");
    struct attach_keys keys;
    assert_int_equal(attach_read_keys(text.s, &keys, NULL), 0);
    text_add(&text, ",a");
    assert_int_equal(attach_read_keys(text.s, &keys, NULL), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_read_as_docker_reads_them),
        cmocka_unit_test(others_are_refused_in_dockers_words),
        cmocka_unit_test(more_keys_than_there_is_room_for_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
