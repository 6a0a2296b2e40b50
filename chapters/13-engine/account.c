#include "account.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than any list of accounts has; less than would hurt. */
#define LARGEST ((off_t)16 << 20)

/* Open a layer's file for reading. It is a stranger's: a device or a FIFO of
 * that name must not even be opened, because opening can do things. So look
 * first, by a descriptor that only names it. -ENOENT: not in this layer. */
static int open_regular(const char *layer, const char *path)
{
    auto_fd int root =
        sys_openat(AT_FDCWD, layer, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    auto_fd int found =
        root < 0 ? root : files_open_in(root, path, O_PATH, 0, NULL);
    struct stat st;
    if (found < 0)
        return -ENOENT;
    if (fstat(found, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > LARGEST)
        return -EINVAL;
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", found);
    return sys_openat(AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
}

/* A file of the container, or nothing: many images have no /etc/passwd. */
static void read_highest(const struct strv *layers, const char *path,
                         struct text *out)
{
    int fd = -ENOENT;
    for (size_t i = 0; i < layers->n && fd == -ENOENT; i++)
        fd = open_regular(layers->v[i], path);
    char block[4096];
    ssize_t n = 0;
    while (fd >= 0 && (n = read(fd, block, sizeof block)) > 0)
        text_addn(out, block, (size_t)n);
    text_addn(out, "", 0);
    own_close(&fd);
}

/* passwd and group are lines of fields with colons between them. Call `use`
 * for each line with at least `least` fields, until it
 * returns true. */
static bool each_line(const char *text, size_t least,
                      bool (*use)(const struct strv *fields, void *arg),
                      void *arg)
{
    while (*text != '\0') {
        const char *end = strchrnul(text, '\n');
        auto_free char *line = text_format("%.*s", (int)(end - text), text);
        auto_strv struct strv fields = {0};
        strv_split(&fields, line, ':');
        if (fields.n >= least && line[0] != '#' && use(&fields, arg))
            return true;
        text = *end == '\0' ? end : end + 1;
    }
    return false;
}

static bool to_id(const char *s, uint32_t *ret)
{
    uint64_t value;
    if (text_to_u64(s, &value) < 0 || value > INT32_MAX)
        return false;
    *ret = (uint32_t)value;
    return true;
}

/* A number, but none that an id may be: that is no name either. */
static int check_range(const char *name, struct err *e)
{
    int64_t value;
    uint32_t id;
    int r = text_to_i64(name, &value);
    if (r == -EINVAL || to_id(name, &id))
        return 0;
    return err_set(e, ERANGE, "uids and gids must be in range 0-%d", INT32_MAX);
}

/* What is looked for, and what was found. */
struct lookup {
    const char *name; /* the account or group asked for */
    bool by_id;
    uint32_t id;
    uint32_t found_id, found_gid;
    char *name_found, *home; /* owned */
    struct spec_process *process;
};

static bool matches(const struct strv *fields, struct lookup *lookup)
{
    uint32_t id;
    if (!to_id(fields->v[2], &id))
        return false;
    if (lookup->by_id ? id != lookup->id
                      : strcmp(fields->v[0], lookup->name) != 0)
        return false;
    lookup->found_id = id;
    return true;
}

static bool use_passwd(const struct strv *fields, void *arg)
{
    struct lookup *lookup = arg;
    if (!matches(fields, lookup) || !to_id(fields->v[3], &lookup->found_gid))
        return false;
    lookup->name_found = own_strdup(fields->v[0]);
    lookup->home = own_strdup(fields->v[5]);
    return true;
}

static bool use_group(const struct strv *fields, void *arg)
{
    return matches(fields, arg);
}

static void add_group(struct spec_process *process, gid_t gid)
{
    for (size_t i = 0; i < process->n_groups; i++)
        if (process->groups[i] == gid)
            return;
    if (process->n_groups < SPEC_MAX_GROUPS)
        process->groups[process->n_groups++] = gid;
}

/* Every group that lists the account as a member. Goes through all lines. */
static bool use_membership(const struct strv *fields, void *arg)
{
    struct lookup *lookup = arg;
    uint32_t gid;
    if (fields->n < 4 || !to_id(fields->v[2], &gid))
        return false;
    auto_strv struct strv members = {0};
    strv_split(&members, fields->v[3], ',');
    for (size_t i = 0; i < members.n; i++)
        if (strcmp(members.v[i], lookup->name) == 0)
            add_group(lookup->process, gid);
    return false;
}

static int resolve_group(const char *groups, const char *name, gid_t *ret,
                         struct err *e)
{
    struct lookup lookup = {.name = name};
    if (to_id(name, ret))
        return 0;
    int r = check_range(name, e);
    if (r < 0)
        return r;
    if (!each_line(groups, 3, use_group, &lookup))
        return err_set(e, EINVAL,
                       "unable to find group %s: no matching entries in group "
                       "file",
                       name);
    *ret = lookup.found_id;
    return 0;
}

static int resolve_user(const char *passwd, const char *name,
                        struct lookup *lookup, struct err *e)
{
    int r = check_range(name, e);
    if (r < 0)
        return r;
    lookup->name = name;
    lookup->by_id = to_id(name, &lookup->id);
    if (each_line(passwd, 6, use_passwd, lookup))
        return 0;
    if (!lookup->by_id)
        return err_set(e, EINVAL,
                       "unable to find user %s: no matching entries in passwd "
                       "file",
                       name);
    lookup->found_id = lookup->id;
    return 0;
}

int account_resolve(const struct strv *layers, const char *user,
                    const struct strv *extra, struct spec_process *ret,
                    struct err *e)
{
    auto_text struct text passwd = {0}, groups = {0};
    read_highest(layers, "/etc/passwd", &passwd);
    read_highest(layers, "/etc/group", &groups);
    user = user != NULL && user[0] != '\0' ? user : "0";
    const char *colon = strchrnul(user, ':');
    auto_free char *name = text_format("%.*s", (int)(colon - user), user);
    struct lookup who = {.process = ret};
    int r = resolve_user(passwd.s, name[0] != '\0' ? name : "0", &who, e);
    auto_free char *known_as = who.name_found, *home = who.home;
    if (r < 0)
        return r;
    ret->uid = who.found_id;
    ret->gid = who.found_gid;
    bool has_group = *colon == ':' && colon[1] != '\0';
    if (has_group)
        r = resolve_group(groups.s, colon + 1, &ret->gid, e);
    /* The first of the supplementary groups is the group itself. */
    add_group(ret, ret->gid);
    if (!has_group && known_as != NULL) {
        who.name = known_as;
        each_line(groups.s, 4, use_membership, &who);
    }
    for (size_t i = 0; i < extra->n && r == 0; i++) {
        gid_t gid = 0;
        r = resolve_group(groups.s, extra->v[i], &gid, e);
        if (r == 0)
            add_group(ret, gid);
    }
    if (strv_env(&ret->env, "HOME") == NULL)
        strv_addf(&ret->env, "HOME=%s",
                  home != NULL && home[0] != '\0' ? home : "/");
    return r;
}
