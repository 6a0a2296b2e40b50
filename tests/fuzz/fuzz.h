/*
 * fuzz.h - what the harnesses share: an input is parts, a promise is kept.
 *
 * A harness is fuzz_NAME.c with one function, which libFuzzer
 * (llvm.org/docs/LibFuzzer.html) calls with one input after another:
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
 *     {
 *         struct fuzz_input in = {data, size};
 *         auto_free char *first = fuzz_part(&in);
 *         auto_free char *second = fuzz_part(&in);
 *         fuzz_must(parse(first) == 0 || ...);
 *         return 0;
 *     }
 *
 * Parts are copies of just their size, so that reading one byte too many is
 * seen by AddressSanitizer. In the corpus a line "---" ends a part.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "err.h"
#include "own.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/* The next part, "" where there is none. May have zeros in it; one follows.
 * `ret_len` may be NULL. The caller frees. */
static inline char *fuzz_part_sized(struct fuzz_input *in, size_t *ret_len)
{
    static const char border[] = "\n---\n";
    const size_t skip = sizeof border - 1;
    const uint8_t *end =
        in->left > 0 ? memmem(in->at, in->left, border, skip) : NULL;
    size_t len = end != NULL ? (size_t)(end - in->at) : in->left;
    char *part = own_alloc(len + 1);
    if (len > 0)
        memcpy(part, in->at, len);
    part[len] = '\0';
    len += end != NULL ? skip : 0;
    in->at += len;
    in->left -= len;
    if (ret_len != NULL)
        *ret_len = len - (end != NULL ? skip : 0);
    return part;
}

static inline char *fuzz_part(struct fuzz_input *in)
{
    return fuzz_part_sized(in, NULL);
}

/* What must be true whatever the input; says what is not. */
#define fuzz_must(claim) fuzz_judge((claim), #claim, __FILE__, __LINE__)
static inline void fuzz_judge(bool is_true, const char *claim, const char *file,
                              int line)
{
    if (is_true)
        return;
    fprintf(stderr, "ERROR: %s:%d: not true: %s\n", file, line, claim);
    abort();
}

/* A function that failed has a code and one line of words for it. */
static inline void fuzz_must_say(int r, const struct err *e)
{
    fuzz_must(r >= 0 || (e->msg[0] != '\0' && e->code == -r));
    fuzz_must(strchr(e->msg, '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
