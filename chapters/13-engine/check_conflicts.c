/* What cannot be said of a container that is in another's network, or in the
 * host's: that one is named, reached and told of names as its owner wants. */
#include "engine_check.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <string.h>

/* In the order in which Docker looks. */
/* clang-format off */
static const struct conflict {
    const char *path, *complaint;
    bool with_host;
} conflicts[] = {
    {"Hostname", "hostname and the network mode", false},
    {"HostConfig.Links", "container type network can't be used with links. "
     "This would result in undefined behavior", false},
    {"HostConfig.Dns", "dns and the network mode", false},
    {"HostConfig.ExtraHosts",
     "custom host-to-IP mapping and the network mode", false},
    {"MacAddress", "mac-address and the network mode", true},
    {"HostConfig.PortBindings",
     "port publishing and the container type network mode", false},
    {"HostConfig.PublishAllPorts",
     "port publishing and the container type network mode", false},
    {"ExposedPorts", "port exposing and the container type network mode",
     false},
};
/* clang-format on */

static bool is_said(const json_t *value)
{
    return json_is_string(value) ? json_string_length(value) > 0
           : json_is_array(value)
               ? json_array_size(value) > 0
               : json_is_true(value) || json_object_size(value) > 0;
}

/* Of the endpoint, for that is where it is kept. */
static const json_t *address_of(const json_t *doc, const char *mode)
{
    return json_object_get(
        json_object_get(field_get(doc, "NetworkingConfig.EndpointsConfig"),
                        mode),
        "MacAddress");
}

int engine_check_conflicts(const json_t *doc, struct err *e)
{
    const char *mode = field_string(doc, "HostConfig.NetworkMode");
    bool is_host = mode != NULL && strcmp(mode, "host") == 0;
    if (!is_host && (mode == NULL || !text_starts(mode, "container:")))
        return 0;
    for (size_t i = 0; i < sizeof conflicts / sizeof conflicts[0]; i++) {
        const struct conflict *conflict = &conflicts[i];
        const json_t *value = strcmp(conflict->path, "MacAddress") == 0
                                  ? address_of(doc, mode)
                                  : field_get(doc, conflict->path);
        if ((!is_host || conflict->with_host) && is_said(value))
            return err_set(e, EINVAL, "conflicting options: %s",
                           conflict->complaint);
    }
    return 0;
}
