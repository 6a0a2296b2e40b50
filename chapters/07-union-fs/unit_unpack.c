/* Names and kinds of archives: no kernel involved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layer.h"
#include "unpack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void names_are_cleaned(void **state)
{
    (void)state;
    static const struct {
        const char *name, *clean; /* NULL: refused */
    } cases[] = {
        {"a",        "a"      },
        {"./a/b/",   "a/b"    },
        {"/a",       "a"      },
        {"//a//./b", "a/b"    },
        {".",        ""       },
        {"./",       ""       },
        {"",         ""       },
        {"...",      "..."    },
        {"..a/b..",  "..a/b.."},
        {"..",       NULL     },
        {"../a",     NULL     },
        {"a/../b",   NULL     },
        {"a/..",     NULL     },
        {"/..",      NULL     },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[PATH_MAX];
        int r = unpack_clean(cases[i].name, path, NULL);
        if (cases[i].clean == NULL) {
            assert_int_equal(r, -EINVAL);
        } else {
            assert_int_equal(r, 0);
            assert_string_equal(path, cases[i].clean);
        }
    }
}

static void long_names_are_refused_and_never_overflow(void **state)
{
    (void)state;
    static char name[3 * PATH_MAX];
    for (size_t len = PATH_MAX - 3; len < PATH_MAX + 3; len++) {
        char path[PATH_MAX];
        memset(name, 'x', len);
        name[len] = '\0';
        int r = unpack_clean(name, path, NULL);
        assert_int_equal(r, len < PATH_MAX - 1 ? 0 : -ENAMETOOLONG);
        assert_true(r < 0 || strlen(path) == len);
    }
    /* Slashes that vanish do not count. */
    memset(name, '/', sizeof name - 1);
    name[sizeof name - 2] = 'a';
    name[sizeof name - 1] = '\0';
    char path[PATH_MAX];
    assert_int_equal(unpack_clean(name, path, NULL), 0);
    assert_string_equal(path, "a");
}

static void names_are_shown_harmlessly(void **state)
{
    (void)state;
    assert_string_equal(unpack_show("plain").s, "plain");
    assert_string_equal(unpack_show("a\nb\x1b[2J\x7f").s, "a?b?[2J?");
    char name[200];
    memset(name, 'y', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct unpack_shown shown = unpack_show(name);
    assert_int_equal(strlen(shown.s), sizeof shown.s - 1);
    assert_non_null(strstr(shown.s, "y..."));
}

static void compression_is_told_by_the_first_bytes(void **state)
{
    (void)state;
    assert_int_equal(layer_recognise("\x1f\x8b\x08", 3), LAYER_GZIP);
    assert_int_equal(layer_recognise("\xfd"
                                     "7zXZ\0",
                                     6),
                     LAYER_XZ);
    assert_int_equal(layer_recognise("\x28\xb5\x2f\xfd", 4), LAYER_ZSTD);
    assert_int_equal(layer_recognise("BZh9", 4), LAYER_BZIP2);
    assert_int_equal(layer_recognise("etc/passwd", 10), LAYER_PLAIN);
    assert_int_equal(layer_recognise("\x1f", 1), LAYER_PLAIN);
    assert_int_equal(layer_recognise("", 0), LAYER_PLAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_cleaned),
        cmocka_unit_test(long_names_are_refused_and_never_overflow),
        cmocka_unit_test(names_are_shown_harmlessly),
        cmocka_unit_test(compression_is_told_by_the_first_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
