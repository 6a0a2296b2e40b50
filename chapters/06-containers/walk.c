/* The two walkers: how a step is run, and how the sides hear of each other. */
#include "steps.h"

#include "own.h"
#include "talk.h"
#include "trace.h"

#include <errno.h>
#include <unistd.h>

int ctr_run_step(struct ctr *ctr, const struct ctr_step *step,
                 int (*side)(struct ctr *ctr, struct err *e), struct err *e)
{
    trace_step_begin(step->name, step->chapter, step->why);
    int r = side(ctr, e);
    trace_step_end(r);
    return r;
}

/* The parent's part of step `index` must be done before ours begins. */
static int wait_for_parent(struct ctr *ctr, size_t index, struct err *e)
{
    struct talk_message message;
    int r = talk_receive(ctr->talk, &message, e);
    if (r < 0)
        return r;
    if (message.kind != CTR_GO || message.value != (int)index)
        return err_set(e, EPROTO, "the parent is at another step");
    return 0;
}

void ctr_walk_inside(struct ctr *ctr, const struct ctr_step *steps, size_t n,
                     size_t first)
{
    for (size_t i = first; i < n; i++) {
        const struct ctr_step *step = &steps[i];
        if (step->inside == NULL ||
            (step->wanted != NULL && !step->wanted(ctr)))
            continue;
        struct talk_message failed = {.kind = CTR_FAILED, .value = (int)i};
        int r = 0;
        if (step->outside != NULL)
            r = wait_for_parent(ctr, i, &failed.err);
        if (r == 0)
            r = ctr_run_step(ctr, step, step->inside, &failed.err);
        if (r < 0) {
            talk_send(ctr->talk, &failed, NULL);
            break;
        }
    }
    /* Not exit(3): buffers and handlers belong to the parent. */
    _exit(125);
}

int ctr_hear_child(struct ctr *ctr, const struct ctr_step *steps, struct err *e)
{
    struct talk_message message;
    int r = talk_receive(ctr->talk, &message, e);
    /* End of file: the child's end was close-on-exec, so it has executed its
     * program; or something killed it, which waiting for it will tell. */
    if (r == -EPIPE)
        return 0;
    if (r < 0)
        return r;
    if (message.kind != CTR_FAILED)
        return err_set(e, EPROTO, "unexpected word %d from the container",
                       message.kind);
    if (e != NULL)
        *e = message.err;
    /* exec's own message is the whole story; other steps are named. */
    const struct ctr_step *step = &steps[message.value];
    if (message.err.code == CTR_NOT_FOUND ||
        message.err.code == CTR_NOT_EXECUTABLE)
        return -message.err.code;
    return err_add(e, "%s", step->name);
}
