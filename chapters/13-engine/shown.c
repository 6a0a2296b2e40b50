/*
 * What a container that says nothing of it has: the members that Docker's API
 * always has, in its order, so that a script may ask for any of them.
 *
 * A record has what was said, and what a plan made of that; what was not said
 * would be the same in each of a thousand records. So it is put in where one is
 * shown, and only there.
 */
#include "shown.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The values as JSON has them. */
struct member {
    const char *name, *value;
};

/* clang-format off */
static const struct member config[] = {
    {"Hostname", "\"\""},
    {"Domainname", "\"\""},
    {"User", "\"\""},
    {"AttachStdin", "false"},
    {"AttachStdout", "false"},
    {"AttachStderr", "false"},
    {"Tty", "false"},
    {"OpenStdin", "false"},
    {"StdinOnce", "false"},
    {"Env", "null"},
    {"Cmd", "null"},
    {"Image", "\"\""},
    {"Volumes", "null"},
    {"WorkingDir", "\"\""},
    {"Entrypoint", "null"},
    {"OnBuild", "null"},
    {"Labels", "{}"},
    {NULL, NULL},
};

static const struct member host_config[] = {
    {"Binds", "null"},
    {"ContainerIDFile", "\"\""},
    {"LogConfig", "{\"Type\": \"json-file\", \"Config\": {}}"},
    {"NetworkMode", "\"\""},
    {"PortBindings", "{}"},
    {"RestartPolicy", "{\"Name\": \"no\", \"MaximumRetryCount\": 0}"},
    {"AutoRemove", "false"},
    {"VolumeDriver", "\"\""},
    {"VolumesFrom", "null"},
    {"ConsoleSize", "[0, 0]"},
    {"CapAdd", "null"},
    {"CapDrop", "null"},
    {"CgroupnsMode", "\"private\""},
    {"Dns", "[]"},
    {"DnsOptions", "[]"},
    {"DnsSearch", "[]"},
    {"ExtraHosts", "null"},
    {"GroupAdd", "null"},
    {"IpcMode", "\"private\""},
    {"Cgroup", "\"\""},
    {"Links", "null"},
    {"OomScoreAdj", "0"},
    {"PidMode", "\"\""},
    {"Privileged", "false"},
    {"PublishAllPorts", "false"},
    {"ReadonlyRootfs", "false"},
    {"SecurityOpt", "null"},
    {"UTSMode", "\"\""},
    {"UsernsMode", "\"\""},
    {"ShmSize", "67108864"},
    {"Runtime", "\"mini-runc\""},
    {"Isolation", "\"\""},
    {"CpuShares", "0"},
    {"Memory", "0"},
    {"NanoCpus", "0"},
    {"CgroupParent", "\"\""},
    {"BlkioWeight", "0"},
    {"BlkioWeightDevice", "[]"},
    {"BlkioDeviceReadBps", "[]"},
    {"BlkioDeviceWriteBps", "[]"},
    {"BlkioDeviceReadIOps", "[]"},
    {"BlkioDeviceWriteIOps", "[]"},
    {"CpuPeriod", "0"},
    {"CpuQuota", "0"},
    {"CpuRealtimePeriod", "0"},
    {"CpuRealtimeRuntime", "0"},
    {"CpusetCpus", "\"\""},
    {"CpusetMems", "\"\""},
    {"Devices", "[]"},
    {"DeviceCgroupRules", "null"},
    {"DeviceRequests", "null"},
    {"MemoryReservation", "0"},
    {"MemorySwap", "0"},
    {"MemorySwappiness", "null"},
    {"OomKillDisable", "false"},
    {"PidsLimit", "null"},
    {"Ulimits", "[]"},
    {"CpuCount", "0"},
    {"CpuPercent", "0"},
    {"IOMaximumIOps", "0"},
    {"IOMaximumBandwidth", "0"},
    {NULL, NULL},
};

static const struct member state[] = {
    {"Status", "\"\""},
    {"Running", "false"},
    {"Paused", "false"},
    {"Restarting", "false"},
    {"OOMKilled", "false"},
    {"Dead", "false"},
    {"Pid", "0"},
    {"ExitCode", "0"},
    {"Error", "\"\""},
    {"StartedAt", "\"0001-01-01T00:00:00Z\""},
    {"FinishedAt", "\"0001-01-01T00:00:00Z\""},
    {NULL, NULL},
};

static const struct member network_settings[] = {
    {"Bridge", "\"\""},
    {"SandboxID", "\"\""},
    {"HairpinMode", "false"},
    {"LinkLocalIPv6Address", "\"\""},
    {"LinkLocalIPv6PrefixLen", "0"},
    {"Ports", "{}"},
    {"SandboxKey", "\"\""},
    {"SecondaryIPAddresses", "null"},
    {"SecondaryIPv6Addresses", "null"},
    {"EndpointID", "\"\""},
    {"Gateway", "\"\""},
    {"GlobalIPv6Address", "\"\""},
    {"GlobalIPv6PrefixLen", "0"},
    {"IPAddress", "\"\""},
    {"IPPrefixLen", "0"},
    {"IPv6Gateway", "\"\""},
    {"MacAddress", "\"\""},
    {"Networks", "{}"},
    {NULL, NULL},
};
/* clang-format on */

/* What programs in Go send of a member that nobody has set. */
static bool says_nothing(const char *name, const json_t *value)
{
    if (strcmp(name, "MemorySwappiness") == 0)
        return json_is_null(value) || json_integer_value(value) == -1;
    if (strcmp(name, "LogConfig") == 0)
        return json_string_length(json_object_get(value, "Type")) == 0;
    return json_is_null(value) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_integer(value) && json_integer_value(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

json_t *shown_complete(enum shown_part part, const json_t *said)
{
    static const struct member *const parts[] = {
        [SHOWN_CONFIG] = config,
        [SHOWN_HOST_CONFIG] = host_config,
        [SHOWN_STATE] = state,
        [SHOWN_NETWORK_SETTINGS] = network_settings,
    };
    json_t *ret = json_object();
    for (const struct member *m = parts[part]; m->name != NULL; m++)
        json_object_set_new(ret, m->name,
                            json_loads(m->value, JSON_DECODE_ANY, NULL));
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)said, key, value)
    {
        if (json_object_get(ret, key) == NULL || !says_nothing(key, value))
            json_object_set(ret, key, value);
    }
    return ret;
}
