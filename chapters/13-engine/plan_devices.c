/* Device nodes and the rules about them. */
#include "plan.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void add_node(struct spec *spec, struct dev_node node)
{
    spec->devices =
        own_grow(spec->devices, (spec->n_devices + 1) * sizeof *spec->devices);
    spec->devices[spec->n_devices++] = node;
}

/* One device, and the rule that allows it; NULL: the rules do already. */
static int add_device(struct plan *plan, const char *host, const char *inside,
                      const char *access, struct err *e)
{
    struct dev_node node = {0};
    int r = dev_from_host(host, &node, e);
    if (r < 0) {
        own_free(&node.path);
        return r;
    }
    own_free(&node.path);
    node.path = own_strdup(inside);
    add_node(plan->spec, node);
    if (access == NULL)
        return 0;
    struct device_rule rule = {
        .allow = true,
        .type = node.type,
        .major = node.major,
        .minor = node.minor,
    };
    snprintf(rule.access, sizeof rule.access, "%s", access);
    device_rules_add(&plan->spec->rules, rule);
    return 0;
}

/* The terminals and file systems below /dev are the container's own. */
static bool is_own(const char *name)
{
    static const char *const own[] = {
        "pts",  "shm",  "fd",   "mqueue", ".lxc",    "console", "ptmx",
        "null", "zero", "full", "random", "urandom", "tty"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(own[i], name) == 0)
            return true;
    return false;
}

/* Every device below the directory. With --privileged that is the host's /dev,
 * and no access is named. What has gone in between is not missed. */
static int add_devices_below(struct plan *plan, const char *host,
                             const char *inside, const char *access,
                             struct err *e)
{
    auto_dir DIR *dir = opendir(host);
    if (dir == NULL)
        return err_sys(e, errno, "open %s", host);
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        if (name[0] == '.' || (access == NULL && is_own(name)))
            continue;
        auto_free char *from = text_format("%s/%s", host, name);
        auto_free char *to = text_format("%s/%s", inside, name);
        if (entry->d_type == DT_DIR) {
            int r = add_devices_below(plan, from, to, access, e);
            if (r < 0)
                return r;
        } else if (entry->d_type == DT_CHR || entry->d_type == DT_BLK) {
            add_device(plan, from, to, access, NULL);
        }
    }
    return 0;
}

/* {"PathOnHost", "PathInContainer", "CgroupPermissions"}. A directory stands
 * for all devices in it, but not for none. */
static int add_wish(struct plan *plan, const json_t *device, struct err *e)
{
    const char *host = field_string(device, "PathOnHost");
    const char *inside = field_string(device, "PathInContainer");
    const char *access = field_string(device, "CgroupPermissions");
    host = host != NULL ? host : "";
    inside = inside != NULL ? inside : host;
    access = access != NULL ? access : "rwm";
    size_t before = plan->spec->n_devices;
    int r = add_device(plan, host, inside, access, e);
    struct stat st;
    if (r < 0 && stat(host, &st) == 0 && S_ISDIR(st.st_mode) &&
        add_devices_below(plan, host, inside, access, NULL) == 0 &&
        plan->spec->n_devices > before)
        return 0;
    return r < 0 ? err_add(e,
                           "error gathering device information while adding "
                           "custom device \"%s\"",
                           host)
                 : 0;
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
        int r = add_devices_below(plan, "/dev", "/dev", NULL, e);
        if (r < 0)
            return r;
    } else {
        device_rules_add_default(rules);
    }
    const json_t *devices = field_get(plan->doc, "HostConfig.Devices");
    for (size_t i = 0; i < json_array_size(devices); i++) {
        int r = add_wish(plan, json_array_get(devices, i), e);
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
