/* Receiving: the same plan as of a load, but its layers come from elsewhere
 * (load.h). */
#include "receive.h"

#include "crew.h"
#include "load.h"
#include "media.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As Docker's daemon: more than two processors would ask for, as it is often
 * the network that is slow. */
enum { AT_ONCE = 3 };

struct receive {
    struct load load; /* first: its callbacks are given this */
    const struct image_receive *what;
    json_t *manifest, *known; /* known: digest of a blob -> its diff id */
    struct receive_layer *layers;
};

/* --- the plan ------------------------------------------------------------ */

static struct member *add_member(struct receive *in, const char *digest,
                                 uint64_t size)
{
    struct members *members = &in->load.members;
    for (size_t i = 0; i < members->n; i++)
        if (strcmp(members->v[i]->name, digest) == 0)
            return members->v[i];
    members->v = own_grow(members->v, (members->n + 1) * sizeof *members->v);
    struct member *member = own_alloc(sizeof *member);
    member->name = own_strdup(digest);
    member->size = size;
    snprintf(member->path, sizeof member->path, "m%zu", members->n);
    members->v[members->n++] = member;
    return member;
}

static int add_document(struct receive *in, const struct text *text,
                        struct member **ret, struct err *e)
{
    char digest[DIGEST_SIZE];
    digest_of(text->s, text->len, digest);
    *ret = add_member(in, digest, text->len);
    snprintf((*ret)->digest, sizeof(*ret)->digest, "%s", digest);
    return files_replace(in->load.stage.dir, (*ret)->path, text->s, text->len,
                         0, e);
}

static int add_layer(struct receive *in, struct load_image *image,
                     const json_t *descriptor, const char *diff_id,
                     struct err *e)
{
    const char *digest = media_text(descriptor, "digest");
    const json_t *size = json_object_get(descriptor, "size");
    int r = media_check_layer(descriptor, e);
    if (r < 0)
        return r;
    if (!json_is_integer(size) || json_integer_value(size) < 0)
        return err_set(e, EBADMSG, "layer %s has no size", digest);
    struct load_layer layer = {.index = image->layer_count};
    layer.member = add_member(in, digest, (uint64_t)json_integer_value(size));
    snprintf(layer.digest, sizeof layer.digest, "%s", digest);
    snprintf(layer.diff_id, sizeof layer.diff_id, "%s", diff_id);
    return load_add_layer(&in->load, image, &layer, e);
}

static int plan(struct receive *in, struct err *e)
{
    struct load *load = &in->load;
    json_auto_t *config =
        json_loadb(in->what->config->s, in->what->config->len, 0, NULL);
    const json_t *layers = json_object_get(in->manifest, "layers"), *layer;
    struct load_image *image = NULL;
    size_t i;
    int r = load_add_image(load, config, json_array_size(layers), &image, e);
    if (r == 0)
        r = add_document(in, in->what->manifest, &image->manifest, e);
    if (r == 0)
        r = add_document(in, in->what->config, &image->config, e);
    if (r < 0)
        return r;
    json_array_foreach(layers, i, layer) if (r == 0) r =
        add_layer(in, image, layer, media_diff_id(config, i), e);
    for (i = 0; i < in->what->names->n; i++)
        strv_add(&image->names, in->what->names->v[i]);
    return r;
}

/* --- what is here already ------------------------------------------------ */

/* Which blob is which layer, as the images that are here say. */
static int note_known(void *arg, const json_t *names, struct err *e)
{
    struct receive *in = arg;
    const char *name;
    const json_t *digest, *layer;
    size_t i;
    (void)e;
    json_object_foreach((json_t *)(uintptr_t)names, name, digest)
    {
        json_auto_t *manifest = NULL, *config = NULL;
        const char *id;
        if (store_get(in->load.store, json_string_value(digest), &manifest,
                      NULL) < 0 ||
            store_config_digest(manifest, &id, NULL) < 0 ||
            store_get(in->load.store, id, &config, NULL) < 0)
            continue;
        json_array_foreach(json_object_get(manifest, "layers"), i, layer)
            json_object_set_new(in->known, media_text(layer, "digest"),
                                json_string(media_diff_id(config, i)));
    }
    return 0;
}

/* A blob that is here need not come; that it is this layer is read from
 * another image, or else found out by reading it. */
static void take_known(struct receive *in)
{
    struct load *load = &in->load;
    in->known = json_object();
    for (size_t i = 0; i < load->layer_count; i++) {
        struct load_layer *layer = &load->layers[i];
        layer->is_here =
            layer->member->is_known ||
            members_take_known(&load->stage, layer->digest, layer->member);
        if (layer->is_here && json_object_size(in->known) == 0)
            store_find(load->store, note_known, in, NULL);
        const char *diff_id =
            json_string_value(json_object_get(in->known, layer->digest));
        layer->is_read = layer->is_here && diff_id != NULL &&
                         strcmp(diff_id, layer->diff_id) == 0;
        snprintf(load->results[i].digest, DIGEST_SIZE, "%s", layer->digest);
    }
    load_choose_layers(load);
    for (size_t i = 0; i < load->layer_count; i++)
        in->layers[i] = (struct receive_layer){
            .digest = load->layers[i].digest,
            .size = load->layers[i].member->size,
            .state =
                load->layers[i].is_here ? RECEIVE_EXISTS : RECEIVE_WAITING};
}

/* --- a layer on its way -------------------------------------------------- */

/* What comes is kept in the stage as it passes. */
struct passing {
    struct layer_source source;
    struct load_result *result;
    struct err *e;
    int fd;
    uint64_t size, left; /* what the manifest says; of that */
    char magic[LAYER_MAGIC];
    size_t magic_len;
};

static void look_at_beginning(struct passing *p, const char *bytes, size_t len)
{
    size_t more = LAYER_MAGIC - p->magic_len;
    if (more > len)
        more = len;
    memcpy(p->magic + p->magic_len, bytes, more);
    p->magic_len += more;
    if (more > 0)
        p->result->packed = layer_recognise(p->magic, p->magic_len);
}

static ssize_t pass(void *arg, void *bytes, size_t len)
{
    struct passing *p = arg;
    ssize_t n = p->source.read(p->source.arg, bytes, len);
    if (n < 0)
        return n;
    if ((uint64_t)n > p->left || (n == 0 && p->left > 0))
        return err_set(p->e, EBADMSG,
                       "failed size validation: %s %llu bytes: failed "
                       "precondition",
                       n == 0 ? "it ended before" : "it has more than",
                       (unsigned long long)p->size);
    p->left -= (uint64_t)n;
    look_at_beginning(p, bytes, (size_t)n);
    int r = files_write_all(p->fd, bytes, (size_t)n);
    return r < 0 ? err_sys(p->e, r, "write the layer's blob") : n;
}

static int fetch(struct load *load, size_t index, struct layer_source *ret,
                 struct err *e)
{
    struct receive *in = (struct receive *)load;
    const struct member *member = load->layers[index].member;
    /* Its process ends with it, and so does this. */
    struct passing *p = own_alloc(sizeof *p);
    *p = (struct passing){.result = &load->results[index],
                          .e = &load->fetch_error,
                          .size = member->size,
                          .left = member->size};
    p->fd = sys_openat(load->stage.dir, member->path,
                       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (p->fd < 0)
        return err_sys(e, p->fd, "create a blob");
    *ret = (struct layer_source){pass, p};
    return in->what->open(in->what->arg, &in->layers[index], &p->source, p->e);
}

static void tell(void *arg)
{
    struct receive *in = arg;
    for (size_t i = 0; i < in->load.layer_count; i++) {
        struct receive_layer *layer = &in->layers[i];
        struct load_result *result = &in->load.results[i];
        layer->done = atomic_load(&result->done);
        if (layer->state == RECEIVE_EXISTS)
            continue;
        layer->state = atomic_load(&result->is_done) ? RECEIVE_DONE
                       : layer->done == 0            ? RECEIVE_WAITING
                       : layer->done < layer->size   ? RECEIVE_READING
                                                     : RECEIVE_READ;
    }
    if (in->what->progress != NULL)
        in->what->progress(in->what->arg, in->layers, in->load.layer_count);
}

static int receive(struct receive *in, char ret_id[DIGEST_SIZE], struct err *e)
{
    struct load *load = &in->load;
    int r = stage_open(&load->stage, load->store->root, e);
    if (r == 0)
        r = plan(in, e);
    if (r < 0)
        return r;
    load->results = crew_share(load->layer_count * sizeof *load->results);
    in->layers = own_alloc((load->layer_count + 1) * sizeof *in->layers);
    take_known(in);
    tell(in);
    r = load_finish(load, e);
    if (r < 0)
        return r;
    tell(in);
    memcpy(ret_id, load->images[0].config->digest, DIGEST_SIZE);
    return 0;
}

int image_receive(const struct image_store *store,
                  const struct image_receive *what, char ret_id[DIGEST_SIZE],
                  struct err *e)
{
    auto_strv struct strv said = {0}; /* is what a load says */
    const struct image_load as_load = {.said = &said};
    struct receive in = {
        .load = {.store = store,
                 .what = &as_load,
                 .stage.dir = -1,
                 .fetch = fetch,
                 .tick = tell,
                 .at_once = AT_ONCE},
        .what = what
    };
    in.manifest = json_loadb(what->manifest->s, what->manifest->len, 0, NULL);
    int r = receive(&in, ret_id, e);
    load_done(&in.load);
    own_free(&in.layers);
    json_decref(in.manifest);
    json_decref(in.known);
    return r;
}
