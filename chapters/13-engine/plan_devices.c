/* Device nodes and the rules about them. */
#include "plan.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void add_node(struct spec *spec, struct dev_node node)
{
    spec->devices =
        own_grow(spec->devices, (spec->n_devices + 1) * sizeof *spec->devices);
    spec->devices[spec->n_devices++] = node;
}

/* {"PathOnHost", "PathInContainer", "CgroupPermissions"}. */
static int add_device(struct plan *plan, const json_t *device, struct err *e)
{
    const char *host = field_string(device, "PathOnHost");
    const char *inside = field_string(device, "PathInContainer");
    const char *access = field_string(device, "CgroupPermissions");
    struct dev_node node = {0};
    int r = dev_from_host(host != NULL ? host : "", &node, e);
    if (r < 0) {
        own_free(&node.path);
        return err_add(e,
                       "error gathering device information while adding "
                       "custom device \"%s\"",
                       host != NULL ? host : "");
    }
    if (inside != NULL) {
        own_free(&node.path);
        node.path = own_strdup(inside);
    }
    struct device_rule rule = {
        .allow = true,
        .type = node.type,
        .major = node.major,
        .minor = node.minor,
    };
    snprintf(rule.access, sizeof rule.access, "%s",
             access != NULL ? access : "rwm");
    device_rules_add(&plan->spec->rules, rule);
    add_node(plan->spec, node);
    return 0;
}

/* --privileged: every device of the host. The terminals and file systems
 * below /dev are the container's own. */
static int add_host_devices(struct plan *plan, const char *dir_path,
                            struct err *e)
{
    static const char *const own[] = {
        "pts",  "shm",  "fd",   "mqueue", ".lxc",    "console", "ptmx",
        "null", "zero", "full", "random", "urandom", "tty"};
    auto_dir DIR *dir = opendir(dir_path);
    if (dir == NULL)
        return err_sys(e, errno, "open %s", dir_path);
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        bool skip = entry->d_name[0] == '.';
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
            skip = skip || strcmp(entry->d_name, own[i]) == 0;
        if (skip)
            continue;
        auto_free char *path = text_format("%s/%s", dir_path, entry->d_name);
        struct dev_node node = {0};
        if (entry->d_type == DT_DIR) {
            int r = add_host_devices(plan, path, e);
            if (r < 0)
                return r;
        } else if ((entry->d_type == DT_CHR || entry->d_type == DT_BLK) &&
                   dev_from_host(path, &node, NULL) == 0) {
            add_node(plan->spec, node);
        }
    }
    return 0;
}

int plan_devices(struct plan *plan, struct err *e)
{
    struct device_rules *rules = &plan->spec->rules;
    if (plan->privileged) {
        device_rules_add(rules, (struct device_rule){.allow = true,
                                                     .type = 'a',
                                                     .major = -1,
                                                     .minor = -1,
                                                     .access = "rwm"});
        int r = add_host_devices(plan, "/dev", e);
        if (r < 0)
            return r;
    } else {
        device_rules_add_default(rules);
    }
    const json_t *devices = field_get(plan->doc, "HostConfig.Devices");
    for (size_t i = 0; i < json_array_size(devices); i++) {
        int r = add_device(plan, json_array_get(devices, i), e);
        if (r < 0)
            return r;
    }
    auto_strv struct strv extra = {0};
    field_strings(plan->doc, "HostConfig.DeviceCgroupRules", &extra);
    for (size_t i = 0; i < extra.n; i++) {
        int r = device_rules_parse(rules, extra.v[i], e);
        if (r < 0)
            return r;
    }
    return 0;
}
