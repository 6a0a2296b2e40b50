/* An image in the making: draft.h. */
#include "draft.h"

#include "own.h"
#include "platform.h"
#include "store.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void image_draft_done(struct image_draft *draft)
{
    json_decref(draft->config);
    json_decref(draft->layers);
    *draft = (struct image_draft){.config = NULL};
}

/* A base may have come with a manifest of Docker's own kind, whose names say
 * the same with other words. */
static enum layer_compression packed_as(const char *media)
{
    if (media != NULL && text_ends(media, "gzip"))
        return LAYER_GZIP;
    return media != NULL && text_ends(media, "zstd") ? LAYER_ZSTD : LAYER_PLAIN;
}

static json_t *translate_layers(const json_t *manifest)
{
    json_t *layers = json_array();
    size_t i;
    const json_t *layer;
    json_array_foreach(json_object_get(manifest, "layers"), i, layer)
    {
        const json_t *size = json_object_get(layer, "size");
        json_array_append_new(
            layers,
            store_layer(packed_as(json_string_value(
                            json_object_get(layer, "mediaType"))),
                        json_string_value(json_object_get(layer, "digest")),
                        (uint64_t)json_integer_value(size)));
    }
    return layers;
}

static void begin_empty(struct image_draft *draft)
{
    struct platform platform;
    platform_host(&platform);
    draft->layers = json_array();
    draft->config = json_pack("{s:s, s:s, s:{}, s:{s:s, s:[]}}", "architecture",
                              platform.architecture, "os", platform.os,
                              "config", "rootfs", "type", "layers", "diff_ids");
}

int image_draft_open(const struct image_store *store, const struct image *base,
                     struct image_draft *ret, struct err *e)
{
    *ret = (struct image_draft){.config = NULL};
    if (base == NULL) {
        begin_empty(ret);
        return 0;
    }
    json_auto_t *manifest = NULL;
    int r = store_get(store, base->digest, &manifest, e);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "No such image: %s", base->id);
    if (r < 0)
        return r;
    ret->layers = translate_layers(manifest);
    ret->config = json_deep_copy(base->config);
    snprintf(ret->id, sizeof ret->id, "%s", base->id);
    snprintf(ret->digest, sizeof ret->digest, "%s", base->digest);
    return 0;
}

void image_draft_copy(const struct image_draft *from, struct image_draft *ret)
{
    *ret = *from;
    ret->config = json_deep_copy(from->config);
    ret->layers = json_deep_copy(from->layers);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_object_set_new(object, key, json_string(text));
}

/* A list of the object gets one member more; it is taken. */
static void append(json_t *object, const char *key, json_t *value)
{
    if (!json_is_array(json_object_get(object, key)))
        json_object_set_new(object, key, json_array());
    json_array_append_new(json_object_get(object, key), value);
}

void image_draft_add(struct image_draft *draft,
                     const struct image_draft_step *step)
{
    json_t *line = json_object();
    set_text(line, "created", step->created);
    set_text(line, "author", step->author);
    set_text(line, "created_by", step->created_by);
    set_text(line, "comment", step->comment);
    if (step->layer == NULL)
        json_object_set_new(line, "empty_layer", json_true());
    set_text(draft->config, "created", step->created);
    json_object_del(draft->config, "author");
    set_text(draft->config, "author", step->author);
    if (step->config != NULL)
        json_object_set_new(draft->config, "config",
                            json_deep_copy(step->config));
    append(draft->config, "history", line);
    if (step->layer == NULL)
        return;
    append(json_object_get(draft->config, "rootfs"), "diff_ids",
           json_string(step->diff_id));
    json_array_append_new(draft->layers, step->layer);
}

const char *image_draft_created(const struct image_draft *draft)
{
    return json_string_value(json_object_get(draft->config, "created"));
}

static size_t seal(const json_t *document, char ret[DIGEST_SIZE])
{
    auto_free char *text = store_text(document);
    size_t size = strlen(text);
    digest_of(text, size, ret);
    return size;
}

json_t *image_draft_manifest(const struct image_draft *draft)
{
    char id[DIGEST_SIZE];
    size_t size = seal(draft->config, id);
    return store_manifest(id, size, json_incref(draft->layers));
}

void image_draft_seal(struct image_draft *draft)
{
    json_auto_t *manifest = image_draft_manifest(draft);
    seal(draft->config, draft->id);
    seal(manifest, draft->digest);
}
