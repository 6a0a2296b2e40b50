/* An OCI layout (OCI image specification, "Image Layout"): index.json leads to
 * manifests and to further indexes by their digests (load.h). */
#include "load.h"

#include "media.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The document that a descriptor names: verified. */
static int get(struct load *load, const json_t *descriptor,
               struct member **ret_member, json_t **ret, struct err *e)
{
    const char *digest = media_text(descriptor, "digest");
    if (!digest_is_valid(digest))
        return err_set(e, EBADMSG, "invalid digest \"%.80s\"", digest);
    int r = members_find_blob(&load->members, digest, ret_member, e);
    if (r == 0)
        r = members_json(&load->members, *ret_member, digest, ret, e);
    if (r == 0 && !json_is_object(*ret))
        r = err_set(e, EBADMSG, "%s is no object", digest);
    return r;
}

static int add_layer(struct load *load, struct load_image *image,
                     const json_t *descriptor, const char *diff_id,
                     struct err *e)
{
    struct load_layer layer = {.index = image->layer_count};
    const char *digest = media_text(descriptor, "digest");
    int r = media_check_layer(descriptor, e);
    if (r == 0)
        r = members_find_blob(&load->members, digest, &layer.member, e);
    if (r < 0 || layer.member == NULL)
        return r;
    const json_t *size = json_object_get(descriptor, "size");
    if (json_is_integer(size) &&
        (uint64_t)json_integer_value(size) != layer.member->size)
        return err_set(e, EBADMSG,
                       "layer %s has %llu bytes, and should have "
                       "%llu",
                       digest, (unsigned long long)layer.member->size,
                       (unsigned long long)json_integer_value(size));
    snprintf(layer.digest, sizeof layer.digest, "%s", digest);
    snprintf(layer.diff_id, sizeof layer.diff_id, "%s", diff_id);
    return load_add_layer(load, image, &layer, e);
}

static int add_names(struct load *load, struct load_image *image,
                     const json_t *annotations, struct err *e)
{
    static const char *const keys[] = {
        "io.containerd.image.name", "org.opencontainers.image.ref.name", NULL};
    const char *name = "";
    for (size_t i = 0; keys[i] != NULL && name[0] == '\0'; i++)
        name = media_text(annotations, keys[i]);
    int r = name[0] == '\0' ? 0 : load_add_name(image, name, e);
    return r < 0 ? r : load_add_names(load, image, e);
}

/* One image: a manifest. With --platform, one of another is passed over. */
static int add_manifest(struct load *load, const json_t *descriptor,
                        const json_t *annotations, struct err *e)
{
    json_auto_t *manifest = NULL, *config = NULL;
    struct member *member = NULL, *config_member = NULL;
    struct load_image *image = NULL;
    int r = get(load, descriptor, &member, &manifest, e);
    if (r < 0)
        return r;
    const json_t *described = json_object_get(manifest, "config");
    const char *media = media_text(described, "mediaType");
    if (media_kind(media) != MEDIA_CONFIG)
        return err_set(e, ENOTSUP,
                       "%s is no image: its configuration is "
                       "\"%.80s\"",
                       media_text(descriptor, "digest"), media);
    r = get(load, described, &config_member, &config, e);
    if (r < 0)
        return r;
    if (load->what->platform != NULL &&
        platform_rank(&load->platform, config) == 0)
        return 0;
    const json_t *layers = json_object_get(manifest, "layers"), *layer;
    r = load_add_image(load, config, json_array_size(layers), &image, e);
    if (r < 0)
        return r;
    image->manifest = member;
    image->config = config_member;
    size_t i;
    json_array_foreach(layers, i, layer) if (r == 0) r =
        add_layer(load, image, layer, media_diff_id(config, i), e);
    return r < 0 ? r : add_names(load, image, annotations, e);
}

/* Walk down to a manifest; the names are said at the top. */
static int add_one(struct load *load, const json_t *descriptor, struct err *e)
{
    const json_t *annotations = json_object_get(descriptor, "annotations");
    json_auto_t *indexes = json_array(); /* keeps what was chosen alive */
    for (int depth = 0; depth < MEDIA_MOST_INDEXES; depth++) {
        enum media_kind kind = media_kind(media_text(descriptor, "mediaType"));
        if (kind == MEDIA_MANIFEST)
            return add_manifest(load, descriptor, annotations, e);
        if (kind != MEDIA_INDEX)
            return err_set(e, ENOTSUP, "%.80s is no image: \"%.80s\"",
                           media_text(descriptor, "digest"),
                           media_text(descriptor, "mediaType"));
        struct member *member;
        json_t *index = NULL;
        int r = get(load, descriptor, &member, &index, e);
        json_array_append_new(indexes, index);
        if (r == 0)
            r = media_choose(&load->platform, index, &descriptor, e);
        if (r < 0)
            return r;
    }
    return err_set(e, ELOOP, "more than %d indexes within each other",
                   MEDIA_MOST_INDEXES);
}

int load_read_index(struct load *load, struct member *index, struct err *e)
{
    json_auto_t *document = NULL;
    int r = members_json(&load->members, index, NULL, &document, e);
    if (r < 0)
        return r;
    const json_t *manifests = json_object_get(document, "manifests");
    if (!json_is_array(manifests))
        return err_set(e, EBADMSG, "index.json is damaged: no manifests");
    size_t i;
    const json_t *descriptor;
    json_array_foreach(manifests, i, descriptor)
    {
        if (media_is_attached(descriptor))
            continue;
        r = add_one(load, descriptor, e);
        if (r < 0)
            return r;
    }
    return 0;
}
