/* What the words of each instruction must be: in Docker's words. */
#include "dockerfile_parts.h"
#include "health.h"
#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

int dockerfile_check_any(struct dockerfile_parse *p, struct err *e)
{
    /* CMD [] says that there is none. */
    if (p->i->words.n > 0 || p->i->is_json)
        return 0;
    return err_set(e, EINVAL, "%s requires at least one argument", p->i->name);
}

int dockerfile_check_one(struct dockerfile_parse *p, struct err *e)
{
    if (p->i->words.n == 1)
        return 0;
    return err_set(e, EINVAL, "%s requires exactly one argument", p->i->name);
}

int dockerfile_check_copy(struct dockerfile_parse *p, struct err *e)
{
    const struct dockerfile_instruction *i = p->i;
    if (i->words.n < 2)
        return err_set(e, EINVAL,
                       "%s requires at least two arguments, but only one was "
                       "provided. Destination could not be determined",
                       i->name);
    const char *to = i->words.v[i->words.n - 1];
    if (dockerfile_here_of(i, to) == NULL)
        return 0;
    dockerfile_blame(p, to);
    return err_set(e, EINVAL, "%s cannot accept a heredoc as a destination",
                   i->name);
}

int dockerfile_check_pairs(struct dockerfile_parse *p, struct err *e)
{
    for (size_t k = 0; k < p->i->words.n; k++) {
        if (p->i->words.v[k][0] != '=')
            continue;
        dockerfile_blame(p, p->i->words.v[k]);
        return err_set(e, EINVAL, "%s names can not be blank", p->i->name);
    }
    return dockerfile_check_any(p, e);
}

static bool is_stage_name(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    return *s != '\0' && strchr(letters, *s) != NULL &&
           s[strspn(s, others)] == '\0';
}

int dockerfile_check_from(struct dockerfile_parse *p, struct err *e)
{
    char **v = p->i->words.v;
    if (p->i->words.n == 1)
        return 0;
    if (p->i->words.n != 3 || strcasecmp(v[1], "AS") != 0)
        return err_set(e, EINVAL,
                       "FROM requires either one or three arguments");
    auto_free char *name = own_strdup(v[2]);
    for (char *c = v[2]; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    memcpy(v[1], "AS", 2);
    if (is_stage_name(v[2]))
        return 0;
    dockerfile_blame(p, name);
    return err_set(e, EINVAL,
                   "invalid name for build stage: \"%.60s\", name can't start "
                   "with a number or contain symbols",
                   name);
}

int dockerfile_check_health(struct dockerfile_parse *p, struct err *e)
{
    const struct dockerfile_instruction *i = p->i;
    if (i->words.n == 0)
        return err_set(e, EINVAL, "HEALTHCHECK requires at least one argument");
    if (strcmp(i->words.v[0], "NONE") == 0)
        return i->words.n == 1
                   ? 0
                   : err_set(e, EINVAL, "HEALTHCHECK NONE takes no arguments");
    if (strcmp(i->words.v[0], "CMD") != 0) {
        dockerfile_blame(p, i->words.v[0]);
        return err_set(e, EINVAL,
                       "Unknown type \"%.60s\" in HEALTHCHECK (try CMD)",
                       i->words.v[0]);
    }
    if (i->words.n == 1)
        return err_set(e, EINVAL, "Missing command after HEALTHCHECK CMD");
    for (size_t k = 0; k < i->n_flags; k++) {
        const char *name;
        json_int_t number;
        int r =
            health_read(i->flags[k].name, i->flags[k].value, &name, &number, e);
        if (r < 0) {
            dockerfile_blame(p, i->flags[k].value);
            return r;
        }
    }
    return 0;
}

int dockerfile_check_shell(struct dockerfile_parse *p, struct err *e)
{
    if (p->i->words.n == 0)
        return err_set(e, EINVAL, "SHELL requires at least one argument");
    if (p->i->is_json)
        return 0;
    return err_set(e, EINVAL,
                   "SHELL requires the arguments to be in JSON form: %.120s",
                   p->i->text);
}

int dockerfile_check_volume(struct dockerfile_parse *p, struct err *e)
{
    if (p->i->words.n == 0)
        return err_set(e, EINVAL, "VOLUME requires at least one argument");
    for (size_t k = 0; k < p->i->words.n; k++) {
        const char *word = p->i->words.v[k];
        if (word[strspn(word, BLANKS)] == '\0')
            return err_set(e, EINVAL,
                           "VOLUME specified can not be an empty string");
    }
    return 0;
}

/* The trigger becomes one word with its documents, and has to be right itself:
 * who builds on this image could do nothing about it. */
int dockerfile_check_trigger(struct dockerfile_parse *p, struct err *e)
{
    int r = dockerfile_check_one(p, NULL);
    if (r < 0)
        return err_set(e, EINVAL, "ONBUILD requires at least one argument");
    static const struct {
        const char *name, *why;
    } refused[] = {
        {"ONBUILD",    "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"},
        {"MAINTAINER", "MAINTAINER isn't allowed as an ONBUILD trigger"      },
        {"FROM",       "FROM isn't allowed as an ONBUILD trigger"            },
    };
    struct strv *words = &p->i->words;
    size_t len = strcspn(words->v[0], BLANKS);
    for (size_t k = 0; k < sizeof refused / sizeof refused[0]; k++) {
        if (strlen(refused[k].name) != len ||
            strncasecmp(refused[k].name, words->v[0], len) != 0)
            continue;
        dockerfile_blame(p, refused[k].name);
        return err_set(e, EINVAL, "%s", refused[k].why);
    }
    auto_text struct text trigger = {0};
    text_add(&trigger, words->v[0]);
    for (size_t k = 0; k < p->i->n_heres; k++)
        text_addf(&trigger, "\n%s%s", p->i->heres[k].text, p->i->heres[k].name);
    strv_done(words);
    strv_add(words, trigger.s);
    auto_dockerfile_instruction struct dockerfile_instruction judged = {0};
    return dockerfile_parse_line(words->v[0], &judged, e);
}
