/* What stands behind the ? of a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void percent_signs_are_what_they_stand_for(void **state)
{
    static const struct {
        const char *written, *meant;
        bool plus;
    } cases[] = {
        {"",          "",             true },
        {"a%2Fb%2fc", "a/b/c",        true },
        {"a+b",       "a b",          true },
        {"a+b",       "a+b",          false},
        {"%2B",       "+",            true },
        {"100%",      "100%",         true },
        {"%4",        "%4",           true },
        {"%zz%4g",    "%zz%4g",       true },
        {"a%00b",     "a%00b",        true },
        {"%c3%a4%ff", "\xc3\xa4\xff", true },
        {"%25%32%35", "%25",          true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        /* Not a byte behind the end counts. */
        auto_free char *written = text_format("%s41", cases[i].written);
        auto_free char *got =
            query_decode(written, strlen(cases[i].written), cases[i].plus);
        assert_string_equal(got, cases[i].meant);
    }
}

static void targets_are_taken_apart(void **state)
{
    static const struct {
        const char *target, *path, *name, *value;
    } cases[] = {
        {"/x",                 "/x",       "a", NULL },
        {"/x?",                "/x",       "a", NULL },
        {"/x?a",               "/x",       "a", ""   },
        {"/x?a=",              "/x",       "a", ""   },
        {"/x?a=b",             "/x",       "a", "b"  },
        {"/x?a=b=c",           "/x",       "a", "b=c"},
        {"/x?&&a=b&",          "/x",       "a", "b"  },
        {"/x?a=1&a=2",         "/x",       "a", "1"  },
        {"/x?ab=1",            "/x",       "a", NULL },
        {"/x?b=1&a=%26+%3d#a", "/x",       "a", "& ="},
        {"/x#?a=b",            "/x",       "a", NULL },
        {"/x?b#&a=b",          "/x",       "a", NULL },
        {"/x%20y+z?%61=b",     "/x%20y+z", "a", "b"  },
        {"/x?a=b?c",           "/x",       "a", "b?c"},
        {"",                   "",         "a", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_query struct query query = {0};
        query_parse(&query, cases[i].target);
        const char *value = query_get(&query, cases[i].name);
        if (strcmp(query.path, cases[i].path) != 0 ||
            (value == NULL) != (cases[i].value == NULL) ||
            (value != NULL && strcmp(value, cases[i].value) != 0))
            fail_msg("%s: path %s, value %s", cases[i].target, query.path,
                     value);
    }
}

static void all_values_of_a_name(void **state)
{
    auto_query struct query query = {0};
    auto_strv struct strv names = {0};
    (void)state;
    query_parse(&query, "/images/get?names=a%3A1&other=b&names=c&names");
    query_all(&query, "names", &names);
    assert_int_equal(names.n, 3);
    assert_string_equal(names.v[0], "a:1");
    assert_string_equal(names.v[1], "c");
    assert_string_equal(names.v[2], "");
    assert_null(query_text(&query, "none"));
    query_done(&query);
    query_parse(&query, "/x?a=&b=1");
    assert_null(query_text(&query, "a"));
    assert_string_equal(query_text(&query, "b"), "1");
}

static void truth_as_docker_reads_it(void **state)
{
    static const char *const yes[] = {"1", "true", "True", "yes", "2", "x"};
    static const char *const no[] = {"", "0", "false", "False", "no", "none"};
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        auto_query struct query query = {0};
        auto_free char *target = text_format("/x?y=%s&n=%s", yes[i], no[i]);
        query_parse(&query, target);
        if (!query_bool(&query, "y") || query_bool(&query, "n") ||
            query_bool(&query, "missing"))
            fail_msg("%s", target);
    }
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        int r;
        int64_t value;
    } cases[] = {
        {"/x",                       0,       42       },
        {"/x?n=",                    0,       42       },
        {"/x?n=7",                   0,       7        },
        {"/x?n=-1",                  0,       -1       },
        {"/x?n=9223372036854775807", 0,       INT64_MAX},
        {"/x?n=9223372036854775808", -EINVAL, 0        },
        {"/x?n=7x",                  -EINVAL, 0        },
        {"/x?n=0x7",                 -EINVAL, 0        },
        {"/x?n=1e3",                 -EINVAL, 0        },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_query struct query query = {0};
        struct err e = {0};
        int64_t value;
        query_parse(&query, cases[i].text);
        int r = query_int(&query, "n", 42, &value, &e);
        if (r != cases[i].r || (r == 0 && value != cases[i].value))
            fail_msg("%s: %d, %s", cases[i].text, r, e.msg);
    }
}

/* --- filters -------------------------------------------------------------- */

static void filters_have_two_forms(void **state)
{
    static const struct {
        const char *json, *list;
    } cases[] = {
        {"",                                   ""                 },
        {"{}",                                 ""                 },
        {"{\"label\":[\"a=b\",\"c\"]}",        "label=a=b label=c"},
        {"{\"label\": %2B[]}",                 NULL               },
        {"{\"label\":+[\"a=b\"]}",             "label=a=b"        },
        {"{\"label\":{\"a=b\":true}}",         "label=a=b"        },
        {"{\"a\":{\"x\":true,\"y\":false}}",   "a=x"              },
        {"{\"a\":[\"x\"],\"b\":{\"y\":true}}", "a=x b=y"          },
        {"{\"a\":[]}",                         ""                 },
        {"{\"a\":[1]}",                        NULL               },
        {"{\"a\":[null]}",                     NULL               },
        {"{\"a\":{\"x\":1}}",                  NULL               },
        {"{\"a\":{\"x\":{\"y\":true}}}",       NULL               },
        {"{\"a\":\"x\"}",                      NULL               },
        {"{\"a\":null}",                       NULL               },
        {"{\"a\":true}",                       NULL               },
        {"[]",                                 NULL               },
        {"[\"a\"]",                            NULL               },
        {"\"a\"",                              NULL               },
        {"1",                                  NULL               },
        {"{",                                  NULL               },
        {"{\"a\":[\"x\"]}x",                   NULL               },
        {"{\"a\":[\"%ff\"]}",                  NULL               },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_query struct query query = {0};
        auto_strv struct strv said = {0};
        auto_free char *target = text_format("/x?filters=%s", cases[i].json);
        struct err e = {0};
        query_parse(&query, target);
        int r = query_filters(&query, &said, &e);
        auto_text struct text list = {0};
        strv_join(&said, " ", &list);
        bool as_wanted = cases[i].list == NULL
                             ? r == -EINVAL && e.msg[0] != '\0'
                             : r == 0 && strcmp(list.len > 0 ? list.s : "",
                                                cases[i].list) == 0;
        if (!as_wanted)
            fail_msg("%s: %d, %s, %s", cases[i].json, r, list.s, e.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percent_signs_are_what_they_stand_for),
        cmocka_unit_test(targets_are_taken_apart),
        cmocka_unit_test(all_values_of_a_name),
        cmocka_unit_test(truth_as_docker_reads_it),
        cmocka_unit_test(numbers),
        cmocka_unit_test(filters_have_two_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
