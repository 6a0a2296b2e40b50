#include "pull.h"

#include "manifests.h"
#include "media.h"
#include "receive.h"

#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One image on its way. */
struct pulling {
    const struct image_store *store;
    const struct pull *what;
    struct registry registry;
    struct platform platform;
    struct ref ref;
    struct pull_blob blob;    /* in a layer's own process */
    enum receive_state *told; /* of each layer */
    bool has_begun, is_newer;
};

static void tell(const struct pulling *p, const char *id, const char *status)
{
    p->what->tell(p->what->arg, &(struct pull_event){id, status, 0, 0});
}

/* --- layers -------------------------------------------------------------- */

static int open_layer(void *arg, const struct receive_layer *layer,
                      struct layer_source *ret, struct err *e)
{
    struct pulling *p = arg;
    int r = registry_reopen(&p->registry, e);
    p->blob = (struct pull_blob){.registry = &p->registry,
                                 .digest = layer->digest,
                                 .size = layer->size,
                                 .e = e};
    *ret = (struct layer_source){pull_blob_read, &p->blob};
    return r < 0 ? r : pull_blob_open(&p->blob);
}

/* From one state to another, a layer passes all between. */
static void tell_layer(const struct pulling *p, enum receive_state before,
                       const struct receive_layer *layer)
{
    static const struct {
        enum receive_state state;
        const char *words;
    } passed[] = {
        {RECEIVE_READ, "Verifying Checksum"},
        {RECEIVE_READ, "Download complete" },
        {RECEIVE_DONE, "Pull complete"     },
    };
    auto_free char *id = text_format("%.12s", digest_hex(layer->digest));
    if (layer->state == RECEIVE_READING)
        p->what->tell(
            p->what->arg,
            &(struct pull_event){id, "Downloading", layer->done, layer->size});
    if (layer->state == RECEIVE_EXISTS)
        return;
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++)
        if (passed[i].state > before && passed[i].state <= layer->state)
            tell(p, id, passed[i].words);
}

static void begin(struct pulling *p, const struct receive_layer *layers,
                  size_t n)
{
    p->told = own_alloc((n + 1) * sizeof *p->told);
    for (size_t i = 0; i < n; i++) {
        auto_free char *id = text_format("%.12s", digest_hex(layers[i].digest));
        bool is_here = layers[i].state == RECEIVE_EXISTS;
        p->told[i] = layers[i].state;
        tell(p, id, is_here ? "Already exists" : "Pulling fs layer");
    }
}

static void tell_layers(void *arg, const struct receive_layer *layers, size_t n)
{
    struct pulling *p = arg;
    if (p->told == NULL)
        begin(p, layers, n);
    for (size_t i = 0; i < n; i++) {
        tell_layer(p, p->told[i], &layers[i]);
        p->told[i] = layers[i].state;
    }
}

/* --- an image ------------------------------------------------------------ */

/* Does the name lead to this image already, and is that for the platform? */
static bool is_here(const struct pulling *p, const char *full,
                    const struct manifests *m)
{
    auto_image struct image image = {0};
    return image_find_for(p->store, full, p->what->platform, &image, NULL) ==
               0 &&
           !image.is_held && strcmp(image.digest, m->digest) == 0;
}

static int receive(struct pulling *p, const struct manifests *m,
                   const char *full, struct err *e)
{
    char id[DIGEST_SIZE];
    auto_strv struct strv names = {0};
    strv_add(&names, full);
    /* By the digest of an index it is found, too. */
    if (p->ref.digest == NULL && strcmp(m->top, m->digest) != 0)
        strv_addf(&names, "%s/%s@%s", p->ref.domain, p->ref.path, m->top);
    const struct image_receive what = {.manifest = &m->text,
                                       .config = &m->config,
                                       .names = &names,
                                       .open = open_layer,
                                       .progress = tell_layers,
                                       .arg = p};
    int r = image_receive(p->store, &what, id, e);
    own_free(&p->told);
    return r;
}

/* A configuration for another machine was not asked for. */
static int check_platform(const struct pulling *p, const struct manifests *m,
                          struct err *e)
{
    json_auto_t *config = json_loadb(m->config.s, m->config.len, 0, NULL);
    return p->what->platform == NULL
               ? 0
               : platform_check(config, p->what->name, p->what->platform, e);
}

static int pull_one(struct pulling *p, struct err *e)
{
    auto_manifests struct manifests m = {0};
    auto_free char *shown = ref_familiar(&p->ref);
    /* A digest says more than a tag beside it. */
    if (p->ref.digest != NULL)
        own_free(&p->ref.tag);
    auto_free char *full = ref_full(&p->ref);
    auto_free char *from = text_format("Pulling from %s", p->ref.path);
    tell(p, p->ref.digest != NULL ? p->ref.digest : p->ref.tag, from);
    int r = manifests_get(&p->registry, &p->ref, &p->platform, &m, e);
    if (r == -ENOENT && strstr(e->msg, "manifest unknown") != NULL)
        return err_add(e, "manifest for %s not found", shown);
    if (r < 0)
        return r;
    bool was_here = is_here(p, full, &m);
    if (!was_here)
        r = manifests_get_config(&p->registry, &m, e);
    if (r == 0 && !was_here)
        r = check_platform(p, &m, e);
    if (r == 0 && !was_here)
        r = receive(p, &m, full, e);
    if (r < 0)
        return r;
    auto_free char *digest = text_format("Digest: %s", m.top);
    tell(p, NULL, digest);
    p->is_newer |= !was_here;
    return 0;
}

/* Each of them; those that are no name are not taken. */
static int pull_all(struct pulling *p, struct err *e)
{
    auto_strv struct strv tags = {0};
    int r = manifests_tags(&p->registry, &tags, e);
    for (size_t i = 0; i < tags.n && r == 0; i++) {
        auto_free char *text =
            text_format("%s/%s:%s", p->ref.domain, p->ref.path, tags.v[i]);
        ref_done(&p->ref);
        r = ref_parse(text, &p->ref, e);
        if (r == 0)
            r = pull_one(p, e);
    }
    return r;
}

/* Docker's words where one may not, or there is nothing: which of them it is, a
 * registry does not say to strangers. */
static int deny(const struct pulling *p, struct err *e)
{
    auto_free char *repository = ref_repository(&p->ref);
    return err_add(e,
                   "pull access denied for %s, repository does not exist or "
                   "may require 'docker login'",
                   repository);
}

static int pull(struct pulling *p, struct err *e)
{
    auto_free char *repository = ref_repository(&p->ref);
    int r = registry_open(&p->registry, &p->ref, "pull", e);
    if (r == 0)
        r = p->what->all_tags ? pull_all(p, e) : pull_one(p, e);
    if (r == -EACCES && text_starts(e->msg, "denied"))
        return deny(p, e);
    if (r < 0)
        return r;
    auto_free char *shown = ref_familiar(&p->ref);
    auto_free char *status = text_format(
        "Status: %s for %s",
        p->is_newer ? "Downloaded newer image" : "Image is up to date",
        p->what->all_tags ? repository : shown);
    tell(p, NULL, status);
    return 0;
}

int pull_image(const struct image_store *store, const struct pull *what,
               struct err *e)
{
    struct pulling p = {
        .store = store,
        .what = what,
        .registry = {.options = what->options, .web = WEB_NONE}
    };
    platform_host(&p.platform);
    int r = what->platform == NULL
                ? 0
                : platform_parse(what->platform, &p.platform, e);
    if (r < 0)
        return err_add(e, "invalid platform");
    r = ref_parse(what->name, &p.ref, e);
    if (r == 0)
        r = pull(&p, e);
    registry_close(&p.registry);
    ref_done(&p.ref);
    return r;
}
