/*
 * text.h - strings that grow, lists of strings, and numbers read strictly.
 *
 *     auto_text struct text line = {0};
 *     text_addf(&line, "%s=%d", name, value);
 *     puts(line.s);
 *
 *     auto_strv struct strv words = {0};
 *     strv_split(&words, "a,b,c", ',');
 *
 * A `struct text` that is all zeros is an empty string ready for use; `s` is
 * terminated as soon as anything was added. Strings may hold NUL bytes: `len`
 * counts. Memory is released by auto_text / text_done; text_take hands the
 * string to the caller. Numbers are parsed whole or not at all, so "12x" is an
 * error and never 12.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *s;
    size_t len, cap;
};

#define auto_text __attribute__((cleanup(text_done)))

void text_add(struct text *t, const char *s);
void text_addn(struct text *t, const void *bytes, size_t len);
void text_addf(struct text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_clear(struct text *t); /* keeps the memory */
void text_done(struct text *t);
/* The string itself ("" if nothing was added); the caller frees it. */
char *text_take(struct text *t);
/* Drop trailing white space and newlines. */
void text_trim(struct text *t);

/* A formatted string, which the caller frees. */
char *text_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* A NULL-terminated vector of strings it owns, as execve(2) wants argv. */
struct strv {
    char **v; /* NULL while empty */
    size_t n;
};

#define auto_strv __attribute__((cleanup(strv_done)))

void strv_add(struct strv *list, const char *s);
void strv_addf(struct strv *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Add each piece of `s` between separators; an empty `s` adds nothing. */
void strv_split(struct strv *list, const char *s, char separator);
/* The strings behind each other, `between` between two. */
void strv_join(const struct strv *list, const char *between, struct text *to);
/* Environment lists: the value of NAME among "NAME=value" entries or NULL
 * (borrowed), and setting one, replacing an older value. */
const char *strv_env(const struct strv *list, const char *name);
void strv_set_env(struct strv *list, const char *assignment);
void strv_done(struct strv *list);

bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);

/* The character that begins at `s`, of at most `len` > 0 bytes: how many bytes
 * it has, or 0 where they are no UTF-8 (RFC 3629). */
size_t text_utf8(const char *s, size_t len, unsigned int *ret_char);

/* Whole-string decimal numbers. 0, -EINVAL, or -ERANGE. */
int text_to_u64(const char *s, uint64_t *ret);
int text_to_i64(const char *s, int64_t *ret);

/* "true", "T", "1" ... "0": what Go's strconv.ParseBool takes; or -EINVAL. */
int text_to_bool(const char *s, bool *ret);

/* "512m", "1.5g", "64k", "100b", "1024": bytes, as Docker's -m reads them:
 * powers of 1024, upper or lower case, one space before the letter, "b" or
 * "ib" after it, fractions cut. 0, -EINVAL, or -ERANGE from 2^63 on. */
int text_to_bytes(const char *s, uint64_t *ret);

/* Bytes for people, in powers of 1000 with three digits, as `docker images`
 * prints sizes: "1.24MB", "0B". Where Docker says "1e+03kB", this says "1MB".
 * Writes to `out` and returns it. */
char *text_from_bytes(uint64_t bytes, char out[16]);
/* The same with four digits, as `docker system df` and prune sum it up:
 * "1.235MB". */
char *text_from_space(uint64_t bytes, char out[16]);
/* The same for memory, in powers of 1024 with four digits: "15.54GiB". */
char *text_from_memory(uint64_t bytes, char out[16]);

/* How long ago, as Docker says it: "Less than a second", "5 seconds",
 * "About a minute", "3 hours", "2 weeks". Writes to `out` and returns it. */
char *text_from_seconds(int64_t seconds, char out[32]);

#endif
