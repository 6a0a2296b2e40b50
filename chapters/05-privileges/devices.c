/* The rules as data: Docker's default, one line of --device-cgroup-rule, and
 * the choice of who enforces them. */
#include "devices.h"

#include "devices_parts.h"
#include "own.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void device_rules_add(struct device_rules *rules, struct device_rule rule)
{
    rules->v = own_grow(rules->v, (rules->n + 1) * sizeof rule);
    rules->v[rules->n++] = rule;
}

/* What Docker and the runtime below it allow, in this order. mknod(2) of
 * anything is harmless: it is open(2) that would touch the device. */
static const struct device_rule nodes[] = {
    {true, 'c', -1,  -1, "m"  },
    {true, 'b', -1,  -1, "m"  },
    {true, 'c', 1,   3,  "rwm"}, /* null */
    {true, 'c', 1,   5,  "rwm"}, /* zero */
    {true, 'c', 1,   7,  "rwm"}, /* full */
    {true, 'c', 1,   8,  "rwm"}, /* random */
    {true, 'c', 1,   9,  "rwm"}, /* urandom */
    {true, 'c', 5,   0,  "rwm"}, /* tty */
    {true, 'c', 5,   1,  "rwm"}, /* console */
    {true, 'c', 5,   2,  "rwm"}, /* ptmx */
    {true, 'c', 136, -1, "rwm"}, /* pts/N */
};

void device_rules_add_nodes(struct device_rules *rules)
{
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++)
        device_rules_add(rules, nodes[i]);
}

void device_rules_add_default(struct device_rules *rules)
{
    device_rules_add(rules, (struct device_rule){false, 'a', -1, -1, "rwm"});
    device_rules_add_nodes(rules);
}

/* A number, or * for any. */
static bool read_number(const char *s, int64_t *ret)
{
    *ret = -1;
    if (strcmp(s, "*") == 0)
        return true;
    return text_to_i64(s, ret) == 0 && *ret >= 0 && *ret <= UINT32_MAX;
}

static bool read_pair(const char *s, struct device_rule *rule)
{
    auto_strv struct strv pair = {0};
    strv_split(&pair, s, ':');
    return pair.n == 2 && read_number(pair.v[0], &rule->major) &&
           read_number(pair.v[1], &rule->minor);
}

static bool read_rule(const char *text, struct device_rule *rule)
{
    *rule = (struct device_rule){true, 'a', -1, -1, "rwm"};
    if (strcmp(text, "a") == 0)
        return true;
    auto_strv struct strv words = {0};
    strv_split(&words, text, ' ');
    if (words.n != 3 || strlen(words.v[0]) != 1 ||
        strchr("abc", words.v[0][0]) == NULL)
        return false;
    size_t len = strlen(words.v[2]);
    if (len < 1 || len > 3 || strspn(words.v[2], "rwm") != len)
        return false;
    rule->type = words.v[0][0];
    memcpy(rule->access, words.v[2], len + 1);
    return read_pair(words.v[1], rule);
}

int device_rules_parse(struct device_rules *rules, const char *text,
                       struct err *e)
{
    struct device_rule rule;
    if (!read_rule(text, &rule))
        return err_set(e, EINVAL, "invalid device cgroup format '%s'", text);
    device_rules_add(rules, rule);
    return 0;
}

void device_rules_done(struct device_rules *rules)
{
    free(rules->v);
    *rules = (struct device_rules){0};
}

int device_rules_apply(const struct device_rules *rules, const struct cg *cg,
                       struct err *e)
{
    if (rules->n == 0)
        return 0;
    int dir = cg_dir(cg, CG_DEVICES);
    if (cg_version(cg, CG_DEVICES) == 1) {
        auto_device_rules struct device_rules flat = {0};
        int r = device_rules_flatten(rules, &flat, e);
        return r < 0 ? r : device_rules_write_v1(&flat, dir, e);
    }
    int v2 = cg_clone_fd(cg);
    return v2 < 0 ? 0 : device_rules_attach(rules, v2, e);
}
