/* Registries: the engine's side of chapter 11. */
#include "engine_registry.h"

#include "own.h"
#include "place.h"
#include "ref.h"

#include <stdlib.h>

int engine_registry_init(struct engine_registry *ret, const char *domain,
                         struct err *e)
{
    const char *said = getenv("MINI_DOCKER_REGISTRY_TIMEOUT");
    uint64_t seconds;
    (void)domain;
    (void)e;
    *ret = (struct engine_registry){.program = place_helper("mini-docker-web")};
    ret->options.program = ret->program;
    ret->options.account = &ret->account;
    if (said != NULL && text_to_u64(said, &seconds) == 0 && seconds < 86400)
        ret->options.stall_s = ret->options.connect_s = (int)seconds;
    return 0;
}

void engine_registry_done(struct engine_registry *registry)
{
    own_free(&registry->program);
    registry_account_done(&registry->account);
}

int engine_registry_pull(struct engine *engine, const struct pull *what,
                         struct err *e)
{
    auto_engine_registry struct engine_registry registry = {0};
    auto_ref struct ref ref = {0};
    struct pull order = *what;
    int r = engine_enter(engine, e);
    if (r == 0)
        r = ref_parse(what->name, &ref, e);
    if (r == 0 && what->options == NULL)
        r = engine_registry_init(&registry, ref.domain, e);
    if (what->options == NULL)
        order.options = &registry.options;
    return r < 0 ? r : pull_image(engine_images(engine), &order, e);
}
