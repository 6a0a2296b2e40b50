#include "build_parts.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>

void build_parts_done(struct build_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++) {
        copyset_done(&parts->v[i].set);
        tree_close(&parts->v[i].tree);
    }
    own_free(&parts->v);
    stage_close(&parts->stage);
}

/* Another one; and the name of its directory, which the caller frees. */
static struct build_part *add_part(struct build_parts *parts, char **ret_name)
{
    size_t n = parts->n++;
    parts->v = own_grow(parts->v, (n + 1) * sizeof *parts->v);
    parts->v[n] = (struct build_part){.set = {.v = NULL}};
    *ret_name = text_format("add-%zu", n);
    return &parts->v[n];
}

/* --- from another machine ------------------------------------------------- */

int build_parts_fetch(struct build_parts *parts, struct build_remote *remote,
                      const struct ignore *exclude, struct err *e)
{
    auto_free char *name = NULL;
    struct build_part *part = add_part(parts, &name);
    struct copyset_from from = {.tree = &part->tree,
                                .exclude = exclude,
                                .command = "ADD",
                                .what = remote->said};
    int r = build_open_part(parts->b, &parts->stage, name, &part->tree, e);
    if (r >= 0)
        r = build_remote_fetch(remote, part->tree.layers[0], e);
    return r < 0 ? r : copyset_add_file(&part->set, &from, remote->path, e);
}

/* --- archives ------------------------------------------------------------- */

static int unpack(struct build_parts *parts, int fd, struct err *e)
{
    auto_free char *name = NULL;
    struct build_part *part = add_part(parts, &name);
    part->is_archive = true;
    const struct build_archive archive = {
        .name = name, .source = {build_read_fd, &fd}
    };
    return build_unpack(parts->b, &parts->stage, &archive, &part->tree, e);
}

int build_parts_unpack(struct build_parts *parts, struct copyset *set,
                       struct err *e)
{
    int r = 0;
    size_t kept = 0;
    for (size_t i = 0; i < set->n; i++) {
        struct copyset_item item = set->v[i];
        auto_fd int entry = -1, fd = -1;
        if (r == 0 && item.is_alone && S_ISREG(item.st.st_mode)) {
            entry = tree_open_entry(set->tree, item.layer, item.from, NULL, e);
            fd = entry < 0 ? -1 : tree_open_content(entry, e);
        }
        if (fd < 0 || !build_is_archive(fd)) {
            set->v[i] = set->v[kept];
            set->v[kept++] = item;
            continue;
        }
        r = unpack(parts, fd, e);
        free(item.from);
        free(item.to);
    }
    set->n = kept;
    return r;
}

/* Unpacking moves the list of parts, and so its sets and trees. */
int build_parts_unpack_fetched(struct build_parts *parts, struct err *e)
{
    int r = 0;
    size_t n = parts->n;
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct tree tree = parts->v[i].tree;
        struct copyset set = parts->v[i].set;
        set.tree = &tree;
        parts->v[i].set = (struct copyset){.v = NULL};
        r = build_parts_unpack(parts, &set, e);
        parts->v[i].set = set;
    }
    return r;
}

/* --- the layer ------------------------------------------------------------ */

static int pack_part(struct build_part *part, const struct copyset_to *to,
                     struct pack *pack, struct err *e)
{
    struct copyset_from from = {.tree = &part->tree, .what = "archive"};
    struct copyset_to here = *to;
    here.n_texts = 0;
    part->set.tree = &part->tree;
    if (!part->is_archive)
        return part->set.n > 0 ? copyset_pack(&part->set, &here, pack, e) : 0;
    /* As the archive says; --chown is for what is not in one. */
    here.looks.uid = here.looks.gid = -1;
    int r = copyset_add(&part->set, &from, "", e);
    return r < 0 ? r : copyset_pack(&part->set, &here, pack, e);
}

int build_parts_pack(struct build_parts *parts, const struct copyset_to *to,
                     struct pack *pack, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < parts->n; i++)
        r = pack_part(&parts->v[i], to, pack, e);
    return r;
}
