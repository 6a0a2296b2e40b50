/* Loading: an archive of images becomes images. */
#include "load.h"

#include "crew.h"
#include "own.h"
#include "ref.h"
#include "sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void load_done(struct load *load)
{
    for (size_t i = 0; i < load->image_count; i++) {
        free(load->images[i].layers);
        strv_done(&load->images[i].names);
    }
    own_free(&load->images);
    own_free(&load->layers);
    if (load->results != NULL)
        crew_unshare(load->results, load->layer_count * sizeof *load->results);
    members_done(&load->members);
    stage_close(&load->stage);
}

/* An archive may have both lists. The layout's is the better one: it has the
 * manifests, whose digests are the images' names in registries. */
static int read_lists(struct load *load, struct err *e)
{
    struct member *index = members_find(&load->members, "index.json");
    struct member *list = members_find(&load->members, "manifest.json");
    if (index == NULL && list == NULL)
        return err_set(e, EBADMSG,
                       "invalid archive: does not contain a manifest.json");
    int r = index != NULL ? load_read_index(load, index, e)
                          : load_read_list(load, list, e);
    if (r == 0 && load->image_count == 0 && load->what->platform != NULL)
        return err_set(e, ENOENT, "the archive has no image for %s",
                       platform_show(&load->platform).s);
    return r;
}

/* --- publishing ---------------------------------------------------------- */

static int put_member(const struct load *load, struct member *member,
                      const char *digest, struct err *e)
{
    /* Done, as part of another image. */
    if (member->path[0] == '\0')
        return 0;
    int r = stage_put_blob(&load->stage, member->path, digest, e);
    if (r == 0)
        member->path[0] = '\0';
    return r;
}

static int put_layers(const struct load *load, struct err *e)
{
    int r = 0;
    for (size_t i = 0; i < load->layer_count && r == 0; i++) {
        const struct load_layer *layer = &load->layers[i];
        if (layer->stage_name[0] != '\0')
            r = stage_put_layer(&load->stage, layer->stage_name, layer->diff_id,
                                e);
        if (r == 0)
            r = put_member(load, layer->member, load->results[i].digest, e);
    }
    return r;
}

/* Docker's archive has no manifest: this is the one it would have. */
static int make_manifest(const struct load *load, struct load_image *image,
                         struct err *e)
{
    json_t *layers = json_array();
    for (size_t i = 0; i < image->layer_count; i++) {
        const struct load_layer *layer = &load->layers[image->layers[i]];
        const struct load_result *result = &load->results[image->layers[i]];
        json_array_append_new(
            layers,
            store_layer(result->packed, result->digest, layer->member->size));
    }
    json_auto_t *manifest =
        store_manifest(image->config->digest, image->config->size, layers);
    size_t size;
    return store_put(load->store, manifest, image->manifest_digest, &size, e);
}

static int put_documents(const struct load *load, struct load_image *image,
                         struct err *e)
{
    int r = put_member(load, image->config, image->config->digest, e);
    if (r < 0 || image->manifest == NULL)
        return r < 0 ? r : make_manifest(load, image, e);
    memcpy(image->manifest_digest, image->manifest->digest, DIGEST_SIZE);
    return put_member(load, image->manifest, image->manifest_digest, e);
}

/* Docker says so when a name goes to another image. */
static void say_renamed(const struct load *load, const json_t *names,
                        const struct load_image *image, const char *full,
                        const char *shown)
{
    const char *before = json_string_value(json_object_get(names, full));
    auto_image struct image old = {0};
    if (before == NULL || strcmp(before, image->manifest_digest) == 0 ||
        store_load(load->store, before, names, &old, NULL) < 0 ||
        strcmp(old.id, image->config->digest) == 0)
        return;
    strv_addf(load->what->said,
              "The image %s already exists, renaming the old one with ID %s "
              "to empty string",
              shown, old.id);
}

static int set_names(const struct load *load, const struct load_image *image,
                     json_t *names, struct err *e)
{
    if (image->names.n == 0)
        strv_addf(load->what->said, "Loaded image ID: %s",
                  image->config->digest);
    int r = image->names.n > 0
                ? 0
                : store_set_name(names, NULL, image->manifest_digest, e);
    for (size_t i = 0; i < image->names.n && r == 0; i++) {
        const char *full = image->names.v[i];
        auto_ref struct ref ref = {0};
        r = ref_parse(full, &ref, e);
        if (r < 0)
            break;
        auto_free char *shown = ref_familiar(&ref);
        say_renamed(load, names, image, full, shown);
        auto_free char *line = text_format("Loaded image: %s", shown);
        /* An archive that is of both kinds has a name twice. */
        if (!store_is_said(load->what->said, line))
            strv_add(load->what->said, line);
        r = store_set_name(names, full, image->manifest_digest, e);
    }
    return r;
}

static int put(void *arg, json_t *names, struct err *e)
{
    struct load *load = arg;
    /* From here on nobody takes a layer away. What was there before, another
     * one's or left by a killed one, may have been swept away since. */
    load->lacks_layers = load_choose_layers(load) > 0;
    if (load->lacks_layers)
        return err_set(e, EAGAIN, "layers were removed meanwhile");
    int r = put_layers(load, e);
    for (size_t i = 0; i < load->image_count && r == 0; i++) {
        r = put_documents(load, &load->images[i], e);
        if (r == 0)
            r = sheet_put(load->store, &load->stage,
                          load->images[i].manifest_digest, e);
        if (r == 0)
            r = set_names(load, &load->images[i], names, e);
    }
    return r;
}

/* Each time round at least one layer more is unpacked. */
int load_finish(struct load *load, struct err *e)
{
    int r;
    load_choose_layers(load);
    do {
        load->lacks_layers = false;
        r = load_read_layers(load, e);
        if (r == 0)
            r = stage_sync(&load->stage, e);
        if (r == 0)
            r = store_publish(load->store, put, load, e);
    } while (load->lacks_layers);
    return r;
}

/* An archive lists an image once for each of its names. */
static bool is_told(const struct load *load, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(load->images[i].manifest_digest,
                   load->images[index].manifest_digest) == 0)
            return true;
    return false;
}

static void tell_loaded(const struct load *load, size_t index)
{
    const struct load_image *made = &load->images[index];
    if (is_told(load, index))
        return;
    auto_image struct image image = {0};
    json_auto_t *names = json_object();
    store_load(load->store, made->manifest_digest, names, &image, NULL);
    store_tell(load->store, "load", made->config->digest, NULL, image.config);
}

int image_load(const struct image_store *store, const struct image_load *what,
               struct err *e)
{
    struct load load = {.store = store,
                        .what = what,
                        .stage.dir = -1,
                        .tick =
                            what->progress != NULL ? load_tell_progress : NULL};
    load.members.stage = &load.stage;
    platform_host(&load.platform);
    int r = what->platform == NULL
                ? 0
                : platform_parse(what->platform, &load.platform, e);
    if (r < 0)
        return err_add(e, "invalid platform");
    r = stage_open(&load.stage, store->root, e);
    if (r == 0)
        r = members_read(&load.members, what->source, e);
    if (r == 0)
        r = read_lists(&load, e);
    if (r == 0)
        r = load_finish(&load, e);
    for (size_t i = 0; i < load.image_count && r == 0; i++)
        tell_loaded(&load, i);
    load_done(&load);
    return r;
}
