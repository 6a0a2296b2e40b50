/* One path's story: what every layer has of it, and which of them counts. */
#include "explore.h"

#include "explore_parts.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_LINKS = 40 }; /* path_resolution(7) */

/* On the way: where we are, in which layers that is a directory, the names
 * that are left, and what is told. */
struct way {
    const struct explore_layers *layers;
    bool *dirs;
    char *here;       /* "" is the root */
    struct strv left; /* the next name is the last */
    size_t links;
    json_t *steps;
};

/* The names of a path go on top of those that are left. */
static void push_names(struct way *way, const char *path)
{
    auto_strv struct strv names = {0}, all = {0};
    strv_split(&names, path, '/');
    for (size_t i = 0; i < way->left.n; i++)
        strv_add(&all, way->left.v[i]);
    for (size_t i = names.n; i > 0; i--)
        if (names.v[i - 1][0] != '\0')
            strv_add(&all, names.v[i - 1]);
    struct strv before = way->left;
    way->left = all;
    all = before;
}

static void go_to_root(struct way *way)
{
    own_free(&way->here);
    way->here = own_strdup("");
    for (size_t i = 0; i < way->layers->n; i++)
        way->dirs[i] = true;
}

/* What is told of one layer's entry. */
static json_t *tell(struct way *way, size_t layer, const struct stat *st,
                    const char *state, const char *why)
{
    json_t *told =
        json_pack("{s:I, s:s, s:s, s:s, s:I, s:o, s:I, s:I, s:I}", "Layer",
                  (json_int_t)layer + 1, "Type", explore_type(st), "State",
                  state, "Why", why, "Size", (json_int_t)explore_size(st),
                  "Mode", json_sprintf("%04o", st->st_mode & 07777), "Uid",
                  (json_int_t)st->st_uid, "Gid", (json_int_t)st->st_gid,
                  "Links", (json_int_t)st->st_nlink);
    char target[PATH_MAX] = "";
    if (S_ISLNK(st->st_mode) && readlinkat(way->layers->fds[layer], way->here,
                                           target, sizeof target - 1) > 0)
        json_object_set_new(told, "Target", explore_text(target));
    return told;
}

/* What has been found of a name, from the top. */
struct found {
    int winner;       /* layer, or -1 */
    bool is_dir;      /* the winner is */
    char blocker[80]; /* why what lies below does not count; "" it may */
};

/* What the entry is to the result, and why. */
static const char *judge(const struct way *way, size_t layer,
                         const struct stat *st, struct found *found,
                         const char **ret_why)
{
    *ret_why = found->blocker;
    if (found->blocker[0] != '\0')
        return "hidden";
    if (explore_is_whiteout(st)) {
        snprintf(found->blocker, sizeof found->blocker,
                 "removed by layer %zu's whiteout", layer + 1);
        *ret_why = found->winner < 0
                       ? "the name is not there"
                       : "hides what the layers below have in the directory";
        return "hides";
    }
    bool is_dir = S_ISDIR(st->st_mode);
    if (found->winner >= 0 && !is_dir) {
        snprintf(found->blocker, sizeof found->blocker,
                 "layer %d has a directory of that name", found->winner + 1);
        *ret_why = found->blocker;
        return "hidden";
    }
    bool is_first = found->winner < 0;
    if (is_first) {
        found->winner = (int)layer;
        found->is_dir = is_dir;
    }
    way->dirs[layer] = is_dir;
    *ret_why = is_first ? "the uppermost layer that has it"
                        : "directories of one name are merged";
    if (!is_dir)
        snprintf(found->blocker, sizeof found->blocker,
                 "layer %zu has it already", layer + 1);
    else if (explore_is_opaque(way->layers->fds[layer], way->here))
        snprintf(found->blocker, sizeof found->blocker,
                 "layer %zu's directory is opaque", layer + 1);
    return is_first ? "wins" : "merged";
}

/* Look for `here` in all layers where its parent is a directory. */
static struct found look(struct way *way)
{
    struct found found = {.winner = -1};
    json_t *told = json_array();
    for (size_t i = way->layers->n; i > 0; i--) {
        size_t layer = i - 1;
        struct stat st;
        bool has_parent = way->dirs[layer];
        way->dirs[layer] = false;
        if (!has_parent || fstatat(way->layers->fds[layer], way->here, &st,
                                   AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        const char *why = NULL;
        const char *state = judge(way, layer, &st, &found, &why);
        /* `why` may point into `found`, which the next layer changes. */
        json_array_append_new(told, tell(way, layer, &st, state, why));
    }
    json_array_append_new(way->steps,
                          json_pack("{s:o, s:o}", "Path",
                                    explore_name(way->here), "Layers", told));
    return found;
}

/* Begin again at a link's target: from the root, or from where it lies. */
static int follow(struct way *way, int layer)
{
    char target[PATH_MAX] = "";
    if (readlinkat(way->layers->fds[layer], way->here, target,
                   sizeof target - 1) < 0 ||
        ++way->links > MOST_LINKS)
        return -ELOOP;
    char *slash = strrchr(way->here, '/');
    auto_free char *parent =
        slash == NULL || target[0] == '/'
            ? own_strdup("")
            : text_format("%.*s", (int)(slash - way->here), way->here);
    push_names(way, target);
    push_names(way, parent);
    go_to_root(way);
    return 0;
}

static void go_up(struct way *way)
{
    char *slash = strrchr(way->here, '/');
    auto_free char *parent =
        slash == NULL
            ? own_strdup("")
            : text_format("%.*s", (int)(slash - way->here), way->here);
    push_names(way, parent);
    go_to_root(way);
}

/* Take the next name. 0: go on; 1: *ret says how it ended. */
static int take(struct way *way, const char **ret, int *ret_layer)
{
    auto_free char *name = way->left.v[--way->left.n];
    way->left.v[way->left.n] = NULL;
    if (strcmp(name, ".") == 0)
        return 0;
    if (strcmp(name, "..") == 0) {
        go_up(way);
        return 0;
    }
    char *below =
        text_format("%s%s%s", way->here, way->here[0] == '\0' ? "" : "/", name);
    own_free(&way->here);
    way->here = below;
    struct found found = look(way);
    *ret_layer = found.winner;
    if (found.winner < 0) {
        *ret = found.blocker[0] != '\0' ? "removed" : "not in the image";
        return 1;
    }
    const json_t *step =
        json_array_get(way->steps, json_array_size(way->steps) - 1);
    size_t i;
    const json_t *told;
    json_array_foreach(
        json_object_get(step, "Layers"), i,
        told) if (json_object_get(told, "Target") != NULL &&
                  strcmp(json_string_value(json_object_get(told, "State")),
                         "wins") == 0)
    {
        *ret = "too many symbolic links";
        return follow(way, found.winner) < 0;
    }
    if (!found.is_dir && way->left.n > 0) {
        *ret = "not a directory on the way";
        return 1;
    }
    return 0;
}

int explore_path(const struct image *image, const char *path, json_t **ret,
                 struct err *e)
{
    auto_explore_layers struct explore_layers layers = {0};
    int r = explore_open(image, &layers, e);
    if (r < 0)
        return r;
    auto_free bool *dirs = own_alloc(layers.n + 1);
    struct way way = {.layers = &layers, .dirs = dirs, .steps = json_array()};
    go_to_root(&way);
    push_names(&way, path);
    const char *result = NULL;
    int layer = (int)layers.n - 1;
    /* ".." may lead back for ever where links name it. */
    for (int names = 0; way.left.n > 0 && result == NULL; names++) {
        const char *end = names < PATH_MAX ? NULL : "too long";
        if (end != NULL || take(&way, &end, &layer) != 0)
            result = end;
    }
    *ret = json_pack("{s:s, s:s, s:o, s:I, s:o}", "Path", path, "Result",
                     result == NULL ? "found" : result, "Real",
                     explore_name(way.here), "Layer",
                     (json_int_t)(result == NULL ? layer + 1 : 0), "Steps",
                     way.steps);
    free(way.here);
    strv_done(&way.left);
    return 0;
}
