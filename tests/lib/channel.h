/*
 * channel.h - what a contract test tells the grader (labs/grader/) of one
 * check.
 *
 * The grader starts a test program once for each check, with two variables:
 *
 *     GRADE_CHECK=lab_4_2_join_...      the one test to run
 *     GRADE_CHANNEL="9 f00d..."         where to write, and a word of the day
 *
 * and reads lines there: the word, then "saw FILE:LINE TEXT" for an assertion
 * that held, with its values, "skip WHY" for what cannot be tried here, or "end
 * CHECK" when the test has come to its end. Without an "end" nothing has
 * passed, whatever the program printed or returned. Without the variables,
 * which are taken out of the environment, all of this is silent.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More of what a check saw is not told: it is to be read. */
#define CHANNEL_LINES 40

struct channel {
    int fd; /* -1: nobody listens */
    int n;  /* lines told */
    char word[64], check[128];
};

/* The program's only one; its test's processes inherit it. */
static inline struct channel *channel_of_program(void)
{
    static struct channel channel = {.fd = -1};
    return &channel;
}

/* Before any test: who listens, and to what. */
static inline void channel_open(void)
{
    struct channel *c = channel_of_program();
    const char *where = getenv("GRADE_CHANNEL"), *check = getenv("GRADE_CHECK");
    if (where == NULL || check == NULL ||
        sscanf(where, "%d %63s", &c->fd, c->word) != 2)
        return;
    snprintf(c->check, sizeof c->check, "%s", check);
    unsetenv("GRADE_CHANNEL");
    unsetenv("GRADE_CHECK");
}

/* Is it this test that is to run? */
static inline int channel_wants(const char *test)
{
    const struct channel *c = channel_of_program();
    return c->fd < 0 || strcmp(c->check, test) == 0;
}

/* A line in one write(2), so that those of several processes do not mix. */
static inline void channel_tell(const char *what, const char *text)
{
    struct channel *c = channel_of_program();
    char line[600];
    if (c->fd < 0)
        return;
    int n = snprintf(line, sizeof line - 1, "%s %s %s", c->word, what, text);
    if (n > (int)sizeof line - 2)
        n = sizeof line - 2;
    for (int i = 0; i < n; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    line[n++] = '\n';
    if (write(c->fd, line, (size_t)n) != n)
        c->fd = -1;
}

/* An assertion held: `expression`, or what Check would say of its values. */
__attribute__((format(printf, 4, 5))) static inline void channel_saw(
    const char *file, int line, const char *expression, const char *format, ...)
{
    struct channel *c = channel_of_program();
    char text[500];
    if (c->fd < 0 || c->n++ >= CHANNEL_LINES)
        return;
    const char *name = strrchr(file, '/');
    int n = snprintf(text, sizeof text, "%s:%d ", name ? name + 1 : file, line);
    /* Check's own macros say "Assertion 'X == Y' failed: X == 1, Y == 1". */
    if (format == NULL || strncmp(format, "Assertion '", 11) != 0) {
        snprintf(text + n, sizeof text - (size_t)n, "%s", expression);
    } else {
        va_list values;
        va_start(values, format);
        vsnprintf(text + n, sizeof text - (size_t)n, format, values);
        va_end(values);
        char *from = strstr(text + n, "' failed: ");
        if (from != NULL)
            memmove(text + n, from + 10, strlen(from + 10) + 1);
    }
    channel_tell("saw", text);
}

/* --- Check, with what holds told too -------------------------------------- */

#undef ck_assert_msg
#define ck_assert_msg(expr, ...)                                               \
    ((expr) ? (_mark_point(__FILE__, __LINE__),                                \
               channel_of_program()->fd < 0                                    \
                   ? (void)0                                                   \
                   : channel_saw(__FILE__, __LINE__, #expr, __VA_ARGS__))      \
            : _ck_assert_failed(__FILE__, __LINE__,                            \
                                "Assertion '" #expr "' failed", __VA_ARGS__))

#undef START_TEST
#define START_TEST(name)                                                       \
    static void name##_body(int _i);                                           \
    static void name##_fn(int _i)                                              \
    {                                                                          \
        name##_body(_i);                                                       \
        channel_tell("end", #name);                                            \
    }                                                                          \
    static const TTest name##_ttest = {#name, name##_fn, __FILE__, __LINE__};  \
    static const TTest *name = &name##_ttest;                                  \
    static void name##_body(int _i CK_ATTRIBUTE_UNUSED)

/* All ways to add a test come to this function of Check's. */
static inline void channel_add(TCase *tc, const TTest *test, int signal,
                               int status, int from_to[2])
{
    if (channel_wants(test->name))
        _tcase_add_test(tc, test, signal, status, from_to[0], from_to[1]);
}
#define _tcase_add_test(tc, test, signal, status, from, to)                    \
    channel_add(tc, test, signal, status, (int[2]){from, to})

#endif
