/*
 * Second reading: cgroup v1 keeps no list of rules. It has a default, allow or
 * deny, that a rule for all devices sets, and exceptions from it. A rule that
 * says the opposite of an exception removes that exception, but only one of the
 * very same numbers; any other is ignored without a word, and what was to be
 * forbidden stays allowed.
 *
 * So the list is worked out here: what is left of it when each rule has had its
 * effect on those before. A hole in an exception, "c 1:* but not c 1:3", cannot
 * be said to v1 at all; that is an error.
 */
#include "devices_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool covers(int64_t a, int64_t b)
{
    return a < 0 || a == b;
}

/* Do the two speak of a device in common, and is all of `x` among `rule`'s? */
static bool meets(const struct device_rule *rule, const struct device_rule *x)
{
    return rule->type == x->type &&
           (covers(rule->major, x->major) || covers(x->major, rule->major)) &&
           (covers(rule->minor, x->minor) || covers(x->minor, rule->minor));
}

static bool contains(const struct device_rule *rule,
                     const struct device_rule *x)
{
    return covers(rule->major, x->major) && covers(rule->minor, x->minor);
}

/* Those of the letters of `access` that are, or are not, among `others`. */
static void pick(char access[4], const char *others, bool among)
{
    size_t n = 0;
    for (const char *s = access; *s != '\0'; s++)
        if ((strchr(others, *s) != NULL) == among)
            access[n++] = *s;
    access[n] = '\0';
}

static int refuse(const struct device_rule *rule, const struct device_rule *x,
                  struct err *e)
{
    char wanted[DEVICE_RULE_TEXT], there[DEVICE_RULE_TEXT];
    device_rules_format(rule, wanted);
    device_rules_format(x, there);
    return err_set(e, EINVAL,
                   "requested rule [%s] not supported by devices cgroupv1 "
                   "(cannot punch hole in existing wildcard rule [%s])",
                   wanted, there);
}

/* Take what `rule` speaks of out of the exceptions, which begin at index 1. */
static int take_out(struct device_rules *flat, const struct device_rule *rule,
                    struct err *e)
{
    size_t kept = 1;
    for (size_t i = 1; i < flat->n; i++) {
        struct device_rule x = flat->v[i], common = x;
        pick(common.access, rule->access, true);
        if (meets(rule, &x) && common.access[0] != '\0') {
            if (!contains(rule, &x))
                return refuse(rule, &x, e);
            pick(x.access, rule->access, false);
        }
        if (x.access[0] != '\0')
            flat->v[kept++] = x;
    }
    flat->n = kept;
    return 0;
}

int device_rules_flatten(const struct device_rules *rules,
                         struct device_rules *ret, struct err *e)
{
    struct device_rule base = {false, 'a', -1, -1, "rwm"};
    int r = 0;
    device_rules_done(ret);
    device_rules_add(ret, base);
    for (size_t i = 0; r == 0 && i < rules->n; i++) {
        const struct device_rule *rule = &rules->v[i];
        if (rule->type == 'a') {
            ret->n = 1;
            ret->v[0].allow = rule->allow;
        } else if (rule->allow == ret->v[0].allow) {
            r = take_out(ret, rule, e);
        } else {
            device_rules_add(ret, *rule);
        }
    }
    return r;
}
