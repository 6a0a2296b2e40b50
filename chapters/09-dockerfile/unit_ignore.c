/* .dockerignore and wildcards: a pattern, a path, and whether they match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ignore.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *pattern, *name;
    int result;
} matches[] = {
    {"",             "",                                      1      },
    {"a",            "a",                                     1      },
    {"a",            "b",                                     0      },
    {"a",            "ab",                                    0      },
    {"*",            "",                                      1      },
    {"*",            "abc",                                   1      },
    {"*",            "a/b",                                   0      },
    {"*c",           "abc",                                   1      },
    {"a*",           "abc",                                   1      },
    {"a*/b",         "abc/b",                                 1      },
    {"a*/b",         "a/c/b",                                 0      },
    {"a*b*c",        "abxbyc",                                1      },
    {"a*b?c*x",      "abxbbxdbxebxczzx",                      1      },
    {"a*b?c*x",      "abxbbxdbxebxczzy",                      0      },
    {"?",            "a",                                     1      },
    {"?",            "/",                                     0      },
    {"?",            "\xc3\xa4",                              1      },
    {"??",           "\xc3\xa4",                              0      },
    {"[a-c]",        "b",                                     1      },
    {"[a-c]",        "d",                                     0      },
    {"[^a-c]",       "d",                                     1      },
    {"[^a-c]",       "b",                                     0      },
    {"[\\]a]",       "]",                                     1      },
    {"[\\-]",        "-",                                     1      },
    {"[x\\-]",       "-",                                     1      },
    {"[xyz]*",       "y.c",                                   1      },
    {"\\*",          "*",                                     1      },
    {"\\*",          "a",                                     0      },
    {"a\\?b",        "a?b",                                   1      },
    {"*.[ch]",       "x.c",                                   1      },
    {"a[^a]b",
     "a\xc3\xa4"
     "b",                                                     1      },
    {"**",           "a/b",                                   0      },
    {"**",           "ab",                                    1      },
    {"*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0      },
    {"[",            "a",                                     -EINVAL},
    {"[a",           "a",                                     -EINVAL},
    {"[]",           "a",                                     -EINVAL},
    {"[]a]",         "]",                                     -EINVAL},
    {"[-]",          "-",                                     -EINVAL},
    {"[a-]",         "a",                                     -EINVAL},
    {"[-x]",         "x",                                     -EINVAL},
    {"[^]",          "a",                                     -EINVAL},
    {"[a-b-c]",      "a",                                     -EINVAL},
    {"a\\",          "a",                                     -EINVAL},
    {"a[\\",         "a",                                     -EINVAL},
    {"x[",           "a",                                     -EINVAL},
};

static void patterns_match_as_go_has_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++)
        if (pattern_match(matches[i].pattern, matches[i].name) !=
            matches[i].result)
            fail_msg("%s, %s: not %d", matches[i].pattern, matches[i].name,
                     matches[i].result);
}

static void wildcards_are_told_from_names(void **state)
{
    (void)state;
    assert_true(pattern_is_wild("a*"));
    assert_true(pattern_is_wild("a?"));
    assert_true(pattern_is_wild("a[b]"));
    assert_false(pattern_is_wild("a\\*b"));
    assert_false(pattern_is_wild("a/b."));
    assert_false(pattern_is_wild("a\\"));
}

/* One file of patterns, and what becomes of some paths. */
struct row {
    const char *patterns, *path;
    bool is_out;
};

static void judge(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        auto_ignore struct ignore *ignore = NULL;
        struct err e = {0};
        const char *text = rows[i].patterns;
        if (ignore_parse(text, strlen(text), &ignore, &e) < 0)
            fail_msg("%s: %s", text, e.msg);
        if (ignore_matches(ignore, rows[i].path) != rows[i].is_out)
            fail_msg("%s, %s: not %d", text, rows[i].path, rows[i].is_out);
    }
}

static const struct row paths[] = {
    {"",                   "a",                  false},
    {"a",                  "a",                  true },
    {"a",                  "a/b/c",              true },
    {"a",                  "ab",                 false},
    {"a",                  "b/a",                false},
    {"/a",                 "a",                  true },
    {"a/",                 "a/b",                true },
    {"./a/../b",           "b",                  true },
    {"../a",               "a",                  false},
    {"/",                  "a",                  false},
    {".",                  "a",                  false},
    {" a \t",              "a",                  true },
    {"a\r\n",              "a",                  true },
    {"\xef\xbb\xbf"
     "a\n",           "a",                  true },
    {"#a",                 "#a",                 false},
    {" #a",                "#a",                 true },
    {"*",                  "a/b",                true },
    {"*.c",                "x.c",                true },
    {"*.c",                "a/x.c",              false},
    {"*/*.c",              "a/x.c",              true },
    {"*/*.c",              "a/b/x.c",            false},
    {"a?",                 "ab/c",               true },
    {"**/*.c",             "x.c",                true },
    {"**/*.c",             "a/b/x.c",            true },
    {"**/*.c",             "a/b/x.cc",           false},
    {"**/a",               "a",                  true },
    {"**/a",               "b/c/a/d",            true },
    {"**/a",               "ba",                 false},
    {"**a",                "c/ba",               true },
    {"**",                 "a/b",                true },
    {"a/**",               "a",                  false},
    {"a/**",               "a/b/c",              true },
    {"a/**/b",             "a/b",                true },
    {"a/**/b",             "a/x/y/b",            true },
    {"a/**/b",             "a/xb",               false},
    {"a/**/b",             "ab",                 false},
    {"a**/b",              "ax/b",               true },
    {"**/",                "x",                  true },
    {"**/node_modules",    "a/node_modules/b/c", true },
    {"[ab]/x",             "b/x",                true },
    {"a\\*",               "a*",                 true },
    {"a\\*",               "ab",                 false},
    {"!a",                 "a",                  false},
    {"a\n!a",              "a",                  false},
    {"!a\na",              "a",                  true },
    {"*\n!a",              "a/b",                false},
    {"*\n!a",              "b",                  true },
    {"*\n!a/b",            "a",                  true },
    {"*\n!a/b",            "a/b",                false},
    {"*\n!a/b",            "a/c",                true },
    {"a\n!a/*.md\na/x.md", "a/y.md",             false},
    {"a\n!a/*.md\na/x.md", "a/x.md",             true },
    {"! a\na",             "a",                  true },
    {"a\n! a",             "a",                  false},
    {"**\n!**/*.go",       "x/y.go",             false},
    {"**\n!**/*.go",       "x/y.c",              true },
};

static void paths_are_left_out(void **state)
{
    (void)state;
    judge(paths, sizeof paths / sizeof paths[0]);
}

static void a_directory_may_have_something_let_in(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"a",          "a",     false},
        {"a\n!a/b",    "a",     true },
        {"a\n!a/b/c",  "a/b",   true },
        {"a\n!a/b/c",  "a/c",   false},
        {"a\n!a/b/c",  "a/b/c", false},
        {"*\n!*.c",    "a",     false},
        {"*\n!*/x",    "a",     true },
        {"*\n!**/*.c", "a/b",   true },
        {"*\n!a/**",   "a/b",   true },
        {"*\n!a/**",   "b",     false},
        {"*\n!b*/x",   "a",     false},
        {"*\n!b*/x",   "bc",    true },
        {"a\n!a",      "a",     false},
        {"a\n!ab/c",   "a",     false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_ignore struct ignore *ignore = NULL;
        const char *text = rows[i].patterns;
        assert_int_equal(ignore_parse(text, strlen(text), &ignore, NULL), 0);
        if (ignore_may_readmit(ignore, rows[i].path) != rows[i].is_out)
            fail_msg("%s, %s: not %d", text, rows[i].path, rows[i].is_out);
    }
    assert_false(ignore_matches(NULL, "a"));
    assert_false(ignore_may_readmit(NULL, "a"));
}

static void bad_patterns_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"a\n!\n",  "line 2: illegal exclusion pattern: \"!\""},
        {"[a",      "line 1: syntax error in pattern: [a"     },
        {"\n\na\\", "line 3: syntax error in pattern: a\\"    },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ignore *ignore = NULL;
        struct err e = {0};
        assert_int_equal(
            ignore_parse(rows[i].text, strlen(rows[i].text), &ignore, &e),
            -EINVAL);
        assert_string_equal(e.msg, rows[i].why);
        assert_null(ignore);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_go_has_it),
        cmocka_unit_test(wildcards_are_told_from_names),
        cmocka_unit_test(paths_are_left_out),
        cmocka_unit_test(a_directory_may_have_something_let_in),
        cmocka_unit_test(bad_patterns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
