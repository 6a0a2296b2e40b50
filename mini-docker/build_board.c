/* The table of a build's steps. The model and its looks: build_board.h. */
#include "build_board.h"

#include "cells.h"
#include "own.h"

#include <stdio.h>
#include <string.h>

/* Of what a process says so many lines are shown while it goes on, and so much
 * is kept, as BuildKit does, in case that it fails. */
enum { LOG_ROWS = 6, LOG_BYTES = 2 << 20, NARROW = 20, MOST_COLUMNS = 1000 };

#define FAINT "\033[2m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define BLUE "\033[34m"
#define PLAIN "\033[0m"

void build_board_done(struct build_board *board)
{
    for (size_t i = 0; i < board->n; i++) {
        own_free(&board->v[i].title);
        text_done(&board->v[i].log);
        text_done(&board->v[i].results);
    }
    own_free(&board->v);
    text_done(&board->results);
}

/* --- what happened -------------------------------------------------------- */

static struct build_board_step *find(const struct build_board *board,
                                     size_t number)
{
    for (size_t i = board->n; i-- > 0;)
        if (board->v[i].number == number)
            return &board->v[i];
    return NULL;
}

static char *make_title(const struct engine_build_event *event)
{
    struct text title = {0};
    if (event->at > 0)
        text_addf(&title, "[%s%s%zu/%zu] ", event->stage,
                  event->stage[0] != '\0' ? " " : "", event->at, event->of);
    cells_add(&title, event->bytes, event->len, SIZE_MAX);
    return text_take(&title);
}

static void begin(struct build_board *board,
                  const struct engine_build_event *event)
{
    board->v = own_grow(board->v, (board->n + 1) * sizeof *board->v);
    board->v[board->n++] = (struct build_board_step){
        .number = event->step,
        .title = make_title(event),
        .begun_ms = event->ms,
    };
}

static void end(struct build_board *board, struct build_board_step *step,
                const struct engine_build_event *event)
{
    step->end = event->kind;
    step->ended_ms = event->ms;
    board->n_ended += event->kind != ENGINE_BUILD_CANCELED;
    if (event->kind == ENGINE_BUILD_DONE)
        text_done(&step->log);
}

/* What is dropped is half of it, so that the rest is not moved each time. */
static void keep(struct build_board_step *step,
                 const struct engine_build_event *event)
{
    struct text *log = &step->log;
    text_addn(log, event->bytes, event->len);
    if (log->len <= LOG_BYTES)
        return;
    const char *from = log->s + log->len - LOG_BYTES / 2;
    const char *line = memchr(from, '\n', LOG_BYTES / 2);
    from = line != NULL ? line + 1 : from;
    log->len = (size_t)(log->s + log->len - from);
    memmove(log->s, from, log->len + 1);
    step->is_clipped = true;
}

void build_board_add(struct build_board *board,
                     const struct engine_build_event *event)
{
    if (board->begun_ms == 0)
        board->begun_ms = event->ms;
    board->last_ms = event->ms > board->last_ms ? event->ms : board->last_ms;
    board->n_steps = event->n_steps;
    if (event->kind == ENGINE_BUILD_STEP)
        begin(board, event);
    struct build_board_step *step = find(board, event->step);
    if (event->kind == ENGINE_BUILD_RESULT)
        text_addn(step != NULL ? &step->results : &board->results, event->bytes,
                  event->len);
    if (step == NULL)
        return;
    if (event->kind == ENGINE_BUILD_CACHED)
        step->is_cached = true;
    if (event->kind == ENGINE_BUILD_OUTPUT ||
        event->kind == ENGINE_BUILD_ERRORS)
        keep(step, event);
    if (event->kind == ENGINE_BUILD_DONE ||
        event->kind == ENGINE_BUILD_FAILED ||
        event->kind == ENGINE_BUILD_CANCELED)
        end(board, step, event);
}

/* --- a line --------------------------------------------------------------- */

struct row {
    const char *colour; /* or NULL */
    const char *begin, *mark, *words, *end;
};

/* What stands on the right stands there, unless there is no room for it. */
static void add_row(struct text *ret, const struct row *row, size_t columns)
{
    size_t room = columns > 1 ? columns - 1 : 1, end = strlen(row->end);
    bool has_end = end > 0 && room > end + NARROW;
    size_t most = has_end ? room - end - 1 : room;
    if (row->colour != NULL)
        text_add(ret, row->colour);
    const char *const parts[] = {row->begin, row->mark, row->words};
    size_t used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        used += cells_add(ret, parts[i], strlen(parts[i]), most - used);
    if (has_end)
        text_addf(ret, "%*s%s", (int)(room - end - used), "", row->end);
    if (row->colour != NULL)
        text_add(ret, PLAIN);
    text_add(ret, "\n");
}

static void add_head(const struct build_board *board, uint64_t now_ms,
                     bool is_end, size_t columns, struct text *ret)
{
    bool is_whole = is_end && board->n_ended == board->n_steps;
    auto_free char *words =
        text_format("[+] Building %.1fs (%zu/%zu)%s",
                    (double)(now_ms - board->begun_ms) / 1000, board->n_ended,
                    board->n_steps, is_whole ? " FINISHED" : "");
    add_row(ret, &(struct row){NULL, "", "", words, ""}, columns);
}

static void add_step(const struct build_board *board,
                     const struct build_board_step *step, uint64_t now_ms,
                     size_t columns, struct text *ret)
{
    static const struct {
        const char *mark, *colour;
    } looks[] = {
        [ENGINE_BUILD_STEP] = {"",          NULL  },
        [ENGINE_BUILD_DONE] = {"",          BLUE  },
        [ENGINE_BUILD_FAILED] = {"ERROR ",    RED   },
        [ENGINE_BUILD_CANCELED] = {"CANCELED ", YELLOW},
    };
    uint64_t until = step->end == ENGINE_BUILD_STEP ? now_ms : step->ended_ms;
    char time[32];
    snprintf(time, sizeof time, "%.1fs",
             until > step->begun_ms ? (double)(until - step->begun_ms) / 1000
                                    : 0);
    const struct row row = {
        .colour = board->has_colours ? looks[step->end].colour : NULL,
        .begin = " => ",
        .mark = step->is_cached ? "CACHED " : looks[step->end].mark,
        .words = step->title,
        .end = time,
    };
    add_row(ret, &row, columns);
}

/* --- what a step says ----------------------------------------------------- */

/* Find the last lines with something in them: from the end, so that it does
 * not matter how much was said. How many there are, at most `most`; where each
 * begins, the newest first. */
static size_t find_last_lines(const struct text *log, size_t most,
                              struct text *ret_lines)
{
    size_t n = 0;
    for (size_t end = log->len; end > 0 && n < most;) {
        const char *feed = memrchr(log->s, '\n', end);
        size_t begin = feed != NULL ? (size_t)(feed - log->s) + 1 : 0, len;
        const char *line =
            cells_last_written(log->s + begin, end - begin, &len);
        text_clear(&ret_lines[n]);
        cells_add(&ret_lines[n], line, len, MOST_COLUMNS);
        text_trim(&ret_lines[n]);
        n += ret_lines[n].len > 0;
        end = begin > 0 ? begin - 1 : 0;
    }
    return n;
}

static size_t add_log(const struct build_board *board,
                      const struct build_board_step *step, size_t most,
                      size_t columns, struct text *ret)
{
    struct text lines[LOG_ROWS] = {0};
    size_t n = find_last_lines(&step->log, most, lines);
    for (size_t i = n; i-- > 0;) {
        const struct row row = {board->has_colours ? FAINT : NULL, " => => # ",
                                "", lines[i].s, ""};
        if (ret != NULL)
            add_row(ret, &row, columns);
    }
    for (size_t i = 0; i < LOG_ROWS; i++)
        text_done(&lines[i]);
    return n;
}

/* --- the table ------------------------------------------------------------ */

/* How the rows are shared. */
struct shares {
    size_t running, log_rows;           /* for each that goes on */
    size_t skip_running, skip_finished; /* how many there is no room for */
};

static size_t less(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

static struct shares share(const struct build_board *board, size_t rows)
{
    struct shares s = {0};
    size_t room = less(rows, 2), used = 0; /* the head, and the cursor */
    for (size_t i = 0; i < board->n; i++)
        s.running += board->v[i].end == ENGINE_BUILD_STEP;
    s.skip_running = less(s.running, room);
    s.log_rows = s.running > 0 ? less(room, s.running) / s.running : 0;
    if (s.log_rows > LOG_ROWS)
        s.log_rows = LOG_ROWS;
    for (size_t i = 0; i < board->n; i++)
        if (board->v[i].end == ENGINE_BUILD_STEP)
            used += 1 + add_log(board, &board->v[i], s.log_rows, 0, NULL);
    s.skip_finished = less(board->n - s.running, less(room, used));
    return s;
}

void build_board_draw(const struct build_board *board,
                      const struct build_board_view *view, struct text *ret)
{
    struct shares s = share(board, view->rows);
    add_head(board, view->now_ms, false, view->columns, ret);
    for (size_t i = 0; i < board->n; i++) {
        const struct build_board_step *step = &board->v[i];
        bool is_running = step->end == ENGINE_BUILD_STEP;
        size_t *skip = is_running ? &s.skip_running : &s.skip_finished;
        if (*skip > 0) {
            (*skip)--;
            continue;
        }
        add_step(board, step, view->now_ms, view->columns, ret);
        if (is_running)
            add_log(board, step, s.log_rows, view->columns, ret);
    }
}

void build_board_draw_end(struct build_board *board, size_t columns,
                          struct text *ret)
{
    add_head(board, board->last_ms, true, columns, ret);
    for (size_t i = 0; i < board->n; i++) {
        struct build_board_step *step = &board->v[i];
        if (step->end == ENGINE_BUILD_STEP) {
            step->end = ENGINE_BUILD_CANCELED;
            step->ended_ms = board->last_ms;
        }
        add_step(board, step, board->last_ms, columns, ret);
    }
}

/* --- below the table ------------------------------------------------------ */

static void add_lines(const struct text *from, struct text *ret)
{
    for (size_t at = 0; at < from->len;) {
        const char *begin = from->s + at;
        const char *feed = memchr(begin, '\n', from->len - at);
        size_t len = feed != NULL ? (size_t)(feed - begin) : from->len - at;
        size_t shown;
        const char *line = cells_last_written(begin, len, &shown);
        cells_add(ret, line, shown, SIZE_MAX);
        text_add(ret, "\n");
        at += len + 1;
    }
}

void build_board_draw_words(const struct build_board *board, struct text *ret)
{
    for (size_t i = 0; i < board->n; i++) {
        const struct build_board_step *step = &board->v[i];
        if (step->results.len > 0)
            text_addf(ret, " > %s:\n", step->title);
        add_lines(&step->results, ret);
        if (step->end != ENGINE_BUILD_FAILED)
            continue;
        text_addf(ret, "------\n > %s:\n%s", step->title,
                  step->is_clipped ? "[output clipped, log limit 2MiB "
                                     "reached]\n"
                                   : "");
        add_lines(&step->log, ret);
        text_add(ret, "------\n");
    }
    add_lines(&board->results, ret);
}
