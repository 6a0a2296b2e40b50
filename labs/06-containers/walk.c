/* The walkers: how a table of steps is gone through, forth on two sides and
 * back on one, and how the sides hear of each other. */
#include "steps.h"

#include "talk.h"
#include "trace.h"

#include <errno.h>
#include <unistd.h>

static int run_step(struct ctr *ctr, const struct ctr_step *step,
                    int (*side)(struct ctr *ctr, struct err *e), struct err *e)
{
    bool back = side == step->undo;
    trace_step_begin(step->name, step->chapter,
                     back ? "taken back: nothing of it stays" : step->why);
    int r = side(ctr, e);
    trace_step_end(r);
    return r;
}

static bool wants(const struct ctr *ctr, const struct ctr_step *step)
{
    return (step->wanted == NULL || step->wanted(ctr)) &&
           !ctr_skips(ctr, step->name);
}

/* The reason as the child gave it, and the step's name before it. Not before
 * those two codes: that a program cannot be found is the whole story. */
static int pass_on(const struct talk_message *message,
                   const struct ctr_step *step, struct err *e)
{
    int code = message->err.code;
    if (e != NULL)
        *e = message->err;
    if (e != NULL && code != CTR_NOT_FOUND && code != CTR_NOT_EXECUTABLE)
        err_add(e, "%s", step->name);
    return -code;
}

/* What the child says when it is not what we wait for: why it failed. The
 * numbers come from another process: look before using them. */
static int judge_word(const struct talk_message *message,
                      const struct ctr_table *table, struct err *e)
{
    if (message->kind != CTR_FAILED || message->err.code <= 0 ||
        message->value < 0 || (size_t)message->value >= table->n)
        return err_set(e, EPROTO, "unexpected word %d from the container",
                       message->kind);
    return pass_on(message, &table->v[message->value], e);
}

/* Wait until the child has come to step `index`. */
static int wait_for_child(struct ctr *ctr, const struct ctr_table *table,
                          size_t index, struct err *e)
{
    struct talk_message message;
    int r = talk_receive(ctr->talk, &message, e);
    if (r < 0)
        return r;
    if (message.kind == CTR_HERE && message.value == (int)index)
        return 0;
    return judge_word(&message, table, e);
}

/*
 * One process goes into this loop, and out of the step "process" come two. A
 * step that has an inside as well ends with a word to the child, which waits
 * for it. */
int ctr_walk_outside(struct ctr *ctr, const struct ctr_table *table,
                     size_t first, size_t end, struct err *e)
{
    /* TODO lab 6.1: each wanted step that has an outside: wait_for_child where
     * it meets; run it; continue inside where it made us the child; say CTR_GO
     * where the child waits */
    return err_set(e, ENOSYS, "lab 6.1 is not written yet");
}

/*
 * The parent's part of step `index` must be done before ours begins. Only this
 * step's word will do: two sides that are not at the same place would go on to
 * do things in an order that nobody wrote down. */
static int wait_for_parent(struct ctr *ctr, size_t index, struct err *e)
{
    /* TODO lab 6.2: receive a message; anything but CTR_GO for `index` is
     * -EPROTO */
    return err_set(e, ENOSYS, "lab 6.2 is not written yet");
}

void ctr_walk_inside(struct ctr *ctr, const struct ctr_table *table,
                     size_t first)
{
    for (size_t i = first; i < table->n; i++) {
        const struct ctr_step *step = &table->v[i];
        if (step->inside == NULL || !wants(ctr, step))
            continue;
        struct talk_message failed = {.kind = CTR_FAILED, .value = (int)i};
        struct talk_message here = {.kind = CTR_HERE, .value = (int)i};
        int r = step->meets ? talk_send(ctr->talk, &here, &failed.err) : 0;
        if (r == 0 && step->outside != NULL)
            r = wait_for_parent(ctr, i, &failed.err);
        if (r == 0)
            r = run_step(ctr, step, step->inside, &failed.err);
        if (r < 0) {
            talk_send(ctr->talk, &failed, NULL);
            break;
        }
    }
    /* Not exit(3): buffers and handlers belong to the parent. */
    _exit(125);
}

/*
 * Silence is success here. The child's end of the socket is close-on-exec, so
 * end of file means that the program runs; or that something killed the child,
 * which waiting for it will tell. */
int ctr_hear_child(struct ctr *ctr, const struct ctr_table *table,
                   struct err *e)
{
    /* TODO lab 6.3: receive a message; no word: 0; any word: judge_word */
    return err_set(e, ENOSYS, "lab 6.3 is not written yet");
}

/*
 * Every undo, whether its step was reached or not: each looks at what is there
 * and so is right for a container that is half made, whole, or gone. After a
 * failure the rest is undone all the same; the first reason is reported. */
int ctr_walk_back(struct ctr *ctr, const struct ctr_table *table, struct err *e)
{
    /* TODO lab 6.4: from the last step to the first */
    return err_set(e, ENOSYS, "lab 6.4 is not written yet");
}
