/* RUN --mount: what the process sees besides the image, and leaves no trace of
 * in it. */
#include "build.h"

#include "field.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One --mount, read. */
struct mount {
    struct build_state *state;
    char *type, *source, *target, *from, *id, *mode, *size, *uid, *gid;
    bool is_readonly, is_required, is_writable;
    json_t *host, *inputs;
};

static void mount_done(struct mount *m)
{
    char **const all[] = {&m->type, &m->source, &m->target, &m->from, &m->id,
                          &m->mode, &m->size,   &m->uid,    &m->gid};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        own_free(all[i]);
}

/* --- reading it ----------------------------------------------------------- */

static int set_field(struct mount *m, const char *key, const char *value,
                     struct err *e)
{
    const struct {
        const char *name;
        char **place;
    } texts[] = {
        {"type",        &m->type  },
        {"source",      &m->source},
        {"src",         &m->source},
        {"target",      &m->target},
        {"dst",         &m->target},
        {"destination", &m->target},
        {"from",        &m->from  },
        {"id",          &m->id    },
        {"mode",        &m->mode  },
        {"size",        &m->size  },
        {"uid",         &m->uid   },
        {"gid",         &m->gid   },
        {"sharing",     NULL      },
    };
    const struct {
        const char *name;
        bool *place;
    } switches[] = {
        {"readonly",  &m->is_readonly},
        {"ro",        &m->is_readonly},
        {"readwrite", &m->is_writable},
        {"rw",        &m->is_writable},
        {"required",  &m->is_required},
    };
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (strcmp(switches[i].name, key) == 0) {
            *switches[i].place = value == NULL || strcmp(value, "true") == 0;
            return 0;
        }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(texts[i].name, key) != 0)
            continue;
        if (value == NULL)
            return err_set(e, EINVAL,
                           "invalid field '%s' must be a key=value "
                           "pair",
                           key);
        if (texts[i].place == NULL)
            return 0;
        own_free(texts[i].place);
        return build_expand(m->state, value, texts[i].place, e);
    }
    return err_set(e, EINVAL, "unexpected key '%s' in '--mount'", key);
}

static int read_mount(struct mount *m, const char *said, struct err *e)
{
    auto_strv struct strv parts = {0};
    strv_split(&parts, said, ',');
    int r = 0;
    for (size_t i = 0; r == 0 && i < parts.n; i++) {
        char *equals = strchr(parts.v[i], '=');
        if (equals != NULL)
            *equals = '\0';
        r = set_field(m, parts.v[i], equals != NULL ? equals + 1 : NULL, e);
    }
    if (r == 0 && m->type == NULL)
        m->type = own_strdup("bind");
    return r;
}

/* --- the kinds ------------------------------------------------------------ */

/* The mount is returned, borrowed. */
static json_t *add_mount(const struct mount *m, const char *type,
                         const char *source, bool readonly)
{
    if (!json_is_array(json_object_get(m->host, "Mounts")))
        json_object_set_new(m->host, "Mounts", json_array());
    auto_free char *target = build_absolute(m->state, m->target);
    json_t *mount = json_pack("{s:s, s:s, s:b}", "Type", type, "Target", target,
                              "ReadOnly", readonly);
    if (source != NULL)
        json_object_set_new(mount, "Source", json_string(source));
    json_array_append_new(json_object_get(m->host, "Mounts"), mount);
    return mount;
}

static int need_target(const struct mount *m, struct err *e)
{
    return m->target != NULL && m->target[0] != '\0'
               ? 0
               : err_set(e, EINVAL, "invalid mount: target is required");
}

/* Digest of what is mounted: it is an input of the step. */
static int add_digest(struct mount *m, const struct copyset_from *from,
                      struct filesum *sums, struct err *e)
{
    auto_copyset struct copyset set = {.v = NULL};
    char digest[DIGEST_SIZE];
    int r = copyset_add(&set, from, m->source != NULL ? m->source : "", e);
    if (r == 0)
        r = copyset_digest(&set, sums, digest, NULL, e);
    if (r < 0)
        return r;
    auto_free char *name = text_format("mount %s", m->target);
    return json_object_set_new(m->inputs, name, json_string(digest));
}

/* Files of an earlier stage, or of an image. */
static int mount_from(struct mount *m, struct err *e)
{
    struct build *b = m->state->b;
    size_t here = (size_t)(m->state->stage - b->stages.v);
    int stage = stages_find(&b->stages, here, m->from);
    auto_image struct image image = {0};
    auto_tree struct tree tree = {.n = 0};
    const char *id = stage < 0 ? m->from : b->states[stage].image.id;
    int r = need_target(m, e);
    if (r == 0)
        r = image_find(&b->engine->images, id, &image, e);
    if (r < 0)
        return err_add(e, "RUN --mount=from=%s", m->from);
    r = image_open_tree(&image, &tree, e);
    struct copyset_from from = {.tree = &tree, .what = m->from};
    if (r == 0)
        r = add_digest(m, &from, b->layer_sums, e);
    if (r < 0)
        return r;
    json_t *mount = add_mount(m, "image", image.id, true);
    if (m->source != NULL)
        json_object_set_new(mount, "ImageOptions",
                            json_pack("{s:s}", "Subpath", m->source));
    return 0;
}

/* A directory of the context is itself; nothing in it can be changed. */
static int mount_bind(struct mount *m, struct err *e)
{
    struct build *b = m->state->b;
    if (m->from != NULL)
        return mount_from(m, e);
    if (b->context.tree.n == 0)
        return err_set(e, ENOENT,
                       "RUN --mount=type=bind: there is no build "
                       "context");
    struct copyset_from from = {.tree = &b->context.tree,
                                .ignore = b->context.ignore,
                                .what = "build context"};
    int r = need_target(m, e);
    if (r == 0)
        r = add_digest(m, &from, b->context.sums, e);
    auto_fd int fd = r < 0 ? -1
                           : files_open_in(b->context.tree.layers[0],
                                           m->source != NULL ? m->source : ".",
                                           O_PATH, 0, e);
    if (r < 0 || fd < 0)
        return r < 0 ? r : fd;
    auto_free char *self = text_format("/proc/self/fd/%d", fd);
    char path[PATH_MAX];
    ssize_t n = readlink(self, path, sizeof path - 1);
    if (n < 0)
        return err_sys(e, errno, "RUN --mount");
    path[n] = '\0';
    add_mount(m, "bind", path, true);
    return 0;
}

/* A directory that stays for the next build: below the state root. */
static int mount_cache(struct mount *m, struct err *e)
{
    const struct engine *engine = m->state->b->engine;
    const char *id = m->id != NULL ? m->id : m->target;
    char digest[DIGEST_SIZE];
    int r = need_target(m, e);
    if (r < 0 || id == NULL)
        return r;
    digest_of(id, strlen(id), digest);
    auto_free char *path =
        text_format("cache/mounts/%.32s", digest_hex(digest));
    mode_t mode = m->mode != NULL ? (mode_t)strtoul(m->mode, NULL, 8) : 0755;
    r = files_mkdirs(engine->rootfd, "cache/mounts", 0711, e);
    if (r == 0)
        r = sys_mkdirat(engine->rootfd, path, mode);
    bool is_new = r == 0;
    if (is_new && (m->uid != NULL || m->gid != NULL))
        r = sys_fchownat(
            engine->rootfd, path,
            (uid_t)strtoul(m->uid != NULL ? m->uid : "0", NULL, 10),
            (gid_t)strtoul(m->gid != NULL ? m->gid : "0", NULL, 10), 0);
    if (r < 0 && r != -EEXIST)
        return err_sys(e, r, "mkdir %s/%s", engine->root, path);
    auto_free char *whole = text_format("%s/%s", engine->root, path);
    add_mount(m, "bind", whole, m->is_readonly);
    return 0;
}

static int mount_tmpfs(struct mount *m, struct err *e)
{
    int r = need_target(m, e);
    if (r == 0)
        add_mount(m, "tmpfs", NULL, false);
    return r;
}

/* What is in it is no input: a secret may change, and nothing is built anew. */
static int mount_secret(struct mount *m, struct err *e)
{
    if (m->id == NULL && m->source != NULL)
        m->id = own_strdup(m->source);
    if (m->id == NULL)
        return err_set(e, EINVAL, "invalid mount: id is required");
    if (m->target == NULL)
        m->target = text_format("/run/secrets/%s", m->id);
    const char *file = json_string_value(json_object_get(
        field_get(m->state->b->order->query, "secrets"), m->id));
    if (file == NULL)
        return m->is_required
                   ? err_set(e, ENOENT, "secret %s: not found", m->id)
                   : 0;
    add_mount(m, "bind", file, true);
    return 0;
}

static int mount_one(struct mount *m, const char *said, struct err *e)
{
    static const struct {
        const char *type;
        int (*mount)(struct mount *m, struct err *e);
    } kinds[] = {
        {"bind",   mount_bind  },
        {"cache",  mount_cache },
        {"tmpfs",  mount_tmpfs },
        {"secret", mount_secret},
    };
    int r = read_mount(m, said, e);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].type, m->type) == 0)
            return kinds[i].mount(m, e);
    return err_set(e, EINVAL, "unsupported mount type \"%s\"", m->type);
}

int build_add_mounts(struct build_state *state,
                     const struct dockerfile_instruction *ins, json_t *host,
                     json_t *inputs, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < ins->n_flags; i++) {
        if (strcmp(ins->flags[i].name, "mount") != 0)
            continue;
        struct mount m = {.state = state, .host = host, .inputs = inputs};
        r = mount_one(&m, ins->flags[i].value, e);
        mount_done(&m);
    }
    return r;
}

/* --- what mounting leaves ------------------------------------------------- */

/* Remove `path` from the upper directory, and the directories that lead there,
 * where they were made to be mounted on: the image has them not, and they are
 * empty. */
static void remove_stub(const struct tree *image, int upper, char *path)
{
    for (char *slash = path; slash != NULL; slash = strrchr(path, '/')) {
        struct tree_entry entry;
        auto_free char *found = NULL;
        if (slash != path)
            *slash = '\0';
        if (path[0] == '\0' ||
            tree_resolve(image, path, true, &entry, &found, NULL) != -ENOENT)
            return;
        struct stat st;
        if (fstatat(upper, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            (S_ISREG(st.st_mode) && st.st_size > 0))
            return;
        if (unlinkat(upper, path, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0)
            return;
    }
}

void build_remove_stubs(const struct tree *image, int upper, const json_t *host)
{
    size_t i;
    const json_t *mount;
    json_array_foreach(json_object_get(host, "Mounts"), i, mount)
    {
        struct tree_entry entry;
        auto_free char *path = NULL;
        const char *target = field_string(mount, "Target");
        if (tree_resolve(image, target, true, &entry, &path, NULL) == -ENOENT)
            remove_stub(image, upper, path);
    }
}
