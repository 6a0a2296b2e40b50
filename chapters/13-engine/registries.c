/* Registries: the engine's side of chapter 11. */
#include "engine_registry.h"

#include "field.h"
#include "login.h"
#include "own.h"
#include "place.h"
#include "ref.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SECONDS = 24 * 60 * 60, MOST_TRIES = 100 };

static uint64_t number_of(const char *variable, uint64_t most)
{
    const char *said = getenv(variable);
    uint64_t number;
    return said != NULL && text_to_u64(said, &number) == 0 && number <= most
               ? number
               : 0;
}

int engine_registry_init(struct engine_registry *ret, const char *domain,
                         struct err *e)
{
    *ret = (struct engine_registry){.program = place_helper("mini-docker-web")};
    struct registry_options *options = &ret->options;
    options->program = ret->program;
    options->account = &ret->account;
    options->stall_s = options->connect_s =
        (int)number_of("MINI_DOCKER_REGISTRY_TIMEOUT", MOST_SECONDS);
    options->tries = (int)number_of("MINI_DOCKER_REGISTRY_TRIES", MOST_TRIES);
    options->chunk = number_of("MINI_DOCKER_REGISTRY_CHUNK", UINT64_MAX);
    int r = domain == NULL ? 0 : login_find(domain, &ret->account, e);
    return r < 0 ? r : 0;
}

int engine_registry_take(struct engine_registry *registry, const json_t *entry,
                         struct err *e)
{
    struct registry_account *account = &registry->account;
    const struct {
        const char *key;
        char **place;
    } parts[] = {
        {"username",      &account->user    },
        {"password",      &account->password},
        {"identitytoken", &account->token   },
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *value = field_string(entry, parts[i].key);
        if (value != NULL && value[0] != '\0')
            *parts[i].place = own_strdup(value);
    }
    const char *auth = field_string(entry, "auth");
    bool says_all = account->user != NULL || account->token != NULL;
    return says_all || auth == NULL || auth[0] == '\0'
               ? 0
               : login_take_auth(auth, account, e);
}

int engine_registry_init_with(struct engine_registry *ret,
                              const json_t *accounts, const char *domain,
                              struct err *e)
{
    int r = engine_registry_init(ret, NULL, e);
    const char *key;
    json_t *entry;
    json_object_foreach((json_t *)(uintptr_t)accounts, key, entry)
    {
        auto_free char *theirs = login_domain(key);
        if (r == 0 && strcmp(theirs, domain) == 0)
            return engine_registry_take(ret, entry, e);
    }
    return r;
}

void engine_registry_done(struct engine_registry *registry)
{
    own_free(&registry->program);
    registry_account_done(&registry->account);
}

/* For whoever brings no options of his own. */
static int init_for(struct engine_registry *ret, const char *name,
                    const struct registry_options **options, struct err *e)
{
    auto_ref struct ref ref = {0};
    if (*options != NULL)
        return 0;
    int r = ref_parse(name, &ref, e);
    if (r == 0)
        r = engine_registry_init(ret, ref.domain, e);
    *options = &ret->options;
    return r;
}

int engine_registry_pull(struct engine *engine, const struct pull *what,
                         struct err *e)
{
    auto_engine_registry struct engine_registry registry = {0};
    struct pull order = *what;
    int r = engine_enter(engine, e);
    if (r == 0)
        r = init_for(&registry, what->name, &order.options, e);
    return r < 0 ? r : pull_image(engine_images(engine), &order, e);
}

int engine_registry_push(struct engine *engine, const struct push *what,
                         struct err *e)
{
    auto_engine_registry struct engine_registry registry = {0};
    struct push order = *what;
    int r = engine_enter(engine, e);
    if (r == 0)
        r = init_for(&registry, what->name, &order.options, e);
    return r < 0 ? r : push_image(engine_images(engine), &order, e);
}

int engine_registry_login(const char *domain,
                          const struct registry_account *account,
                          char **ret_token, struct err *e)
{
    auto_engine_registry struct engine_registry registry = {0};
    int r = engine_registry_init(&registry, NULL, e);
    registry.options.account = account;
    return r < 0 ? r : registry_login(&registry.options, domain, ret_token, e);
}

/* In the words of image_find_for. */
static bool is_missing(const struct err *error)
{
    return error->code == ENOENT &&
           (text_starts(error->msg, "No such image: ") ||
            strstr(error->msg, "but its platform") != NULL);
}

int engine_registry_provide(struct engine *engine, const struct pull *what,
                            struct err *error)
{
    auto_ref struct ref ref = {0};
    auto_free char *program = place_helper("mini-docker-web");
    if (!is_missing(error) || program == NULL ||
        ref_parse(what->name, &ref, NULL) < 0)
        return -error->code;
    auto_free char *shown = ref_familiar(&ref);
    auto_free char *line =
        text_format("Unable to find image '%s' locally", shown);
    what->tell(what->arg, &(struct pull_event){NULL, line, 0, 0});
    return engine_registry_pull(engine, what, error);
}
