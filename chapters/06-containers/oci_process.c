/* "process" of config.json, config.md: who it is and what it may do. */
#include "oci_parts.h"

#include "own.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define AT(member) offsetof(struct spec_process, member)

/* --- user --- */

static int read_group(struct oci_reader *reader, const char *key,
                      const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    struct spec_process *process = base;
    int64_t gid = json_integer_value(value);
    if (!json_is_integer(value) || gid < 0 || gid >= UINT32_MAX)
        return err_set(e, EINVAL, "expected a group id");
    if (process->n_groups == SPEC_MAX_GROUPS)
        return err_set(e, E2BIG, "more than %d groups", SPEC_MAX_GROUPS);
    process->groups[process->n_groups++] = (gid_t)gid;
    return 0;
}

int oci_between(const json_t *value, int64_t min, int64_t max, int *ret,
                struct err *e)
{
    int64_t number = json_integer_value(value);
    if (!json_is_integer(value))
        return err_set(e, EINVAL, "expected an integer");
    if (number < min || number > max)
        return err_set(e, EINVAL, "%lld is not in [%lld, %lld]",
                       (long long)number, (long long)min, (long long)max);
    *ret = (int)number;
    return 0;
}

static int read_umask(struct oci_reader *reader, const char *key,
                      const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    int mask = 0;
    int r = oci_between(value, 0, 0777, &mask, e);
    *(mode_t *)base = (mode_t)mask;
    return r;
}

static int read_score(struct oci_reader *reader, const char *key,
                      const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    return oci_between(value, -1000, 1000, base, e);
}

static const struct oci_field user_fields[] = {
    {.key = "uid",       .kind = OCI_ID, .required = true, .offset = AT(uid)},
    {.key = "gid",  .kind = OCI_ID, .required = true, .offset = AT(gid)},
    {.key = "umask",                  .kind = OCI_CALL, .offset = AT(umask), .call = read_umask},
    {.key = "additionalGids",   .kind = OCI_EACH, .call = read_group},
    {0},
};

/* --- capabilities --- */

/* Each set may name it: it is noted once. */
static void note(struct strv *list, const char *name)
{
    size_t i = 0;
    while (i < list->n && strcmp(list->v[i], name) != 0)
        i++;
    if (i == list->n)
        strv_add(list, name);
}

/* What cannot be granted must be warned of, and not refused, says the
 * specification: engines name what newer kernels have. */
static int read_capability(struct oci_reader *reader, const char *key,
                           const json_t *value, void *base, struct err *e)
{
    (void)key;
    const char *name = json_string_value(value);
    if (name == NULL)
        return err_set(e, EINVAL, "expected a string");
    int number = caps_number(name);
    if (number >= 0 && caps_is_known(number))
        *(uint64_t *)base |= UINT64_C(1) << number;
    else
        note(reader->arg, name);
    return 0;
}

#define SET(set)                                                               \
    {                                                                          \
        .key = #set, .kind = OCI_EACH, .call = read_capability,                \
        .offset = offsetof(struct caps, set)                                   \
    }
static const struct oci_field caps_fields[] = {
    SET(bounding),    SET(permitted), SET(effective),
    SET(inheritable), SET(ambient),   {0},
};

/* --- rlimits --- */

struct rlimit_entry {
    int type;
    uint64_t soft, hard;
};

static int read_rlimit_type(struct oci_reader *reader, const char *key,
                            const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    const char *type = json_string_value(value);
    int resource = type != NULL && text_starts(type, "RLIMIT_")
                       ? limits_resource(type)
                       : -1;
    if (resource < 0)
        return err_set(e, EINVAL, "unknown limit \"%s\"",
                       type != NULL ? type : "");
    *(int *)base = resource;
    return 0;
}

static const struct oci_field rlimit_fields[] = {
    {.key = "type",
     .kind = OCI_CALL,
     .required = true,
     .call = read_rlimit_type},
    {.key = "soft",
     .kind = OCI_U64,
     .required = true,
     .offset = offsetof(struct rlimit_entry, soft)},
    {.key = "hard",
     .kind = OCI_U64,
     .required = true,
     .offset = offsetof(struct rlimit_entry, hard)},
    {0 },
};

static int read_rlimit(struct oci_reader *reader, const char *key,
                       const json_t *value, void *base, struct err *e)
{
    (void)key;
    struct spec_process *process = base;
    struct rlimit_entry in = {0};
    int r = oci_read(reader, value, rlimit_fields, &in, e);
    if (r < 0)
        return r;
    struct limit limit = {in.type, in.soft, in.hard};
    if (limit.soft > limit.hard)
        return err_set(e, EINVAL, "the soft limit is above the hard one");
    for (size_t i = 0; i < process->n_limits; i++)
        if (process->limits[i].resource == limit.resource)
            return err_set(e, EINVAL, "this limit is given twice");
    if (process->n_limits == SPEC_MAX_LIMITS)
        return err_set(e, E2BIG, "more than %d limits", SPEC_MAX_LIMITS);
    process->limits[process->n_limits++] = limit;
    return 0;
}

/* --- words for numbers --- */

int oci_word(const struct oci_word *words, const json_t *value, uint64_t *ret,
             struct err *e)
{
    const char *name = json_string_value(value);
    for (; words->name != NULL; words++)
        if (name != NULL && strcmp(words->name, name) == 0) {
            *ret = words->value;
            return 0;
        }
    return err_set(e, EINVAL, "unknown value \"%s\"", name == NULL ? "" : name);
}

static const struct oci_word policies[] = {
    {"SCHED_OTHER", SCHED_OTHER},
    {"SCHED_FIFO",             SCHED_FIFO},
    {"SCHED_RR",SCHED_RR},
    {"SCHED_BATCH",    SCHED_BATCH},
    {"SCHED_ISO",             4},
    {"SCHED_IDLE",SCHED_IDLE},
    {"SCHED_DEADLINE",   6},
    {0            },
};
/* sched_setattr(2), by the names of linux/sched.h. */
static const struct oci_word scheduler_flags[] = {
    {"SCHED_FLAG_RESET_ON_FORK", 0x01},
    {"SCHED_FLAG_RECLAIM",                          0x02},
    {"SCHED_FLAG_DL_OVERRUN",0x04},
    {"SCHED_FLAG_KEEP_POLICY",    0x08},
    {"SCHED_FLAG_KEEP_PARAMS",                          0x10},
    {"SCHED_FLAG_UTIL_CLAMP_MIN",                   0x20},
    {"SCHED_FLAG_UTIL_CLAMP_MAX",   0x40},
    {0                         },
};
static const struct oci_word io_classes[] = {
    {"IOPRIO_CLASS_RT",   IOPRIO_CLASS_RT},
    {"IOPRIO_CLASS_BE",                   IOPRIO_CLASS_BE},
    {"IOPRIO_CLASS_IDLE",IOPRIO_CLASS_IDLE},
    {0},
};

/* --- scheduler --- */

static int read_policy(struct oci_reader *reader, const char *key,
                       const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    uint64_t policy = 0;
    int r = oci_word(policies, value, &policy, e);
    ((struct spec_scheduler *)base)->policy = (uint32_t)policy;
    return r;
}

static int read_scheduler_flag(struct oci_reader *reader, const char *key,
                               const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    uint64_t flag = 0;
    int r = oci_word(scheduler_flags, value, &flag, e);
    ((struct spec_scheduler *)base)->flags |= flag;
    return r;
}

#define SCHED(member) offsetof(struct spec_scheduler, member)
static const struct oci_field scheduler_fields[] = {
    {.key = "policy",   .kind = OCI_CALL, .required = true, .call = read_policy},
    {.key = "nice", .kind = OCI_INT, .offset = SCHED(nice)},
    {.key = "priority",                 .kind = OCI_U32, .offset = SCHED(priority)},
    {.key = "flags",  .kind = OCI_EACH, .call = read_scheduler_flag},
    {.key = "runtime",                 .kind = OCI_U64, .offset = SCHED(runtime)},
    {.key = "deadline",.kind = OCI_U64, .offset = SCHED(deadline)},
    {.key = "period",                 .kind = OCI_U64, .offset = SCHED(period)},
    {0},
};

static int read_io_class(struct oci_reader *reader, const char *key,
                         const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    return oci_word(io_classes, value, base, e);
}

static int read_io_priority(struct oci_reader *reader, const char *key,
                            const json_t *value, void *base, struct err *e)
{
    (void)key;
    struct {
        uint64_t class;
        int priority;
    } in = {0};
    static const struct oci_field fields[] = {
        {.key = "class",
         .kind = OCI_CALL,
         .required = true,
         .call = read_io_class},
        {.key = "priority",
         .kind = OCI_INT,
         .required = true,
         .offset = sizeof(uint64_t)},
        {0               },
    };
    int r = oci_read(reader, value, fields, &in, e);
    if (r < 0)
        return r;
    if (in.priority < 0 || in.priority > 7)
        return err_set(e, EINVAL, "priority %d is not in [0, 7]", in.priority);
    *(int *)base = (int)(in.class << IOPRIO_CLASS_SHIFT) | in.priority;
    return 0;
}

/* --- processors of exec --- */

static int add_cpus(struct spec_cpus *cpus, char *range)
{
    enum { BITS = 8 * sizeof cpus->mask[0] };
    char *dash = strchr(range, '-');
    uint64_t first, last;
    if (dash != NULL)
        *dash++ = '\0';
    if (text_to_u64(range, &first) < 0 ||
        text_to_u64(dash != NULL ? dash : range, &last) < 0 || first > last ||
        last >= SPEC_MAX_CPUS)
        return -EINVAL;
    for (; first <= last; first++)
        cpus->mask[first / BITS] |= 1ul << first % BITS;
    cpus->set = true;
    return 0;
}

static int read_cpus(struct oci_reader *reader, const char *key,
                     const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    auto_strv struct strv ranges = {0};
    const char *list = json_string_value(value);
    int r = list != NULL ? 0 : -EINVAL;
    strv_split(&ranges, list != NULL ? list : "", ',');
    for (size_t i = 0; r == 0 && i < ranges.n; i++)
        r = add_cpus(base, ranges.v[i]);
    return r < 0 ? err_set(e, EINVAL, "expected a list like \"0-3,7\"") : 0;
}

static const struct oci_field affinity_fields[] = {
    {.key = "initial",
     .kind = OCI_CALL,
     .offset = AT(first_cpus),
     .call = read_cpus},
    {.key = "final", .kind = OCI_CALL, .offset = AT(cpus), .call = read_cpus},
    {0                       },
};

/* --- the rest --- */

static const struct oci_field console_fields[] = {
    {.key = "height",   .kind = OCI_U16, .required = true, .offset = AT(rows)},
    {.key = "width", .kind = OCI_U16, .required = true, .offset = AT(columns)},
    {0                },
};

/* Without a terminal it must be ignored, whatever it says. */
static int read_console(struct oci_reader *reader, const char *key,
                        const json_t *value, void *base, struct err *e)
{
    (void)key;
    const struct spec_process *process = base;
    return process->terminal ? oci_read(reader, value, console_fields, base, e)
                             : 0;
}

static int read_cwd(struct oci_reader *reader, const char *key,
                    const json_t *value, void *base, struct err *e)
{
    auto_strv struct strv one = {0};
    int r = oci_read_path(reader, key, value, &one, e);
    if (r == 0)
        *(char **)base = own_strdup(one.v[0]);
    return r;
}

static int check_variable(struct oci_reader *reader, const char *key,
                          const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    const char *s = json_string_value(value);
    if (s == NULL || s[0] == '=' || strchr(s, '=') == NULL)
        return err_set(e, EINVAL, "expected NAME=VALUE");
    strv_add(base, s);
    return 0;
}

/* clang-format off */
const struct oci_field oci_process_fields[] = {
    {.key = "terminal", .kind = OCI_BOOL, .offset = AT(terminal)},
    {.key = "consoleSize", .kind = OCI_CALL, .call = read_console},
    {.key = "user", .kind = OCI_OBJECT, .fields = user_fields},
    {.key = "args", .kind = OCI_STRINGS, .offset = AT(args)},
    {.key = "env", .kind = OCI_EACH, .offset = AT(env),
     .call = check_variable},
    {.key = "cwd", .kind = OCI_CALL, .required = true, .offset = AT(cwd),
     .call = read_cwd},
    {.key = "capabilities", .kind = OCI_OBJECT, .offset = AT(caps),
     .fields = caps_fields},
    {.key = "rlimits", .kind = OCI_EACH, .call = read_rlimit},
    {.key = "noNewPrivileges", .kind = OCI_BOOL, .offset = AT(no_new_privs)},
    {.key = "apparmorProfile", .kind = OCI_STRING, .offset = AT(apparmor)},
    {.key = "selinuxLabel", .kind = OCI_STRING, .offset = AT(selinux)},
    {.key = "oomScoreAdj", .kind = OCI_CALL, .call = read_score,
     .offset = AT(oom_score_adj),
     .has = AT(has_oom_score_adj)},
    {.key = "scheduler", .kind = OCI_OBJECT, .offset = AT(scheduler),
     .fields = scheduler_fields, .has = AT(has_scheduler)},
    {.key = "ioPriority", .kind = OCI_CALL, .offset = AT(io_priority),
     .call = read_io_priority, .has = AT(has_io_priority)},
    {.key = "execCPUAffinity", .kind = OCI_OBJECT, .fields = affinity_fields},
    {0},
};
/* clang-format on */
