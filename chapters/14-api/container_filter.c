#include "container_filter.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One container, its place in the list, and what it is compared with. */
struct item {
    const json_t *container, *known;
    size_t position;
};

static bool fits_id(const void *arg, const char *value)
{
    const struct item *item = arg;
    return text_starts(field_string(item->container, "Id"), value);
}

/* A name is kept as "/web" and may be asked for with or without the slash. */
static bool fits_name(const void *arg, const char *value)
{
    const struct item *item = arg;
    bool fits = false;
    size_t i;
    const json_t *element;
    json_array_foreach(field_get(item->container, "Names"), i, element)
    {
        const char *name = json_string_value(element);
        fits |= list_filter_fits_pattern(name, value) ||
                list_filter_fits_pattern(name + (name[0] == '/'), value);
    }
    return fits;
}

static bool is_one_of(const char *value, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(value, *words) == 0)
            return true;
    return false;
}

static bool is_status(const char *value)
{
    static const char *const states[] = {"created",    "running", "paused",
                                         "restarting", "exited",  "removing",
                                         "dead",       NULL};
    return is_one_of(value, states);
}

static bool fits_status(const void *arg, const char *value)
{
    const struct item *item = arg;
    return field_is(item->container, "State", value);
}

static bool is_code(const char *value)
{
    int64_t code;
    return text_to_i64(value, &code) == 0;
}

/* The document of a list tells it in words alone: "Exited (3) ...". */
static bool fits_exited(const void *arg, const char *value)
{
    const struct item *item = arg;
    auto_free char *words = text_format("Exited (%s) ", value);
    const char *status = field_string(item->container, "Status");
    return status != NULL && text_starts(status, words);
}

static bool fits_label(const void *arg, const char *value)
{
    const struct item *item = arg;
    return list_filter_fits_label(field_get(item->container, "Labels"), value);
}

static bool fits_ancestor(const void *arg, const char *value)
{
    const struct item *item = arg;
    const char *id = json_string_value(json_object_get(item->known, value));
    return id != NULL && field_is(item->container, "ImageID", id);
}

static size_t position_of(const struct item *item, const char *name)
{
    return (size_t)json_integer_value(json_object_get(item->known, name));
}

static bool fits_before(const void *arg, const char *value)
{
    const struct item *item = arg;
    return item->position > position_of(item, value);
}

static bool fits_since(const void *arg, const char *value)
{
    const struct item *item = arg;
    return item->position < position_of(item, value);
}

static bool is_health(const char *value)
{
    static const char *const states[] = {"none", "starting", "healthy",
                                         "unhealthy", NULL};
    return is_one_of(value, states);
}

/* In the words of a status: "Up 3 seconds (healthy)". */
static bool fits_health(const void *arg, const char *value)
{
    static const char *const words[][2] = {
        {"starting",  "(health: starting)"},
        {"healthy",   "(healthy)"         },
        {"unhealthy", "(unhealthy)"       },
    };
    const struct item *item = arg;
    const char *status = field_string(item->container, "Status");
    const char *is = "none";
    for (size_t i = 0; status != NULL && i < 3; i++)
        if (text_ends(status, words[i][1]))
            is = words[i][0];
    return strcmp(is, value) == 0;
}

static bool fits_network(const void *arg, const char *value)
{
    const struct item *item = arg;
    const char *name;
    json_t *settings;
    json_object_foreach((json_t *)(uintptr_t)field_get(
                            item->container, "NetworkSettings.Networks"),
                        name, settings)
    {
        const char *id = field_string(settings, "NetworkID");
        if (strcmp(name, value) == 0 ||
            (id != NULL && value[0] != '\0' && text_starts(id, value)))
            return true;
    }
    return false;
}

/* A volume's name, a bind's source, or the place of either. */
static bool fits_volume(const void *arg, const char *value)
{
    const struct item *item = arg;
    size_t i;
    const json_t *mount;
    json_array_foreach(json_object_get(item->container, "Mounts"), i, mount)
    {
        bool named = field_get(mount, "Name") != NULL;
        if (field_is(mount, named ? "Name" : "Source", value) ||
            field_is(mount, "Destination", value))
            return true;
    }
    return false;
}

static int read_port(const char *text, uint64_t *ret)
{
    int r = text_to_u64(text, ret);
    return r == 0 && *ret > UINT16_MAX ? -ERANGE : r;
}

int container_filter_read_ports(const char *value,
                                struct container_filter_ports *ret)
{
    static const char *const protocols[] = {"tcp", "udp", "sctp"};
    auto_strv struct strv halves = {0}, range = {0};
    strv_split(&halves, value, '/');
    strv_split(&range, halves.n > 0 ? halves.v[0] : "", '-');
    bool bad = range.n < 1 || range.n > 2 || halves.n > 2 ||
               read_port(range.v[0], &ret->first) < 0 ||
               read_port(range.v[range.n - 1], &ret->last) < 0 ||
               ret->last < ret->first;
    if (bad)
        return -EINVAL;
    const char *protocol = halves.n > 1 ? halves.v[1] : protocols[0];
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        ret->protocol = protocols[i];
        if (strcmp(protocol, protocols[i]) == 0)
            return 0;
    }
    return -EPROTONOSUPPORT;
}

static bool is_ports(const char *value)
{
    struct container_filter_ports ports;
    return container_filter_read_ports(value, &ports) == 0;
}

/* Is a port of the container asked for, of those that were wished for? It need
 * not run. */
static bool has_port(const struct item *item, const char *path,
                     const char *value)
{
    struct container_filter_ports ports;
    if (container_filter_read_ports(value, &ports) < 0)
        return false;
    const char *key;
    json_t *bindings;
    json_object_foreach((json_t *)(uintptr_t)field_get(item->container, path),
                        key, bindings)
    {
        const char *slash = strchr(key, '/');
        uint64_t number = (uint64_t)strtol(key, NULL, 10);
        if (number >= ports.first && number <= ports.last && slash != NULL &&
            strcmp(slash + 1, ports.protocol) == 0)
            return true;
    }
    return false;
}

static bool fits_publish(const void *arg, const char *value)
{
    return has_port(arg, "HostConfig.PortBindings", value);
}

static bool fits_expose(const void *arg, const char *value)
{
    return has_port(arg, "ExposedPorts", value);
}

static const struct list_filter filters[] = {
    {"id",        NULL,      fits_id,       false},
    {"name",      NULL,      fits_name,     false},
    {"label",     NULL,      fits_label,    true },
    {"status",    is_status, fits_status,   false},
    {"exited",    is_code,   fits_exited,   false},
    {"ancestor",  NULL,      fits_ancestor, false},
    {"before",    NULL,      fits_before,   true },
    {"since",     NULL,      fits_since,    true },
    {"health",    is_health, fits_health,   false},
    {"network",   NULL,      fits_network,  false},
    {"volume",    NULL,      fits_volume,   false},
    {"publish",   is_ports,  fits_publish,  false},
    {"expose",    is_ports,  fits_expose,   false},
    {"is-task",   NULL,      NULL,          false},
    {"isolation", NULL,      NULL,          false},
    {NULL,        NULL,      NULL,          false},
};

int container_filter_check(const struct strv *said, struct err *e)
{
    return list_filter_check(filters, said, e);
}

/* Where is the container of this name, or of an id that begins so? */
static int find_position(const json_t *containers, const char *name,
                         json_int_t *ret, struct err *e)
{
    auto_free char *slashed = text_format("/%s", name);
    size_t i, by_id = json_array_size(containers);
    const json_t *container;
    json_array_foreach(containers, i, container)
    {
        const json_t *first = json_array_get(field_get(container, "Names"), 0);
        const char *is = json_string_value(first);
        if (is != NULL && strcmp(is, slashed + (name[0] == '/')) == 0) {
            *ret = (json_int_t)i;
            return 0;
        }
        if (name[0] != '\0' && text_starts(field_string(container, "Id"), name))
            by_id = i;
    }
    *ret = (json_int_t)by_id;
    return by_id < json_array_size(containers)
               ? 0
               : err_set(e, ENOENT, "No such container: %s", name);
}

int container_filter_open(struct container_filter *ret, const struct strv *said,
                          const json_t *containers,
                          const struct image_store *images, struct err *e)
{
    *ret = (struct container_filter){said, containers, json_object()};
    int r = container_filter_check(said, e);
    for (size_t i = 0; i < said->n && r == 0; i++) {
        const char *value = strchr(said->v[i], '=') + 1;
        json_int_t position = 0;
        auto_image struct image image = {0};
        if (text_starts(said->v[i], "ancestor=") &&
            image_find(images, value, &image, NULL) == 0)
            json_object_set_new(ret->known, value, json_string(image.id));
        if (!text_starts(said->v[i], "before=") &&
            !text_starts(said->v[i], "since="))
            continue;
        r = find_position(containers, value, &position, e);
        json_object_set_new(ret->known, value, json_integer(position));
    }
    return r;
}

void container_filter_done(struct container_filter *filter)
{
    json_decref(filter->known);
}

bool container_filter_fits(const struct container_filter *filter, size_t i)
{
    const struct item item = {json_array_get(filter->containers, i),
                              filter->known, i};
    return list_filter_fits(filters, filter->said, &item);
}
