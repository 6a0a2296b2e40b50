/* What the engine tells of volumes, and the commands' doors to them. */
#include "volume.h"

#include "events.h"
#include "field.h"
#include "own.h"
#include "usage.h"

#include <errno.h>

static uint64_t size_of(const struct engine *engine, const char *name)
{
    auto_fd int dir = volume_open(engine, name, NULL);
    return dir < 0 ? 0 : usage_below(dir, "_data");
}

/* Of what is mounted in a volume's place nobody knows the size. */
static void put_usage(const struct engine *engine, json_t *volume,
                      const json_t *users, bool with_size)
{
    const char *name = field_string(volume, "Name");
    struct volume_device device;
    bool known = with_size && !volume_get_device(volume, &device);
    size_t count = json_array_size(json_object_get(users, name));
    json_t *usage =
        json_pack("{s:I, s:I}", "RefCount", (json_int_t)count, "Size",
                  known ? (json_int_t)size_of(engine, name) : (json_int_t)-1);
    json_object_set_new(volume, "UsageData", usage);
}

static int list_all(struct engine *engine, json_t *list, struct strv *damaged,
                    struct err *e)
{
    auto_strv struct strv names = {0};
    int r = volume_names(engine, &names, e);
    for (size_t i = 0; i < names.n && r == 0; i++) {
        json_t *volume = NULL;
        struct err why = {0};
        int loaded = volume_load(engine, names.v[i], &volume, &why);
        if (loaded == 0)
            json_array_append_new(list, volume);
        else if (loaded != -ENOENT && damaged != NULL)
            strv_add(damaged, why.msg);
    }
    return r;
}

int engine_volumes(struct engine *engine, int flags, json_t **ret,
                   struct strv *damaged, struct err *e)
{
    json_t *list = json_array(), *users = NULL;
    bool with_size = (flags & ENGINE_VOLUME_SIZES) != 0;
    /* What dead owners left uses nothing. */
    engine_sweep(engine, NULL);
    int r = with_size ? engine_enter(engine, e) : 0;
    if (r == 0)
        r = list_all(engine, list, damaged, e);
    if (r == 0 && flags != 0)
        r = volume_users(engine, &users, e);
    size_t i;
    json_t *volume;
    json_array_foreach(list, i, volume) if (r == 0 && flags != 0)
        put_usage(engine, volume, users, with_size);
    if (r == 0)
        *ret = json_incref(list);
    json_decref(list);
    json_decref(users);
    return r;
}

int engine_volume_create(struct engine *engine, const json_t *request,
                         json_t **ret, struct err *e)
{
    return volume_create(engine, request, ret, e);
}

int engine_volume_inspect(struct engine *engine, const char *name, json_t **ret,
                          struct err *e)
{
    return volume_load(engine, name, ret, e);
}

int engine_volume_remove(struct engine *engine, const char *name, struct err *e)
{
    engine_sweep(engine, NULL);
    return volume_remove(engine, name, e);
}

/* What a prune has removed so far. */
struct pruned {
    json_t *names;
    uint64_t bytes;
};

/* With the lock: one that is used the moment after is made anew. */
static int prune_one(struct engine *engine, const char *name,
                     const struct engine_prune *prune, struct pruned *pruned,
                     struct err *e)
{
    json_t *volume = NULL;
    if (volume_load(engine, name, &volume, NULL) < 0)
        return 0; /* damaged: for `rm` */
    bool wanted = prune->wanted == NULL || prune->wanted(volume, prune->arg);
    struct volume_device device;
    uint64_t bytes = wanted && !volume_get_device(volume, &device)
                         ? size_of(engine, name)
                         : 0;
    int r = wanted ? volume_destroy(engine, name, e) : 0;
    json_decref(volume);
    if (!wanted || r < 0)
        return r;
    json_array_append_new(pruned->names, json_string(name));
    pruned->bytes += bytes;
    return 0;
}

int engine_volumes_prune(struct engine *engine,
                         const struct engine_prune *prune, json_t **ret,
                         struct err *e)
{
    engine_sweep(engine, NULL);
    json_t *users = NULL;
    struct pruned pruned = {.names = json_array()};
    auto_strv struct strv names = {0};
    auto_fd int lock = volume_lock(engine, e);
    int r = lock < 0 ? lock : volume_users(engine, &users, e);
    if (r == 0)
        r = volume_names(engine, &names, e);
    for (size_t i = 0; i < names.n && r == 0; i++)
        if (json_object_get(users, names.v[i]) == NULL)
            r = prune_one(engine, names.v[i], prune, &pruned, e);
    if (r == 0)
        events_pruned(engine, "volume", pruned.bytes);
    if (r == 0)
        *ret = json_pack("{s:O, s:I}", "VolumesDeleted", pruned.names,
                         "SpaceReclaimed", (json_int_t)pruned.bytes);
    json_decref(pruned.names);
    json_decref(users);
    return r;
}
