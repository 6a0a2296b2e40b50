/* What there is not: swarms, plugins. Clients ask all the same, and want
 * Docker's answer to it. */
#include "api.h"

#include "own.h"

static int no_swarm(struct api_call *call, struct err *e)
{
    (void)e;
    return api_answer_error(
        call, 503,
        "This node is not a swarm manager. Use \"docker swarm init\" or "
        "\"docker swarm join\" to connect this node to swarm and try again.");
}

static int no_member(struct api_call *call, struct err *e)
{
    (void)e;
    return api_answer_error(call, 503, "This node is not part of a swarm");
}

static int no_plugins(struct api_call *call, struct err *e)
{
    (void)e;
    return api_answer(call, 200, json_array());
}

static int no_plugin(struct api_call *call, struct err *e)
{
    (void)e;
    auto_free char *why =
        text_format("plugin \"%s\" not found", call->names[0]);
    return api_answer_error(call, 404, why);
}

const struct api_route api_swarm_routes[] = {
    {"GET",  "/swarm",           no_swarm,   0},
    {"POST", "/swarm/leave",     no_member,  0},
    {"GET",  "/nodes",           no_swarm,   0},
    {"GET",  "/nodes/{}",        no_swarm,   0},
    {"GET",  "/services",        no_swarm,   0},
    {"GET",  "/services/{}",     no_swarm,   0},
    {"GET",  "/tasks",           no_swarm,   0},
    {"GET",  "/tasks/{}",        no_swarm,   0},
    {"GET",  "/secrets",         no_swarm,   0},
    {"GET",  "/secrets/{}",      no_swarm,   0},
    {"GET",  "/configs",         no_swarm,   0},
    {"GET",  "/configs/{}",      no_swarm,   0},
    {"GET",  "/plugins",         no_plugins, 0},
    {"GET",  "/plugins/{}/json", no_plugin,  0},
    {NULL,   NULL,               NULL,       0},
};
