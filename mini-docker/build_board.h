/*
 * build_board.h - what a build tells, as a table of its steps, in text.
 *
 *     [+] Building 3.2s (4/7)
 *      => CACHED [compile 2/4] COPY hello.c .                             0.0s
 *      => [compile 3/4] RUN make                                          1.2s
 *      => => # cc -c hello.c
 *      => [docs 2/2] RUN make docs                                        0.9s
 *
 * The looks are those of BuildKit: steps in the order in which they begin,
 * stages that go on at the same time among each other; below a step that goes
 * on, the last lines of what it says. No clock is read and no terminal asked:
 * events bring their times, and a view says how large and when it is.
 *
 *     auto_build_board struct build_board board = {.has_colours = true};
 *     build_board_add(&board, &event);
 *     build_board_draw(&board, &(struct build_board_view){24, 80, now}, &text);
 *
 * A line never takes all columns: at the last one, some terminals go to the
 * next line and some do not. Nothing that RUN prints reaches the terminal but
 * letters (cells.h).
 */
#ifndef BUILD_BOARD_H
#define BUILD_BOARD_H

#include "engine.h"
#include "text.h"

struct build_board_step {
    size_t number;
    char *title;                /* "[compile 2/4] COPY hello.c ." */
    enum engine_build_kind end; /* ENGINE_BUILD_STEP: it goes on */
    bool is_cached, is_clipped;
    uint64_t begun_ms, ended_ms;
    struct text log, results;
};

struct build_board {
    bool has_colours;
    struct build_board_step *v; /* in the order of their beginnings */
    size_t n, n_steps, n_ended;
    uint64_t begun_ms, last_ms; /* of all */
    struct text results;        /* of no step */
};
#define auto_build_board __attribute__((cleanup(build_board_done)))
void build_board_done(struct build_board *board);

void build_board_add(struct build_board *board,
                     const struct engine_build_event *event);

struct build_board_view {
    size_t rows, columns;
    uint64_t now_ms;
};
/* The lines, each with its end, of what fits into the rows and leaves one for
 * the cursor. What goes on comes first, then what ended last. */
void build_board_draw(const struct build_board *board,
                      const struct build_board_view *view, struct text *ret);
/* After its end: all steps; then what the step said that failed, and what was
 * asked for. */
void build_board_draw_end(struct build_board *board, size_t columns,
                          struct text *ret);
void build_board_draw_words(const struct build_board *board, struct text *ret);

#endif
