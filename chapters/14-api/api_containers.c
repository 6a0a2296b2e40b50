/* Containers: the list of them, what is known of one, making and removing. */
#include "api.h"
#include "shape.h"

#include "container_filter.h"
#include "engine_server.h"
#include "field.h"
#include "loop.h"
#include "own.h"
#include "prune_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- the list ------------------------------------------------------------- */

/* size=1: what it has written, and that with its image. */
static void add_sizes(struct api_call *call, json_t *container)
{
    static const char *const sizes[] = {"SizeRw", "SizeRootFs"};
    json_auto_t *whole = NULL;
    if (engine_inspect(call->engine,
                       json_string_value(json_object_get(container, "Id")),
                       true, &whole, NULL) < 0)
        return;
    for (size_t i = 0; i < 2; i++)
        json_object_set(container, sizes[i], json_object_get(whole, sizes[i]));
}

/* Those of `all` that fit, at most `limit` if that is above 0. */
static json_t *choose(struct api_call *call, json_t *all,
                      const struct container_filter *filter, int64_t limit)
{
    bool sizes = query_bool(&call->query, "size");
    json_t *chosen = json_array();
    size_t i;
    json_t *container;
    json_array_foreach(all, i, container)
    {
        if (limit > 0 && (int64_t)json_array_size(chosen) == limit)
            break;
        if (!container_filter_fits(filter, i))
            continue;
        if (sizes)
            add_sizes(call, container);
        json_array_append(chosen, container);
    }
    return chosen;
}

/* Who asks for states, or for the newest ones, means those that do not run,
 * too. */
static bool wants_all(const struct api_call *call, const struct strv *said,
                      int64_t limit)
{
    static const char *const names[] = {"status", "exited", "before", "since"};
    bool all = query_bool(&call->query, "all") || limit > 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        all |= list_filter_value(said, names[i]) != NULL;
    return all;
}

/* Anew. */
static int make_list(struct api_call *call, json_t **ret, struct err *e)
{
    auto_strv struct strv said = {0};
    auto_container_filter struct container_filter filter = {0};
    json_auto_t *all = NULL;
    int64_t limit;
    int r = query_filters(&call->query, &said, e);
    if (r == 0)
        r = query_int(&call->query, "limit", 0, &limit, e);
    if (r == 0)
        r = container_filter_check(&said, e);
    if (r == 0)
        r = engine_containers(
            call->engine,
            ENGINE_NETWORKS | (wants_all(call, &said, limit) ? ENGINE_ALL : 0),
            &all, NULL, e);
    if (r == 0)
        r = container_filter_open(&filter, &said, all,
                                  engine_images(call->engine), e);
    if (r == 0)
        *ret = choose(call, all, &filter, limit);
    return r;
}

/* To ask each container's lock is half of what a list costs: who asks all the
 * time hears of a death that nobody told a hundredth of a second later. */
static void sweep(struct api_call *call)
{
    enum { OFTEN_NS = 10000000 };
    int64_t now = loop_now_ns();
    if (now - call->memory->swept_ns < OFTEN_NS)
        return;
    engine_sweep(call->engine, NULL);
    call->memory->swept_ns = now;
}

/* What the answer depends on, so that this client's next question may have the
 * same one: "" where that is more than this. Words ("Up 3 seconds") change
 * with each second. */
static void add_stamp(struct api_call *call, struct text *ret)
{
    bool all = query_bool(&call->query, "all");
    if (call->query.pairs.n > (size_t)all)
        return;
    sweep(call);
    text_addf(ret, "%s %lld ", all ? "all" : "", (long long)time(NULL));
    if (!engine_server_stamp(call->engine, all, ret))
        text_clear(ret);
}

static int list(struct api_call *call, struct err *e)
{
    auto_text struct text stamp = {0};
    struct api_memory *memory = call->memory;
    add_stamp(call, &stamp);
    if (stamp.len == 0 || memory->stamp == NULL ||
        strcmp(stamp.s, memory->stamp) != 0) {
        json_auto_t *doc = NULL;
        int r = make_list(call, &doc, e);
        if (r < 0)
            return r;
        own_free(&memory->stamp);
        free(memory->list);
        memory->list = json_dumps(doc, JSON_COMPACT);
        memory->stamp = stamp.len == 0 ? NULL : text_take(&stamp);
    }
    return http_answer(call->http, 200, "application/json", memory->list,
                       strlen(memory->list));
}

/* --- one ------------------------------------------------------------------ */

static int inspect(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_inspect(call->engine, call->names[0],
                           query_bool(&call->query, "size"), &doc, e);
    return r < 0 ? r : api_answer(call, 200, doc);
}

static int create(struct api_call *call, struct err *e)
{
    char id[ENGINE_ID_SIZE];
    const struct engine_create order = {
        .document = call->body,
        .name = query_text(&call->query, "name"),
        .platform = query_text(&call->query, "platform"),
    };
    int r = shape_check(call->body, shape_container, e);
    if (r == 0)
        r = engine_create(call->engine, &order, id, e);
    /* At 404 the client pulls the image and tries once more. */
    if (r == -ENOENT && !text_starts(e->msg, "No such image"))
        return api_answer_error(call, 400, e->msg);
    return r < 0 ? r
                 : api_answer(call, 201,
                              json_pack("{s:s, s:[]}", "Id", id, "Warnings"));
}

static int remove_it(struct api_call *call, struct err *e)
{
    int flags = (query_bool(&call->query, "force") ? ENGINE_FORCE : 0) |
                (query_bool(&call->query, "v") ? ENGINE_VOLUMES : 0);
    int r = query_bool(&call->query, "link")
                ? err_set(e, ENOSYS, "links are not built yet")
                : engine_remove(call->engine, call->names[0], flags, e);
    return r < 0 ? r : api_answer_empty(call, 204);
}

static int rename_it(struct api_call *call, struct err *e)
{
    const char *name;
    int r = api_need(call, "name", &name, e);
    if (r == 0)
        r = engine_rename(call->engine, call->names[0], name, e);
    return r < 0 ? r : api_answer_empty(call, 204);
}

static int update(struct api_call *call, struct err *e)
{
    int r = shape_check(call->body, shape_update, e);
    if (r == 0)
        r = engine_update(call->engine, call->names[0], call->body, e);
    return r < 0 ? r : api_answer(call, 200, json_pack("{s:n}", "Warnings"));
}

static int top(struct api_call *call, struct err *e)
{
    auto_strv struct strv words = {0}, options = {0};
    const char *args = query_text(&call->query, "ps_args");
    json_t *doc = NULL;
    if (args != NULL)
        strv_split(&words, args, ' ');
    for (size_t i = 0; i < words.n; i++)
        if (words.v[i][0] != '\0')
            strv_add(&options, words.v[i]);
    int r = engine_top(call->engine, call->names[0], &options, &doc, e);
    return r < 0 ? r : api_answer(call, 200, doc);
}

static int changes(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_diff(call->engine, call->names[0], &doc, e);
    if (r == 0 && json_array_size(doc) == 0) { /* as Go writes no list */
        json_decref(doc);
        doc = json_null();
    }
    return r < 0 ? r : api_answer(call, 200, doc);
}

static int write_archive(void *arg, const void *bytes, size_t len)
{
    struct api_call *call = arg;
    int r = http_has_answered(call->http)
                ? 0
                : http_begin(call->http, 200, "application/octet-stream");
    return r < 0 ? r : http_send(call->http, bytes, len);
}

static int export(struct api_call *call, struct err *e)
{
    const struct pack_options out = {
        .target = {write_archive, call}
    };
    int r = engine_export(call->engine, call->names[0], &out, e);
    return r < 0 ? r : http_end(call->http);
}

/* --- all that do not run -------------------------------------------------- */

int api_read_prune(const struct api_call *call, struct prune_filter *ret,
                   struct err *e)
{
    int r = query_filters(&call->query, &ret->said, e);
    return r < 0 ? r : prune_filter_check(ret, e);
}

int api_prune(struct api_call *call,
              int (*prune)(struct engine *engine,
                           const struct engine_prune *prune, json_t **ret,
                           struct err *e),
              struct err *e)
{
    struct prune_filter filter = {.all = false};
    const struct engine_prune what = {.wanted = prune_filter_any,
                                      .arg = &filter};
    json_t *doc = NULL;
    int r = api_read_prune(call, &filter, e);
    if (r == 0)
        r = prune(call->engine, &what, &doc, e);
    strv_done(&filter.said);
    return r < 0 ? r : api_answer(call, 200, doc);
}

static int prune(struct api_call *call, struct err *e)
{
    return api_prune(call, engine_containers_prune, e);
}

const struct api_route api_container_routes[] = {
    {"GET",    "/containers/json",       list,      0       },
    {"POST",   "/containers/create",     create,    API_BODY},
    {"POST",   "/containers/prune",      prune,     0       },
    {"GET",    "/containers/{}/json",    inspect,   0       },
    {"POST",   "/containers/{}/rename",  rename_it, 0       },
    {"POST",   "/containers/{}/update",  update,    API_BODY},
    {"GET",    "/containers/{}/top",     top,       0       },
    {"GET",    "/containers/{}/changes", changes,   0       },
    {"GET",    "/containers/{}/export",  export,    0       },
    {"DELETE", "/containers/{}",         remove_it, 0       },
    {NULL,     NULL,                     NULL,      0       },
};
