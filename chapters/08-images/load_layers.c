/* The layers of what is loaded: each is read once, in a process of its own,
 * which checks both its digests and unpacks it (load.h). */
#include "load.h"

#include "crew.h"
#include "own.h"
#include "plain.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A layer as it is read. */
struct reading {
    int fd;                     /* -1: it is fetched */
    struct layer_source source; /* where it comes from then */
    struct load_result *result;
    struct digest blob_sum, diff_sum;
    bool is_known; /* the blob's digest need not be taken again */
};

static ssize_t read_blob(void *arg, void *bytes, size_t len)
{
    struct reading *reading = arg;
    ssize_t n = reading->fd < 0
                    ? reading->source.read(reading->source.arg, bytes, len)
                    : read(reading->fd, bytes, len);
    if (n < 0)
        return reading->fd < 0 ? n : -errno;
    if (n > 0 && !reading->is_known)
        digest_add(&reading->blob_sum, bytes, (size_t)n);
    atomic_fetch_add(&reading->result->done, (unsigned long long)n);
    return n;
}

static void add_plain(void *arg, const void *bytes, size_t len)
{
    digest_add(&((struct reading *)arg)->diff_sum, bytes, len);
}

/* Both digests, but nothing unpacked. */
static int check(struct reading *reading, struct err *e)
{
    auto_plain struct plain *plain = NULL;
    const void *block;
    ssize_t n =
        plain_open_layer(&plain, (struct layer_source){read_blob, reading}, e);
    while (n >= 0 && (n = plain_read(plain, &block, e)) > 0)
        add_plain(reading, block, (size_t)n);
    return (int)n;
}

static int read_layer(struct load *load, const struct load_layer *layer,
                      struct reading *reading, struct err *e)
{
    if (layer->stage_name[0] == '\0')
        return check(reading, e);
    return stage_layer(&load->stage, layer->stage_name,
                       (struct layer_source){read_blob, reading},
                       (struct layer_sink){add_plain, reading}, e);
}

/* How it is packed is told by its first bytes: labels lie. */
static int find_packing(struct reading *reading, struct err *e)
{
    char magic[LAYER_MAGIC];
    ssize_t n = pread(reading->fd, magic, sizeof magic, 0);
    if (n < 0)
        return err_sys(e, errno, "read");
    reading->result->packed = layer_recognise(magic, (size_t)n);
    if (reading->result->packed == LAYER_XZ)
        return err_set(e, ENOTSUP,
                       "it is packed with xz, which no layer may "
                       "be");
    /* Then both digests are one and the same. */
    reading->is_known |= reading->result->packed == LAYER_PLAIN;
    return 0;
}

/* @lab 8.4 the blob's digest, where the manifest says one, and the diff id */
static int compare(const struct load_layer *layer,
                   const struct load_result *result, struct err *e)
{
    if (layer->digest[0] != '\0' && strcmp(layer->digest, result->digest) != 0)
        return err_set(e, EBADMSG,
                       "unexpected commit digest %s, expected %s: failed "
                       "precondition",
                       result->digest, layer->digest);
    if (strcmp(layer->diff_id, result->diff_id) != 0)
        return err_set(e, EBADMSG,
                       "invalid diffID for layer %zu: expected \"%s\", got "
                       "\"%s\"",
                       layer->index, layer->diff_id, result->diff_id);
    return 0;
}

/* It is in the stage, or is put there by who fetches it. */
static int open_layer(struct load *load, size_t job, struct reading *reading,
                      struct err *e)
{
    const struct load_layer *layer = &load->layers[job];
    if (load->fetch != NULL && !layer->is_here)
        return load->fetch(load, job, &reading->source, e);
    reading->fd = sys_openat(load->stage.dir, layer->member->path,
                             O_RDONLY | O_CLOEXEC, 0);
    return reading->fd < 0 ? err_sys(e, reading->fd, "open")
                           : find_packing(reading, e);
}

static int read_one(struct load *load, size_t job, struct reading *reading,
                    struct err *e)
{
    const struct load_layer *layer = &load->layers[job];
    struct load_result *result = reading->result;
    reading->is_known = layer->member->is_known;
    digest_init(&reading->blob_sum);
    digest_init(&reading->diff_sum);
    int r = open_layer(load, job, reading, e);
    if (r == 0)
        r = read_layer(load, layer, reading, e);
    if (r < 0)
        return r;
    digest_end(&reading->diff_sum, result->diff_id);
    if (layer->member->is_known)
        snprintf(result->digest, DIGEST_SIZE, "%s", layer->member->digest);
    else if (result->packed == LAYER_PLAIN)
        memcpy(result->digest, result->diff_id, DIGEST_SIZE);
    else
        digest_end(&reading->blob_sum, result->digest);
    return compare(layer, result, e);
}

static int work(void *arg, size_t job, struct err *e)
{
    struct load *load = arg;
    if (load->layers[job].is_read)
        return 0;
    struct reading reading = {.fd = -1, .result = &load->results[job]};
    atomic_store(&reading.result->done, 0);
    int r = read_one(load, job, &reading, e);
    own_close(&reading.fd);
    atomic_store(&reading.result->is_done, r == 0);
    if (r < 0 && load->fetch_error.code != 0)
        return err_set(e, load->fetch_error.code, "%s", load->fetch_error.msg);
    if (r < 0 && strstr(e->msg, "diffID") == NULL &&
        strstr(e->msg, "commit digest") == NULL)
        return err_add(e, "layer %.100s", load->layers[job].member->name);
    return r;
}

void load_tell_progress(void *arg)
{
    struct load *load = arg;
    for (size_t i = 0; i < load->layer_count; i++) {
        const struct load_layer *layer = &load->layers[i];
        if (layer->stage_name[0] == '\0')
            continue;
        load->what->progress(load->what->arg,
                             &(struct image_progress){
                                 .id = digest_hex(layer->diff_id),
                                 .done = atomic_load(&load->results[i].done),
                                 .total = layer->member->size,
                             });
    }
}

static bool has_layer(const struct load *load, const char *diff_id)
{
    auto_free char *path = text_format("layers/%s", digest_hex(diff_id));
    struct stat st;
    return fstatat(load->store->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

size_t load_choose_layers(struct load *load)
{
    size_t chosen = 0;
    json_auto_t *seen = json_object();
    for (size_t i = 0; i < load->layer_count; i++) {
        struct load_layer *layer = &load->layers[i];
        if (layer->stage_name[0] == '\0' &&
            json_object_get(seen, layer->diff_id) == NULL &&
            !has_layer(load, layer->diff_id)) {
            snprintf(layer->stage_name, sizeof layer->stage_name, "l%zu", i);
            layer->is_read = false;
            chosen++;
        }
        json_object_set_new(seen, layer->diff_id, json_true());
    }
    return chosen;
}

int load_read_layers(struct load *load, struct err *e)
{
    struct crew crew = {
        .count = load->layer_count,
        .work = work,
        .tick = load->tick,
        .at_once = load->at_once,
        .arg = load,
    };
    if (load->results == NULL)
        load->results = crew_share(load->layer_count * sizeof *load->results);
    int r = crew_run(&crew, e);
    for (size_t i = 0; i < load->layer_count && r == 0; i++)
        load->layers[i].is_read = load->layers[i].is_here = true;
    return r;
}
