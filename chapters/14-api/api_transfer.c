/* Images that come and go: archives of them, archives of files, registries. */
#include "api.h"

#include "apply.h"
#include "base64.h"
#include "download.h"
#include "engine_registry.h"
#include "field.h"
#include "own.h"
#include "ref.h"
#include "search.h"
#include "search_filter.h"
#include "shape.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* --- lines of progress ---------------------------------------------------- */

/* How far something is; a client draws the bar. */
static void send_progress(struct api_call *call, const char *id,
                          const char *status, uint64_t done, uint64_t total)
{
    json_auto_t *line =
        json_pack("{s:s, s:{}}", "status", status, "progressDetail");
    json_t *detail = json_object_get(line, "progressDetail");
    if (id != NULL)
        json_object_set_new(line, "id", json_string(id));
    if (total > 0) {
        json_object_set_new(detail, "current", json_integer((json_int_t)done));
        json_object_set_new(detail, "total", json_integer((json_int_t)total));
    }
    if (id == NULL)
        json_object_del(line, "progressDetail");
    api_send_line(call, line);
}

void api_tell_transfer(void *arg, const struct pull_event *event)
{
    send_progress(arg, event->id, event->status, event->done, event->total);
}

static void tell_load(void *arg, const struct image_progress *now)
{
    auto_free char *id = text_format("%.12s", now->id);
    send_progress(arg, id, "Loading layer", now->done, now->total);
}

/* --- archives of images --------------------------------------------------- */

static int write_archive(void *arg, const void *bytes, size_t len)
{
    struct api_call *call = arg;
    int r = http_has_answered(call->http)
                ? 0
                : http_begin(call->http, 200, "application/x-tar");
    return r < 0 ? r : http_send(call->http, bytes, len);
}

/* All is found before the first byte is sent; after it nothing but hanging up
 * tells that not all of it came. */
static int save(struct api_call *call, const struct strv *names, struct err *e)
{
    const struct image_save what = {
        .names = names,
        .platform = query_text(&call->query, "platform"),
        .target = {write_archive, call},
    };
    if (names->n == 0)
        return err_set(e, EINVAL, "no images are named");
    int r = engine_enter(call->engine, e);
    if (r == 0)
        r = image_save(engine_images(call->engine), &what, e);
    return r < 0 ? r : http_end(call->http);
}

static int save_one(struct api_call *call, struct err *e)
{
    auto_strv struct strv names = {0};
    strv_add(&names, call->names[0]);
    return save(call, &names, e);
}

static int save_several(struct api_call *call, struct err *e)
{
    auto_strv struct strv names = {0}, said = {0};
    query_all(&call->query, "names", &said);
    for (size_t i = 0; i < said.n; i++) /* as compose and others have them */
        strv_split(&names, said.v[i], ',');
    return save(call, &names, e);
}

static int load(struct api_call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    const struct image_load what = {
        .source = {http_read, call->http},
        .platform = query_text(&call->query, "platform"),
        .said = &said,
        .progress = query_bool(&call->query, "quiet") ? NULL : tell_load,
        .arg = call,
    };
    int r = engine_enter(call->engine, e);
    if (r == 0)
        r = image_load(engine_images(call->engine), &what, e);
    for (size_t i = 0; i < said.n && r == 0; i++) {
        json_auto_t *line =
            json_pack("{s:o}", "stream", json_sprintf("%s\n", said.v[i]));
        r = api_send_line(call, line);
    }
    return api_end_lines(call, r, e);
}

/* --- an archive of files -------------------------------------------------- */

static int import_from(struct api_call *call, struct layer_source source,
                       const char *from, struct err *e)
{
    const struct query *query = &call->query;
    const char *repo = query_text(query, "repo");
    const char *message = query_text(query, "message");
    auto_strv struct strv changes = {0};
    api_read_changes(call, &changes);
    auto_free char *usual = text_format("Imported from %s", from);
    auto_free char *name =
        repo != NULL ? api_image_name(repo, query_text(query, "tag")) : NULL;
    const struct image_import what = {
        .source = source,
        .name = name,
        .change = apply_changes,
        .change_arg = &changes,
        .message = message != NULL ? message : usual,
        .platform = query_text(query, "platform"),
    };
    char id[72];
    int r = image_import(engine_images(call->engine), &what, id, e);
    if (r < 0)
        return r;
    json_auto_t *line = json_pack("{s:s}", "status", id);
    return api_send_line(call, line);
}

static int import_url(struct api_call *call, const char *url, struct err *e)
{
    auto_download struct download download = {.url = url};
    const struct layer_source source = {download_read, &download};
    auto_free char *line = text_format("Downloading from %s", url);
    int r = download_open(&download, e);
    if (r < 0)
        return r;
    send_progress(call, NULL, line, 0, 0);
    r = import_from(call, source, url, e);
    return r < 0 && download.why.code > 0 /* what cut it short */
               ? err_set(e, download.why.code, "%s", download.why.msg)
               : r;
}

static int import(struct api_call *call, const char *from, struct err *e)
{
    const struct layer_source body = {http_read, call->http};
    int r = engine_enter(call->engine, e);
    if (r < 0)
        return r;
    return strcmp(from, "-") == 0 ? import_from(call, body, "-", e)
                                  : import_url(call, from, e);
}

/* --- registries ----------------------------------------------------------- */

/* The header has letters for URLs (RFC 4648, 5), and perhaps no padding. */
static json_t *decode_auth(const char *said)
{
    auto_text struct text text = {0};
    text_add(&text, said);
    for (size_t i = 0; i < text.len; i++)
        text.s[i] = text.s[i] == '-' ? '+' : text.s[i] == '_' ? '/' : text.s[i];
    while (text.len % 4 != 0)
        text_add(&text, "=");
    size_t len;
    auto_free char *json = base64_decode(text.s != NULL ? text.s : "", &len);
    return json != NULL ? json_loadb(json, len, 0, NULL) : NULL;
}

static int read_auth(const char *said, const struct shape *shape, json_t **ret,
                     struct err *e)
{
    *ret = decode_auth(said);
    return *ret != NULL ? shape_check(*ret, shape, e)
                        : err_set(e, EINVAL, "no base64 of JSON");
}

int api_read_registry(const struct api_call *call, struct engine_registry *ret,
                      struct err *e)
{
    const char *said = http_header(call->http, "X-Registry-Auth");
    json_auto_t *auth = NULL;
    int r = engine_registry_init(ret, NULL, e);
    if (r < 0 || said == NULL || said[0] == '\0')
        return r;
    r = read_auth(said, shape_account, &auth, e);
    if (r == 0)
        r = engine_registry_take(ret, auth, e);
    return r < 0 ? err_add(e, "invalid X-Registry-Auth header") : 0;
}

int api_read_accounts(const struct api_call *call, json_t **ret, struct err *e)
{
    static const struct shape nothing[] = {
        {NULL, 0}
    };
    const char *said = http_header(call->http, "X-Registry-Config");
    int r =
        said != NULL && said[0] != '\0' ? read_auth(said, nothing, ret, e) : 0;
    const char *name;
    json_t *account;
    json_object_foreach(r == 0 ? *ret : NULL, name, account)
    {
        r = r < 0 ? r : shape_check(account, shape_account, e);
    }
    if (r == 0 && *ret == NULL)
        *ret = json_object();
    return r < 0 ? err_add(e, "invalid X-Registry-Config header") : 0;
}

/* A name without any tag means all of them, as the older clients have it. */
static bool names_repository(const char *name, const char *tag)
{
    const char *slash = strrchr(name, '/');
    return tag == NULL && strpbrk(slash != NULL ? slash : name, ":@") == NULL;
}

static int pull(struct api_call *call, const char *from, struct err *e)
{
    auto_engine_registry struct engine_registry registry = {0};
    const char *tag = query_text(&call->query, "tag");
    auto_free char *name = api_image_name(from, tag);
    const struct pull what = {
        .name = name,
        .platform = query_text(&call->query, "platform"),
        .all_tags = names_repository(from, tag),
        .options = &registry.options,
        .tell = api_tell_transfer,
        .arg = call,
    };
    int r = api_read_registry(call, &registry, e);
    if (r < 0)
        return r;
    http_end_with_client(call->http); /* nobody waits for the rest then */
    return engine_registry_pull(call->engine, &what, e);
}

static int create(struct api_call *call, struct err *e)
{
    const char *from = query_text(&call->query, "fromImage");
    const char *source = query_text(&call->query, "fromSrc");
    if (from == NULL && source == NULL)
        return err_set(e, EINVAL, "neither fromImage nor fromSrc is said");
    int r = from != NULL ? pull(call, from, e) : import(call, source, e);
    return api_end_lines(call, r, e);
}

static int push(struct api_call *call, struct err *e)
{
    auto_engine_registry struct engine_registry registry = {0};
    const char *tag = query_text(&call->query, "tag");
    auto_free char *name = api_image_name(call->names[0], tag);
    const struct push what = {
        .name = name,
        .all_tags = names_repository(call->names[0], tag),
        .options = &registry.options,
        .tell = api_tell_transfer,
        .arg = call,
    };
    int r = api_read_registry(call, &registry, e);
    if (r == 0) {
        http_end_with_client(call->http);
        r = engine_registry_push(call->engine, &what, e);
    }
    return api_end_lines(call, r, e);
}

static int search(struct api_call *call, struct err *e)
{
    auto_engine_registry struct engine_registry registry = {0};
    auto_strv struct strv said = {0};
    const char *term;
    int64_t limit;
    json_t *found = NULL;
    int r = api_need(call, "term", &term, e);
    if (r == 0)
        r = query_int(&call->query, "limit", SEARCH_USUAL, &limit, e);
    if (r == 0)
        r = query_filters(&call->query, &said, e);
    if (r == 0)
        r = search_filter_check(&said, e);
    if (r == 0)
        r = api_read_registry(call, &registry, e);
    if (r == 0)
        r = search_images(&registry.options, term, limit, &found, e);
    if (r < 0)
        return r;
    search_filter_apply(&said, found);
    return api_answer(call, 200, found);
}

const struct api_route api_transfer_routes[] = {
    {"GET",  "/images/get",     save_several, 0},
    {"GET",  "/images/search",  search,       0},
    {"POST", "/images/load",    load,         0},
    {"POST", "/images/create",  create,       0},
    {"GET",  "/images/{}/get",  save_one,     0},
    {"POST", "/images/{}/push", push,         0},
    {NULL,   NULL,              NULL,         0},
};
