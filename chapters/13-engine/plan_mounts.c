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

/* /etc/hosts, /etc/hostname and /etc/resolv.conf belong to the container and
 * not to the image: files of ours, bound over. */
static int add_etc(struct plan *plan, const char *name, const char *content,
                   struct err *e)
{
    auto_free char *source = text_format("%s/%s", plan->dir, name);
    auto_free char *target = text_format("/etc/%s", name);
    int r = files_replace(AT_FDCWD, source, content, strlen(content), 0, e);
    if (r == 0 && chmod(source, 0644) < 0)
        r = err_sys(e, errno, "chmod %s", source);
    bool readonly = field_bool(plan->doc, "HostConfig.ReadonlyRootfs");
    return r < 0 ? r
                 : mnt_list_add(&plan->spec->mounts, source, target, "bind",
                                readonly ? "bind,rprivate,ro" : "bind,rprivate",
                                e);
}

static int add_etc_files(struct plan *plan, struct err *e)
{
    const char *hostname = field_string(plan->doc, "Config.Hostname");
    auto_free char *line = text_format("%s\n", hostname);
    auto_text struct text resolv = {0}, hosts = {0};
    bool own_network = (plan->spec->new_namespaces & NS_BIT(NS_NET)) != 0;
    if (own_network || files_read(AT_FDCWD, "/etc/hosts", &hosts, NULL) < 0)
        text_add(&hosts, "127.0.0.1\tlocalhost\n"
                         "::1\tlocalhost ip6-localhost ip6-loopback\n"
                         "fe00::0\tip6-localnet\n"
                         "ff00::0\tip6-mcastprefix\n"
                         "ff02::1\tip6-allnodes\n"
                         "ff02::2\tip6-allrouters\n");
    if (files_read(AT_FDCWD, "/etc/resolv.conf", &resolv, NULL) < 0)
        text_add(&resolv, "");
    int r = add_etc(plan, "hostname", line, e);
    if (r == 0)
        r = add_etc(plan, "hosts", hosts.s, e);
    return r < 0 ? r : add_etc(plan, "resolv.conf", resolv.s, e);
}

/* Words of -v that mean something only to others: SELinux, macOS. */
static bool is_ignored(const char *word)
{
    static const char *const ignored[] = {
        "z", "Z", "cached", "delegated", "consistent", "default", "nocopy"};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        if (strcmp(ignored[i], word) == 0)
            return true;
    return false;
}

static int add_bind(struct plan *plan, const char *source, const char *target,
                    const char *options, struct err *e)
{
    auto_strv struct strv words = {0};
    strv_split(&words, options, ',');
    auto_text struct text known = {0};
    text_add(&known, "rprivate");
    bool flat = false;
    for (size_t i = 0; i < words.n; i++) {
        if (strcmp(words.v[i], "bind-nonrecursive") == 0)
            flat = true;
        else if (!is_ignored(words.v[i]))
            text_addf(&known, ",%s", words.v[i]);
    }
    text_add(&known, flat ? ",bind" : ",rbind");
    return mnt_list_add(&plan->spec->mounts, source, target, "bind", known.s,
                        e);
}

/* Binds: "/source:/target[:options]". */
static int add_binds(struct plan *plan, struct err *e)
{
    auto_strv struct strv binds = {0};
    field_strings(plan->doc, "HostConfig.Binds", &binds);
    for (size_t i = 0; i < binds.n; i++) {
        auto_strv struct strv parts = {0};
        strv_split(&parts, binds.v[i], ':');
        if (parts.n < 2 || parts.n > 3 || parts.v[1][0] != '/')
            return err_set(e, EINVAL, "invalid volume specification: '%s'",
                           binds.v[i]);
        if (parts.v[0][0] != '/')
            return err_set(e, ENOTSUP,
                           "volume %s: named volumes are not built "
                           "yet",
                           parts.v[0]);
        int r = add_bind(plan, parts.v[0], parts.v[1],
                         parts.n == 3 ? parts.v[2] : "", e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int add_mount(struct plan *plan, const json_t *m, struct err *e)
{
    const char *source = field_string(m, "Source");
    const char *target = field_string(m, "Target");
    if (target == NULL || target[0] != '/')
        return err_set(e, EINVAL,
                       "invalid mount path: '%s' mount path must be "
                       "absolute",
                       target != NULL ? target : "");
    const char *readonly = field_bool(m, "ReadOnly") ? "ro" : "rw";
    if (field_is(m, "Type", "bind")) {
        const char *propagation = field_string(m, "BindOptions.Propagation");
        bool flat = field_bool(m, "BindOptions.NonRecursive");
        auto_free char *options =
            text_format("%s%s%s%s", readonly, flat ? ",bind-nonrecursive" : "",
                        propagation != NULL ? "," : "",
                        propagation != NULL ? propagation : "");
        struct stat st;
        if (stat(source != NULL ? source : "", &st) < 0)
            return err_set(e, errno,
                           "invalid mount config for type \"bind\": bind "
                           "source path does not exist: %s",
                           source != NULL ? source : "");
        return add_bind(plan, source, target, options, e);
    }
    if (!field_is(m, "Type", "tmpfs"))
        return err_set(e, ENOTSUP,
                       "--mount %s: only type=bind and type=tmpfs "
                       "are built yet",
                       target);
    auto_text struct text options = {0};
    text_addf(&options, "nosuid,nodev,noexec,%s", readonly);
    int64_t size = field_int(m, "TmpfsOptions.SizeBytes", 0);
    if (size > 0)
        text_addf(&options, ",size=%" PRId64, size);
    int64_t mode = field_int(m, "TmpfsOptions.Mode", 01777);
    text_addf(&options, ",mode=%" PRIo64, mode);
    return mnt_list_add(&plan->spec->mounts, "tmpfs", target, "tmpfs",
                        options.s, e);
}

static int add_mounts(struct plan *plan, struct err *e)
{
    const json_t *list = field_get(plan->doc, "HostConfig.Mounts");
    for (size_t i = 0; i < json_array_size(list); i++) {
        int r = add_mount(plan, json_array_get(list, i), e);
        if (r < 0)
            return r;
    }
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
        r = add_etc_files(plan, e);
    if (r == 0)
        r = add_binds(plan, e);
    if (r == 0)
        r = add_mounts(plan, e);
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
        if (stat(source, &st) == 0)
            continue;
        int r = files_mkdirs(AT_FDCWD, source, 0755, e);
        if (r < 0)
            return err_add(e, "error while creating mount source path '%s'",
                           source);
    }
    return 0;
}
