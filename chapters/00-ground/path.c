#include "path.h"

#include "text.h"

#include <stdbool.h>
#include <string.h>

/* Take the last component off what is there; false: there is none. */
static bool go_up(struct text *path, bool is_absolute)
{
    size_t root = is_absolute ? 1 : 0, at = path->len;
    while (at > root && path->s[at - 1] != '/')
        at--;
    if (at == path->len || strcmp(path->s + at, "..") == 0)
        return false;
    path->len = at > root ? at - 1 : at;
    path->s[path->len] = '\0';
    return true;
}

char *path_clean(const char *path)
{
    auto_text struct text clean = {0};
    bool is_absolute = *path == '/';
    text_add(&clean, is_absolute ? "/" : "");
    for (path += strspn(path, "/"); *path != '\0';) {
        size_t len = strcspn(path, "/");
        bool is_up = len == 2 && strncmp(path, "..", 2) == 0;
        bool is_here = len == 1 && *path == '.';
        if (is_up ? !go_up(&clean, is_absolute) && !is_absolute : !is_here) {
            if (clean.len > (is_absolute ? 1 : 0))
                text_add(&clean, "/");
            text_addn(&clean, path, len);
        }
        path += len;
        path += strspn(path, "/");
    }
    if (clean.len == 0)
        text_add(&clean, ".");
    return text_take(&clean);
}

char *path_join(const char *base, const char *path)
{
    if (*path == '/')
        return path_clean(path);
    auto_text struct text joined = {0};
    text_addf(&joined, "/%s/%s", base != NULL ? base : "", path);
    return path_clean(joined.s);
}
