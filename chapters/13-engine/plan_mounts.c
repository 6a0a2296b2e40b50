/* Mounts: Docker's own, and those the user asked for. */
#include "plan.h"

#include "field.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct default_mount {
    const char *source, *target, *type, *options;
    /* Of a namespace that is the host's, this is the host's mount; NS_COUNT:
     * never. And for ordinary users, who may mount such a file system only in a
     * namespace of their own. */
    enum ns_kind kind, user_kind;
};
/* clang-format off */
static const struct default_mount defaults[] = {
    {"proc", "/proc", "proc", "nosuid,noexec,nodev", NS_COUNT, NS_PID},
    {"tmpfs", "/dev", "tmpfs", "nosuid,strictatime,mode=755,size=65536k",
     NS_COUNT, NS_COUNT},
    {"devpts", "/dev/pts", "devpts",
     "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5",
     NS_COUNT, NS_COUNT},
    {"sysfs", "/sys", "sysfs", "nosuid,noexec,nodev,ro", NS_COUNT, NS_NET},
    {"mqueue", "/dev/mqueue", "mqueue", "nosuid,noexec,nodev",
     NS_COUNT, NS_IPC},
    {"shm", "/dev/shm", "tmpfs", "nosuid,noexec,nodev,mode=1777",
     NS_IPC, NS_IPC},
};
/* clang-format on */

static bool is_hosts(const struct plan *plan, enum ns_kind kind)
{
    return kind != NS_COUNT && (plan->spec->new_namespaces & NS_BIT(kind)) == 0;
}

static int add_default(struct plan *plan, const struct default_mount *m,
                       struct err *e)
{
    struct mnt_list *mounts = &plan->spec->mounts;
    bool is_shm = strcmp(m->target, "/dev/shm") == 0;
    if (is_shm && field_is(plan->doc, "HostConfig.IpcMode", "none"))
        return 0;
    if (is_hosts(plan, m->kind))
        return mnt_list_add(mounts, m->target, m->target, "bind", "rbind", e);
    if (plan->engine->user != 0 && is_hosts(plan, m->user_kind)) {
        if (access(m->target, F_OK) < 0) /* the host does without */
            return 0;
        auto_free char *bind = text_format("rbind,%s", m->options);
        return mnt_list_add(mounts, m->target, m->target, "bind", bind, e);
    }
    if (is_shm) {
        int64_t size = field_int(plan->doc, "HostConfig.ShmSize", 0);
        auto_free char *options =
            text_format("%s,size=%" PRId64, m->options,
                        size > 0 ? size : INT64_C(64) << 20);
        return mnt_list_add(mounts, m->source, m->target, m->type, options, e);
    }
    /* Privileged: writable. One id: the group of terminals has no meaning. */
    const char *without =
        text_ends(m->options, ",ro") && plan->privileged              ? ",ro"
        : text_ends(m->options, ",gid=5") && plan->engine->has_one_id ? ",gid=5"
                                                                      : "";
    size_t cut = strlen(without);
    auto_free char *options =
        text_format("%.*s", (int)(strlen(m->options) - cut), m->options);
    return mnt_list_add(mounts, m->source, m->target, m->type, options, e);
}

/* A directory or file that lies elsewhere: a bind's, or a volume's. */
static int add_bind(struct plan *plan, const json_t *point, struct err *e)
{
    const char *source = field_string(point, "Source");
    const char *said = field_string(point, "Propagation");
    bool flat = field_bool(point, "Spec.BindOptions.NonRecursive");
    auto_free char *options = text_format(
        "%s,%s,%s", said[0] != '\0' ? said : "rprivate",
        field_bool(point, "RW") ? "rw" : "ro", flat ? "bind" : "rbind");
    return mnt_list_add(&plan->spec->mounts, source,
                        field_string(point, "Destination"), "bind", options, e);
}

/* --mount refuses a source that is missing, where -v makes it: plan_sources. */
static int check_source(const struct plan *plan, struct err *e)
{
    size_t i;
    const json_t *m;
    json_array_foreach(field_get(plan->doc, "HostConfig.Mounts"), i, m)
    {
        const char *source = field_string(m, "Source");
        struct stat st;
        if (field_is(m, "Type", "bind") &&
            stat(source != NULL ? source : "", &st) < 0)
            return err_set(e, errno,
                           "invalid mount config for type \"bind\": bind "
                           "source path does not exist: %s",
                           source != NULL ? source : "");
    }
    return 0;
}

static int add_tmpfs(struct plan *plan, const json_t *point, struct err *e)
{
    auto_text struct text options = {0};
    text_addf(&options, "nosuid,nodev,noexec,%s",
              field_bool(point, "RW") ? "rw" : "ro");
    int64_t size = field_int(point, "Spec.TmpfsOptions.SizeBytes", 0);
    if (size > 0)
        text_addf(&options, ",size=%" PRId64, size);
    int64_t mode = field_int(point, "Spec.TmpfsOptions.Mode", 01777);
    text_addf(&options, ",mode=%" PRIo64, mode);
    return mnt_list_add(&plan->spec->mounts, "tmpfs",
                        field_string(point, "Destination"), "tmpfs", options.s,
                        e);
}

static const struct {
    const char *type;
    int (*add)(struct plan *plan, const json_t *point, struct err *e);
} point_types[] = {
    {"bind",   add_bind      },
    {"volume", add_bind      },
    {"tmpfs",  add_tmpfs     },
    {"image",  plan_add_image},
};
enum { POINT_TYPES = sizeof point_types / sizeof point_types[0] };

/* What plan_points found: -v, --mount, volumes. */
static int add_point(struct plan *plan, const json_t *point, struct err *e)
{
    for (size_t i = 0; i < POINT_TYPES; i++)
        if (field_is(point, "Type", point_types[i].type))
            return point_types[i].add(plan, point, e);
    return err_set(e, EINVAL, "mount type unknown: \"%s\"",
                   field_string(point, "Type"));
}

static int add_points(struct plan *plan, struct err *e)
{
    int r = check_source(plan, e);
    size_t i;
    const json_t *point;
    json_array_foreach(json_object_get(plan->doc, "Mounts"), i, point)
    {
        if (r == 0)
            r = add_point(plan, point, e);
    }
    return r;
}

/* HostConfig.Tmpfs: {PLACE: OPTIONS}. */
static int add_tmpfses(struct plan *plan, struct err *e)
{
    const char *target;
    json_t *given;
    json_t *tmpfs =
        (json_t *)(uintptr_t)field_get(plan->doc, "HostConfig.Tmpfs");
    json_object_foreach(tmpfs, target, given)
    {
        auto_free char *options =
            text_format("nosuid,nodev,noexec,%s", json_string_value(given));
        int r = mnt_list_add(&plan->spec->mounts, "tmpfs", target, "tmpfs",
                             options, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* What is no word of mount(8)'s goes to tmpfs itself. Its own answer to a word
 * it does not know would be no more than EINVAL. */
static int check_tmpfs(const struct mnt_list *mounts, struct err *e)
{
    static const char *const keys[] = {
        "size=", "mode=", "uid=", "gid=", "nr_inodes=", "nr_blocks=", "mpol="};
    for (size_t i = 0; i < mounts->n; i++) {
        auto_strv struct strv words = {0};
        if (strcmp(mounts->v[i].type, "tmpfs") == 0)
            strv_split(&words, mounts->v[i].data, ',');
        for (size_t j = 0; j < words.n; j++) {
            bool known = words.v[j][0] == '\0';
            for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
                known = known || text_starts(words.v[j], keys[k]);
            if (!known)
                return err_set(e, EINVAL, "Invalid tmpfs option \"%s\"",
                               words.v[j]);
        }
    }
    return 0;
}

static int depth_of(const struct mnt *mount)
{
    int depth = 0;
    for (const char *c = mount->target; *c != '\0'; c++)
        depth += *c == '/' && c[1] != '\0';
    return depth;
}

/* A mount below another comes after it: fewer components first, and otherwise
 * the order stays (which qsort(3) does not promise). */
static void sort_by_depth(struct mnt_list *mounts)
{
    for (size_t i = 1; i < mounts->n; i++) {
        struct mnt moving = mounts->v[i];
        size_t j = i;
        for (; j > 0 && depth_of(&mounts->v[j - 1]) > depth_of(&moving); j--)
            mounts->v[j] = mounts->v[j - 1];
        mounts->v[j] = moving;
    }
}

int plan_mounts(struct plan *plan, struct err *e)
{
    struct mnt_list *mounts = &plan->spec->mounts;
    int r = 0;
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0] && r == 0; i++)
        r = add_default(plan, &defaults[i], e);
    if (r == 0)
        r = plan_etc(plan, e);
    if (r == 0)
        r = add_points(plan, e);
    if (r == 0)
        r = add_tmpfses(plan, e);
    if (r == 0)
        r = check_tmpfs(mounts, e);
    if (r < 0)
        return r;
    sort_by_depth(mounts);
    plan->spec->default_dev = true;
    plan->spec->mount_cgroups = true;
    plan->spec->cgroups_writable = plan->privileged;
    for (size_t i = 0; i < mounts->n; i++)
        if (strcmp(mounts->v[i].target, "/sys/fs/cgroup") == 0)
            plan->spec->mount_cgroups = false;
    plan->spec->root.readonly =
        field_bool(plan->doc, "HostConfig.ReadonlyRootfs");
    return 0;
}

int plan_sources(struct plan *plan, struct err *e)
{
    auto_strv struct strv binds = {0};
    field_strings(plan->doc, "HostConfig.Binds", &binds);
    for (size_t i = 0; i < binds.n; i++) {
        auto_free char *source =
            text_format("%.*s", (int)strcspn(binds.v[i], ":"), binds.v[i]);
        struct stat st;
        if (source[0] != '/' || stat(source, &st) == 0)
            continue; /* a volume, or it is there */
        int r = files_mkdirs(AT_FDCWD, source, 0755, e);
        if (r < 0)
            return err_add(e, "error while creating mount source path '%s'",
                           source);
    }
    return 0;
}
