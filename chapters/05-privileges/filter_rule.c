/* One entry of a profile's "syscalls": so many names, one action, and what the
 * arguments must be like. */
#include "filter_parts.h"

#include <errno.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <string.h>

/* Those with `data` take an errno, or a number for the tracer, in their low 16
 * bits (seccomp(2)). */
static const struct {
    const char *name;
    uint32_t action;
    bool data;
} actions[] = {
    {"SCMP_ACT_ALLOW",        SCMP_ACT_ALLOW,        false},
    {"SCMP_ACT_ERRNO",        SCMP_ACT_ERRNO(0),     true },
    {"SCMP_ACT_KILL",         SCMP_ACT_KILL,         false},
    {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false},
    {"SCMP_ACT_KILL_THREAD",  SCMP_ACT_KILL_THREAD,  false},
    {"SCMP_ACT_LOG",          SCMP_ACT_LOG,          false},
    {"SCMP_ACT_NOTIFY",       SCMP_ACT_NOTIFY,       false},
    {"SCMP_ACT_TRACE",        SCMP_ACT_TRACE(0),     true },
    {"SCMP_ACT_TRAP",         SCMP_ACT_TRAP,         false},
};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static const struct {
    const char *name;
    enum scmp_compare op;
} operators[] = {
    {"SCMP_CMP_EQ",        SCMP_CMP_EQ       },
    {"SCMP_CMP_GE",        SCMP_CMP_GE       },
    {"SCMP_CMP_GT",        SCMP_CMP_GT       },
    {"SCMP_CMP_LE",        SCMP_CMP_LE       },
    {"SCMP_CMP_LT",        SCMP_CMP_LT       },
    {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
    {"SCMP_CMP_NE",        SCMP_CMP_NE       },
};
enum { OPERATORS = sizeof operators / sizeof operators[0] };

const char *filter_action_name(size_t i)
{
    return i < ACTIONS ? actions[i].name : NULL;
}

const char *filter_operator_name(size_t i)
{
    return i < OPERATORS ? operators[i].name : NULL;
}

int filter_read_action(const json_t *object, const char *action_key,
                       const char *errno_key, uint32_t *ret, struct err *e)
{
    const char *name = json_string_value(json_object_get(object, action_key));
    const json_t *number = json_object_get(object, errno_key);
    if (name == NULL)
        return err_set(e, EINVAL, "\"%s\" is missing", action_key);
    for (size_t i = 0; i < ACTIONS; i++) {
        if (strcmp(actions[i].name, name) != 0)
            continue;
        json_int_t data =
            json_is_integer(number) ? json_integer_value(number) : EPERM;
        if (data < 0 || data > SECCOMP_RET_DATA)
            return err_set(e, EINVAL, "\"%s\" is out of range", errno_key);
        *ret = actions[i].action | (actions[i].data ? (uint32_t)data : 0);
        return 0;
    }
    return err_set(e, EINVAL, "unknown action \"%s\" in \"%s\"", name,
                   action_key);
}

/* MASKED_EQ means (argument & value) == valueTwo. */
static int read_arg(const json_t *arg, struct scmp_arg_cmp *ret, struct err *e)
{
    const char *op = json_string_value(json_object_get(arg, "op"));
    json_int_t index = json_integer_value(json_object_get(arg, "index"));
    json_int_t value = json_integer_value(json_object_get(arg, "value"));
    json_int_t second = json_integer_value(json_object_get(arg, "valueTwo"));
    if (index < 0 || index > 5)
        return err_set(e, EINVAL, "there is no argument number %lld",
                       (long long)index);
    for (size_t i = 0; i < OPERATORS; i++) {
        if (op == NULL || strcmp(operators[i].name, op) != 0)
            continue;
        *ret = (struct scmp_arg_cmp){
            .arg = (unsigned int)index,
            .op = operators[i].op,
            .datum_a = (scmp_datum_t)value,
            .datum_b = (scmp_datum_t)second,
        };
        return 0;
    }
    return err_set(e, EINVAL, "unknown operator \"%s\" in \"op\"",
                   op ? op : "");
}

enum { MOST_ARGS = 12 };

struct rule {
    uint32_t action;
    struct scmp_arg_cmp args[MOST_ARGS];
    unsigned int n;
};

static int read_rule(const json_t *entry, struct rule *ret, struct err *e)
{
    const json_t *args = json_object_get(entry, "args");
    ret->n = (unsigned int)json_array_size(args);
    if (ret->n > MOST_ARGS)
        return err_set(e, EINVAL, "more than %d args", MOST_ARGS);
    for (unsigned int i = 0; i < ret->n; i++) {
        int r = read_arg(json_array_get(args, i), &ret->args[i], e);
        if (r < 0)
            return r;
    }
    return filter_read_action(entry, "action", "errnoRet", &ret->action, e);
}

static bool has_argument_twice(const struct rule *rule)
{
    unsigned int seen = 0;
    for (unsigned int i = 0; i < rule->n; i++) {
        unsigned int bit = 1U << rule->args[i].arg;
        if ((seen & bit) != 0)
            return true;
        seen |= bit;
    }
    return false;
}

/* Conditions of one rule must hold together. libseccomp takes only one for
 * each argument; where a profile has two, each becomes a rule of its own, so
 * that one of them suffices: Docker's runtime reads it so, too. */
static int add_rule(scmp_filter_ctx ctx, int call, const struct rule *rule)
{
    int r = 0;
    if (!has_argument_twice(rule))
        r = seccomp_rule_add_array(ctx, rule->action, call, rule->n,
                                   rule->args);
    else
        for (unsigned int i = 0; r == 0 && i < rule->n; i++)
            r = seccomp_rule_add_array(ctx, rule->action, call, 1,
                                       &rule->args[i]);
    return r == -EEXIST ? 0 : r;
}

/* A call that this libseccomp does not know cannot be given a number. It is
 * then one of those that filter_newer.c deals with. */
static int add_named(scmp_filter_ctx ctx, const json_t *name,
                     const struct rule *rule, struct err *e)
{
    const char *s = json_string_value(name);
    if (s == NULL)
        return err_set(e, EINVAL, "a name in \"syscalls\" is not a string");
    /* The descriptor for the supervisor has yet to leave this process. */
    if (rule->action == SCMP_ACT_NOTIFY && strcmp(s, "write") == 0)
        return err_set(e, EINVAL,
                       "SCMP_ACT_NOTIFY cannot be used for the write syscall");
    int call = seccomp_syscall_resolve_name(s);
    if (call == __NR_SCMP_ERROR)
        return 0;
    int r = add_rule(ctx, call, rule);
    return r < 0 ? err_sys(e, r, "rule for %s", s) : 0;
}

/* @lab 5.4 read the rule; skip it if it says what the default says; else add
 * it for "name" or each of "names" */
int filter_add_rules(struct filter_builder *b, const json_t *entry,
                     struct err *e)
{
    const json_t *name = json_object_get(entry, "name");
    const json_t *names = json_object_get(entry, "names");
    struct rule rule = {0};
    if (json_array_size(names) > 0 && json_string_length(name) > 0)
        return err_set(e, EINVAL, "an entry has both \"name\" and \"names\"");
    int r = read_rule(entry, &rule, e);
    if (r < 0 || rule.action == b->default_action)
        return r;
    b->notifies |= rule.action == SCMP_ACT_NOTIFY;
    if (json_is_string(name))
        return add_named(b->ctx, name, &rule, e);
    for (size_t i = 0; r == 0 && i < json_array_size(names); i++)
        r = add_named(b->ctx, json_array_get(names, i), &rule, e);
    return r;
}
