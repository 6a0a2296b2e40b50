/* What config.json says (login.h). */
#include "login.h"

#include "base64.h"

#include "own.h"
#include "ref.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define HUB_KEY "https://index.docker.io/v1/"

const char *login_key(const char *domain)
{
    return strcmp(domain, HOST_HUB) == 0 ? HUB_KEY : domain;
}

char *login_domain(const char *server)
{
    const char *at = strstr(server, "://");
    at = at != NULL ? at + strlen("://") : server;
    auto_free char *host = text_format("%.*s", (int)strcspn(at, "/"), at);
    bool is_hub = host[0] == '\0' || strcmp(host, "index.docker.io") == 0 ||
                  strcmp(host, "registry-1.docker.io") == 0;
    return is_hub ? own_strdup(HOST_HUB) : own_take(&host);
}

int login_parse(const char *text, size_t len, json_t **ret, struct err *e)
{
    json_error_t where = {.line = 1, .text = "not an object"};
    *ret = json_loadb(text, len, 0, &where);
    const json_t *auths = json_object_get(*ret, "auths");
    if (json_is_object(*ret) && (auths == NULL || json_is_object(auths)))
        return 0;
    json_decref(*ret);
    *ret = NULL;
    return err_set(e, EBADMSG, "line %d: %.80s", where.line, where.text);
}

/* Docker wrote whole URLs once, and others do. */
static json_t *find_entry(json_t *config, const char *domain,
                          const char **ret_key)
{
    json_t *auths = json_object_get(config, "auths"), *entry;
    const char *key = login_key(domain);
    *ret_key = key;
    entry = json_object_get(auths, key);
    if (entry != NULL)
        return entry;
    json_object_foreach(auths, key, entry)
    {
        auto_free char *its_domain = login_domain(key);
        *ret_key = key;
        if (strcmp(its_domain, domain) == 0)
            return entry;
    }
    return NULL;
}

/* @lab 11.2 base64_decode; the name ends at the first colon */
int login_take_auth(const char *auth, struct registry_account *ret,
                    struct err *e)
{
    size_t len;
    auto_free char *both = base64_decode(auth, &len);
    char *colon = both != NULL ? memchr(both, ':', len) : NULL;
    if (colon == NULL)
        return err_set(e, EBADMSG, "invalid auth configuration file");
    ret->user = text_format("%.*s", (int)(colon - both), both);
    ret->password = own_strdup(colon + 1);
    return 0;
}

int login_read_auth(const json_t *config, const char *domain,
                    struct registry_account *ret, struct err *e)
{
    const char *key;
    const json_t *entry = find_entry((json_t *)(uintptr_t)config, domain, &key);
    const char *auth = json_string_value(json_object_get(entry, "auth"));
    const char *token =
        json_string_value(json_object_get(entry, "identitytoken"));
    int r = auth == NULL || auth[0] == '\0' ? 0 : login_take_auth(auth, ret, e);
    if (r < 0) {
        err_add(e, "%s", login_key(domain));
        return r;
    }
    if (token != NULL && token[0] != '\0')
        ret->token = own_strdup(token);
    return ret->user != NULL || ret->token != NULL;
}

int login_change(json_t *config, const char *domain,
                 const struct registry_account *account)
{
    const char *key;
    bool was_there = find_entry(config, domain, &key) != NULL;
    if (account == NULL) {
        auto_free char *name = own_strdup(key);
        if (was_there)
            json_object_del(json_object_get(config, "auths"), name);
        return was_there;
    }
    if (json_object_get(config, "auths") == NULL)
        json_object_set_new(config, "auths", json_object());
    json_t *entry = json_object();
    auto_free char *both =
        text_format("%s:%s", account->user != NULL ? account->user : "",
                    account->password != NULL ? account->password : "");
    auto_free char *auth = base64_encode(both, strlen(both));
    json_object_set_new(entry, "auth", json_string(auth));
    if (account->token != NULL)
        json_object_set_new(entry, "identitytoken",
                            json_string(account->token));
    json_object_set_new(json_object_get(config, "auths"),
                        was_there ? key : login_key(domain), entry);
    return was_there;
}

const char *login_helper(const json_t *config, const char *domain)
{
    const char *name = json_string_value(json_object_get(
        json_object_get(config, "credHelpers"), login_key(domain)));
    if (name == NULL)
        name = json_string_value(json_object_get(config, "credsStore"));
    return name == NULL || name[0] == '\0' ? NULL : name;
}
