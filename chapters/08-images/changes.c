#include "changes.h"
#include "change.h"

#include "own.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *changes_word(const char **at)
{
    const char *s = *at + strspn(*at, BLANKS);
    if (*s == '\0')
        return NULL;
    auto_text struct text word = {0};
    char quote = '\0';
    for (; *s != '\0' && (quote != '\0' || strchr(BLANKS, *s) == NULL); s++) {
        if (quote == '\0' && (*s == '"' || *s == '\''))
            quote = *s;
        else if (quote != '\0' && *s == quote)
            quote = '\0';
        else if (*s == '\\' && quote != '\'' && s[1] != '\0')
            text_addn(&word, ++s, 1);
        else
            text_addn(&word, s, 1);
    }
    *at = s;
    return text_take(&word);
}

json_t *changes_list(const char *text)
{
    json_t *list = json_loads(text, 0, NULL);
    size_t i;
    const json_t *item;
    bool good = json_is_array(list);
    json_array_foreach(list, i, item) good = good && json_is_string(item);
    if (good)
        return list;
    json_decref(list);
    return NULL;
}

/* The object of this key, made if it is missing. Borrowed. */
static json_t *object_in(json_t *config, const char *key)
{
    if (!json_is_object(json_object_get(config, key)))
        json_object_set_new(config, key, json_object());
    return json_object_get(config, key);
}

/* CMD and ENTRYPOINT: a list as it is, anything else for the shell. */
static int change_command(const struct change *c, struct err *e)
{
    (void)e;
    json_t *list = changes_list(c->rest);
    if (list == NULL)
        list = json_pack("[sss]", "/bin/sh", "-c", c->rest);
    return json_object_set_new(c->config, c->key, list);
}

/* USER, STOPSIGNAL: one word. */
static int change_word(const struct change *c, struct err *e)
{
    const char *at = c->rest;
    auto_free char *word = changes_word(&at);
    if (at[strspn(at, BLANKS)] != '\0')
        return err_set(e, EINVAL, "%s requires exactly one argument", c->name);
    return json_object_set_new(c->config, c->key, json_string(word));
}

/* WORKDIR: relative to the one before. */
static int change_directory(const struct change *c, struct err *e)
{
    (void)e;
    const char *before = json_string_value(json_object_get(c->config, c->key));
    bool is_absolute = c->rest[0] == '/';
    if (before == NULL || is_absolute)
        before = "";
    auto_free char *path =
        text_format("%s%s%s", before,
                    is_absolute || text_ends(before, "/") ? "" : "/", c->rest);
    return json_object_set_new(c->config, c->key, json_string(path));
}

/* VOLUME: a list or words; a set in the configuration. */
static int change_volumes(const struct change *c, struct err *e)
{
    (void)e;
    json_t *set = object_in(c->config, c->key);
    json_t *list = changes_list(c->rest);
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
        json_object_set_new(set, json_string_value(item), json_object());
    const char *at = c->rest;
    char *word;
    while (list == NULL && (word = changes_word(&at)) != NULL) {
        json_object_set_new(set, word, json_object());
        free(word);
    }
    json_decref(list);
    return 0;
}

/* "80", "53/udp", "8000-8010/tcp": one member for each port. */
static int add_ports(json_t *set, char *word, struct err *e)
{
    char *slash = strchr(word, '/');
    const char *protocol = slash != NULL ? slash + 1 : "tcp";
    auto_free char *ports = text_format("%.*s", (int)strcspn(word, "/"), word);
    char *dash = strchr(ports, '-');
    if (dash != NULL)
        *dash = '\0';
    uint64_t first, last;
    if (text_to_u64(ports, &first) < 0 ||
        text_to_u64(dash != NULL ? dash + 1 : ports, &last) < 0 || first == 0 ||
        last > 65535 || first > last ||
        (strcasecmp(protocol, "tcp") != 0 && strcasecmp(protocol, "udp") != 0 &&
         strcasecmp(protocol, "sctp") != 0))
        return err_set(e, EINVAL, "invalid containerPort: %.60s", word);
    for (; first <= last; first++) {
        auto_free char *key = text_format("%u/%s", (unsigned)first, protocol);
        json_object_set_new(set, key, json_object());
    }
    return 0;
}

static int change_ports(const struct change *c, struct err *e)
{
    json_t *set = object_in(c->config, c->key);
    const char *at = c->rest;
    char *word;
    int r = 0;
    while (r == 0 && (word = changes_word(&at)) != NULL) {
        r = add_ports(set, word, e);
        free(word);
    }
    return r;
}

/* Put NAME=value into the list, in place of an older value. */
static void set_env(json_t *list, const char *assignment)
{
    size_t len = strcspn(assignment, "=") + 1, i;
    const json_t *item;
    json_array_foreach(list, i, item) if (strncmp(json_string_value(item),
                                                  assignment, len) == 0)
    {
        json_array_set_new(list, i, json_string(assignment));
        return;
    }
    json_array_append_new(list, json_string(assignment));
}

static int set_pair(const struct change *c, char *pair, struct err *e)
{
    char *equals = strchr(pair, '=');
    if (equals == NULL)
        return err_set(e, EINVAL,
                       "Syntax error - can't find = in \"%.60s\". Must be of "
                       "the form: name=value",
                       pair);
    if (equals == pair)
        return err_set(e, EINVAL, "%s names can not be blank", c->name);
    if (strcmp(c->key, "Env") == 0) {
        if (!json_is_array(json_object_get(c->config, c->key)))
            json_object_set_new(c->config, c->key, json_array());
        set_env(json_object_get(c->config, c->key), pair);
        return 0;
    }
    *equals = '\0';
    json_object_set_new(object_in(c->config, c->key), pair,
                        json_string(equals + 1));
    return 0;
}

/* ENV and LABEL: NAME=value ..., or the old form "NAME the whole rest". */
static int change_pairs(const struct change *c, struct err *e)
{
    const char *at = c->rest;
    char *word = changes_word(&at);
    const char *value = at + strspn(at, BLANKS);
    if (strchr(word, '=') == NULL) {
        auto_free char *name = word;
        if (*value == '\0')
            return err_set(e, EINVAL, "%s must have two arguments", c->name);
        auto_free char *pair = text_format("%s=%s", name, value);
        return set_pair(c, pair, e);
    }
    int r = 0;
    for (; word != NULL && r == 0; word = r == 0 ? changes_word(&at) : NULL) {
        r = set_pair(c, word, e);
        free(word);
    }
    return r;
}

/* ONBUILD: kept as it is, for the build that begins with this image. */
static int change_trigger(const struct change *c, struct err *e)
{
    static const struct {
        const char *name, *why;
    } refused[] = {
        {"ONBUILD",    "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"},
        {"MAINTAINER", "MAINTAINER isn't allowed as an ONBUILD trigger"      },
        {"FROM",       "FROM isn't allowed as an ONBUILD trigger"            },
    };
    size_t len = strcspn(c->rest, BLANKS);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strlen(refused[i].name) == len &&
            strncasecmp(refused[i].name, c->rest, len) == 0)
            return err_set(e, EINVAL, "%s", refused[i].why);
    if (!json_is_array(json_object_get(c->config, c->key)))
        json_object_set_new(c->config, c->key, json_array());
    return json_array_append_new(json_object_get(c->config, c->key),
                                 json_string(c->rest));
}

static bool is_utf8(const char *s)
{
    json_t *value = json_string(s);
    json_decref(value);
    return value != NULL;
}

int changes_apply(json_t *config, const char *line, struct err *e)
{
    static const struct {
        const char *name, *key;
        int (*change)(const struct change *c, struct err *e);
    } known[] = {
        {"CMD",         "Cmd",          change_command  },
        {"ENTRYPOINT",  "Entrypoint",   change_command  },
        {"ENV",         "Env",          change_pairs    },
        {"EXPOSE",      "ExposedPorts", change_ports    },
        {"HEALTHCHECK", "Healthcheck",  changes_health  },
        {"LABEL",       "Labels",       change_pairs    },
        {"ONBUILD",     "OnBuild",      change_trigger  },
        {"STOPSIGNAL",  "StopSignal",   change_word     },
        {"USER",        "User",         change_word     },
        {"VOLUME",      "Volumes",      change_volumes  },
        {"WORKDIR",     "WorkingDir",   change_directory},
    };
    auto_text struct text text = {0};
    text_add(&text, line + strspn(line, BLANKS));
    text_trim(&text);
    size_t len = strcspn(text.s, BLANKS);
    const char *rest = text.s + len;
    struct change c = {.config = config, .rest = rest + strspn(rest, BLANKS)};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        c.name = known[i].name;
        c.key = known[i].key;
        if (strlen(c.name) != len || strncasecmp(c.name, text.s, len) != 0)
            continue;
        if (*c.rest == '\0')
            return err_set(e, EINVAL, "%s requires at least one argument",
                           c.name);
        /* JSON holds nothing else; checked here, so nobody else need. */
        if (!is_utf8(c.rest))
            return err_set(e, EINVAL, "%s is not UTF-8", c.name);
        return known[i].change(&c, e);
    }
    return err_set(e, EINVAL, "%.*s is not a valid change command",
                   (int)(len < 60 ? len : 60), text.s);
}

int changes_apply_all(json_t *config, const struct strv *lines, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && lines != NULL && i < lines->n; i++)
        r = changes_apply(config, lines->v[i], e);
    return r;
}
