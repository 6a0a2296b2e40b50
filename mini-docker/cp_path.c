/* Paths as docker cp reads them: cp.h, the part that opens nothing. */
#include "cp.h"

#include "own.h"
#include "text.h"

#include <string.h>

/* Drop the last part of what was put together so far: for "..". */
static void drop_last(struct text *out, bool is_absolute)
{
    char *slash = out->len > 0 ? strrchr(out->s, '/') : NULL;
    bool is_up = text_ends(out->len > 0 ? out->s : "", "..");
    if (out->len == 0 || is_up) {
        if (!is_absolute)
            text_addf(out, "%s..", out->len > 0 ? "/" : "");
        return;
    }
    out->len = slash != NULL ? (size_t)(slash - out->s) : 0;
    out->s[out->len] = '\0';
}

char *cp_clean(const char *path)
{
    bool is_absolute = path[0] == '/';
    auto_strv struct strv parts = {0};
    auto_text struct text out = {0};
    strv_split(&parts, path, '/');
    for (size_t i = 0; i < parts.n; i++) {
        const char *part = parts.v[i];
        if (part[0] == '\0' || strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0)
            drop_last(&out, is_absolute);
        else
            text_addf(&out, "%s%s", out.len > 0 ? "/" : "", part);
    }
    const char *rest = out.len > 0 ? out.s : "";
    if (is_absolute)
        return text_format("/%s", rest);
    return own_strdup(rest[0] != '\0' ? rest : ".");
}

bool cp_says_current(const char *path)
{
    return strcmp(path, ".") == 0 || text_ends(path, "/.");
}

bool cp_asserts_directory(const char *path)
{
    return cp_says_current(path) || text_ends(path, "/");
}

void cp_split(const char *path, char **ret_dir, char **ret_base)
{
    auto_free char *clean = cp_clean(path);
    if (cp_says_current(path)) {
        *ret_dir = own_take(&clean);
        *ret_base = own_strdup(".");
        return;
    }
    char *slash = strrchr(clean, '/');
    *ret_base = own_strdup(slash != NULL ? slash + 1 : clean);
    if (slash == NULL)
        *ret_dir = own_strdup(".");
    else
        *ret_dir = slash == clean
                       ? own_strdup("/")
                       : text_format("%.*s", (int)(slash - clean), clean);
    if ((*ret_base)[0] == '\0') { /* the root itself */
        own_free(ret_base);
        *ret_base = own_strdup(".");
    }
}
