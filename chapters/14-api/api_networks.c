/* Networks. */
#include "api.h"
#include "shape.h"

#include "field.h"
#include "network_filter.h"
#include "own.h"

#include <errno.h>

static int list(struct api_call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    json_auto_t *all = NULL;
    int r = query_filters(&call->query, &said, e);
    if (r == 0)
        r = network_filter_check(&said, e);
    if (r == 0)
        r = engine_networks(call->engine, &all, NULL, e);
    if (r < 0)
        return r;
    json_t *chosen = json_array();
    size_t i;
    json_t *network;
    json_array_foreach(all, i, network)
    {
        if (network_filter_fits(&said, network))
            json_array_append(chosen, network);
    }
    return api_answer(call, 200, chosen);
}

static int inspect(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_network_inspect(call->engine, call->names[0], &doc, e);
    return r < 0 ? r : api_answer(call, 200, doc);
}

static int create(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = shape_check(call->body, shape_network, e);
    if (r == 0)
        r = engine_network_create(call->engine, call->body, &doc, e);
    return r < 0 ? r : api_answer(call, 201, doc);
}

/* A network in use is a forbidden one here, and no conflict. */
static int remove_it(struct api_call *call, struct err *e)
{
    int r = engine_network_remove(call->engine, call->names[0], e);
    if (r == -EBUSY)
        return api_answer_error(call, 403, e->msg);
    return r < 0 ? r : api_answer_empty(call, 204);
}

static int connect_it(struct api_call *call, struct err *e)
{
    int r = shape_check(call->body, shape_connect, e);
    const char *container = field_string(call->body, "Container");
    if (r == 0 && container == NULL)
        r = err_set(e, EINVAL, "Container is missing");
    if (r == 0)
        r = engine_network_connect(call->engine, call->names[0], container,
                                   field_get(call->body, "EndpointConfig"), e);
    return r < 0 ? r : api_answer_empty(call, 200);
}

static int disconnect(struct api_call *call, struct err *e)
{
    int r = shape_check(call->body, shape_connect, e);
    const char *container = field_string(call->body, "Container");
    if (r == 0 && container == NULL)
        r = err_set(e, EINVAL, "Container is missing");
    if (r == 0)
        r = engine_network_disconnect(call->engine, call->names[0], container,
                                      field_bool(call->body, "Force"), e);
    return r < 0 ? r : api_answer_empty(call, 200);
}

static int prune(struct api_call *call, struct err *e)
{
    return api_prune(call, engine_networks_prune, e);
}

const struct api_route api_network_routes[] = {
    {"GET",    "/networks",               list,       0       },
    {"POST",   "/networks/create",        create,     API_BODY},
    {"POST",   "/networks/prune",         prune,      0       },
    {"GET",    "/networks/{}",            inspect,    0       },
    {"DELETE", "/networks/{}",            remove_it,  0       },
    {"POST",   "/networks/{}/connect",    connect_it, API_BODY},
    {"POST",   "/networks/{}/disconnect", disconnect, API_BODY},
    {NULL,     NULL,                      NULL,       0       },
};
