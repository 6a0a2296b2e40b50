/*
 * What is mounted into the container, said the short way: -v and --tmpfs.
 *
 * -v SOURCE:TARGET[:OPTIONS] goes to the document as it is said, except that a
 * source beginning with "." becomes absolute, because the engine may have
 * another working directory than the user. -v TARGET alone, a volume that
 * nobody names, goes where an image's VOLUME goes.
 */
#include "request.h"

#include "own.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The words after the second colon. Of each set at most one may be said. */
static const char *const option_sets[][9] = {
    {"ro",      "rw"},
    {"z",         "Z"},
    {"private","rprivate", "shared", "rshared", "slave", "rslave"},
    {"consistent", "cached", "delegated", "default"},
    {"nocopy"},
    {"bind-nonrecursive" },
};
enum { SETS = sizeof option_sets / sizeof option_sets[0] };

static int find_set(const char *word)
{
    for (int i = 0; i < SETS; i++)
        for (const char *const *w = option_sets[i]; *w != NULL; w++)
            if (strcmp(*w, word) == 0)
                return i;
    return -1;
}

static int check_options(const char *words, struct err *e)
{
    auto_strv struct strv list = {0};
    strv_split(&list, words, ',');
    bool said[SETS] = {false};
    for (size_t i = 0; i < list.n; i++) {
        int set = find_set(list.v[i]);
        if (set < 0 || said[set])
            return err_set(e, EINVAL, "invalid mode: %s", words);
        said[set] = true;
    }
    return 0;
}

static int check_target(const char *value, const char *target, struct err *e)
{
    if (target[0] != '/')
        return err_set(e, EINVAL,
                       "invalid volume specification: '%s': invalid mount "
                       "path: '%s' mount path must be absolute",
                       value, target);
    if (target[strspn(target, "/.")] == '\0' && strstr(target, "..") == NULL)
        return err_set(e, EINVAL,
                       "invalid volume specification: '%s': invalid "
                       "specification: destination can't be '/'",
                       value);
    return 0;
}

/* "." and "..", and what begins with them, taken from here: lexically, so
 * that a link on the way is followed by the kernel and not by us. */
static char *make_absolute(const char *path)
{
    char here[PATH_MAX];
    if (path[0] != '.' || getcwd(here, sizeof here) == NULL)
        return own_strdup(path);
    auto_strv struct strv parts = {0};
    auto_free char *joined = text_format("%s/%s", here, path);
    strv_split(&parts, joined, '/');
    auto_text struct text out = {0};
    for (size_t i = 0; i < parts.n; i++) {
        const char *part = parts.v[i];
        if (strcmp(part, "..") == 0) {
            char *slash = out.len > 0 ? strrchr(out.s, '/') : NULL;
            out.len = slash == NULL ? 0 : (size_t)(slash - out.s);
        } else if (part[0] != '\0' && strcmp(part, ".") != 0) {
            text_addf(&out, "/%s", part);
        }
        text_addn(&out, "", 0);
    }
    return text_take(&out);
}

static int set_volume(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    if (value[0] == '\0')
        return err_set(e, EINVAL, "invalid empty volume spec");
    auto_strv struct strv parts = {0};
    strv_split(&parts, value, ':');
    for (size_t i = 0; i < parts.n; i++)
        if (parts.v[i][0] == '\0')
            return err_set(e, EINVAL,
                           "invalid spec: %s: empty section between colons",
                           value);
    if (parts.n > 3)
        return err_set(e, EINVAL, "invalid volume specification: '%s'", value);
    const char *source = parts.v[0];
    int r = check_target(value, parts.v[parts.n == 1 ? 0 : 1], e);
    if (r == 0 && parts.n == 3)
        r = check_options(parts.v[2], e);
    if (r < 0)
        return r;
    if (parts.n == 1) {
        doc_put(doc, "Volumes", source, json_object());
        return 0;
    }
    auto_free char *absolute = make_absolute(source);
    doc_append(doc, option->path,
               json_sprintf("%s:%s%s%s", absolute, parts.v[1],
                            parts.n == 3 ? ":" : "",
                            parts.n == 3 ? parts.v[2] : ""));
    return 0;
}

/* PATH[:OPTIONS]; the options are tmpfs(5)'s and mount(8)'s. */
static int set_tmpfs(const struct option *option, const char *value,
                     json_t *doc, struct err *e)
{
    const char *words = strchrnul(value, ':');
    auto_free char *path = text_format("%.*s", (int)(words - value), value);
    int r = check_target(value, path, e);
    if (r == 0)
        doc_put(doc, option->path, path,
                json_string(*words == ':' ? words + 1 : ""));
    return r;
}

const struct option_kind request_volume = {"list", NULL, set_volume, true};
const struct option_kind request_tmpfs = {"list", NULL, set_tmpfs, true};
