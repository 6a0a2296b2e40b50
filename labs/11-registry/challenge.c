#include "challenge.h"

#include "own.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* RFC 9110, 5.6.2. */
#define TOKEN                                                                  \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"           \
    "!#$%&'*+-.^_`|~"

void challenge_done(struct challenge *challenge)
{
    own_free(&challenge->realm);
    own_free(&challenge->service);
    own_free(&challenge->scope);
    challenge->scheme = 0;
}

static void skip(const char **at, const char *set)
{
    *at += strspn(*at, set);
}

/* A value, quoted or not; NULL: it is neither. Caller frees. */
static char *take_value(const char **at)
{
    auto_text struct text value = {0};
    const char *s = *at;
    if (*s != '"') {
        size_t len = strspn(s, TOKEN);
        text_addn(&value, s, len);
        *at = s + len;
        return len > 0 ? text_take(&value) : NULL;
    }
    for (s++; *s != '\0' && *s != '"'; s++) {
        if (*s == '\\' && s[1] != '\0')
            s++;
        text_addn(&value, s, 1);
    }
    *at = s + (*s == '"');
    return *s == '"' ? text_take(&value) : NULL;
}

/* What follows is a parameter, and not the scheme of another challenge: there
 * is "=" behind the name, which is no padding of a token68. */
static bool is_parameter(const char *at)
{
    size_t len = strspn(at, TOKEN);
    at += len + strspn(at + len, " \t");
    if (len == 0 || *at != '=')
        return false;
    at++;
    skip(&at, " \t");
    return *at == '"' || strspn(at, TOKEN) > 0;
}

/* The first time that a name is said counts. */
static void keep(struct challenge *to, const char *name, size_t len,
                 char **value)
{
    const struct {
        const char *name;
        char **place;
    } known[] = {
        {"realm",   &to->realm  },
        {"service", &to->service},
        {"scope",   &to->scope  },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i].name) == len && *known[i].place == NULL &&
            strncasecmp(known[i].name, name, len) == 0)
            *known[i].place = own_take(value);
}

static int take_parameters(const char **at, struct challenge *ret)
{
    for (;;) {
        skip(at, " \t,");
        if (!is_parameter(*at))
            return 0;
        const char *name = *at;
        size_t len = strspn(name, TOKEN);
        *at += len;
        skip(at, " \t=");
        auto_free char *value = take_value(at);
        if (value == NULL)
            return -EBADMSG;
        keep(ret, name, len, &value);
    }
}

/* In place of parameters some schemes have one word, which is not for us. */
static void skip_token68(const char **at)
{
    const char *s = *at + strspn(*at, " \t");
    size_t len = strspn(s, TOKEN "/=");
    const char *after = s + len + strspn(s + len, " \t");
    if (s > *at && !is_parameter(s) && (*after == ',' || *after == '\0'))
        *at = after;
}

static enum challenge_scheme scheme_of(const char *word, size_t len)
{
    if (len == 6 && strncasecmp(word, "bearer", len) == 0)
        return CHALLENGE_BEARER;
    return len == 5 && strncasecmp(word, "basic", len) == 0 ? CHALLENGE_BASIC
                                                            : 0;
}

int challenge_parse(const char *header, struct challenge *ret, struct err *e)
{
    /* TODO lab 11.1: scheme_of the first word, skip_token68, take_parameters,
     * and the same again; the best of them is kept, the others are freed */
    return err_set(e, ENOSYS, "lab 11.1 is not written yet");
}
