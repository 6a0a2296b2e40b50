/* What the Docker Engine API tells of an image. */
#include "store.h"

#include "own.h"
#include "ref.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

/* One line of the configuration's history. A step that changed no file has no
 * layer, so the diff ids are counted by those that have. */
static json_t *make_step(const struct image_store *store,
                         const struct image *image, const json_t *step,
                         size_t *layer)
{
    const json_t *ids =
        json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");
    uint64_t size = 0;
    if (!json_is_true(json_object_get(step, "empty_layer")) &&
        *layer < json_array_size(ids))
        size = store_layer_size(store, digest_hex(json_string_value(
                                           json_array_get(ids, (*layer)++))));
    return json_pack("{s:s, s:I, s:s, s:n, s:I, s:s}", "Id", "<missing>",
                     "Created",
                     (json_int_t)store_time(text_of(step, "created")).tv_sec,
                     "CreatedBy", text_of(step, "created_by"), "Tags", "Size",
                     (json_int_t)size, "Comment", text_of(step, "comment"));
}

json_t *image_tags(const struct image *image)
{
    json_t *array = json_array();
    for (size_t i = 0; i < image->names.n; i++)
        if (strchr(image->names.v[i], '@') == NULL)
            json_array_append_new(array, json_string(image->names.v[i]));
    return array;
}

json_t *image_history(const struct image_store *store,
                      const struct image *image)
{
    json_t *steps = json_array();
    size_t i, layer = 0;
    const json_t *step;
    json_array_foreach(json_object_get(image->config, "history"), i, step)
        json_array_insert_new(steps, 0, make_step(store, image, step, &layer));
    /* No build leaves more than the last of its images behind. */
    json_t *newest = json_array_get(steps, 0);
    if (newest == NULL)
        return steps;
    json_object_set_new(newest, "Id", json_string(image->id));
    if (image->names.n > 0)
        json_object_set_new(newest, "Tags", image_tags(image));
    return steps;
}

/* The names by digest, which the same image has in every registry. */
json_t *image_digests(const struct image *image)
{
    json_t *digests = json_array();
    for (size_t i = 0; i < image->names.n; i++) {
        auto_ref struct ref ref = {0};
        if (ref_parse(image->names.v[i], &ref, NULL) < 0)
            continue;
        auto_free char *name = ref_repository(&ref);
        auto_free char *whole = text_format(
            "%s@%s", name, ref.digest != NULL ? ref.digest : image->digest);
        json_t *value = json_string(whole);
        bool is_new = true;
        for (size_t n = 0; n < json_array_size(digests); n++)
            is_new &= !json_equal(json_array_get(digests, n), value);
        if (is_new)
            json_array_append(digests, value);
        json_decref(value);
    }
    return digests;
}

json_t *image_summary(const struct image *image)
{
    json_t *labels =
        json_object_get(json_object_get(image->config, "config"), "Labels");
    return json_pack(
        "{s:i, s:I, s:s, s:O?, s:s, s:o, s:o, s:i, s:I}", "Containers", -1,
        "Created", (json_int_t)image->created.tv_sec, "Id", image->id, "Labels",
        labels, "ParentId", "", "RepoDigests", image_digests(image), "RepoTags",
        image_tags(image), "SharedSize", -1, "Size", (json_int_t)image->size);
}

/* Where its files lie: what a container has below its own layer. */
static json_t *make_driver(const struct image *image)
{
    json_t *data = json_object();
    auto_text struct text lower = {0};
    auto_strv struct strv stack = {0};
    image_stack(image, &stack);
    if (stack.n > 1) {
        const struct strv below = {stack.v + 1, stack.n - 1};
        strv_join(&below, ":", &lower);
        json_object_set_new(data, "LowerDir", json_string(lower.s));
    }
    if (stack.n > 0)
        json_object_set_new(data, "UpperDir", json_string(stack.v[0]));
    return json_pack("{s:s, s:o}", "Name", "overlay2", "Data", data);
}

json_t *image_describe(const struct image *image)
{
    const json_t *history = json_object_get(image->config, "history");
    const json_t *last =
        json_array_size(history) > 0
            ? json_array_get(history, json_array_size(history) - 1)
            : NULL;
    const json_t *config = json_object_get(image->config, "config");
    /* In Docker's order; and nobody notes when an image was tagged. */
    json_t *doc = json_pack(
        "{s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:I, s:o}",
        "Id", image->id, "RepoTags", image_tags(image), "RepoDigests",
        image_digests(image), "Parent", "", "Comment", text_of(last, "comment"),
        "Created", text_of(image->config, "created"), "DockerVersion",
        text_of(image->config, "docker_version"), "Author",
        text_of(image->config, "author"), "Config",
        config != NULL ? json_deep_copy(config) : json_object(), "Architecture",
        text_of(image->config, "architecture"), "Os",
        text_of(image->config, "os"), "Size", (json_int_t)image->size,
        "GraphDriver", make_driver(image));
    const char *variant = text_of(image->config, "variant");
    if (variant[0] != '\0')
        json_object_set_new(doc, "Variant", json_string(variant));
    const json_t *ids =
        json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");
    json_object_set_new(doc, "RootFS",
                        json_pack("{s:s, s:O}", "Type", "layers", "Layers",
                                  (json_t *)(uintptr_t)ids));
    json_object_set_new(
        doc, "Metadata",
        json_pack("{s:s}", "LastTagTime", "0001-01-01T00:00:00Z"));
    return doc;
}
