/*
 * A mount of the type "image": files of another image, to be read.
 *
 * A directory of it is what its layers have there together, so it is an overlay
 * of just these directories, without one that could be written to; tree.h says
 * which layers show through. What a single layer has is mounted as it lies
 * there.
 */
#include "plan.h"

#include "field.h"
#include "own.h"
#include "tree.h"

#include <errno.h>
#include <string.h>

/* Where the path lies in the layer; caller frees. */
static char *path_in(const char *layer, const char *path)
{
    return text_format("%s%s%s", layer, path[0] != '\0' ? "/" : "", path);
}

static int add_overlay(struct plan *plan, const char *target,
                       const struct strv *dirs, struct err *e)
{
    auto_text struct text options = {0};
    for (size_t i = 0; i < dirs->n; i++)
        if (strpbrk(dirs->v[i], ":,\\") != NULL)
            return err_set(e, EINVAL,
                           "an image cannot be mounted from %s: the name has a "
                           "sign that overlayfs means otherwise",
                           dirs->v[i]);
    text_add(&options, "ro,lowerdir=");
    strv_join(dirs, ":", &options);
    return mnt_list_add(&plan->spec->mounts, "overlay", target, "overlay",
                        options.s, e);
}

/* The directories or the file that the entry is made of, the uppermost first.
 */
static void list_parts(const struct tree *tree, const struct strv *layers,
                       const struct tree_entry *entry, const char *path,
                       struct strv *ret)
{
    for (size_t i = entry->range.first; i < entry->range.end; i++) {
        struct stat st;
        auto_fd int fd = tree_open_entry(tree, i, path, &st, NULL);
        if (fd >= 0 && (st.st_mode & S_IFMT) == (entry->st.st_mode & S_IFMT)) {
            auto_free char *part = path_in(layers->v[i], path);
            strv_add(ret, part);
        }
    }
}

int plan_add_image(struct plan *plan, const json_t *point, struct err *e)
{
    const char *target = field_string(point, "Destination");
    const char *name = field_string(point, "Source");
    const char *said = field_string(point, "Spec.ImageOptions.Subpath");
    auto_image struct image image = {0};
    auto_strv struct strv layers = {0}, parts = {0};
    auto_tree struct tree tree = {.has_marks = true};
    auto_free char *path = NULL;
    struct tree_entry entry = {
        .range = {0, 0}
    };
    int r =
        image_find(&plan->engine->images, name != NULL ? name : "", &image, e);
    if (r < 0)
        return r;
    image_stack(&image, &layers);
    r = tree_open(&tree, &layers, e);
    if (r == 0)
        r = tree_resolve(&tree, said != NULL ? said : "", true, &entry, &path,
                         e);
    if (r < 0)
        return r;
    list_parts(&tree, &layers, &entry, path, &parts);
    return parts.n == 1 ? mnt_list_add(&plan->spec->mounts, parts.v[0], target,
                                       "bind", "rprivate,ro,bind", e)
                        : add_overlay(plan, target, &parts, e);
}
