#include "ref.h"

#include "digest.h"
#include "own.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define HUB "docker.io"
#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

void ref_done(struct ref *ref)
{
    own_free(&ref->domain);
    own_free(&ref->path);
    own_free(&ref->tag);
    own_free(&ref->digest);
}

static int invalid(struct err *e)
{
    return err_set(e, EINVAL, "invalid reference format");
}

/* Length of a separator within a path: ".", "_", "__" or any number of "-". */
static size_t separator_len(const char *s)
{
    if (*s == '.')
        return 1;
    if (*s == '_')
        return s[1] == '_' ? 2 : 1;
    return strspn(s, "-");
}

/* Words of lower-case letters and digits, separators between them, slashes
 * between components: every slash or separator has a word on both sides. */
static bool is_path(const char *s)
{
    for (;;) {
        size_t word = strspn(s, LOWER);
        if (word == 0)
            return false;
        s += word;
        if (*s == '\0')
            return true;
        size_t gap = *s == '/' ? 1 : separator_len(s);
        if (gap == 0)
            return false;
        s += gap;
    }
}

/* host.names-with-dashes, or [IPv6], and perhaps :port. */
static bool is_domain(const char *s)
{
    if (*s == '[') {
        size_t len = strspn(s + 1, "0123456789abcdefABCDEF:");
        if (len == 0 || s[len + 1] != ']')
            return false;
        s += len + 2;
    } else {
        char before = '.';
        for (; *s != '\0' && *s != ':'; before = *s++) {
            bool at_edge =
                before == '.' || s[1] == '.' || s[1] == ':' || s[1] == '\0';
            if (*s == '.'
                    ? at_edge && before == '.'
                    : !isalnum((unsigned char)*s) && (*s != '-' || at_edge))
                return false;
        }
        if (before == '.')
            return false;
    }
    if (*s == '\0')
        return true;
    return s[0] == ':' && s[1] != '\0' &&
           s[1 + strspn(s + 1, "0123456789")] == '\0';
}

static bool is_tag(const char *s)
{
    size_t len = strspn(s, LOWER UPPER "_.-");
    return len > 0 && len <= 128 && s[len] == '\0' && *s != '.' && *s != '-';
}

/* Is what comes before the first slash the name of a registry? */
static bool has_domain(const char *text, size_t len)
{
    if (len == strlen("localhost") && strncmp(text, "localhost", len) == 0)
        return true;
    for (size_t i = 0; i < len; i++)
        if (text[i] == '.' || text[i] == ':' || isupper((unsigned char)text[i]))
            return true;
    return false;
}

/* Split off the domain; `rest` is the path with tag and digest. */
static void split_domain(const char *text, struct ref *ret, char **rest)
{
    const char *slash = strchr(text, '/');
    if (slash != NULL && has_domain(text, (size_t)(slash - text))) {
        ret->domain = text_format("%.*s", (int)(slash - text), text);
        text = slash + 1;
    } else {
        ret->domain = own_strdup(HUB);
    }
    if (strcmp(ret->domain, "index." HUB) == 0) {
        own_free(&ret->domain);
        ret->domain = own_strdup(HUB);
    }
    bool is_library =
        strcmp(ret->domain, HUB) == 0 && strchr(text, '/') == NULL;
    *rest = text_format("%s%s", is_library ? "library/" : "", text);
}

static int check(const struct ref *ref, struct err *e)
{
    for (const char *s = ref->path; *s != '\0'; s++)
        if (isupper((unsigned char)*s))
            return err_set(e, EINVAL,
                           "invalid reference format: repository name (%s) "
                           "must be lowercase",
                           ref->path);
    if (!is_path(ref->path) || !is_domain(ref->domain) ||
        (ref->tag != NULL && !is_tag(ref->tag)) ||
        (ref->digest != NULL && !digest_is_valid(ref->digest)))
        return invalid(e);
    if (strlen(ref->path) > 255)
        return err_set(e, EINVAL,
                       "repository name must not be more than 255 characters");
    return 0;
}

int ref_parse(const char *text, struct ref *ret, struct err *e)
{
    *ret = (struct ref){0};
    if (strlen(text) == DIGEST_HEX &&
        strspn(text, "0123456789abcdef") == DIGEST_HEX)
        return err_set(e, EINVAL,
                       "invalid repository name (%s), cannot specify "
                       "64-byte hexadecimal strings",
                       text);
    char *path;
    split_domain(text, ret, &path);
    ret->path = path;
    char *at = strchr(path, '@');
    if (at != NULL) {
        *at = '\0';
        ret->digest = own_strdup(at + 1);
    }
    char *colon = strchr(path, ':');
    if (colon != NULL) {
        *colon = '\0';
        ret->tag = own_strdup(colon + 1);
    } else if (at == NULL) {
        ret->tag = own_strdup("latest");
    }
    int r = check(ret, e);
    if (r < 0)
        ref_done(ret);
    return r;
}

static char *with_tag(const struct ref *ref, char *name)
{
    auto_free char *owned = name;
    return text_format("%s%s%s%s%s", owned, ref->tag != NULL ? ":" : "",
                       ref->tag != NULL ? ref->tag : "",
                       ref->digest != NULL ? "@" : "",
                       ref->digest != NULL ? ref->digest : "");
}

char *ref_full(const struct ref *ref)
{
    return with_tag(ref, text_format("%s/%s", ref->domain, ref->path));
}

/* Docker Hub is left out, unless what is left would begin with something that
 * reads as the name of another registry: the short name must lead back. */
char *ref_repository(const struct ref *ref)
{
    if (strcmp(ref->domain, HUB) != 0 ||
        (strchr(ref->path, '/') != NULL &&
         has_domain(ref->path, strcspn(ref->path, "/"))))
        return text_format("%s/%s", ref->domain, ref->path);
    const char *word = ref->path + strlen("library/");
    bool is_library =
        text_starts(ref->path, "library/") && strchr(word, '/') == NULL;
    return own_strdup(is_library ? word : ref->path);
}

char *ref_familiar(const struct ref *ref)
{
    return with_tag(ref, ref_repository(ref));
}
