/*
 * engine_build.h - what happens to the steps of a build, as it is told.
 *
 *     static void tell(void *arg, const struct engine_build_event *event)
 *     {
 *         if (event->kind == ENGINE_BUILD_STEP)
 *             printf("%zu of %zu: %.*s\n", event->step, event->n_steps,
 *                    (int)event->len, event->bytes);
 *     }
 *     struct engine_build order = {.tell = tell, ...};     // engine.h
 *
 * An event lives as long as the call. Those of one step come in order, from its
 * beginning to DONE, FAILED or CANCELED; a stage that is ended because another
 * one failed says nothing more. With `at_once` those of stages that go on
 * together come mixed.
 */
#ifndef ENGINE_BUILD_H
#define ENGINE_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum engine_build_kind {
    ENGINE_BUILD_STEP,   /* one begins: its words */
    ENGINE_BUILD_CACHED, /* it was known */
    ENGINE_BUILD_NOTE,   /* an id on its way: a line */
    ENGINE_BUILD_OUTPUT, /* what its process says, */
    ENGINE_BUILD_ERRORS, /* and on standard error */
    ENGINE_BUILD_DONE,   /* its end */
    ENGINE_BUILD_FAILED,
    ENGINE_BUILD_CANCELED, /* interrupted */
    ENGINE_BUILD_RESULT,   /* what was asked for: a line */
};
struct engine_build_event {
    enum engine_build_kind kind;
    size_t step, n_steps; /* from 1, of the whole build; 0: of no step */
    size_t at, of;        /* the same in its stage; 0: in none */
    char stage[32]; /* its name, cut, or "stage-1"; "": there is no other */
    uint64_t ms;    /* when, by engine_build_clock_ms */
    const char *bytes;
    size_t len;
};
uint64_t engine_build_clock_ms(void);

/* May this be a context on another machine, for struct engine_build? */
bool engine_build_is_remote(const char *word);

#endif
