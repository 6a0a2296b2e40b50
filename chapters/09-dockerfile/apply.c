#include "apply.h"
#include "apply_ports.h"
#include "health.h"

#include "own.h"
#include "path.h"
#include "proc.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\v\f\r\n"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* An instruction on its way into a configuration. */
struct change {
    json_t *config;
    const char *key; /* "Cmd", in the configuration */
    const struct dockerfile_instruction *i;
    const struct words *w;
    bool *is_cmd_set;
};

/* Put a value into an object or behind a list's end. JSON holds nothing but
 * UTF-8, and a variable's value may be anything. */
static int put(json_t *into, const char *key, json_t *value, struct err *e)
{
    int r = key == NULL ? json_array_append_new(into, value)
                        : json_object_set_new(into, key, value);
    return r == 0 ? 0 : err_set(e, EINVAL, "a value is not UTF-8");
}

/* The object or list of this key, made if it is missing. Borrowed. */
static json_t *member(const struct change *c, json_type type)
{
    json_t *old = json_object_get(c->config, c->key);
    if (old == NULL || json_typeof(old) != type)
        json_object_set_new(c->config, c->key,
                            type == JSON_ARRAY ? json_array() : json_object());
    return json_object_get(c->config, c->key);
}

static json_t *list_of(const struct strv *words, size_t from)
{
    json_t *list = json_array();
    for (size_t i = from; i < words->n; i++)
        json_array_append_new(list, json_string(words->v[i]));
    return list;
}

/* CMD and ENTRYPOINT: a list as it is, anything else for the shell. */
static int set_command(const struct change *c, struct err *e)
{
    json_t *list;
    if (c->i->is_json) {
        list = list_of(&c->i->words, 0);
    } else {
        list = json_copy(json_object_get(c->config, "Shell"));
        if (!json_is_array(list))
            list = json_pack("[ss]", "/bin/sh", "-c");
        json_array_append_new(list, json_string(c->i->words.v[0]));
    }
    if (c->i->kind == DOCKERFILE_CMD)
        *c->is_cmd_set = true;
    else if (!*c->is_cmd_set)
        json_object_del(c->config, "Cmd");
    if (json_array_size(list) > 0)
        return put(c->config, c->key, list, e);
    json_decref(list);
    json_object_del(c->config, c->key);
    return 0;
}

/* USER. */
static int set_word(const struct change *c, struct err *e)
{
    auto_free char *word = NULL;
    int r = words_expand(c->w, c->i->words.v[0], &word, e);
    return r < 0 ? r : put(c->config, c->key, json_string(word), e);
}

static int set_signal(const struct change *c, struct err *e)
{
    auto_free char *word = NULL;
    int r = words_expand(c->w, c->i->words.v[0], &word, e);
    if (r < 0)
        return r;
    if (proc_signal_number(word) < 0)
        return err_set(e, EINVAL, "invalid signal: %.60s", word);
    return put(c->config, c->key, json_string(word), e);
}

/* WORKDIR: relative to the one before. */
static int set_directory(const struct change *c, struct err *e)
{
    const char *before = json_string_value(json_object_get(c->config, c->key));
    auto_free char *word = NULL;
    int r = words_expand(c->w, c->i->words.v[0], &word, e);
    if (r < 0)
        return r;
    if (*word == '\0')
        return err_set(e, EINVAL, "WORKDIR requires exactly one argument");
    auto_free char *path = path_join(before, word);
    return put(c->config, c->key, json_string(path), e);
}

/* VOLUME: a set. */
static int add_volumes(const struct change *c, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < c->i->words.n; i++) {
        auto_free char *word = NULL;
        r = words_expand(c->w, c->i->words.v[i], &word, e);
        if (r == 0 && *word == '\0')
            return err_set(e, EINVAL,
                           "VOLUME specified can not be an empty string");
        if (r == 0)
            r = put(member(c, JSON_OBJECT), word, json_object(), e);
    }
    return r;
}

static int add_ports(const struct change *c, struct err *e)
{
    auto_strv struct strv ports = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < c->i->words.n; i++)
        r = words_expand_list(c->w, c->i->words.v[i], &ports, e);
    for (size_t i = 0; r == 0 && i < ports.n; i++)
        r = apply_ports(member(c, JSON_OBJECT), ports.v[i], e);
    return r;
}

/* NAME=value into a list, in place of an older value. */
static int set_variable(json_t *list, const char *assignment, struct err *e)
{
    size_t len = strcspn(assignment, "=") + 1, i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *old = json_string_value(item);
        if (old == NULL || strncmp(old, assignment, len) != 0)
            continue;
        return json_array_set_new(list, i, json_string(assignment)) == 0
                   ? 0
                   : err_set(e, EINVAL, "a value is not UTF-8");
    }
    return put(list, NULL, json_string(assignment), e);
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
        return err_set(e, EINVAL, "%s names can not be blank", c->i->name);
    if (c->i->kind == DOCKERFILE_ENV)
        return set_variable(member(c, JSON_ARRAY), pair, e);
    *equals = '\0';
    return put(member(c, JSON_OBJECT), pair, json_string(equals + 1), e);
}

/* ENV and LABEL. All of a line means the variables as they were before it. */
static int set_pairs(const struct change *c, struct err *e)
{
    auto_strv struct strv pairs = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < c->i->words.n; i++) {
        auto_free char *pair = NULL;
        r = words_expand(c->w, c->i->words.v[i], &pair, e);
        if (r == 0)
            strv_add(&pairs, pair);
    }
    for (size_t i = 0; r == 0 && i < pairs.n; i++)
        r = set_pair(c, pairs.v[i], e);
    return r;
}

/* ONBUILD: kept as it is, for the build that begins with this image. */
static int add_trigger(const struct change *c, struct err *e)
{
    return put(member(c, JSON_ARRAY), NULL, json_string(c->i->words.v[0]), e);
}

static int set_shell(const struct change *c, struct err *e)
{
    return put(c->config, c->key, list_of(&c->i->words, 0), e);
}

static int set_health(const struct change *c, struct err *e)
{
    json_auto_t *check = json_object();
    const struct dockerfile_instruction *i = c->i;
    int r = 0;
    for (size_t k = 0; r == 0 && k < i->n_flags; k++) {
        const char *name;
        json_int_t number = 0;
        r = health_read(i->flags[k].name, i->flags[k].value, &name, &number, e);
        if (r == 0)
            r = put(check, name, json_integer(number), e);
    }
    if (r < 0)
        return r;
    const char *type = strcmp(i->words.v[0], "NONE") == 0 ? "NONE"
                       : i->is_json                       ? "CMD"
                                                          : "CMD-SHELL";
    json_t *test = list_of(&i->words, 1);
    json_array_insert_new(test, 0, json_string(type));
    json_object_set_new(check, "Test", test);
    return json_object_set(c->config, c->key, check);
}

static const struct {
    enum dockerfile_kind kind;
    const char *key;
    int (*change)(const struct change *c, struct err *e);
} known[] = {
    {DOCKERFILE_CMD,         "Cmd",          set_command  },
    {DOCKERFILE_ENTRYPOINT,  "Entrypoint",   set_command  },
    {DOCKERFILE_ENV,         "Env",          set_pairs    },
    {DOCKERFILE_EXPOSE,      "ExposedPorts", add_ports    },
    {DOCKERFILE_HEALTHCHECK, "Healthcheck",  set_health   },
    {DOCKERFILE_LABEL,       "Labels",       set_pairs    },
    {DOCKERFILE_ONBUILD,     "OnBuild",      add_trigger  },
    {DOCKERFILE_SHELL,       "Shell",        set_shell    },
    {DOCKERFILE_STOPSIGNAL,  "StopSignal",   set_signal   },
    {DOCKERFILE_USER,        "User",         set_word     },
    {DOCKERFILE_VOLUME,      "Volumes",      add_volumes  },
    {DOCKERFILE_WORKDIR,     "WorkingDir",   set_directory},
};

int apply_instruction(json_t *config, const struct dockerfile_instruction *i,
                      const struct words *w, bool *is_cmd_set, struct err *e)
{
    static const struct words plain = {.escape = '\\'};
    bool none_set = false;
    for (size_t k = 0; k < COUNT(known); k++) {
        if (known[k].kind != i->kind)
            continue;
        const struct change c = {
            .config = config,
            .key = known[k].key,
            .i = i,
            .w = w != NULL ? w : &plain,
            .is_cmd_set = is_cmd_set != NULL ? is_cmd_set : &none_set,
        };
        return known[k].change(&c, e);
    }
    return err_set(e, EOPNOTSUPP, "%s is no part of a configuration", i->name);
}

/* The names that import -c knows are those of the table but SHELL. */
static int check_change(const char *line, struct err *e)
{
    static const char *const names[] = {
        "CMD",     "ENTRYPOINT", "ENV",  "EXPOSE", "HEALTHCHECK", "LABEL",
        "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    };
    line += strspn(line, BLANKS);
    size_t len = strcspn(line, BLANKS);
    bool is_known = len == 0 || *line == '#';
    for (size_t i = 0; !is_known && i < COUNT(names); i++)
        is_known =
            strlen(names[i]) == len && strncasecmp(names[i], line, len) == 0;
    return is_known ? 0
                    : err_set(e, EINVAL, "%.*s is not a valid change command",
                              (int)(len < 60 ? len : 60), line);
}

static int apply_change(json_t *config, const char *line, bool *is_cmd_set,
                        struct err *e)
{
    int r = check_change(line, e);
    if (r < 0)
        return r;
    auto_dockerfile_instruction struct dockerfile_instruction i = {0};
    r = dockerfile_parse_line(line, &i, e);
    if (r < 0)
        return r;
    auto_strv struct strv env = {0};
    size_t k;
    const json_t *item;
    json_array_foreach(json_object_get(config, "Env"), k, item)
    {
        const char *assignment = json_string_value(item);
        strv_add(&env, assignment != NULL ? assignment : "");
    }
    const struct words w = {.escape = '\\', .env = &env};
    return apply_instruction(config, &i, &w, is_cmd_set, e);
}

int apply_changes(void *lines, json_t *config, struct err *e)
{
    const struct strv *list = lines;
    bool is_cmd_set = false;
    int r = 0;
    for (size_t i = 0; r == 0 && i < list->n; i++)
        r = apply_change(config, list->v[i], &is_cmd_set, e);
    return r;
}
