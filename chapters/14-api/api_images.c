/* Images that are here: the list of them, what is known of one, names, and
 * images made from containers. */
#include "api.h"

#include "engine_df.h"
#include "field.h"
#include "image_filter.h"
#include "own.h"
#include "prune_filter.h"
#include "shape.h"

#include <errno.h>
#include <string.h>

/* --- names ---------------------------------------------------------------- */

char *api_image_name(const char *repository, const char *tag)
{
    if (tag == NULL || tag[0] == '\0')
        return own_strdup(repository);
    return text_format("%s%c%s", repository,
                       strchr(tag, ':') != NULL ? '@' : ':', tag);
}

void api_read_changes(const struct api_call *call, struct strv *ret)
{
    auto_strv struct strv all = {0}, lines = {0};
    query_all(&call->query, "changes", &all);
    for (size_t i = 0; i < all.n; i++)
        strv_split(&lines, all.v[i], '\n');
    for (size_t i = 0; i < lines.n; i++)
        if (lines.v[i][0] != '\0')
            strv_add(ret, lines.v[i]);
}

/* --- shapes --------------------------------------------------------------- */

/* Where things were told otherwise before a version of the API. */
enum { NO_NONE = 1043, NO_VIRTUAL_SIZE = 1044 };

static void put_virtual_size(const struct api_call *call, json_t *image)
{
    if (call->version < NO_VIRTUAL_SIZE)
        json_object_set(image, "VirtualSize", json_object_get(image, "Size"));
}

/* An image without names was once called so. */
static void put_none(const struct api_call *call, json_t *image)
{
    static const char *const none[][2] = {
        {"RepoTags",    "<none>:<none>"},
        {"RepoDigests", "<none>@<none>"},
    };
    if (call->version >= NO_NONE ||
        json_array_size(json_object_get(image, "RepoTags")) > 0 ||
        json_array_size(json_object_get(image, "RepoDigests")) > 0)
        return;
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(image, none[i][0], json_pack("[s]", none[i][1]));
}

/* --- the list ------------------------------------------------------------- */

/* Of tags or digests, those that are asked for. A digest goes by its
 * repository. */
static json_t *choose(const struct image_filter *filter, const json_t *names)
{
    json_t *chosen = json_array();
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)(uintptr_t)names, i, item)
    {
        const char *name = json_string_value(item);
        auto_free char *shown =
            text_format("%.*s", (int)strcspn(name, "@"), name);
        if (image_filter_shows(filter, shown))
            json_array_append(chosen, item);
    }
    return chosen;
}

static json_t *summary(const struct api_call *call,
                       const struct image_filter *filter,
                       const struct image *image)
{
    static const char *const lists[] = {"RepoTags", "RepoDigests"};
    json_t *doc = image_summary(image);
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(doc, lists[i],
                            choose(filter, json_object_get(doc, lists[i])));
    put_none(call, doc);
    put_virtual_size(call, doc);
    return doc;
}

/* What shares how much is counted for all of them at once. */
static void put_shared(const struct image_store *store,
                       const struct image_list *images, json_t *docs)
{
    auto_free uint64_t *shared = own_alloc((images->n + 1) * sizeof *shared);
    image_list_usage(store, images, shared);
    size_t i;
    json_t *doc;
    json_array_foreach(docs, i, doc) for (size_t n = 0; n < images->n; n++)
    {
        if (field_is(doc, "Id", images->v[n].id))
            json_object_set_new(doc, "SharedSize",
                                json_integer((json_int_t)shared[n]));
    }
}

static int list(struct api_call *call, struct err *e)
{
    const struct image_store *store = engine_images(call->engine);
    auto_strv struct strv said = {0};
    auto_image_filter struct image_filter filter = {0};
    auto_image_list struct image_list images = {0};
    int r = query_filters(&call->query, &said, e);
    /* The filter's older form. */
    const char *name = query_text(&call->query, "filter");
    if (r == 0 && name != NULL)
        strv_addf(&said, "reference=%s", name);
    if (r == 0)
        r = image_filter_open(&filter, &said, store, e);
    if (r == 0)
        r = image_list(store, true, &images, NULL, e);
    if (r < 0)
        return r;
    json_t *docs = json_array();
    for (size_t i = 0; i < images.n; i++)
        if (image_filter_fits(&filter, &images.v[i]))
            json_array_append_new(docs, summary(call, &filter, &images.v[i]));
    if (query_bool(&call->query, "shared-size"))
        put_shared(store, &images, docs);
    return api_answer(call, 200, docs);
}

/* --- one ------------------------------------------------------------------ */

static int inspect(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_image_inspect(call->engine, call->names[0], NULL, &doc, e);
    if (r < 0)
        return r;
    put_virtual_size(call, doc);
    return api_answer(call, 200, doc);
}

static int history(struct api_call *call, struct err *e)
{
    const struct image_store *store = engine_images(call->engine);
    auto_image struct image image = {0};
    int r = image_find(store, call->names[0], &image, e);
    return r < 0 ? r : api_answer(call, 200, image_history(store, &image));
}

static int tag(struct api_call *call, struct err *e)
{
    const char *repo;
    int r = api_need(call, "repo", &repo, e);
    if (r == 0)
        r = engine_enter(call->engine, e);
    if (r < 0)
        return r;
    auto_free char *name =
        api_image_name(repo, query_text(&call->query, "tag"));
    r = image_tag(engine_images(call->engine), call->names[0], name, e);
    return r < 0 ? r : api_answer_empty(call, 201);
}

static int remove_it(struct api_call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    int r = engine_remove_image(call->engine, call->names[0],
                                query_bool(&call->query, "force"), &said, e);
    return r < 0 ? r : api_answer(call, 200, engine_removed_list(&said));
}

/* --- what takes up space -------------------------------------------------- */

/* The sum, for clients that do not make it themselves. */
static void put_builder_size(const struct api_call *call, json_t *doc)
{
    json_int_t bytes = 0;
    size_t i;
    const json_t *item;
    if (call->version >= 1042)
        return;
    json_array_foreach(json_object_get(doc, "BuildCache"), i, item) bytes +=
        field_int(item, "Size", 0);
    json_object_set_new(doc, "BuilderSize", json_integer(bytes));
}

static int df(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_df(call->engine, &doc, NULL, e);
    if (r < 0)
        return r;
    size_t i;
    json_t *image;
    json_array_foreach(json_object_get(doc, "Images"), i, image)
    {
        put_none(call, image);
        put_virtual_size(call, image);
    }
    put_builder_size(call, doc);
    return api_answer(call, 200, doc);
}

/* --- all that nobody needs ------------------------------------------------ */

/* dangling=false: those that have names, too. */
static int take_dangling(struct prune_filter *filter, struct err *e)
{
    static const char name[] = "dangling=";
    struct strv rest = {0};
    int r = 0;
    for (size_t i = 0; i < filter->said.n; i++) {
        const char *word = filter->said.v[i];
        const char *value = word + strlen(name);
        bool is_other = !text_starts(word, name);
        if (is_other)
            strv_add(&rest, word);
        else if (!list_filter_is_bool(value))
            r = err_set(e, EINVAL, "invalid filter 'dangling=[%s]'", value);
        else
            filter->all = !list_filter_is_true(value);
    }
    strv_done(&filter->said);
    filter->said = rest;
    return r < 0 ? r : prune_filter_check(filter, e);
}

static int prune(struct api_call *call, struct err *e)
{
    struct prune_filter filter = {.all = false};
    const struct engine_prune what = {.wanted = prune_filter_image,
                                      .arg = &filter};
    json_t *doc = NULL;
    int r = query_filters(&call->query, &filter.said, e);
    if (r == 0)
        r = take_dangling(&filter, e);
    if (r == 0)
        r = engine_images_prune(call->engine, &what, &doc, e);
    strv_done(&filter.said);
    if (r == 0 && json_array_size(json_object_get(doc, "ImagesDeleted")) == 0)
        json_object_set_new(doc, "ImagesDeleted", json_null());
    return r < 0 ? r : api_answer(call, 200, doc);
}

/* --- from a container ----------------------------------------------------- */

static int commit(struct api_call *call, struct err *e)
{
    auto_strv struct strv changes = {0};
    const struct query *query = &call->query;
    struct engine_commit request = {
        .author = query_text(query, "author"),
        .message = query_text(query, "comment"),
        .changes = &changes,
        .pause =
            query_get(query, "pause") == NULL || query_bool(query, "pause"),
    };
    char id[72];
    int r = api_need(call, "container", &request.container, e);
    if (r == 0 && json_is_object(call->body))
        request.config = call->body;
    if (r == 0 && request.config != NULL)
        r = shape_check(call->body, shape_container, e);
    if (r < 0)
        return r;
    api_read_changes(call, &changes);
    const char *repo = query_text(query, "repo");
    auto_free char *name =
        repo != NULL ? api_image_name(repo, query_text(query, "tag")) : NULL;
    request.name = name;
    r = engine_commit(call->engine, &request, id, e);
    return r < 0 ? r : api_answer(call, 201, json_pack("{s:s}", "Id", id));
}

const struct api_route api_image_routes[] = {
    {"GET",    "/images/json",       list,      0       },
    {"POST",   "/images/prune",      prune,     0       },
    {"GET",    "/images/{}/json",    inspect,   0       },
    {"GET",    "/images/{}/history", history,   0       },
    {"POST",   "/images/{}/tag",     tag,       0       },
    {"DELETE", "/images/{}",         remove_it, 0       },
    {"GET",    "/system/df",         df,        0       },
    {"POST",   "/commit",            commit,    API_BODY},
    {NULL,     NULL,                 NULL,      0       },
};
