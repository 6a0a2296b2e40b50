/* "linux.resources" of config.json, config-linux.md: limits of the group. */
#include "oci_parts.h"

#include "own.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define AT(member) offsetof(struct cg_limits, member)

/* A number, where 0 has always meant "not set": engines write it freely. */
static int read_limit(struct oci_reader *reader, const char *key,
                      const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    if (!json_is_integer(value))
        return err_set(e, EINVAL, "expected an integer");
    if (json_integer_value(value) != 0)
        *(int64_t *)base = json_integer_value(value);
    return 0;
}

/* What has no negative values: how large it may be, and whether 0 is one. */
static const struct {
    const char *key;
    int64_t most;
    bool has_zero;
} naturals[] = {
    {"swappiness",     100,        true },
    {"burst",          INT64_MAX,  true },
    {"idle",           1,          true },
    {"shares",         INT64_MAX,  false},
    {"period",         INT64_MAX,  false},
    {"realtimePeriod", INT64_MAX,  false},
    {"weight",         UINT16_MAX, false},
    {"leafWeight",     UINT16_MAX, false},
    {"classID",        UINT32_MAX, false},
};

static int read_natural(struct oci_reader *reader, const char *key,
                        const json_t *value, void *base, struct err *e)
{
    (void)reader;
    int64_t number = json_integer_value(value);
    size_t i = 0;
    while (strcmp(naturals[i].key, key) != 0)
        i++;
    if (!json_is_integer(value))
        return err_set(e, EINVAL, "expected an integer");
    if (number < 0 || number > naturals[i].most)
        return err_set(e, EINVAL, "%lld is out of range", (long long)number);
    if (number != 0 || naturals[i].has_zero)
        *(int64_t *)base = number;
    return 0;
}

/* A switch, which a number holds: 1 is on, and off is not set. */
static int read_switch(struct oci_reader *reader, const char *key,
                       const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    if (!json_is_boolean(value))
        return err_set(e, EINVAL, "expected true or false");
    if (json_is_true(value))
        *(int64_t *)base = 1;
    return 0;
}

/* Groups are hierarchical, since Linux 5.11 whatever one asks for. */
static int check_hierarchy(struct oci_reader *reader, const char *key,
                           const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    (void)base;
    if (!json_is_boolean(value))
        return err_set(e, EINVAL, "expected true or false");
    return json_is_true(value)
               ? 0
               : err_set(e, ENOTSUP, "groups are always hierarchical");
}

static const struct oci_field memory_fields[] = {
    {.key = "limit",
     .kind = OCI_CALL,
     .offset = AT(memory),
     .call = read_limit},
    {.key = "reservation",
     .kind = OCI_CALL,
     .offset = AT(memory_reservation),
     .call = read_limit},
    {.key = "swap",
     .kind = OCI_CALL,
     .offset = AT(memory_swap),
     .call = read_limit},
    {.key = "kernel",
     .kind = OCI_CALL,
     .offset = AT(memory_kernel),
     .call = read_limit},
    {.key = "kernelTCP",
     .kind = OCI_CALL,
     .offset = AT(memory_tcp),
     .call = read_limit},
    {.key = "swappiness",
     .kind = OCI_CALL,
     .offset = AT(memory_swappiness),
     .call = read_natural},
    {.key = "disableOOMKiller",
     .kind = OCI_CALL,
     .offset = AT(oom_kill_disable),
     .call = read_switch},
    {.key = "useHierarchy",                         .kind = OCI_CALL, .call = check_hierarchy},
    {.key = "checkBeforeUpdate",
     .kind = OCI_BOOL,
     .offset = AT(memory_check_before_update)},
    {0       },
};

/* --- processors --- */

static int read_set(struct oci_reader *reader, const char *key,
                    const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    const char *set = json_string_value(value);
    size_t size = sizeof((struct cg_limits *)NULL)->cpuset_cpus;
    if (set == NULL || strlen(set) >= size ||
        strspn(set, "0123456789,-") != strlen(set))
        return err_set(e, EINVAL, "expected a list like \"0-3,7\"");
    memcpy(base, set, strlen(set) + 1);
    return 0;
}

static const struct oci_field cpu_fields[] = {
    {.key = "shares",
     .kind = OCI_CALL,
     .offset = AT(cpu_shares),
     .call = read_natural},
    {.key = "quota",
     .kind = OCI_CALL,
     .offset = AT(cpu_quota),
     .call = read_limit},
    {.key = "burst",
     .kind = OCI_CALL,
     .offset = AT(cpu_burst),
     .call = read_natural},
    {.key = "period",
     .kind = OCI_CALL,
     .offset = AT(cpu_period),
     .call = read_natural},
    {.key = "realtimeRuntime",
     .kind = OCI_CALL,
     .offset = AT(cpu_rt_runtime),
     .call = read_limit},
    {.key = "realtimePeriod",
     .kind = OCI_CALL,
     .offset = AT(cpu_rt_period),
     .call = read_natural},
    {.key = "cpus",
     .kind = OCI_CALL,
     .offset = AT(cpuset_cpus),
     .call = read_set},
    {.key = "mems",
     .kind = OCI_CALL,
     .offset = AT(cpuset_mems),
     .call = read_set},
    {.key = "idle",
     .kind = OCI_CALL,
     .offset = AT(cpu_idle),
     .call = read_natural},
    {0    },
};

static const struct oci_field pids_fields[] = {
    {.key = "limit",      .kind = OCI_CALL, .offset = AT(pids), .call = read_limit},
    {0},
};

/* --- block devices --- */

struct device_entry {
    int64_t major, minor, value;
    uint16_t weight, leaf_weight;
};
#define ENTRY(json, kind_, member, needed)                                     \
    {                                                                          \
        .key = (json), .kind = (kind_), .required = (needed),                  \
        .offset = offsetof(struct device_entry, member)                        \
    }

static int read_weight(struct oci_reader *reader, const char *key,
                       const json_t *value, void *base, struct err *e)
{
    (void)key;
    struct device_entry in = {0};
    static const struct oci_field fields[] = {
        ENTRY("major", OCI_I64, major, true),
        ENTRY("minor", OCI_I64, minor, true),
        ENTRY("weight", OCI_U16, weight, false),
        ENTRY("leafWeight", OCI_U16, leaf_weight, false),
        {0},
    };
    struct cg_limits *limits = base;
    int r = oci_read(reader, value, fields, &in, e);
    if (r == 0 && in.weight == 0 && in.leaf_weight == 0)
        r = err_set(e, EINVAL, "expected weight or leafWeight");
    if (r == 0 && in.weight != 0)
        strv_addf(&limits->io_weight_device, "%" PRId64 ":%" PRId64 " %u",
                  in.major, in.minor, in.weight);
    if (r == 0 && in.leaf_weight != 0)
        strv_addf(&limits->io_leaf_weight_device, "%" PRId64 ":%" PRId64 " %u",
                  in.major, in.minor, in.leaf_weight);
    return r;
}

/* The four throttles, and v2's words for them. */
static const char *const throttles[][2] = {
    {"throttleReadBpsDevice",   "rbps" },
    {"throttleWriteBpsDevice",  "wbps" },
    {"throttleReadIOPSDevice",  "riops"},
    {"throttleWriteIOPSDevice", "wiops"},
};

static int read_throttle(struct oci_reader *reader, const char *key,
                         const json_t *value, void *base, struct err *e)
{
    struct device_entry in = {0};
    static const struct oci_field fields[] = {
        ENTRY("major", OCI_I64, major, true),
        ENTRY("minor", OCI_I64, minor, true),
        ENTRY("rate", OCI_I64, value, true),
        {0},
    };
    int r = oci_read(reader, value, fields, &in, e);
    size_t i = 0;
    while (strcmp(throttles[i][0], key) != 0)
        i++;
    if (r == 0)
        strv_addf(base, "%" PRId64 ":%" PRId64 " %s=%" PRId64, in.major,
                  in.minor, throttles[i][1], in.value);
    return r;
}

#define THROTTLE(name)                                                         \
    {                                                                          \
        .key = (name), .kind = OCI_EACH, .offset = AT(io_max),                 \
        .call = read_throttle                                                  \
    }
static const struct oci_field io_fields[] = {
    {.key = "weight",
     .kind = OCI_CALL,
     .offset = AT(io_weight),
     .call = read_natural},
    {.key = "leafWeight",
     .kind = OCI_CALL,
     .offset = AT(io_leaf_weight),
     .call = read_natural},
 /* Two lists come of it, so it is given all limits. */
    {.key = "weightDevice",                       .kind = OCI_EACH, .call = read_weight},
    THROTTLE("throttleReadBpsDevice"),
    THROTTLE("throttleWriteBpsDevice"),
    THROTTLE("throttleReadIOPSDevice"),
    THROTTLE("throttleWriteIOPSDevice"),
    {0       },
};

/* --- lists of words --- */

struct pair_entry {
    char *name;
    int64_t value;
};

/* One {NAME, NUMBER} of an array, "NAME<separator>NUMBER" for the kernel. */
struct pair {
    const char *name, *number, *separator;
};

static int read_pair(struct oci_reader *reader, const json_t *value,
                     const struct pair *pair, struct strv *out, struct err *e)
{
    struct pair_entry in = {0};
    const struct oci_field fields[] = {
        {.key = pair->name,   .kind = OCI_STRING, .required = true},
        {.key = pair->number,
         .kind = OCI_I64,
         .required = true,
         .offset = offsetof(struct pair_entry, value)},
        {0},
    };
    int r = oci_read(reader, value, fields, &in, e);
    if (r == 0)
        strv_addf(out, "%s%s%" PRId64, in.name, pair->separator, in.value);
    own_free(&in.name);
    return r;
}

static int read_hugepages(struct oci_reader *reader, const char *key,
                          const json_t *value, void *base, struct err *e)
{
    (void)key;
    static const struct pair pair = {"pageSize", "limit", "="};
    return read_pair(reader, value, &pair, base, e);
}

static int read_net_priority(struct oci_reader *reader, const char *key,
                             const json_t *value, void *base, struct err *e)
{
    (void)key;
    static const struct pair pair = {"name", "priority", " "};
    return read_pair(reader, value, &pair, base, e);
}

static const struct oci_field network_fields[] = {
    {.key = "classID",
     .kind = OCI_CALL,
     .offset = AT(net_class_id),
     .call = read_natural},
    {.key = "priorities",
     .kind = OCI_EACH,
     .offset = AT(net_priorities),
     .call = read_net_priority},
    {0                         },
};

static int read_rdma(struct oci_reader *reader, const char *key,
                     const json_t *value, void *base, struct err *e)
{
    struct {
        int64_t handles, objects;
    } in = {-1, -1};
    static const struct oci_field fields[] = {
        {.key = "hcaHandles", .kind = OCI_I64},
        {.key = "hcaObjects",                   .kind = OCI_I64, .offset = sizeof(int64_t)},
        {0},
    };
    int r = oci_read(reader, value, fields, &in, e);
    if (r == 0 && in.handles < 0 && in.objects < 0)
        r = err_set(e, EINVAL, "expected hcaHandles or hcaObjects");
    auto_text struct text line = {0};
    text_add(&line, key);
    if (in.handles >= 0)
        text_addf(&line, " hca_handle=%" PRId64, in.handles);
    if (in.objects >= 0)
        text_addf(&line, " hca_object=%" PRId64, in.objects);
    if (r == 0)
        strv_add(base, line.s);
    return r;
}

/* --- all of it --- */

/* clang-format off */
const struct oci_field oci_resources_fields[] = {
    {.key = "memory", .kind = OCI_OBJECT, .fields = memory_fields},
    {.key = "cpu", .kind = OCI_OBJECT, .fields = cpu_fields},
    {.key = "pids", .kind = OCI_OBJECT, .fields = pids_fields},
    {.key = "blockIO", .kind = OCI_OBJECT, .fields = io_fields},
    {.key = "hugepageLimits", .kind = OCI_EACH, .offset = AT(hugetlb),
     .call = read_hugepages},
    {.key = "network", .kind = OCI_OBJECT, .fields = network_fields},
    {.key = "rdma", .kind = OCI_MEMBERS, .offset = AT(rdma),
     .call = read_rdma},
    {.key = "unified", .kind = OCI_MEMBERS, .offset = AT(unified),
     .call = oci_read_assignment},
    {0},
};
/* clang-format on */
