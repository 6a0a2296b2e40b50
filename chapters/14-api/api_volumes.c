/* Volumes. */
#include "api.h"
#include "shape.h"

#include "own.h"
#include "prune_filter.h"
#include "volume_filter.h"

#include <errno.h>

static int list(struct api_call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    json_auto_t *all = NULL;
    int r = query_filters(&call->query, &said, e);
    if (r == 0)
        r = volume_filter_check(&said, e);
    bool counts = list_filter_value(&said, "dangling") != NULL;
    if (r == 0)
        r = engine_volumes(call->engine, counts ? ENGINE_VOLUME_REFS : 0, &all,
                           NULL, e);
    if (r < 0)
        return r;
    json_t *chosen = json_array();
    size_t i;
    json_t *volume;
    json_array_foreach(all, i, volume)
    {
        json_object_del(volume, "UsageData");
        if (volume_filter_fits(&said, volume))
            json_array_append(chosen, volume);
    }
    return api_answer(call, 200,
                      json_pack("{s:o, s:n}", "Volumes", chosen, "Warnings"));
}

static int inspect(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_volume_inspect(call->engine, call->names[0], &doc, e);
    return r < 0 ? r : api_answer(call, 200, doc);
}

static int create(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = shape_check(call->body, shape_volume, e);
    if (r == 0)
        r = engine_volume_create(call->engine, call->body, &doc, e);
    return r < 0 ? r : api_answer(call, 201, doc);
}

/* By force, one that is not there is gone. */
static int remove_it(struct api_call *call, struct err *e)
{
    int r = engine_volume_remove(call->engine, call->names[0], e);
    if (r == -ENOENT && query_bool(&call->query, "force"))
        r = 0;
    return r < 0 ? r : api_answer_empty(call, 204);
}

static int prune(struct api_call *call, struct err *e)
{
    /* Before 1.42 there was no difference between those that have a name and
     * those that have not. */
    struct prune_filter filter = {.all = call->version < 1042};
    const struct engine_prune what = {.wanted = prune_filter_volume,
                                      .arg = &filter};
    json_t *doc = NULL;
    int r = query_filters(&call->query, &filter.said, e);
    if (r == 0)
        r = prune_filter_check_volumes(&filter, e);
    if (r == 0)
        r = engine_volumes_prune(call->engine, &what, &doc, e);
    strv_done(&filter.said);
    return r < 0 ? r : api_answer(call, 200, doc);
}

const struct api_route api_volume_routes[] = {
    {"GET",    "/volumes",        list,      0       },
    {"POST",   "/volumes/create", create,    API_BODY},
    {"POST",   "/volumes/prune",  prune,     0       },
    {"GET",    "/volumes/{}",     inspect,   0       },
    {"DELETE", "/volumes/{}",     remove_it, 0       },
    {NULL,     NULL,              NULL,      0       },
};
