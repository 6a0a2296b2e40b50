/* --name=value before an instruction's arguments. */
#include "dockerfile_parts.h"
#include "own.h"
#include "suggest.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A CHOICE is a switch that is something else when it is off than when it is
 * not there: its value is "true" or "false". */
enum form { SWITCH, CHOICE, VALUE, VALUES };

static const struct known {
    enum dockerfile_kind kind;
    const char *name;
    enum form form;
} known[] = {
    {DOCKERFILE_ADD,         "checksum",       VALUE },
    {DOCKERFILE_ADD,         "chmod",          VALUE },
    {DOCKERFILE_ADD,         "chown",          VALUE },
    {DOCKERFILE_ADD,         "exclude",        VALUES},
    {DOCKERFILE_ADD,         "keep-git-dir",   SWITCH},
    {DOCKERFILE_ADD,         "link",           SWITCH},
    {DOCKERFILE_ADD,         "unpack",         CHOICE},
    {DOCKERFILE_COPY,        "chmod",          VALUE },
    {DOCKERFILE_COPY,        "chown",          VALUE },
    {DOCKERFILE_COPY,        "exclude",        VALUES},
    {DOCKERFILE_COPY,        "from",           VALUE },
    {DOCKERFILE_COPY,        "link",           SWITCH},
    {DOCKERFILE_COPY,        "parents",        SWITCH},
    {DOCKERFILE_FROM,        "platform",       VALUE },
    {DOCKERFILE_HEALTHCHECK, "interval",       VALUE },
    {DOCKERFILE_HEALTHCHECK, "retries",        VALUE },
    {DOCKERFILE_HEALTHCHECK, "start-interval", VALUE },
    {DOCKERFILE_HEALTHCHECK, "start-period",   VALUE },
    {DOCKERFILE_HEALTHCHECK, "timeout",        VALUE },
    {DOCKERFILE_RUN,         "device",         VALUES},
    {DOCKERFILE_RUN,         "mount",          VALUES},
    {DOCKERFILE_RUN,         "network",        VALUE },
    {DOCKERFILE_RUN,         "security",       VALUE },
};

static const struct known *find(struct dockerfile_parse *p, const char *name,
                                struct err *e)
{
    const char *names[COUNT(known)];
    size_t n = 0;
    for (size_t i = 0; i < COUNT(known); i++) {
        if (known[i].kind != p->i->kind)
            continue;
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
        names[n++] = known[i].name;
    }
    err_set(e, EINVAL, "unknown flag: --%.60s", name);
    suggest_add(name, names, n, e);
    return NULL;
}

/* --link, --link=true or --link=false: *ret_value is NULL or "". */
static int judge_switch(const char *name, char **value, bool *ret_is_on,
                        struct err *e)
{
    *ret_is_on = *value == NULL || strcasecmp(*value, "true") == 0;
    if (*value != NULL && **value == '\0')
        return err_set(e, EINVAL, "missing a value on flag: %s", name);
    if (!*ret_is_on && strcasecmp(*value, "false") != 0)
        return err_set(e, EINVAL,
                       "expecting boolean value for flag %s, not: %.60s", name,
                       *value);
    own_free(value);
    return 0;
}

static int add_flag(struct dockerfile_parse *p, const char *word, struct err *e)
{
    const char *equals = strchr(word, '=');
    int len = (int)(equals != NULL ? (size_t)(equals - word) : strlen(word));
    auto_free char *name = text_format("%.*s", len, word);
    auto_free char *value = equals != NULL ? own_strdup(equals + 1) : NULL;
    const struct known *flag = find(p, name, e);
    if (flag == NULL)
        return -EINVAL;
    if (flag->form != VALUES && dockerfile_has_flag(p->i, name))
        return err_set(e, EINVAL, "duplicate flag specified: %s", name);
    bool is_on = true;
    if (flag->form <= CHOICE) {
        int r = judge_switch(name, &value, &is_on, e);
        if (r < 0 || (!is_on && flag->form == SWITCH))
            return r;
        if (flag->form == CHOICE)
            value = own_strdup(is_on ? "true" : "false");
    } else if (value == NULL) {
        return err_set(e, EINVAL, "missing a value on flag: %s", name);
    }
    size_t n = p->i->n_flags++;
    p->i->flags = own_grow(p->i->flags, (n + 1) * sizeof *p->i->flags);
    p->i->flags[n].name = own_take(&name);
    p->i->flags[n].value = own_take(&value);
    return 0;
}

/* The word that begins here, without its quotes. */
static const char *take_word(const char *s, struct text *ret)
{
    char quote = '\0';
    text_add(ret, "");
    for (; *s != '\0' && (quote != '\0' || strchr(BLANKS, *s) == NULL); s++) {
        if (quote == '\0' && (*s == '"' || *s == '\''))
            quote = *s;
        else if (quote != '\0' && *s == quote)
            quote = '\0';
        else if (*s == '\\' && s[1] != '\0')
            text_addn(ret, ++s, 1);
        else if (*s != '\\')
            text_addn(ret, s, 1);
    }
    return s;
}

int dockerfile_take_flags(struct dockerfile_parse *p, const char **rest,
                          struct err *e)
{
    int r = 0;
    bool is_end = false;
    const char *at = *rest + strspn(*rest, BLANKS);
    while (r == 0 && !is_end && text_starts(at, "--")) {
        auto_text struct text word = {0};
        at = take_word(at, &word);
        at += strspn(at, BLANKS);
        is_end = strcmp(word.s, "--") == 0;
        if (is_end)
            continue;
        dockerfile_blame(p, word.s);
        r = add_flag(p, word.s + strlen("--"), e);
        if (r == 0)
            dockerfile_blame(p, NULL);
    }
    *rest = at;
    return r;
}

static const struct dockerfile_flag *find_flag(
    const struct dockerfile_instruction *i, const char *name)
{
    for (size_t k = 0; k < i->n_flags; k++)
        if (strcmp(i->flags[k].name, name) == 0)
            return &i->flags[k];
    return NULL;
}

const char *dockerfile_flag(const struct dockerfile_instruction *i,
                            const char *name)
{
    const struct dockerfile_flag *flag = find_flag(i, name);
    return flag != NULL ? flag->value : NULL;
}

bool dockerfile_has_flag(const struct dockerfile_instruction *i,
                         const char *name)
{
    return find_flag(i, name) != NULL;
}
