/*
 * login.h - names and passwords for registries, where Docker keeps them.
 *
 * $DOCKER_CONFIG/config.json, or ~/.docker/config.json, which docker, podman
 * and others read too:
 *
 *     {"auths": {"https://index.docker.io/v1/": {"auth": base64 of
 * NAME:PASSWORD}, "registry.example:5000": {"auth": ..., "identitytoken":
 * ...}}, "credsStore": "pass", "credHelpers": {"registry.example:5000":
 * "secretservice"}}
 *
 * Where a store or a helper is named, the secrets are with that: the program
 * docker-credential-NAME, with "get", "store" or "erase", which reads and
 * writes JSON (docker-credential-helpers). All other keys of the file are kept
 * as they are. It is replaced as a whole, is readable by its owner alone, and a
 * link stays one.
 *
 *     auto_registry_account struct registry_account account = {0};
 *     int r = login_find("docker.io", &account, &e);   // 1 found, 0 none
 *
 * The caller owns the account. -EBADMSG: the file is damaged; -ENOENT: there is
 * no such helper; -EIO: it failed, with what it said.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include "err.h"
#include "registry.h"

#include <stdbool.h>

int login_find(const char *domain, struct registry_account *ret, struct err *e);
/* `ret_path`, which the caller frees: where the password is written as it is;
 * NULL: a helper has it. */
int login_store(const char *domain, const struct registry_account *account,
                char **ret_path, struct err *e);
/* 1 it was there, 0 it was not. */
int login_erase(const char *domain, struct err *e);

/* The registry's name in the file: "https://index.docker.io/v1/" of Docker
 * Hub, of others the domain itself. */
const char *login_key(const char *domain);
/* The domain of what somebody calls a registry: "https://example.com/v2/". The
 * caller frees it. */
char *login_domain(const char *server);

/* login_file.c: base64 of NAME:PASSWORD, as "auth" of an entry. -EBADMSG. */
int login_take_auth(const char *auth, struct registry_account *ret,
                    struct err *e);

/* login_file.c, private: what the file says of a domain, and a file of that
 * text with the account put in (NULL: taken out; 1 where it was there). */
int login_parse(const char *text, size_t len, json_t **ret, struct err *e);
int login_read_auth(const json_t *config, const char *domain,
                    struct registry_account *ret, struct err *e);
int login_change(json_t *config, const char *domain,
                 const struct registry_account *account);
/* The helper for a domain, or NULL: none. Borrowed. */
const char *login_helper(const json_t *config, const char *domain);

/* login_helper.c, private: ask docker-credential-NAME. */
int login_helper_find(const char *name, const char *key,
                      struct registry_account *ret, struct err *e);
int login_helper_store(const char *name, const char *key,
                       const struct registry_account *account, struct err *e);
int login_helper_erase(const char *name, const char *key, struct err *e);

#endif
