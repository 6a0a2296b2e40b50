/*
 * engine_registry.h - the engine's images, from registries and to them.
 *
 *     struct pull what = {.name = "busybox", .tell = print};
 *     int r = engine_registry_pull(engine, &what, &e);
 *
 * Who asks brings the account with him (registry.h), or it is looked for where
 * `docker login` keeps it (login.h). Errors: those of pull.h and push.h.
 */
#ifndef ENGINE_REGISTRY_H
#define ENGINE_REGISTRY_H

#include "engine.h"
#include "pull.h"
#include "push.h"

/* What all requests share: where mini-docker-web is, and the times that
 * MINI_DOCKER_REGISTRY_TIMEOUT (seconds without a byte), _TRIES and
 * _CHUNK (bytes of a part that is sent) say. */
struct engine_registry {
    struct registry_options options;
    struct registry_account account;
    char *program;
};
#define auto_engine_registry __attribute__((cleanup(engine_registry_done)))
/* For the registry of that name; NULL: without an account. */
int engine_registry_init(struct engine_registry *ret, const char *domain,
                         struct err *e);
/* With the account that who asks has brought for it, or without one: `accounts`
 * is {"NAME": {"username": ..., "password": ..., "identitytoken": ...}}. */
int engine_registry_init_with(struct engine_registry *ret,
                              const json_t *accounts, const char *domain,
                              struct err *e);
/* The account of one such entry, which may say "auth" as config.json does. */
int engine_registry_take(struct engine_registry *registry, const json_t *entry,
                         struct err *e);
void engine_registry_done(struct engine_registry *registry);

/* docker pull. `options` NULL: those that engine_registry_init finds. */
int engine_registry_pull(struct engine *engine, const struct pull *what,
                         struct err *e);
/* docker push, in the same way. */
int engine_registry_push(struct engine *engine, const struct push *what,
                         struct err *e);
/* docker login: is it right? As registry_login. */
int engine_registry_login(const char *domain,
                          const struct registry_account *account,
                          char **ret_token, struct err *e);

/* After `error`, is it an image that is missing and may be had? Says so as
 * Docker does ("Unable to find image"), and pulls it. 0: it is here now; else
 * the result is `error` itself, or why it cannot be pulled. */
int engine_registry_provide(struct engine *engine, const struct pull *what,
                            struct err *error);

#endif
