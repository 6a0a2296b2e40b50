/* Asking the monitor of a container that runs. */
#include "run.h"

#include "field.h"
#include "frame.h"
#include "own.h"
#include "talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long an owner may be there and not listen: it is being started, or has
 * ended and tidies up. */
enum { PATIENCE_MS = 20 * 1000, PAUSE_MS = 5 };

/* A connection, or -ESRCH: it has no owner (any more). */
static int connect_to(struct engine *engine, const char *id, struct err *e)
{
    auto_free char *path = text_format("%s/socket", id);
    for (int waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
        int fd = talk_connect(engine->runfd, path, 0, NULL);
        if (fd >= 0)
            return fd;
        if (!record_is_locked(engine, id))
            return err_set(e, ESRCH, "container %s is not running", id);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
    return err_set(e, ETIMEDOUT, "container %.12s: its owner does not answer",
                   id);
}

/* Read until there is an answer. */
int run_hear(int fd, json_t **ret, struct err *e)
{
    struct frame *frame = own_room(sizeof *frame);
    int r;
    do
        r = frame_receive(fd, frame);
    while (r == 0 && frame->kind != FRAME_ANSWER);
    json_auto_t *answer =
        r == 0 ? json_loadb(frame->bytes, frame->len, 0, NULL) : NULL;
    free(frame);
    if (r == -EPIPE)
        return err_set(e, EPIPE, "the container's monitor is gone");
    if (r < 0 || answer == NULL)
        return err_sys(e, r < 0 ? r : EPROTO, "hear from the monitor");
    int code = (int)field_int(answer, "code", 0);
    const char *message = field_string(answer, "message");
    if (code != 0)
        return err_set(e, code, "%s", message != NULL ? message : "");
    if (ret != NULL)
        *ret = own_take(&answer);
    return 0;
}

int run_ask_fd(struct engine *engine, const char *id, const json_t *request,
               struct err *e)
{
    auto_fd int fd = connect_to(engine, id, e);
    if (fd < 0)
        return fd;
    auto_free char *text = json_dumps(request, JSON_COMPACT);
    int r = frame_send(fd, FRAME_ASK, text, strlen(text));
    return r < 0 ? err_sys(e, r, "ask the monitor") : fd_take(&fd);
}

int run_ask(struct engine *engine, const char *id, const json_t *request,
            json_t **ret, struct err *e)
{
    auto_fd int fd = run_ask_fd(engine, id, request, e);
    return fd < 0 ? fd : run_hear(fd, ret, e);
}
