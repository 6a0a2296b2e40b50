/* One record, from a line and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_parts.h"
#include "own.h"
#include "text.h"

#include <string.h>

#define TIME "2026-01-02T03:04:05.6Z"
#define REST "\",\"stream\":\"stdout\",\"time\":\"" TIME "\"}"

static void a_line_becomes_the_record_that_docker_writes(void **state)
{
    (void)state;
    static const struct {
        const char *line, *log;
    } cases[] = {
        {"hello\n",                              "hello\\n"                                  },
        {"no end",                               "no end"                                    },
        {"\"\\/\n",                              "\\\"\\\\/\\n"                              },
        {"a\tb\rc\bd\f\033\1",                   "a\\u0009b\\rc\\u0008d\\u000c\\u001b\\u0001"},
        {"<a href='x'>&\x7f",                    "\\u003ca href='x'\\u003e\\u0026\x7f"       },
        {"caf\xc3\xa9 \xf0\x9f\x90\xb3",         "caf\xc3\xa9 \xf0\x9f\x90\xb3"              },
        {"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa7\\u2028\\u2029"                },
        {"\xff\xc3",                             "\\ufffd\\ufffd"                            },
        {"\xc0\x80\xed\xa0\x80",                 "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd"       },
        {"\xef\xbf\xbd",                         "\xef\xbf\xbd"                              },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[1024];
        char *end =
            log_encode(out, 1, cases[i].line, strlen(cases[i].line), TIME);
        auto_free char *expected =
            text_format("{\"log\":\"%s" REST "\n", cases[i].log);
        *end = '\0';
        assert_string_equal(out, expected);
    }
}

static void a_record_never_needs_more_than_its_room(void **state)
{
    (void)state;
    static char line[LOG_LINE_MAX], out[LOG_RECORD_MAX(LOG_LINE_MAX)];
    const char *end =
        log_encode(out, 2, line, sizeof line, "2026-01-02T03:04:05.123456789Z");
    assert_true(end - out > 6 * LOG_LINE_MAX);
    assert_true(end - out <= LOG_RECORD_MAX(LOG_LINE_MAX));
}

static void what_was_written_is_read_again(void **state)
{
    (void)state;
    char line[128 + 8], out[1024];
    struct log_record record;
    for (int c = 0; c < 128; c++)
        line[c] = (char)c;
    memcpy(line + 128, "\xc3\xa9\xf0\x9f\x90\xb3\n", 8);
    char *end = log_encode(out, 2, line, 135, "2026-01-02T03:04:05.25Z");
    assert_true(log_decode(out, (size_t)(end - 1 - out), &record));
    assert_int_equal(record.stream, 2);
    assert_int_equal(record.len, 135);
    assert_memory_equal(record.bytes, line, 135);
    assert_int_equal(record.time.tv_sec, 1767323045);
    assert_int_equal(record.time.tv_nsec, 250000000);
    assert_null(record.attrs);
}

static void records_of_others_are_read_too(void **state)
{
    (void)state;
    static const struct {
        const char *record, *line;
        const char *attrs;
    } cases[] = {
        {"{\"log\":\"\\t\\b\\f\\/\\u00e9" REST,                       "\t\b\f/\xc3\xa9", NULL                },
        {"{\"log\":\"\\ud83d\\udc33\\ud83d" REST,
         "\xf0\x9f\x90\xb3\xef\xbf\xbd",                                                 NULL                },
        {"{\"time\":\"2026-01-02T05:04:05.6+02:00\",\"attrs\":{\"a}\":"
         "\"b\\\"\"}"
         ",\"log\":\"x\",\"stream\":\"stdout\"}",            "x",               "{\"a}\":\"b\\\"\"}"},
        {"{\"more\":[1,{\"log\":\"y\"}],\"n\":null,\"log\":\"x" REST, "x",
         NULL                                                                                                },
        {"{\"stream\":\"stdout\",\"time\":\"" TIME "\"}",             "",                NULL                },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_free char *text = own_strdup(cases[i].record);
        struct log_record record;
        assert_true(log_decode(text, strlen(text), &record));
        assert_string_equal(record.bytes, cases[i].line);
        assert_int_equal(record.stream, 1);
        assert_int_equal(record.time.tv_sec, 1767323045);
        assert_int_equal(record.time.tv_nsec, 600000000);
        if (cases[i].attrs == NULL)
            assert_null(record.attrs);
        else
            assert_string_equal(record.attrs, cases[i].attrs);
    }
}

static void every_beginning_of_a_record_is_damaged(void **state)
{
    (void)state;
    static const char whole[] = "{\"log\":\"\\u003cx\\n\",\"stream\":"
                                "\"stderr\",\"attrs\":{\"a\":\"b\"},"
                                "\"time\":\"2026-01-02T03:04:05.123456789Z\"}";
    for (size_t len = 0; len < sizeof whole; len++) {
        auto_free char *text = text_format("%.*s", (int)len, whole);
        struct log_record record;
        assert_int_equal(log_decode(text, len, &record),
                         len == sizeof whole - 1);
    }
}

static void what_is_no_record_is_damaged(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{}",
        "[]",
        "hello",
        "{\"log\":\"x" REST "x",
        "{\"log\":\"x\",\"stream\":\"stdin\",\"time\":\"" TIME "\"}",
        "{\"log\":\"x\",\"stream\":\"stdout\"}",
        "{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"yesterday\"}",
        "{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"2026-01-02\"}",
        "{\"log\":\"\\x" REST,
        "{\"log\":\"\\u12g4" REST,
        "{\"log\":x" REST,
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_free char *text = own_strdup(cases[i]);
        struct log_record record;
        assert_false(log_decode(text, strlen(text), &record));
    }
}

static void times_are_short_in_the_file_and_whole_when_shown(void **state)
{
    (void)state;
    static const struct {
        struct timespec time;
        const char *in_file, *shown;
    } cases[] = {
        {{1767323045, 123456789},
         "2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456789Z"},
        {{1767323045, 100000000},
         "2026-01-02T03:04:05.1Z",         "2026-01-02T03:04:05.100000000Z"},
        {{1767323050, 0},
         "2026-01-02T03:04:10Z",           "2026-01-02T03:04:10.000000000Z"},
        {{0, 1000},
         "1970-01-01T00:00:00.000001Z",    "1970-01-01T00:00:00.000001000Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[LOG_TIME_MAX];
        log_format_time(out, &cases[i].time, true);
        assert_string_equal(out, cases[i].in_file);
        log_format_time(out, &cases[i].time, false);
        assert_string_equal(out, cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_the_record_that_docker_writes),
        cmocka_unit_test(a_record_never_needs_more_than_its_room),
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(records_of_others_are_read_too),
        cmocka_unit_test(every_beginning_of_a_record_is_damaged),
        cmocka_unit_test(what_is_no_record_is_damaged),
        cmocka_unit_test(times_are_short_in_the_file_and_whole_when_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
