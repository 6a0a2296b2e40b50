/* Where a path leads in a tree: symbolic links are followed as a process whose
 * root it is would follow them. */
#include "tree.h"

#include "own.h"

#include <errno.h>
#include <string.h>

/* path_resolution(7). */
enum { MOST_LINKS = 40 };

struct way {
    const struct tree *tree;
    struct text rest; /* still to go */
    char *done;       /* gone so far; no link in it */
    bool is_there;    /* what `done` names */
    struct tree_entry entry;
    int links;
};

/* One directory up, but never above the root. */
static void go_up(struct way *way)
{
    char *slash = strrchr(way->done, '/');
    *(slash != NULL ? slash : way->done) = '\0';
}

/* The entry of way->done. The layers that make up its directory are known by
 * going there from the root again: ".." may have led anywhere. */
static int look(struct way *way, struct err *e)
{
    struct tree_range range = tree_all(way->tree);
    way->is_there = true;
    way->entry = (struct tree_entry){.range = range};
    way->entry.st.st_mode = S_IFDIR | 0755;
    for (size_t len = 0; len < strlen(way->done); len++) {
        len += strcspn(way->done + len, "/");
        auto_free char *path = text_format("%.*s", (int)len, way->done);
        int r = tree_find(way->tree, path, range, &way->entry, e);
        way->is_there = r == 0 && !way->entry.is_whiteout;
        if (!way->is_there)
            return r == -ENOENT ? 0 : r;
        range = way->entry.range;
    }
    return 0;
}

/* A link's text stands in place of its name. */
static int follow(struct way *way, struct err *e)
{
    if (++way->links > MOST_LINKS)
        return err_sys(e, ELOOP, "/%.120s", way->done);
    auto_free char *target = NULL;
    auto_fd int link =
        tree_open_entry(way->tree, way->entry.range.first, way->done, NULL, e);
    int r = link < 0 ? link : tree_read_link(link, &target, e);
    if (r < 0)
        return r;
    auto_free char *rest = own_take(&way->rest.s);
    way->rest = (struct text){0};
    text_addf(&way->rest, "%s/%s", target, rest != NULL ? rest : "");
    if (target[0] == '/')
        way->done[0] = '\0';
    else
        go_up(way);
    return 0;
}

static int step(struct way *way, const char *name, bool follows, struct err *e)
{
    if (strcmp(name, ".") == 0 || name[0] == '\0')
        return 0;
    if (strcmp(name, "..") == 0) {
        go_up(way);
        return look(way, e);
    }
    if (way->is_there && !S_ISDIR(way->entry.st.st_mode))
        return err_sys(e, ENOTDIR, "/%.120s", way->done);
    char *path = tree_path(way->done, name);
    own_free(&way->done);
    way->done = path;
    int r = way->is_there ? look(way, e) : 0;
    if (r < 0 || !way->is_there || !S_ISLNK(way->entry.st.st_mode) || !follows)
        return r;
    r = follow(way, e);
    return r < 0 ? r : look(way, e);
}

static int go(struct way *way, bool follows, struct err *e)
{
    int r = look(way, e);
    while (r == 0 && way->rest.len > 0) {
        size_t len = strcspn(way->rest.s, "/");
        size_t next = len + strspn(way->rest.s + len, "/");
        auto_free char *name = text_format("%.*s", (int)len, way->rest.s);
        auto_free char *rest = own_strdup(way->rest.s + next);
        text_clear(&way->rest);
        text_add(&way->rest, rest);
        r = step(way, name, follows || next > len, e);
    }
    return r;
}

/* waiver: parameters: an entry and where it is */
int tree_resolve(const struct tree *tree, const char *path, bool follows,
                 struct tree_entry *ret, char **ret_path, struct err *e)
{
    struct way way = {.tree = tree, .done = own_strdup("")};
    text_add(&way.rest, path);
    int r = go(&way, follows, e);
    text_done(&way.rest);
    *ret = way.entry;
    if (r == 0 && !way.is_there)
        r = err_sys(e, ENOENT, "/%.120s", path);
    *ret_path = way.done;
    return r;
}
