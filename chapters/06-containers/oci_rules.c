/* "linux.resources.devices" of config.json, config-linux.md: which devices may
 * be opened. */
#include "oci_parts.h"

#include "own.h"

#include <errno.h>
#include <string.h>

struct rule_entry {
    bool allow;
    char *type, *access;
    int64_t major, minor;
};
#define RULE(json, kind_, member, needed)                                      \
    {                                                                          \
        .key = (json), .kind = (kind_), .required = (needed),                  \
        .offset = offsetof(struct rule_entry, member)                          \
    }
static const struct oci_field rule_fields[] = {
    RULE("allow", OCI_BOOL, allow, true),
    RULE("type", OCI_STRING, type, false),
    RULE("major", OCI_I64, major, false),
    RULE("minor", OCI_I64, minor, false),
    RULE("access", OCI_STRING, access, false),
    {0},
};

static int add_rule(struct device_rules *rules, const struct rule_entry *in,
                    struct err *e)
{
    const char *type = in->type == NULL || in->type[0] == '\0' ? "a" : in->type;
    const char *access = in->access == NULL ? "rwm" : in->access;
    if (type[1] != '\0' || strchr("abc", type[0]) == NULL)
        return err_set(e, EINVAL, "unknown type \"%s\"", type);
    size_t len = strlen(access);
    if (len == 0 || len > 3 || strspn(access, "rwm") != len)
        return err_set(e, EINVAL, "unknown access \"%s\"", access);
    struct device_rule rule = {.allow = in->allow,
                               .type = type[0],
                               .major = in->major,
                               .minor = in->minor};
    memcpy(rule.access, access, len + 1);
    device_rules_add(rules, rule);
    return 0;
}

int oci_read_device_rule(struct oci_reader *reader, const char *key,
                         const json_t *value, void *base, struct err *e)
{
    (void)key;
    struct rule_entry in = {.major = -1, .minor = -1};
    int r = oci_read(reader, value, rule_fields, &in, e);
    if (r == 0)
        r = add_rule(base, &in, e);
    own_free(&in.type);
    own_free(&in.access);
    return r;
}
