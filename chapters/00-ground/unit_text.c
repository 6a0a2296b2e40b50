/* Strings that grow, lists of them, and numbers in and out of text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void text_grows_and_keeps_nul_bytes(void **state)
{
    (void)state;
    auto_text struct text t = {0};
    for (int i = 0; i < 1000; i++)
        text_addf(&t, "%d,", i);
    assert_int_equal(t.len, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(strlen(t.s), t.len);
    assert_true(text_ends(t.s, ",998,999,"));
    text_clear(&t);
    assert_string_equal(t.s, "");
    text_addn(&t, "a\0b", 3);
    text_addn(&t, NULL, 0);
    assert_int_equal(t.len, 3);
    assert_memory_equal(t.s, "a\0b", 4);
    text_clear(&t);
    text_add(&t, " x \t\r\n\v ");
    text_trim(&t);
    assert_string_equal(t.s, " x");
}

static void a_text_can_be_taken_even_if_empty(void **state)
{
    (void)state;
    struct text t = {0};
    auto_free char *empty = text_take(&t);
    assert_string_equal(empty, "");
    text_trim(&t);
    text_add(&t, "x");
    auto_free char *x = text_take(&t);
    assert_string_equal(x, "x");
    assert_null(t.s);
    auto_free char *made = text_format("%s-%d", "a", 1);
    assert_string_equal(made, "a-1");
}

/* Every length, so that the doubling is right at each power of two: the
 * sanitizers see a slot that was not there. */
static void lists_grow_and_stay_terminated(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 1000; n += n < 70 ? 1 : 31) {
        auto_strv struct strv list = {0};
        for (size_t i = 0; i < n; i++)
            strv_addf(&list, "%zu", i);
        assert_int_equal(list.n, n);
        if (n == 0) {
            assert_null(list.v);
            continue;
        }
        assert_null(list.v[n]);
        char last[24];
        snprintf(last, sizeof last, "%zu", n - 1);
        assert_string_equal(list.v[n - 1], last);
    }
}

static void splitting_keeps_empty_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        size_t n;
        const char *pieces[3];
    } cases[] = {
        {"",      0, {NULL}         },
        {"a",     1, {"a"}          },
        {"a,b,c", 3, {"a", "b", "c"}},
        {",",     2, {"", ""}       },
        {"a,",    2, {"a", ""}      },
        {",a",    2, {"", "a"}      },
        {"a,,b",  3, {"a", "", "b"} },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        auto_strv struct strv list = {0};
        strv_split(&list, cases[i].s, ',');
        assert_int_equal(list.n, cases[i].n);
        for (size_t k = 0; k < list.n; k++)
            assert_string_equal(list.v[k], cases[i].pieces[k]);
        auto_text struct text again = {0};
        strv_join(&list, ",", &again);
        assert_string_equal(again.s != NULL ? again.s : "", cases[i].s);
    }
}

static void environment_is_found_by_whole_name(void **state)
{
    (void)state;
    auto_strv struct strv env = {0};
    assert_null(strv_env(&env, "PATH"));
    strv_set_env(&env, "PATHS=no");
    strv_set_env(&env, "PATH=/bin");
    strv_set_env(&env, "EMPTY=");
    assert_string_equal(strv_env(&env, "PATH"), "/bin");
    assert_string_equal(strv_env(&env, "EMPTY"), "");
    assert_null(strv_env(&env, "PAT"));
    strv_set_env(&env, "PATH=/usr/bin=x");
    assert_string_equal(strv_env(&env, "PATH"), "/usr/bin=x");
    strv_set_env(&env, env.v[1]);
    assert_string_equal(env.v[1], "PATH=/usr/bin=x");
    assert_int_equal(env.n, 3);
}

static void prefixes_and_suffixes(void **state)
{
    (void)state;
    assert_true(text_starts("abc", "") && text_starts("abc", "abc"));
    assert_false(text_starts("abc", "abcd") || text_starts("", "a"));
    assert_true(text_ends("abc", "") && text_ends("abc", "bc"));
    assert_false(text_ends("abc", "zabc") || text_ends("abc", "b"));
}

static void whole_numbers_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        int u64, i64;
    } cases[] = {
        {"0",                    0,       0      },
        {"007",                  0,       0      },
        {"-1",                   -EINVAL, 0      },
        {"18446744073709551615", 0,       -ERANGE},
        {"18446744073709551616", -ERANGE, -ERANGE},
        {"9223372036854775807",  0,       0      },
        {"-9223372036854775808", -EINVAL, 0      },
        {"-9223372036854775809", -EINVAL, -ERANGE},
        {"",                     -EINVAL, -EINVAL},
        {"-",                    -EINVAL, -EINVAL},
        {"--1",                  -EINVAL, -EINVAL},
        {"+1",                   -EINVAL, -EINVAL},
        {" 1",                   -EINVAL, -EINVAL},
        {"1 ",                   -EINVAL, -EINVAL},
        {"1\n",                  -EINVAL, -EINVAL},
        {"12x",                  -EINVAL, -EINVAL},
        {"0x10",                 -EINVAL, -EINVAL},
        {"1e3",                  -EINVAL, -EINVAL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t u = 4711;
        int64_t d = 4711;
        assert_int_equal(text_to_u64(cases[i].s, &u), cases[i].u64);
        assert_int_equal(text_to_i64(cases[i].s, &d), cases[i].i64);
        if (cases[i].u64 < 0)
            assert_int_equal(u, 4711); /* untouched */
    }
    uint64_t u = 0;
    int64_t d = 0;
    text_to_u64("18446744073709551615", &u);
    assert_true(u == UINT64_MAX);
    text_to_i64("-9223372036854775808", &d);
    assert_true(d == INT64_MIN);
}

/* Each verdict and value below is what `docker create -m` gives. */
static void sizes_are_read_as_docker_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        uint64_t bytes;
    } cases[] = {
        {"1.5g",                1610612736      },
        {"512m",                512ull << 20    },
        {"64k",                 65536           },
        {"0",                   0               },
        {"-0",                  0               },
        {"1024",                1024            },
        {"100b",                100             },
        {"3B",                  3               },
        {"1kb",                 1024            },
        {"1kib",                1024            },
        {"1KiB",                1024            },
        {"2T",                  2ull << 40      },
        {"1p",                  1ull << 50      },
        {"1e3",                 1000            },
        {"5e1k",                51200           },
        {".5m",                 524288          },
        {"5.",                  5               },
        {"1.9",                 1               },
        {"+5m",                 5242880         },
        {"5 m",                 5242880         },
        {"5 ",                  5               },
        {"8191p",               8191ull << 50   },
        {"9223372036854774784", INT64_MAX - 1023},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t bytes = 4711;
        int r = text_to_bytes(cases[i].s, &bytes);
        if (r != 0 || bytes != cases[i].bytes)
            fail_msg("\"%s\": %d, %" PRIu64, cases[i].s, r, bytes);
    }
}

static void sizes_docker_refuses_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        int result;
    } cases[] = {
        {"9223372036854775808", -ERANGE},
        {"8192p",               -ERANGE},
        {"1e400",               -ERANGE},
        {"-1",                  -EINVAL},
        {"",                    -EINVAL},
        {" 5",                  -EINVAL},
        {"5  m",                -EINVAL},
        {"m",                   -EINVAL},
        {".",                   -EINVAL},
        {"1ib",                 -EINVAL},
        {"1bb",                 -EINVAL},
        {"1mi",                 -EINVAL},
        {"1mbx",                -EINVAL},
        {"5e",                  -EINVAL},
        {"1.5.5m",              -EINVAL},
        {"0x10",                -EINVAL},
        {"inf",                 -EINVAL},
        {"+inf",                -EINVAL},
        {"nan",                 -EINVAL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t bytes = 4711;
        int r = text_to_bytes(cases[i].s, &bytes);
        if (r != cases[i].result || bytes != 4711)
            fail_msg("\"%s\": %d, %" PRIu64, cases[i].s, r, bytes);
    }
}

struct size {
    uint64_t bytes;
    const char *words;
};

static void expect_sizes(char *(*say)(uint64_t bytes, char out[16]),
                         const struct size *cases, size_t n)
{
    char out[16];
    for (size_t i = 0; i < n; i++)
        assert_string_equal(say(cases[i].bytes, out), cases[i].words);
}

static void sizes_are_said_as_docker_says_them(void **state)
{
    (void)state;
    static const struct size cases[] = {
        {0,             "0B"    },
        {1,             "1B"    },
        {999,           "999B"  },
        {1000,          "1kB"   },
        {1001,          "1kB"   },
        {999499,        "999kB" },
        {999500,        "1MB"   }, /* docker: 1e+03kB */
        {1000000,       "1MB"   },
        {4260000,       "4.26MB"},
        {4265000,       "4.26MB"},
        {4275000,       "4.28MB"},
        {1234567890,    "1.23GB"},
        {1000000000000, "1TB"   },
        {UINT64_MAX,    "18.4EB"},
    };
    expect_sizes(text_from_bytes, cases, COUNT(cases));
}

static void space_is_said_as_docker_says_it(void **state)
{
    (void)state;
    static const struct size cases[] = {
        {0,          "0B"     },
        {999,        "999B"   },
        {1000,       "1kB"    },
        {1234,       "1.234kB"},
        {999949,     "999.9kB"},
        {999950,     "1000kB" },
        {1000000,    "1MB"    },
        {1982976,    "1.983MB"},
        {UINT64_MAX, "18.45EB"},
    };
    expect_sizes(text_from_space, cases, COUNT(cases));
}

static void memory_is_said_as_docker_says_it(void **state)
{
    (void)state;
    static const struct size cases[] = {
        {0,                 "0B"      },
        {1023,              "1023B"   },
        {1024,              "1KiB"    },
        {1536,              "1.5KiB"  },
        {(1 << 20) - 1,     "1024KiB" },
        {1 << 20,           "1MiB"    },
        {64 << 20,          "64MiB"   },
        {25276502016,       "23.54GiB"},
        {UINT64_C(5) << 40, "5TiB"    },
        {UINT64_MAX,        "16EiB"   },
    };
    expect_sizes(text_from_memory, cases, COUNT(cases));
}

#define DAY INT64_C(86400)

/* Each as `docker ps` says it, at both sides of every border. */
static void ages_are_said_as_docker_says_them(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *words;
    } cases[] = {
        {INT64_MIN,        "Less than a second"},
        {-5,               "Less than a second"},
        {0,                "Less than a second"},
        {1,                "1 second"          },
        {2,                "2 seconds"         },
        {59,               "59 seconds"        },
        {60,               "About a minute"    },
        {119,              "About a minute"    },
        {120,              "2 minutes"         },
        {2760,             "46 minutes"        },
        {3599,             "59 minutes"        },
        {3600,             "About an hour"     },
        {5399,             "About an hour"     },
        {5400,             "2 hours"           },
        {170999,           "47 hours"          },
        {171000,           "2 days"            },
        {13 * DAY,         "13 days"           },
        {14 * DAY - 1801,  "13 days"           },
        {14 * DAY - 1800,  "2 weeks"           },
        {60 * DAY - 1801,  "8 weeks"           },
        {60 * DAY - 1800,  "2 months"          },
        {730 * DAY - 1801, "24 months"         },
        {730 * DAY - 1800, "1 years"           },
        {730 * DAY,        "2 years"           },
    };
    char out[32];
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(text_from_seconds(cases[i].seconds, out),
                            cases[i].words);
    text_from_seconds(INT64_MAX, out);
    assert_true(text_ends(out, " years"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows_and_keeps_nul_bytes),
        cmocka_unit_test(a_text_can_be_taken_even_if_empty),
        cmocka_unit_test(lists_grow_and_stay_terminated),
        cmocka_unit_test(splitting_keeps_empty_pieces),
        cmocka_unit_test(environment_is_found_by_whole_name),
        cmocka_unit_test(prefixes_and_suffixes),
        cmocka_unit_test(whole_numbers_or_nothing),
        cmocka_unit_test(sizes_are_read_as_docker_reads_them),
        cmocka_unit_test(sizes_docker_refuses_are_refused),
        cmocka_unit_test(sizes_are_said_as_docker_says_them),
        cmocka_unit_test(space_is_said_as_docker_says_it),
        cmocka_unit_test(memory_is_said_as_docker_says_it),
        cmocka_unit_test(ages_are_said_as_docker_says_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
