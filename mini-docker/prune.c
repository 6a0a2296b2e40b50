#include "prune.h"

#include "doc.h"
#include "field.h"
#include "own.h"

#include <ctype.h>
#include <stdio.h>

/* --- printing ------------------------------------------------------------- */

/* {"Untagged": "busybox:latest"}: as Docker's command line shows it. */
static void print_step(const json_t *step)
{
    const char *verb;
    const json_t *what;
    json_object_foreach((json_t *)(uintptr_t)step, verb, what)
        printf("%c%s: %s\n", tolower((unsigned char)verb[0]), verb + 1,
               json_string_value(what));
}

void prune_print(const json_t *result, const char *title, const char *key,
                 uint64_t *bytes)
{
    const json_t *gone = json_object_get(result, key);
    size_t i;
    const json_t *item;
    json_array_foreach(gone, i, item)
    {
        if (i == 0)
            printf("%s:\n", title);
        if (json_is_object(item))
            print_step(item);
        else
            printf("%s\n", json_string_value(item));
    }
    if (json_array_size(gone) > 0)
        printf("\n");
    *bytes += (uint64_t)field_int(result, "SpaceReclaimed", 0);
}

void prune_print_total(uint64_t bytes)
{
    char size[16];
    printf("Total reclaimed space: %s\n", text_from_space(bytes, size));
}

/* --- the kinds of things -------------------------------------------------- */

/* How a kind of thing is removed, and what is printed of it. */
struct kind {
    int (*prune)(struct engine *engine, const struct engine_prune *prune,
                 json_t **ret, struct err *e);
    bool (*fits)(const json_t *item, void *arg);
    const char *title, *key;
};

static int carry_out(const struct kind *kind, struct engine *engine,
                     const struct prune_filter *wish, uint64_t *bytes,
                     struct err *e)
{
    auto_doc json_t *result = NULL;
    struct prune_filter copy = *wish;
    struct engine_prune prune = {kind->fits, &copy, wish->keep};
    int r = kind->prune(engine, &prune, &result, e);
    if (r == 0)
        prune_print(result, kind->title, kind->key, bytes);
    return r;
}

int prune_containers(struct engine *engine, const struct prune_filter *wish,
                     uint64_t *bytes, struct err *e)
{
    static const struct kind kind = {engine_containers_prune, prune_filter_any,
                                     "Deleted Containers", "ContainersDeleted"};
    return carry_out(&kind, engine, wish, bytes, e);
}

/* `all` is meant of images; of volumes only those that nobody named. */
int prune_volumes(struct engine *engine, const struct prune_filter *wish,
                  uint64_t *bytes, struct err *e)
{
    static const struct kind kind = {engine_volumes_prune, prune_filter_volume,
                                     "Deleted Volumes", "VolumesDeleted"};
    const struct prune_filter anonymous = {.said = wish->said};
    return carry_out(&kind, engine, &anonymous, bytes, e);
}

int prune_networks(struct engine *engine, const struct prune_filter *wish,
                   uint64_t *bytes, struct err *e)
{
    static const struct kind kind = {engine_networks_prune, prune_filter_any,
                                     "Deleted Networks", "NetworksDeleted"};
    return carry_out(&kind, engine, wish, bytes, e);
}

int prune_images(struct engine *engine, const struct prune_filter *wish,
                 uint64_t *bytes, struct err *e)
{
    static const struct kind kind = {engine_images_prune, prune_filter_image,
                                     "Deleted Images", "ImagesDeleted"};
    return carry_out(&kind, engine, wish, bytes, e);
}

int prune_builds(struct engine *engine, const struct prune_filter *wish,
                 uint64_t *bytes, struct err *e)
{
    static const struct kind kind = {engine_build_prune, prune_filter_build,
                                     "Deleted build cache objects",
                                     "CachesDeleted"};
    return carry_out(&kind, engine, wish, bytes, e);
}
