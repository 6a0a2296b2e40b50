/* All images, each read once, or not even that: brief.h. */
#include "brief.h"
#include "store.h"

#include "own.h"
#include "ref.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* names.json the other way round: manifest -> its references. Looking through
 * all names for each image would take longer than reading the images. */
static json_t *by_manifest(const json_t *names)
{
    json_t *index = json_object();
    const char *name;
    const json_t *value;
    json_object_foreach((json_t *)(uintptr_t)names, name, value)
    {
        const char *digest = json_string_value(value);
        json_t *list = json_object_get(index, digest);
        if (list == NULL) {
            list = json_array();
            json_object_set_new(index, digest, list);
        }
        json_array_append_new(list, json_string(name));
    }
    return index;
}

static int by_age(const void *a, const void *b)
{
    const struct image *left = a, *right = b;
    int order = image_compare_age(right, left);
    return order != 0 ? order : strcmp(left->id, right->id);
}

/* From the cache, else from its files. */
static int load(const struct image_store *store, struct brief_list *briefs,
                const char *digest, struct image *ret, struct err *e)
{
    if (briefs != NULL && brief_find(briefs, digest, ret))
        return 0;
    int r = store_load(store, digest, NULL, ret, e);
    if (r == 0 && briefs != NULL)
        brief_add(briefs, ret);
    return r;
}

struct listing {
    const struct image_store *store;
    struct brief_list *briefs; /* NULL: all is to be read */
    struct image_list *ret;
    struct strv *damaged; /* may be NULL */
};

/* The images that names lead to. -ENOENT where a part of one is not there. */
static int load_all(void *arg, const json_t *names, struct err *e)
{
    struct listing *l = arg;
    struct image_list *ret = l->ret;
    json_auto_t *index = by_manifest(names);
    int r = 0;
    image_list_done(ret);
    ret->v = own_alloc((json_object_size(index) + 1) * sizeof *ret->v);
    if (l->damaged != NULL)
        strv_done(l->damaged);
    const char *digest;
    json_t *list;
    json_object_foreach(index, digest, list)
    {
        struct err why = {0};
        struct image *image = &ret->v[ret->n];
        if (load(l->store, l->briefs, digest, image, &why) == 0) {
            store_name(&ret->v[ret->n++], list);
            continue;
        }
        if (why.code == ENOENT)
            r = err_set(e, ENOENT, "%s", why.msg);
        if (l->damaged != NULL)
            /* It must not hide the others, nor be hidden by them. */
            strv_addf(l->damaged, "image %s: %s",
                      json_string_value(json_array_get(list, 0)), why.msg);
    }
    qsort(ret->v, ret->n, sizeof *ret->v, by_age);
    if (l->briefs != NULL)
        brief_save(l->store, l->briefs, ret, ret->n == json_object_size(index));
    return r;
}

int image_list(const struct image_store *store, bool whole,
               struct image_list *ret, struct strv *damaged, struct err *e)
{
    *ret = (struct image_list){0};
    auto_brief_list struct brief_list briefs = {.blobs = -1};
    if (!whole)
        brief_load(store, &briefs);
    if (brief_all(&briefs, ret))
        return 0;
    struct listing l = {store, whole ? NULL : &briefs, ret, damaged};
    int r = store_find(store, load_all, &l, e);
    return r == -ENOENT ? 0 : r; /* which one has been told */
}

void image_list_done(struct image_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        image_done(&list->v[i]);
    own_free(&list->v);
    list->n = 0;
}
