/*
 * The stages that a target needs: those that do not wait for each other are
 * built at the same time, each in a process of its own (crew.h).
 *
 * They go in waves: first all that need no other stage, then those that need
 * only these ... What a process tells is kept in a file in memory and told in
 * the order of the Dockerfile, as if one had been built after the other, unless
 * who watches wants it at once; what a stage came to is a document that its
 * process leaves behind.
 */
#include "build.h"

#include "crew.h"
#include "field.h"
#include "own.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a process and we share of its stage. */
struct part {
    pid_t pid;
    int code;  /* of a RUN that failed */
    size_t at; /* the instruction where it is */
    bool is_done;
    off_t told; /* how much of its words is */
};

struct wave {
    struct build *b;
    struct part *parts; /* shared; one for each job */
    size_t *stages;     /* their numbers */
    int *said, *left;   /* memfd_create(2): what it tells, what it came to */
    size_t n;
    bool was_interrupted;
};

/* --- in its process ------------------------------------------------------- */

/* An event, and then its bytes. */
static void keep_event(void *arg, const struct engine_build_event *event)
{
    const int *fd = arg;
    auto_text struct text record = {0};
    text_addn(&record, event, sizeof *event);
    text_addn(&record, event->bytes, event->len);
    TEMP_FAILURE_RETRY(write(*fd, record.s, record.len));
}

static json_t *describe(const struct build_state *state)
{
    return json_pack("{s:O, s:O, s:s, s:s, s:s, s:s*, s:s*, s:o, s:O, s:o}",
                     "config", state->draft.config, "layers",
                     state->draft.layers, "id", state->draft.id, "digest",
                     state->draft.digest, "base", state->base, "image",
                     state->has_image ? state->image.id : NULL, "author",
                     state->author, "used", field_list(&state->b->used), "made",
                     state->b->made, "args", field_list(&state->args));
}

static int work(void *arg, size_t job, struct err *e)
{
    const struct wave *wave = arg;
    struct build *b = wave->b;
    struct part *part = &wave->parts[job];
    part->pid = getpid();
    strv_done(&b->used); /* what is ours alone is handed over */
    json_object_clear(b->made);
    if (b->order->tell != NULL)
        b->order->tell = keep_event;
    b->order->arg = &wave->said[job];
    int r = build_stage(b, wave->stages[job], e);
    part->code = b->order->code;
    part->at = b->at != NULL ? (size_t)(b->at - b->file.v) : SIZE_MAX;
    filesum_save(b->context.sums);
    filesum_save(b->layer_sums);
    if (r < 0)
        return r;
    json_auto_t *left = describe(&b->states[wave->stages[job]]);
    if (json_dumpfd(left, wave->left[job], JSON_COMPACT) < 0)
        return err_set(e, EIO, "a stage could not tell what it came to");
    part->is_done = true;
    return 0;
}

/* --- in ours -------------------------------------------------------------- */

/* Tell what the job has said since. */
static void tell(const struct wave *wave, size_t job)
{
    const struct engine_build *order = wave->b->order;
    off_t *told = &wave->parts[job].told;
    struct engine_build_event event;
    while (pread(wave->said[job], &event, sizeof event, *told) ==
           (ssize_t)sizeof event) {
        auto_free char *bytes = own_room(event.len + 1);
        ssize_t n = pread(wave->said[job], bytes, event.len,
                          *told + (off_t)sizeof event);
        if (n != (ssize_t)event.len)
            return;
        event.bytes = bytes;
        order->tell(order->arg, &event);
        *told += (off_t)(sizeof event + event.len);
    }
}

static void tell_in_order(const struct wave *wave)
{
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < wave->n; i++) {
        goes_on = wave->parts[i].is_done || wave->b->order->at_once;
        tell(wave, i);
    }
}

/* An interruption of ours is theirs: each undoes what it is doing. */
static void tick(void *arg)
{
    struct wave *wave = arg;
    struct timespec now = {0};
    sigset_t set;
    build_signals(&set);
    if (sigtimedwait(&set, NULL, &now) > 0) {
        wave->was_interrupted = true;
        for (size_t i = 0; i < wave->n; i++)
            if (wave->parts[i].pid > 0 && !wave->parts[i].is_done)
                kill(wave->parts[i].pid, SIGTERM);
    }
    tell_in_order(wave);
}

static void take_digest(const json_t *left, const char *key,
                        char ret[DIGEST_SIZE])
{
    const char *text = field_string(left, key);
    snprintf(ret, DIGEST_SIZE, "%s", text != NULL ? text : "");
}

static int take_up(struct build *b, size_t stage, int fd, struct err *e)
{
    struct build_state *state = &b->states[stage];
    json_auto_t *left =
        lseek(fd, 0, SEEK_SET) < 0 ? NULL : json_loadfd(fd, 0, NULL);
    const char *image = field_string(left, "image");
    if (left == NULL)
        return err_set(e, EIO, "a stage did not tell what it came to");
    state->b = b;
    state->stage = &b->stages.v[stage];
    state->draft.config = json_incref(json_object_get(left, "config"));
    state->draft.layers = json_incref(json_object_get(left, "layers"));
    take_digest(left, "id", state->draft.id);
    take_digest(left, "digest", state->draft.digest);
    take_digest(left, "base", state->base);
    if (field_string(left, "author") != NULL)
        state->author = own_strdup(field_string(left, "author"));
    field_strings(left, "used", &b->used);
    field_strings(left, "args", &state->args);
    json_object_update(b->steps, json_object_get(left, "made"));
    if (image == NULL)
        return 0;
    int r = image_find(&b->engine->images, image, &state->image, e);
    state->has_image = r == 0;
    return r;
}

/* Where the first that failed was; its own words are the last. */
static void find_failure(struct wave *wave)
{
    struct build *b = wave->b;
    for (size_t i = 0; i < wave->n; i++) {
        tell(wave, i);
        const struct part *part = &wave->parts[i];
        if (part->is_done || part->at >= b->file.n)
            continue;
        b->at = &b->file.v[part->at];
        b->order->code = part->code;
        return;
    }
}

static int run_wave(struct wave *wave, struct err *e)
{
    struct crew crew = {
        .count = wave->n, .work = work, .tick = tick, .arg = wave};
    sigset_t set, before;
    build_signals(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    int r = crew_run(&crew, e);
    tell_in_order(wave);
    for (size_t i = 0; r == 0 && i < wave->n; i++)
        r = take_up(wave->b, wave->stages[i], wave->left[i], e);
    if (r < 0) {
        find_failure(wave);
        engine_sweep(wave->b->engine, NULL); /* those that were ended at once */
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return wave->was_interrupted && r < 0
               ? err_set(e, EINTR, "the build was interrupted")
               : r;
}

static int run_together(struct build *b, size_t *stages, size_t n,
                        struct err *e)
{
    struct wave wave = {.b = b, .stages = stages, .n = n};
    size_t size = n * sizeof *wave.parts;
    wave.parts = crew_share(size);
    wave.said = own_alloc(n * sizeof *wave.said);
    wave.left = own_alloc(n * sizeof *wave.left);
    int r = 0;
    for (size_t i = 0; i < n; i++) {
        wave.parts[i].at = SIZE_MAX;
        wave.said[i] = memfd_create("said", MFD_CLOEXEC);
        wave.left[i] = memfd_create("left", MFD_CLOEXEC);
        if (wave.said[i] < 0 || wave.left[i] < 0)
            r = err_sys(e, errno, "memfd_create");
    }
    if (r == 0)
        r = run_wave(&wave, e);
    for (size_t i = 0; i < n; i++) {
        own_close(&wave.said[i]);
        own_close(&wave.left[i]);
    }
    own_free(&wave.said);
    own_free(&wave.left);
    crew_unshare(wave.parts, size);
    return r;
}

/* --- the waves ------------------------------------------------------------ */

static bool is_ready(const struct build *b, size_t stage)
{
    const struct build_stage *s = &b->stages.v[stage];
    if (!s->is_needed || b->states[stage].b != NULL)
        return false;
    for (size_t i = 0; i < stage; i++)
        if (s->needs[i] && b->states[i].b == NULL)
            return false;
    return true;
}

void build_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

int build_stages(struct build *b, struct err *e)
{
    auto_free size_t *ready = own_alloc((b->stages.n + 1) * sizeof *ready);
    size_t n = 1;
    int r = 0;
    while (r == 0 && n > 0) {
        n = 0;
        for (size_t i = 0; i < b->stages.n; i++)
            if (is_ready(b, i))
                ready[n++] = i;
        if (n == 1)
            r = build_stage(b, ready[0], e);
        else if (n > 1)
            r = run_together(b, ready, n, e);
    }
    return r;
}
