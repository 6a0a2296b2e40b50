/* gunzip.h where isa-l.h is installed. */
#include "gunzip.h"

#include "lazy.h"
#include "own.h"

#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <string.h>

/* Little enough to be in the processor's cache when it is read again. */
enum { PIECE = 128 * 1024 };

struct gunzip_state {
    void (*init)(struct inflate_state *state);
    int (*inflate)(struct inflate_state *state);
    struct inflate_state inflate_state;
    size_t magic; /* bytes of the next member's mark seen */
    uint8_t piece[PIECE];
};

static const uint8_t mark[2] = {0x1f, 0x8b};

/* The library reads the header and compares the trailer's checksum and
 * length. */
static void begin(struct gunzip_state *s)
{
    s->init(&s->inflate_state);
    s->inflate_state.crc_flag = ISAL_GZIP;
}

int gunzip_init(struct gunzip *gunzip, struct err *e)
{
    static const char *const names[] = {"libisal.so.2", NULL};
    struct gunzip_state *s = own_alloc(sizeof *s);
    const struct lazy_symbol symbols[] = {
        {"isal_inflate_init", &s->init   },
        {"isal_inflate",      &s->inflate},
    };
    *gunzip = (struct gunzip){.state = s};
    int r = lazy_load(names, symbols, 2, e);
    if (r < 0)
        gunzip_done(gunzip);
    else
        begin(s);
    return r;
}

void gunzip_done(struct gunzip *gunzip)
{
    own_free(&gunzip->state);
}

/* Does another member follow? Its mark may come in two pieces. */
static void look_for_member(struct gunzip *gunzip)
{
    struct gunzip_state *s = gunzip->state;
    const uint8_t *in = gunzip->in;
    while (gunzip->in_len > 0 && s->magic < sizeof mark) {
        if (*in != mark[s->magic]) {
            gunzip->has_ended = true;
            return;
        }
        s->magic++;
        in++;
        gunzip->in_len--;
    }
    gunzip->in = in;
    if (s->magic < sizeof mark)
        return;
    /* The library wants to see the mark too. */
    begin(s);
    s->magic = 0;
    gunzip->is_between = false;
    s->inflate_state.next_in = (uint8_t *)(uintptr_t)mark;
    s->inflate_state.avail_in = sizeof mark;
    s->inflate_state.next_out = s->piece;
    s->inflate_state.avail_out = sizeof s->piece;
    s->inflate(&s->inflate_state);
}

ssize_t gunzip_step(struct gunzip *gunzip, const void **ret, struct err *e)
{
    struct gunzip_state *s = gunzip->state;
    struct inflate_state *state = &s->inflate_state;
    if (gunzip->is_between)
        look_for_member(gunzip);
    if (gunzip->is_between || gunzip->has_ended)
        return 0;
    state->next_in = (uint8_t *)(uintptr_t)gunzip->in;
    state->avail_in = (uint32_t)gunzip->in_len;
    state->next_out = s->piece;
    state->avail_out = sizeof s->piece;
    int r = s->inflate(state);
    if (r != ISAL_DECOMP_OK && r != ISAL_END_INPUT)
        return err_set(e, EBADMSG,
                       "read the archive: gzip decompression "
                       "failed");
    gunzip->in = state->next_in;
    gunzip->in_len = state->avail_in;
    gunzip->is_between = state->block_state == ISAL_BLOCK_FINISH;
    *ret = s->piece;
    size_t made = (size_t)(state->next_out - s->piece);
    /* An empty member makes nothing, and is no end. */
    return made == 0 && gunzip->is_between ? gunzip_step(gunzip, ret, e)
                                           : (ssize_t)made;
}
