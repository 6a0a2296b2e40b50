/* "linux" of config.json, config-linux.md: namespaces, ids, devices, paths. */
#include "oci_parts.h"

#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define AT(member) offsetof(struct oci_config, member)

/* --- namespaces and ids --- */

struct namespace_entry {
    char *type, *path;
};
static const struct oci_field namespace_fields[] = {
    {.key = "type",     .kind = OCI_STRING, .required = true},
    {.key = "path",
     .kind = OCI_STRING,
     .offset = offsetof(struct namespace_entry, path)},
    {0    },
};

static int add_namespace(struct spec *spec, struct namespace_entry *in,
                         struct err *e)
{
    int kind = ns_by_name(in->type);
    if (kind < 0 || strcmp(ns_table[kind].oci_name, in->type) != 0)
        return err_set(e, EINVAL, "unknown namespace \"%s\"", in->type);
    if ((spec->new_namespaces & NS_BIT(kind)) != 0 ||
        spec->join_paths[kind] != NULL)
        return err_set(e, EINVAL, "namespace \"%s\" is given twice", in->type);
    if (in->path == NULL || in->path[0] == '\0')
        spec->new_namespaces |= NS_BIT(kind);
    else if (in->path[0] != '/')
        return err_set(e, EINVAL, "path \"%s\" is not absolute", in->path);
    else
        spec->join_paths[kind] = own_take(&in->path);
    return 0;
}

static int read_namespace(struct oci_reader *reader, const char *key,
                          const json_t *value, void *base, struct err *e)
{
    (void)key;
    struct namespace_entry in = {0};
    int r = oci_read(reader, value, namespace_fields, &in, e);
    if (r == 0)
        r = add_namespace(base, &in, e);
    own_free(&in.type);
    own_free(&in.path);
    return r;
}

#define RANGE(json, member)                                                    \
    {                                                                          \
        .key = (json), .kind = OCI_U32, .required = true,                      \
        .offset = offsetof(struct idmap_range, member)                         \
    }
static const struct oci_field range_fields[] = {
    RANGE("containerID", inside),
    RANGE("hostID", outside),
    RANGE("size", count),
    {0},
};

int oci_read_range(struct oci_reader *reader, const char *key,
                   const json_t *value, void *base, struct err *e)
{
    (void)key;
    struct idmap_range range = {0};
    int r = oci_read(reader, value, range_fields, &range, e);
    return r < 0 ? r : idmap_add(base, range, e);
}

static int read_nanoseconds(struct oci_reader *reader, const char *key,
                            const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    int nanoseconds = 0;
    int r = oci_between(value, 0, 999999999, &nanoseconds, e);
    *(uint32_t *)base = (uint32_t)nanoseconds;
    return r;
}

static const struct oci_field offset_fields[] = {
    {.key = "secs",
     .kind = OCI_I64,
     .offset = offsetof(struct spec_time_offset, seconds)},
    {.key = "nanosecs",
     .kind = OCI_CALL,
     .offset = offsetof(struct spec_time_offset, nanoseconds),
     .call = read_nanoseconds},
    {0                                         },
};

static int read_clock(struct oci_reader *reader, const char *key,
                      const json_t *value, void *base, struct err *e)
{
    struct spec *spec = base;
    struct spec_time_offset *clock =
        strcmp(key, "monotonic") == 0  ? &spec->monotonic
        : strcmp(key, "boottime") == 0 ? &spec->boottime
                                       : NULL;
    if (json_is_null(value))
        return 0;
    if (clock == NULL)
        return err_set(e, EINVAL, "unknown clock");
    clock->set = true;
    return oci_read(reader, value, offset_fields, clock, e);
}

/* --- devices --- */

#define UNSET INT64_MIN
struct device_entry {
    char *type, *path;
    int64_t major, minor;
    uint32_t mode, uid, gid;
};
#define DEVICE(json, kind_, member)                                            \
    .key = (json), .kind = (kind_),                                            \
    .offset = offsetof(struct device_entry, member)
static const struct oci_field device_fields[] = {
    {DEVICE("type",     OCI_STRING, type), .required = true},
    {DEVICE("path",            OCI_STRING, path), .required = true},
    {DEVICE("major",                 OCI_I64, major)},
    {DEVICE("minor",OCI_I64, minor)},
    {DEVICE("fileMode", OCI_U32, mode)},
    {DEVICE("uid",    OCI_ID, uid)},
    {DEVICE("gid",           OCI_ID, gid)},
    {0   },
};

static int add_device(struct spec *spec, struct device_entry *in, struct err *e)
{
    char type = in->type[0] == 'u' ? 'c' : in->type[0];
    if (in->type[0] == '\0' || in->type[1] != '\0' || !strchr("cbp", type))
        return err_set(e, EINVAL, "unknown type \"%s\"", in->type);
    if (in->path[0] != '/')
        return err_set(e, EINVAL, "path \"%s\" is not absolute", in->path);
    if (type == 'p')
        in->major = in->minor = 0;
    else if (in->major == UNSET || in->minor == UNSET)
        return err_set(e, EINVAL, "%s is missing",
                       in->major == UNSET ? "major" : "minor");
    if (in->major < 0 || in->minor < 0 || in->major > UINT32_MAX ||
        in->minor > UINT32_MAX)
        return err_set(e, EINVAL, "%s: no such device number", in->path);
    struct dev_node node = {
        .path = own_take(&in->path),
        .type = type,
        .major = (unsigned int)in->major,
        .minor = (unsigned int)in->minor,
        .mode = in->mode & 07777,
        .uid = in->uid,
        .gid = in->gid,
    };
    spec->devices =
        own_grow(spec->devices, (spec->n_devices + 1) * sizeof node);
    spec->devices[spec->n_devices++] = node;
    return 0;
}

static int read_device(struct oci_reader *reader, const char *key,
                       const json_t *value, void *base, struct err *e)
{
    (void)key;
    struct device_entry in = {.major = UNSET, .minor = UNSET, .mode = 0666};
    int r = oci_read(reader, value, device_fields, &in, e);
    /* A privileged container is given all the host's devices; but this one is
     * a link into its own /dev/pts. */
    if (r == 0 && strcmp(in.path, "/dev/ptmx") != 0)
        r = add_device(base, &in, e);
    own_free(&in.type);
    own_free(&in.path);
    return r;
}

/* --- words --- */

static const struct oci_word propagations[] = {
    {"shared",             MS_SHARED},
    {"rshared",                    MS_SHARED | MS_REC},
    {"slave",MS_SLAVE},
    {"rslave",              MS_SLAVE | MS_REC},
    {"private",                    MS_PRIVATE},
    {"rprivate",MS_PRIVATE | MS_REC},
    {"unbindable",            MS_UNBINDABLE},
    {"runbindable",                    MS_UNBINDABLE | MS_REC},
    {"",            0},
    {0        },
};
static const struct oci_word domains[] = {
    {"LINUX",      PER_LINUX},
    {"LINUX32",            PER_LINUX32},
    {0},
};

static int read_propagation(struct oci_reader *reader, const char *key,
                            const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    uint64_t flags = 0;
    int r = oci_word(propagations, value, &flags, e);
    ((struct spec *)base)->root.propagation = (unsigned long)flags;
    return r;
}

static int read_domain(struct oci_reader *reader, const char *key,
                       const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    uint64_t domain = 0;
    int r = oci_word(domains, value, &domain, e);
    *(unsigned long *)base = (unsigned long)domain;
    return r;
}

static int refuse_flag(struct oci_reader *reader, const char *key,
                       const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    (void)base;
    if (json_array_size(value) > 0)
        return err_set(e, ENOTSUP, "no personality flag is supported");
    return 0;
}

static const struct oci_field personality_fields[] = {
    {.key = "domain",   .kind = OCI_CALL, .required = true, .call = read_domain},
    {.key = "flags", .kind = OCI_CALL, .call = refuse_flag},
    {0                },
};

int oci_read_assignment(struct oci_reader *reader, const char *key,
                        const json_t *value, void *base, struct err *e)
{
    (void)reader;
    if (!json_is_string(value))
        return err_set(e, EINVAL, "expected a string");
    strv_addf(base, "%s=%s", key, json_string_value(value));
    return 0;
}

/* A kernel without SELinux does not know the option that comes of it. */
static int read_mount_label(struct oci_reader *reader, const char *key,
                            const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    const char *label = json_string_value(value);
    if (label == NULL)
        return err_set(e, EINVAL, "expected a string");
    if (label[0] == '\0')
        return 0;
    if (strchr(label, '"') != NULL)
        return err_set(e, EINVAL, "a quotation mark in a label");
    if (access("/sys/fs/selinux/enforce", F_OK) < 0)
        return err_set(e, ENOTSUP, "SELinux is not enabled on this system");
    *(char **)base = own_strdup(label);
    return 0;
}

/* --- what we have not --- */

/* What changes the container must not be passed over. Some of these are newer
 * than the specification that we follow. */
static int refuse(struct oci_reader *reader, const char *key,
                  const json_t *value, void *base, struct err *e)
{
    static const char *const reasons[][2] = {
        {"intelRdt",     "resource control of caches is not supported"},
        {"memoryPolicy", "policies of memory nodes are not supported" },
        {"netDevices",   "moving network devices is not supported"    },
    };
    (void)reader;
    (void)base;
    if (!json_is_object(value))
        return err_set(e, EINVAL, "expected an object");
    size_t last = sizeof reasons / sizeof reasons[0] - 1, i = 0;
    while (i < last && strcmp(reasons[i][0], key) != 0)
        i++;
    /* The first asks for a group of the container's, whatever is in it. */
    return i > 0 && json_object_size(value) == 0
               ? 0
               : err_set(e, ENOTSUP, "%s", reasons[i][1]);
}

/* clang-format off */
static const struct oci_field resources_and_devices[] = {
    {.key = "devices", .kind = OCI_EACH, .offset = AT(spec.rules),
     .call = oci_read_device_rule},
    {0},
};
const struct oci_field oci_linux_fields[] = {
    {.key = "namespaces", .kind = OCI_EACH, .offset = AT(spec),
     .call = read_namespace},
    {.key = "uidMappings", .kind = OCI_EACH, .offset = AT(spec.uids),
     .call = oci_read_range},
    {.key = "gidMappings", .kind = OCI_EACH, .offset = AT(spec.gids),
     .call = oci_read_range},
    {.key = "timeOffsets", .kind = OCI_MEMBERS, .offset = AT(spec),
     .call = read_clock},
    {.key = "devices", .kind = OCI_EACH, .offset = AT(spec),
     .call = read_device},
    {.key = "cgroupsPath", .kind = OCI_STRING, .offset = AT(spec.cgroup)},
    {.key = "rootfsPropagation", .kind = OCI_CALL, .offset = AT(spec),
     .call = read_propagation},
    {.key = "resources", .kind = OCI_OBJECT, .fields = resources_and_devices},
    {.key = "resources", .kind = OCI_OBJECT, .offset = AT(spec.limits),
     .fields = oci_resources_fields},
    {.key = "intelRdt", .kind = OCI_CALL, .call = refuse},
    {.key = "memoryPolicy", .kind = OCI_CALL, .call = refuse},
    {.key = "netDevices", .kind = OCI_CALL, .call = refuse},
    {.key = "mountLabel", .kind = OCI_CALL, .offset = AT(mount_label),
     .call = read_mount_label},
    {.key = "sysctl", .kind = OCI_MEMBERS, .offset = AT(spec.sysctls),
     .call = oci_read_assignment},
    {.key = "maskedPaths", .kind = OCI_EACH, .offset = AT(spec.masked),
     .call = oci_read_path},
    {.key = "readonlyPaths", .kind = OCI_EACH, .offset = AT(spec.readonly),
     .call = oci_read_path},
    {.key = "personality", .kind = OCI_OBJECT,
     .offset = AT(spec.process.personality), .fields = personality_fields,
     .has = AT(spec.process.has_personality)},
    {0},
};
/* clang-format on */
