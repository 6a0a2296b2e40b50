/* What members of config.json say that is wrong only together: second reading.
 * spec_check would refuse most of it as well, but has no names of members. */
#include "oci_parts.h"

#include <errno.h>

static bool has_own(const struct spec *spec, enum ns_kind kind)
{
    return (spec->new_namespaces & NS_BIT(kind)) != 0;
}

static bool has_apart(const struct spec *spec, enum ns_kind kind)
{
    return has_own(spec, kind) || spec->join_paths[kind] != NULL;
}

static bool has_no_args(const struct oci_config *config)
{
    const struct strv *args = &config->spec.process.args;
    return config->has_process && (args->n == 0 || args->v[0][0] == '\0');
}

static bool shares_mounts(const struct oci_config *config)
{
    return !has_apart(&config->spec, NS_MOUNT);
}

static bool renames_host(const struct oci_config *config)
{
    return config->spec.hostname != NULL && !has_apart(&config->spec, NS_UTS);
}

static bool renames_domain(const struct oci_config *config)
{
    return config->spec.domainname != NULL && !has_apart(&config->spec, NS_UTS);
}

static bool maps_uids_of_nobody(const struct oci_config *config)
{
    return config->spec.uids.n > 0 && !has_apart(&config->spec, NS_USER);
}

static bool maps_gids_of_nobody(const struct oci_config *config)
{
    return config->spec.gids.n > 0 && !has_apart(&config->spec, NS_USER);
}

static bool has_no_uids(const struct oci_config *config)
{
    return config->spec.uids.n == 0 && has_own(&config->spec, NS_USER);
}

static bool has_no_gids(const struct oci_config *config)
{
    return config->spec.gids.n == 0 && has_own(&config->spec, NS_USER);
}

static bool sets_others_clocks(const struct oci_config *config)
{
    const struct spec *spec = &config->spec;
    return (spec->monotonic.set || spec->boottime.set) &&
           !has_own(spec, NS_TIME);
}

static bool tells_nobody(const struct oci_config *config)
{
    return config->listener_metadata != NULL && config->listener_path == NULL;
}

static const struct {
    const char *place;
    bool (*is_wrong)(const struct oci_config *config);
    const char *why;
} contradictions[] = {
    {"process.args",                   has_no_args,         "no command specified"               },
    {"hostname",                       renames_host,        "there is no uts namespace"          },
    {"domainname",                     renames_domain,      "there is no uts namespace"          },
    {"linux.uidMappings",              maps_uids_of_nobody, "there is no user namespace"         },
    {"linux.gidMappings",              maps_gids_of_nobody, "there is no user namespace"         },
    {"linux.uidMappings",              has_no_uids,         "a new user namespace needs them"    },
    {"linux.gidMappings",              has_no_gids,         "a new user namespace needs them"    },
    {"linux.timeOffsets",              sets_others_clocks,  "there is no new time namespace"     },
    {"linux.seccomp.listenerMetadata", tells_nobody,
     "there is no listenerPath"                                                                  },
    {"linux.namespaces",               shares_mounts,       "a container needs a mount namespace"},
};

int oci_check_whole(const struct oci_config *config, struct err *e)
{
    for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0];
         i++)
        if (contradictions[i].is_wrong(config))
            return err_set(e, EINVAL, "%s: %s", contradictions[i].place,
                           contradictions[i].why);
    return 0;
}
