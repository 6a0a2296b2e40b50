#include "web.h"

#include "wire.h"

#include "own.h"
#include "proc.h"
#include "sys.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the program --------------------------------------------------------- */

static _Noreturn void become(const char *program, int fd)
{
    char *const argv[] = {(char *)(uintptr_t)program, NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (proc_die_with_parent(NULL) >= 0 && sys_dup3(fd, STDIN_FILENO, 0) >= 0)
        sys_execve(program, argv, environ);
    _exit(126);
}

int web_open(struct web *web, const char *program, struct err *e)
{
    int pair[2];
    *web = (struct web)WEB_NONE;
    if (program == NULL || access(program, X_OK) < 0)
        return err_set(e, ENOENT,
                       "mini-docker-web, which speaks to registries, is not "
                       "installed beside mini-docker");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(e, errno, "socketpair");
    int pid = proc_clone(0, -1, &web->pidfd, e);
    if (pid == 0)
        become(program, pair[1]);
    own_close(&pair[1]);
    web->fd = pair[0];
    if (pid < 0)
        web_close(web);
    return pid < 0 ? pid : 0;
}

void web_close(struct web *web)
{
    own_close(&web->fd);
    if (web->pidfd >= 0) {
        /* In the middle of an answer it would go on until we listen. */
        proc_signal(web->pidfd, SIGKILL, NULL);
        proc_wait(web->pidfd, NULL);
    }
    own_close(&web->pidfd);
    web->left = 0;
    web->is_in_body = false;
}

static int lost(struct web *web, int r, struct err *e)
{
    own_close(&web->fd);
    return r == -EPIPE ? err_set(e, EPIPE, "mini-docker-web has ended")
                       : err_sys(e, r, "mini-docker-web");
}

/* --- a request ----------------------------------------------------------- */

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, key, json_string(text));
}

static json_t *make_request(const struct web_request *request)
{
    json_t *headers = json_array();
    for (size_t i = 0; request->headers != NULL && i < request->headers->n; i++)
        json_array_append_new(headers, json_string(request->headers->v[i]));
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:b, s:i, s:i}", "method", request->method,
                  "url", request->url, "headers", headers, "unverified",
                  request->trust.is_unverified, "connect_s", request->connect_s,
                  "stall_s", request->stall_s);
    set_text(object, "ca", request->trust.ca);
    set_text(object, "cert", request->trust.cert);
    set_text(object, "key", request->trust.key);
    if (object != NULL && request->body != NULL)
        json_object_set_new(object, "size",
                            json_integer((json_int_t)request->size));
    return object;
}

static int send_body(struct web *web, const struct layer_source *body,
                     struct err *e)
{
    enum { BLOCK = 256 * 1024 };
    auto_free char *block = own_room(BLOCK);
    ssize_t n;
    while ((n = body->read(body->arg, block, BLOCK)) > 0) {
        int r = wire_send(web->fd, WIRE_PIECE, block, (size_t)n);
        if (r < 0)
            return lost(web, r, e);
    }
    if (n < 0) {
        own_close(&web->fd); /* half of a body is in there */
        return err_sys(e, (int)n, "read what is to be sent");
    }
    int r = wire_send(web->fd, WIRE_END, "", 0);
    return r < 0 ? lost(web, r, e) : 0;
}

/* The end of an answer: nothing, or what went wrong. */
static int take_end(struct web *web, const struct wire_frame *frame,
                    struct err *e)
{
    json_auto_t *end = NULL;
    web->is_in_body = false;
    int r = frame->kind == WIRE_END ? wire_read_json(web->fd, frame, &end)
                                    : -EPROTO;
    if (r < 0)
        return lost(web, r, e);
    const char *why = json_string_value(json_object_get(end, "error"));
    return why == NULL
               ? 0
               : err_set(e,
                         (int)json_integer_value(json_object_get(end, "errno")),
                         "%s", why);
}

static int take_head(struct web *web, struct web_answer *ret, struct err *e)
{
    struct wire_frame frame;
    json_auto_t *head = NULL;
    int r = wire_next(web->fd, &frame);
    if (r < 0)
        return lost(web, r, e);
    if (frame.kind != WIRE_HEAD) {
        r = take_end(web, &frame, e);
        return r < 0 ? r : err_set(e, EPROTO, "an answer without a head");
    }
    r = wire_read_json(web->fd, &frame, &head);
    if (r < 0)
        return lost(web, r, e);
    const char *location = json_string_value(json_object_get(head, "location"));
    ret->status = (int)json_integer_value(json_object_get(head, "status"));
    ret->headers = json_incref(json_object_get(head, "headers"));
    ret->location = location != NULL ? own_strdup(location) : NULL;
    web->is_in_body = true;
    return ret->status;
}

/* What nobody read of the last answer; a long rest is not worth it. */
static void pass_over(struct web *web)
{
    char block[4096];
    size_t most = 64;
    while (web->fd >= 0 && web->is_in_body)
        if (most-- == 0 || web_read(web, block, sizeof block, NULL) < 0)
            own_close(&web->fd);
}

int web_ask(struct web *web, const struct web_request *request,
            struct web_answer *ret, struct err *e)
{
    *ret = (struct web_answer){0};
    pass_over(web);
    if (web->fd < 0)
        return err_set(e, EPIPE, "mini-docker-web has ended");
    json_auto_t *object = make_request(request);
    if (object == NULL)
        return err_set(e, EINVAL, "the address is not UTF-8");
    int r = wire_send_json(web->fd, WIRE_REQUEST, object);
    if (r < 0)
        return lost(web, r, e);
    if (request->body != NULL)
        r = send_body(web, request->body, e);
    return r < 0 ? r : take_head(web, ret, e);
}

void web_answer_done(struct web_answer *answer)
{
    json_decref(answer->headers);
    answer->headers = NULL;
    own_free(&answer->location);
}

const char *web_header(const struct web_answer *answer, const char *name)
{
    return json_string_value(json_object_get(answer->headers, name));
}

/* --- its body ------------------------------------------------------------ */

ssize_t web_read(struct web *web, void *bytes, size_t len, struct err *e)
{
    while (web->left == 0) {
        struct wire_frame frame;
        if (!web->is_in_body)
            return 0;
        int r = wire_next(web->fd, &frame);
        if (r < 0)
            return lost(web, r, e);
        if (frame.kind != WIRE_PIECE)
            return take_end(web, &frame, e);
        web->left = frame.len;
    }
    ssize_t n = recv(web->fd, bytes, len < web->left ? len : web->left, 0);
    if (n <= 0)
        return lost(web, n < 0 ? -errno : -EPIPE, e);
    web->left -= (uint32_t)n;
    return n;
}

int web_read_all(struct web *web, size_t most, struct text *ret, struct err *e)
{
    char block[16 * 1024];
    ssize_t n;
    while ((n = web_read(web, block, sizeof block, e)) > 0) {
        if (ret->len + (size_t)n > most)
            return err_set(e, E2BIG, "the answer is larger than %zu bytes",
                           most);
        text_addn(ret, block, (size_t)n);
    }
    return (int)n;
}

/* --- a body from memory -------------------------------------------------- */

ssize_t web_text_read(void *arg, void *bytes, size_t len)
{
    struct web_text *from = arg;
    size_t n = from->text->len - from->at;
    n = n < len ? n : len;
    if (n > 0)
        memcpy(bytes, from->text->s + from->at, n);
    from->at += n;
    return (ssize_t)n;
}

int web_text_rewind(void *arg)
{
    ((struct web_text *)arg)->at = 0;
    return 0;
}

/* RFC 3986, 2.3: what need not be written as %XX. */
void web_escape(struct text *to, const char *value)
{
    for (; *value != '\0'; value++)
        if (isalnum((unsigned char)*value) || strchr("-._~:/", *value) != NULL)
            text_addn(to, value, 1);
        else
            text_addf(to, "%%%02X", (unsigned char)*value);
}
