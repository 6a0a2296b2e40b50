/* The table of a build on a terminal, made from events and times: what is in
 * it, that it fits, and that nothing of what RUN prints gets through but
 * letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "build_board.h"
#include "build_screen.h"
#include "cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a build -------------------------------------------------------------- */

struct moment {
    uint64_t ms;
    enum engine_build_kind kind;
    size_t step, at, of;
    const char *stage, *bytes;
};

static void happen(struct build_board *board, const struct moment *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct engine_build_event event = {
            .kind = v[i].kind,
            .step = v[i].step,
            .n_steps = 5,
            .at = v[i].at,
            .of = v[i].of,
            .ms = 1000 + v[i].ms,
            .bytes = v[i].bytes,
            .len = strlen(v[i].bytes),
        };
        snprintf(event.stage, sizeof event.stage, "%s", v[i].stage);
        build_board_add(board, &event);
    }
}
#define HAPPEN(board, v) happen(board, v, sizeof(v) / sizeof(v)[0])

static void looks(const struct build_board *board, size_t rows, size_t columns,
                  uint64_t ms, const char *lines)
{
    auto_text struct text text = {0};
    build_board_draw(
        board, &(struct build_board_view){rows, columns, 1000 + ms}, &text);
    assert_string_equal(text.s, lines);
}

static const struct moment two_stages[] = {
    {0,    ENGINE_BUILD_STEP,   1, 1, 3, "tool",    "FROM busybox AS tool"},
    {10,   ENGINE_BUILD_DONE,   1, 1, 3, "tool",    ""                    },
    {10,   ENGINE_BUILD_STEP,   2, 2, 3, "tool",    "COPY a /"            },
    {11,   ENGINE_BUILD_CACHED, 2, 2, 3, "tool",    ""                    },
    {12,   ENGINE_BUILD_NOTE,   2, 2, 3, "tool",    " ---> 12345678\n"    },
    {20,   ENGINE_BUILD_DONE,   2, 2, 3, "tool",    ""                    },
    {20,   ENGINE_BUILD_STEP,   3, 3, 3, "tool",    "RUN make"            },
    {30,   ENGINE_BUILD_STEP,   4, 1, 2, "stage-1", "FROM busybox"        },
    {40,   ENGINE_BUILD_DONE,   4, 1, 2, "stage-1", ""                    },
    {40,   ENGINE_BUILD_STEP,   5, 2, 2, "stage-1", "RUN make docs"       },
    {500,  ENGINE_BUILD_OUTPUT, 3, 3, 3, "tool",    "one\ntwo\n\n"        },
    {1000, ENGINE_BUILD_ERRORS, 5, 2, 2, "stage-1", "10%\r90%"            },
    {1100, ENGINE_BUILD_OUTPUT, 3, 3, 3, "tool",    "thr"                 },
    {1200, ENGINE_BUILD_OUTPUT, 3, 3, 3, "tool",    "ee"                  },
};

static void stages_that_go_on_together_are_in_one_table(void **state)
{
    (void)state;
    auto_build_board struct build_board board = {0};
    HAPPEN(&board, two_stages);
    looks(&board, 24, 50, 2520,
          "[+] Building 2.5s (3/5)\n"
          " => [tool 1/3] FROM busybox AS tool          0.0s\n"
          " => CACHED [tool 2/3] COPY a /               0.0s\n"
          " => [tool 3/3] RUN make                      2.5s\n"
          " => => # one\n"
          " => => # two\n"
          " => => # three\n"
          " => [stage-1 1/2] FROM busybox               0.0s\n"
          " => [stage-1 2/2] RUN make docs              2.5s\n"
          " => => # 90%\n");
}

static void where_rows_are_few_what_goes_on_stays(void **state)
{
    (void)state;
    auto_build_board struct build_board board = {0};
    HAPPEN(&board, two_stages);
    looks(&board, 8, 50, 2520,
          "[+] Building 2.5s (3/5)\n"
          " => [tool 3/3] RUN make                      2.5s\n"
          " => => # two\n"
          " => => # three\n"
          " => [stage-1 1/2] FROM busybox               0.0s\n"
          " => [stage-1 2/2] RUN make docs              2.5s\n"
          " => => # 90%\n");
    looks(&board, 4, 50, 2520,
          "[+] Building 2.5s (3/5)\n"
          " => [tool 3/3] RUN make                      2.5s\n"
          " => [stage-1 2/2] RUN make docs              2.5s\n");
    looks(&board, 3, 50, 2520,
          "[+] Building 2.5s (3/5)\n"
          " => [stage-1 2/2] RUN make docs              2.5s\n");
    looks(&board, 1, 50, 2520, "[+] Building 2.5s (3/5)\n");
}

static void where_columns_are_few_lines_are_cut(void **state)
{
    (void)state;
    auto_build_board struct build_board board = {0};
    HAPPEN(&board, two_stages);
    looks(&board, 4, 27, 2520,
          "[+] Building 2.5s (3/5)\n"
          " => [tool 3/3] RUN ma 2.5s\n"
          " => [stage-1 2/2] RUN 2.5s\n");
    looks(&board, 4, 12, 2520,
          "[+] Buildin\n"
          " => [tool 3\n"
          " => [stage-\n");
    looks(&board, 4, 1, 2520, "[\n \n \n");
}

static void colours_are_asked_for(void **state)
{
    (void)state;
    auto_build_board struct build_board board = {.has_colours = true};
    HAPPEN(&board, two_stages);
    looks(&board, 8, 40, 2520,
          "[+] Building 2.5s (3/5)\n"
          " => [tool 3/3] RUN make            2.5s\n"
          "\033[2m => => # two\033[0m\n"
          "\033[2m => => # three\033[0m\n"
          "\033[34m => [stage-1 1/2] FROM busybox     0.0s\033[0m\n"
          " => [stage-1 2/2] RUN make docs    2.5s\n"
          "\033[2m => => # 90%\033[0m\n");
}

static void the_end_has_all_steps_and_what_failed(void **state)
{
    (void)state;
    static const struct moment end[] = {
        {3000, ENGINE_BUILD_FAILED, 5, 2, 2, "stage-1", ""                },
        {3000, ENGINE_BUILD_RESULT, 2, 2, 3, "tool",    " ---> key 1\n"   },
        {3000, ENGINE_BUILD_RESULT, 0, 0, 0, "",        "as asked\033[H\n"},
    };
    auto_build_board struct build_board board = {0};
    HAPPEN(&board, two_stages);
    HAPPEN(&board, end);
    auto_text struct text text = {0};
    build_board_draw_end(&board, 50, &text);
    build_board_draw_words(&board, &text);
    assert_string_equal(text.s,
                        "[+] Building 3.0s (4/5)\n"
                        " => [tool 1/3] FROM busybox AS tool          0.0s\n"
                        " => CACHED [tool 2/3] COPY a /               0.0s\n"
                        " => CANCELED [tool 3/3] RUN make             3.0s\n"
                        " => [stage-1 1/2] FROM busybox               0.0s\n"
                        " => ERROR [stage-1 2/2] RUN make docs        3.0s\n"
                        " > [tool 2/3] COPY a /:\n"
                        " ---> key 1\n"
                        "------\n"
                        " > [stage-1 2/2] RUN make docs:\n"
                        "90%\n"
                        "------\n"
                        "as asked\n");
}

static void a_build_that_went_well_is_finished(void **state)
{
    (void)state;
    static const struct moment end[] = {
        {3000, ENGINE_BUILD_DONE,   5, 2, 2, "stage-1", ""          },
        {3100, ENGINE_BUILD_DONE,   3, 3, 3, "tool",    ""          },
        {3200, ENGINE_BUILD_RESULT, 0, 0, 0, "",        "its name\n"},
    };
    auto_build_board struct build_board board = {0};
    HAPPEN(&board, two_stages);
    HAPPEN(&board, end);
    auto_text struct text text = {0};
    build_board_draw_end(&board, 30, &text);
    build_board_draw_words(&board, &text);
    assert_string_equal(text.s, "[+] Building 3.2s (5/5) FINIS\n"
                                " => [tool 1/3] FROM busy 0.0s\n"
                                " => CACHED [tool 2/3] CO 0.0s\n"
                                " => [tool 3/3] RUN make  3.1s\n"
                                " => [stage-1 1/2] FROM b 0.0s\n"
                                " => [stage-1 2/2] RUN ma 3.0s\n"
                                "its name\n");
}

static void of_endless_output_the_end_is_kept(void **state)
{
    (void)state;
    auto_build_board struct build_board board = {0};
    char block[16 * 1024 + 1];
    HAPPEN(&board, two_stages);
    memset(block, 'x', sizeof block - 1);
    block[sizeof block - 1] = '\0';
    for (size_t i = 0; i < 1000; i++) {
        block[i % 100] = '\n';
        const struct moment more[] = {
            {2000, ENGINE_BUILD_OUTPUT, 5, 2, 2, "stage-1", block}
        };
        HAPPEN(&board, more);
    }
    static const struct moment end[] = {
        {3000, ENGINE_BUILD_OUTPUT, 5, 2, 2, "stage-1", "\nlast\n"},
        {3000, ENGINE_BUILD_FAILED, 5, 2, 2, "stage-1", ""        },
    };
    HAPPEN(&board, end);
    auto_text struct text text = {0};
    build_board_draw_words(&board, &text);
    assert_in_range(text.len, 1 << 20, 2 << 20);
    assert_non_null(strstr(text.s, "\n[output clipped, log limit 2MiB "
                                   "reached]\n"));
    assert_non_null(strstr(text.s, "\nlast\n------\n"));
}

/* --- anything ------------------------------------------------------------- */

/* Each line has fewer cells than the terminal columns, and there are fewer
 * lines than rows; what is no letter is one of ours. */
static void assert_fits(const struct text *text, size_t rows, size_t columns)
{
    size_t n = 0;
    for (const char *line = text->s; *line != '\0'; n++) {
        size_t len = strcspn(line, "\n");
        assert_in_range(cells_count(line, len), 0,
                        columns > 1 ? columns - 1 : 1);
        line += len + 1;
    }
    assert_in_range(n, 1, rows > 2 ? rows - 1 : 1);
    for (size_t i = 0, size; i < text->len; i += size) {
        unsigned int c = 0;
        size = text_utf8(text->s + i, text->len - i, &c);
        assert_int_not_equal(size, 0);
        if (c != 0x1b) {
            assert_true(c == '\n' || (c >= ' ' && c < 0x7f) || c >= 0xa0);
            continue;
        }
        const char *at = text->s + i;
        assert_true(text_starts(at, "\033[2m") || text_starts(at, "\033[0m") ||
                    text_starts(at, "\033[34m") || text_starts(at, "\033[31m"));
    }
}

static void add_noise(struct text *to, size_t len)
{
    static const char *const parts[] = {
        "\033[",   "\033]", "\033",       "\r",     "\n",
        "2J",      "\007",  "\xe6\xbc",   "\xa2",   "\U0001f680",
        "\x9b",    "\t",    "word ",      "\u202e", ";1H",
        "e\u0301", "\b",    "0123456789", "\u5b57"};
    while (to->len < len)
        text_add(to, parts[(size_t)rand() % (sizeof parts / sizeof parts[0])]);
}

static void whatever_is_printed_fits(void **state)
{
    (void)state;
    srand(1);
    for (size_t i = 0; i < 2000; i++) {
        auto_build_board struct build_board board = {.has_colours = i % 2 == 0};
        auto_text struct text words = {0}, output = {0};
        add_noise(&words, 1 + (size_t)rand() % 200);
        HAPPEN(&board, two_stages);
        for (size_t k = 0; k < 20; k++) {
            text_clear(&output);
            add_noise(&output, 1 + (size_t)rand() % 300);
            const enum engine_build_kind last =
                rand() % 2 ? ENGINE_BUILD_DONE : ENGINE_BUILD_OUTPUT;
            const struct moment more[] = {
                {1500, ENGINE_BUILD_STEP,   6 + k, 1, 2, "x", words.s },
                {1600, ENGINE_BUILD_OUTPUT, 6 + k, 1, 2, "x", output.s},
                {1700, last,                6 + k, 1, 2, "x", output.s},
            };
            HAPPEN(&board, more);
        }
        struct build_board_view view = {1 + (size_t)rand() % 60,
                                        1 + (size_t)rand() % 120, 9000};
        auto_text struct text text = {0};
        build_board_draw(&board, &view, &text);
        assert_fits(&text, view.rows, view.columns);
    }
}

/* --- one picture after another -------------------------------------------- */

static void replaces(const char *before, const char *now, size_t columns,
                     const char *bytes)
{
    struct text a = {.s = (char *)(uintptr_t)before,
                     .len = before != NULL ? strlen(before) : 0};
    struct text b = {.s = (char *)(uintptr_t)now, .len = strlen(now)};
    auto_text struct text out = {0};
    build_screen_replace(before != NULL ? &a : NULL, &b, columns, &out);
    assert_string_equal(out.s, bytes);
}

static void a_picture_is_drawn_over_the_last_one(void **state)
{
    (void)state;
    replaces(NULL, "a\nb\n", 80,
             "\033[?25l\ra\033[K\nb\033[K\n\033[J\033[?25h");
    replaces("a\nb\nc\n", "d\n", 80,
             "\033[?25l\033[3A\rd\033[K\n\033[J\033[?25h");
    /* The window has become narrower: its terminal has broken these lines, and
     * colours take no room. */
    replaces("123456789\n\033[34m12\033[0m\n", "d\n", 4,
             "\033[?25l\033[4A\rd\033[K\n\033[J\033[?25h");
    replaces("1234\n\n", "d\n", 4,
             "\033[?25l\033[2A\rd\033[K\n\033[J\033[?25h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_that_go_on_together_are_in_one_table),
        cmocka_unit_test(where_rows_are_few_what_goes_on_stays),
        cmocka_unit_test(where_columns_are_few_lines_are_cut),
        cmocka_unit_test(colours_are_asked_for),
        cmocka_unit_test(the_end_has_all_steps_and_what_failed),
        cmocka_unit_test(a_build_that_went_well_is_finished),
        cmocka_unit_test(of_endless_output_the_end_is_kept),
        cmocka_unit_test(whatever_is_printed_fits),
        cmocka_unit_test(a_picture_is_drawn_over_the_last_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
