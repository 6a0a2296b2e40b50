/* What this build can do, as the specification's features.md lists it. */
#include "oci_runtime.h"

#include <sys/utsname.h>

/* The words of a list that is given by number. */
static json_t *words(const char *(*name)(size_t i))
{
    json_t *list = json_array();
    for (size_t i = 0; name(i) != NULL; i++)
        json_array_append_new(list, json_string(name(i)));
    return list;
}

static const char *capability(size_t i)
{
    return caps_name((int)i);
}

static const char *namespace(size_t i)
{
    return i < NS_COUNT ? ns_table[i].oci_name : NULL;
}

static const char *hook(size_t i)
{
    static const char *const names[] = {"prestart",
                                        "createRuntime",
                                        "createContainer",
                                        "startContainer",
                                        "poststart",
                                        "poststop",
                                        NULL};
    return names[i];
}

static json_t *seccomp(void)
{
    json_t *supported = json_array();
    for (size_t i = 0; filter_flag_name(i) != NULL; i++)
        if (filter_flag_supported(i))
            json_array_append_new(supported, json_string(filter_flag_name(i)));
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "enabled", 1, "actions",
                     words(filter_action_name), "operators",
                     words(filter_operator_name), "archs",
                     words(filter_arch_name), "knownFlags",
                     words(filter_flag_name), "supportedFlags", supported);
}

static json_t *linux_features(void)
{
    return json_pack(
        "{s:o, s:o, s:{s:b, s:b, s:b, s:b, s:b}, s:o, s:{s:b}, s:{s:b}, "
        "s:{s:b}, s:{s:{s:b}}}",
        "namespaces", words(namespace), "capabilities", words(capability),
        "cgroup", "v1", 1, "v2", 1, "systemd", 0, "systemdUser", 0, "rdma", 1,
        "seccomp", seccomp(), "apparmor", "enabled", 1, "selinux", "enabled", 1,
        "intelRdt", "enabled", 0, "mountExtensions", "idmap", "enabled", 1);
}

/* Those that are flags, and those that only a list of mounts can have. */
static json_t *mount_options(void)
{
    static const char *const others[] = {"tmpcopyup", "idmap", "ridmap"};
    json_t *list = words(mnt_option_name);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        json_array_append_new(list, json_string(others[i]));
    return list;
}

json_t *oci_features(void)
{
    /* No annotation changes what is made. */
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:{s:s}, s:[]}",
                     "ociVersionMin", "1.0.0", "ociVersionMax", OCI_VERSION,
                     "hooks", words(hook), "mountOptions", mount_options(),
                     "linux", linux_features(), "annotations",
                     "io.github.seccomp.libseccomp.version", "2",
                     "potentiallyUnsafeConfigAnnotations");
}
