/* Points in time, as people say them. What Docker's client says of what is none
 * was looked up with version 28. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "when.h"

#include <errno.h>
#include <stdlib.h>

/* 2026-01-02T03:04:05.6Z */
static const struct timespec now = {1767323045, 600000000};

static int set_zone(void **state)
{
    (void)state;
    setenv("TZ", "EET-2", 1); /* two hours east of Greenwich */
    tzset();
    return 0;
}

static void times_are_read_in_all_their_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        struct timespec time;
    } cases[] = {
        {"2026-01-02T03:04:05Z",           {1767323045, 0}        },
        {"2026-01-02T03:04:05.25Z",        {1767323045, 250000000}},
        {"2026-01-02T03:04:05.123456789Z", {1767323045, 123456789}},
        {"2026-01-02T05:04:05.5+02:00",    {1767323045, 500000000}},
        {"2026-01-01T22:04:05-05:00",      {1767323045, 0}        },
        {"2026-01-02T03:04Z",              {1767323040, 0}        },
        {"2026-01-02T03Z",                 {1767322800, 0}        },
        {"2026-01-02T05:04+02:00",         {1767323040, 0}        },
        {"2026-01-02Z",                    {1767312000, 0}        },
        {"2026-01-02+02:00",               {1767304800, 0}        },
 /* The machine's own zone. */
        {"2026-01-02T05:04:05",            {1767323045, 0}        },
        {"2026-01-02T05:04:05.000000001",  {1767323045, 1}        },
        {"2026-01-02T05:04",               {1767323040, 0}        },
        {"2026-01-02T05",                  {1767322800, 0}        },
        {"2026-01-02",                     {1767304800, 0}        },
        {"2024-02-29Z",                    {1709164800, 0}        },
 /* Seconds. */
        {"0",                              {0, 0}                 },
        {"1136073600",                     {1136073600, 0}        },
        {"1136073600.5",                   {1136073600, 500000000}},
        {"1136073600.000000001",           {1136073600, 1}        },
        {"1136073600.0000000019",          {1136073600, 1}        },
 /* Durations, to the second. */
        {"10m",                            {1767322445, 0}        },
        {"1h30m",                          {1767317645, 0}        },
        {"1.5h",                           {1767317645, 0}        },
        {"+5s",                            {1767323040, 0}        },
        {"-5s",                            {1767323050, 0}        },
        {"700ms",                          {1767323044, 0}        },
        {"500ms",                          {1767323045, 0}        },
        {"1\xc2\xb5s1us1ns",               {1767323045, 0}        },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct timespec time = {0};
        struct err e = {0};
        if (when_read(cases[i].value, &now, &time, &e) < 0)
            fail_msg("%s: %s", cases[i].value, e.msg);
        if (time.tv_sec != cases[i].time.tv_sec ||
            time.tv_nsec != cases[i].time.tv_nsec)
            fail_msg("%s: %ld.%09ld", cases[i].value, (long)time.tv_sec,
                     time.tv_nsec);
    }
}

static void what_is_no_time_is_told_in_dockers_words(void **state)
{
    (void)state;
    static const struct {
        const char *value, *words;
    } cases[] = {
        {"yesterday",
         "failed to parse value as time or duration: \"yesterday\""                                  },
        {"13:50",                "failed to parse value as time or duration: \"13:50\""              },
        {"7d",                   "failed to parse value as time or duration: \"7d\""                 },
        {"1.x",                  "failed to parse value as time or duration: \"1.x\""                },
        {"5",                    NULL                                                                },
        {"2026-13-01",           "parsing time \"2026-13-01\": month out of range"                   },
        {"2026-02-30",           "parsing time \"2026-02-30\": day out of range"                     },
        {"2026-01-02T25",        "parsing time \"2026-01-02T25\": hour out of range"                 },
        {"2026-1-2",
         "parsing time \"2026-1-2\" as \"2006-01-02\": cannot parse "
         "\"1-2\" as \"01\""                                                                         },
        {"2026-01-02T03:04:05z", "parsing time \"2026-01-02T03:04:05z\" as "
                                 "\"2006-01-02T15:04:05Z07:00\""
                                 ": cannot parse \"z\" as \"Z07:00\""},
        {"2026-01-02x",          "parsing time \"2026-01-02x\": extra text: \"x\""                   },
        {"a-b",
         "parsing time \"a-b\" as \"2006-01-02\": cannot parse \"a-b\" as "
         "\"2006\""                                                                                  },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct timespec time;
        struct err e = {0};
        int r = when_read(cases[i].value, &now, &time, &e);
        assert_int_equal(r, cases[i].words == NULL ? 0 : -EINVAL);
        assert_string_equal(e.msg,
                            cases[i].words == NULL ? "" : cases[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_in_all_their_shapes),
        cmocka_unit_test(what_is_no_time_is_told_in_dockers_words),
    };
    return cmocka_run_group_tests(tests, set_zone, NULL);
}
