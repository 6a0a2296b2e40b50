/* "mounts" of config.json, config.md and config-linux.md. */
#include "oci_parts.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

struct mount_entry {
    char *destination, *type, *source;
    struct strv options;
    struct idmap uids, gids;
};
#define ENTRY(json, kind_, member)                                             \
    .key = (json), .kind = (kind_),                                            \
    .offset = offsetof(struct mount_entry, member)
static const struct oci_field fields[] = {
    {ENTRY("destination", OCI_STRING, destination), .required = true},
    {ENTRY("type",       OCI_STRING, type)},
    {ENTRY("source",                   OCI_STRING, source)},
    {ENTRY("options",   OCI_STRINGS, options)},
    {ENTRY("uidMappings",                   OCI_EACH, uids), .call = oci_read_range},
    {ENTRY("gidMappings",OCI_EACH, gids), .call = oci_read_range},
    {0                  },
};

static bool has_option(const struct strv *options, const char *word)
{
    for (size_t i = 0; i < options->n; i++)
        if (strcmp(options->v[i], word) == 0)
            return true;
    return false;
}

/* "bind" may be said by the type or by an option; a source that is no absolute
 * path is one in the bundle. */
static char *source_of(const struct oci_config *config,
                       const struct mount_entry *in, bool bind)
{
    if (!bind || in->source == NULL || in->source[0] == '/')
        return own_strdup(in->source != NULL ? in->source : "none");
    return text_format("%s/%s", config->bundle, in->source);
}

static int add_mount(struct oci_config *config, const struct mount_entry *in,
                     struct err *e)
{
    const char *type = in->type != NULL ? in->type : "none";
    bool bind = strcmp(type, "bind") == 0 || has_option(&in->options, "bind") ||
                has_option(&in->options, "rbind");
    /* Version 1.0 of the specification allowed relative destinations. */
    auto_free char *target = text_format(
        "%s%s", in->destination[0] == '/' ? "" : "/", in->destination);
    /* Whichever version is asked for, the machine's are mounted. */
    if (strcmp(type, "cgroup2") == 0)
        type = "cgroup";
    auto_free char *source = source_of(config, in, bind);
    auto_text struct text options = {0};
    strv_join(&in->options, ",", &options);
    if (bind && !has_option(&in->options, "bind") &&
        !has_option(&in->options, "rbind"))
        text_addf(&options, "%sbind", options.len == 0 ? "" : ",");
    int r = mnt_list_add(&config->spec.mounts, source, target,
                         bind ? "bind" : type, options.s, e);
    return r < 0 || (in->uids.n == 0 && in->gids.n == 0)
               ? r
               : spec_map_mount(&config->spec, target, &in->uids, &in->gids, e);
}

void oci_label_mounts(struct spec *spec, const char *label)
{
    static const char *const without[] = {"bind", "proc", "sysfs", "mqueue",
                                          "cgroup"};
    for (size_t i = 0; i < spec->mounts.n; i++) {
        struct mnt *mount = &spec->mounts.v[i];
        bool takes = (mount->flags & (MS_BIND | MS_REMOUNT)) == 0;
        for (size_t j = 0; j < sizeof without / sizeof without[0]; j++)
            takes &= strcmp(mount->type, without[j]) != 0;
        if (!takes)
            continue;
        bool first = mount->data == NULL || mount->data[0] == '\0';
        char *data = text_format("%s%scontext=\"%s\"", first ? "" : mount->data,
                                 first ? "" : ",", label);
        free(mount->data);
        mount->data = data;
    }
}

int oci_read_mount(struct oci_reader *reader, const char *key,
                   const json_t *value, void *base, struct err *e)
{
    (void)key;
    struct mount_entry in = {0};
    int r = oci_read(reader, value, fields, &in, e);
    if (r == 0)
        r = add_mount(base, &in, e);
    own_free(&in.destination);
    own_free(&in.type);
    own_free(&in.source);
    strv_done(&in.options);
    return r;
}
