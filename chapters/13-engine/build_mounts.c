/* RUN --mount: what the process sees besides the image, and leaves no trace of
 * in it. */
#include "build_copies.h"

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
    char *type, *source, *target, *from, *id, *mode, *size, *uid, *gid,
        *sharing, *env;
    bool is_readonly, is_required, is_writable;
    struct build_mounts *mounts;
};

static void mount_done(struct mount *m)
{
    char **const all[] = {&m->type, &m->source,  &m->target, &m->from,
                          &m->id,   &m->mode,    &m->size,   &m->uid,
                          &m->gid,  &m->sharing, &m->env};
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
        {"type",        &m->type   },
        {"source",      &m->source },
        {"src",         &m->source },
        {"target",      &m->target },
        {"dst",         &m->target },
        {"destination", &m->target },
        {"from",        &m->from   },
        {"id",          &m->id     },
        {"mode",        &m->mode   },
        {"size",        &m->size   },
        {"uid",         &m->uid    },
        {"gid",         &m->gid    },
        {"sharing",     &m->sharing},
        {"env",         &m->env    },
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

json_t *build_add_mount(json_t *host, const char *target, bool is_readonly)
{
    if (!json_is_array(json_object_get(host, "Mounts")))
        json_object_set_new(host, "Mounts", json_array());
    json_t *mount = json_pack("{s:s, s:s, s:b}", "Type", "bind", "Target",
                              target, "ReadOnly", is_readonly);
    json_array_append_new(json_object_get(host, "Mounts"), mount);
    return mount;
}

/* The mount is returned, borrowed. */
static json_t *add_mount(const struct mount *m, const char *type,
                         bool is_readonly)
{
    auto_free char *target = build_absolute(m->state, m->target);
    json_t *mount = build_add_mount(m->mounts->host, target, is_readonly);
    json_object_set_new(mount, "Type", json_string(type));
    return mount;
}

static int need_target(const struct mount *m, struct err *e)
{
    return m->target != NULL && m->target[0] != '\0'
               ? 0
               : err_set(e, EINVAL, "invalid mount: target is required");
}

static int read_number(const char *name, const char *said, int base,
                       int64_t *ret, struct err *e)
{
    char *end;
    if (said == NULL)
        return 0;
    unsigned long n = strtoul(said, &end, base);
    if (said[0] < '0' || said[0] > '9' || *end != '\0' ||
        n > (base == 8 ? 07777 : UINT32_MAX - 1UL))
        return err_set(e, EINVAL, "invalid value %.60s for %s", said, name);
    *ret = (int64_t)n;
    return 0;
}

/* Of a secret or a new cache. */
static int read_looks(const struct mount *m, int64_t mode,
                      struct pack_looks *ret, struct err *e)
{
    *ret = (struct pack_looks){0, 0, mode, NULL, NULL};
    int r = read_number("uid", m->uid, 10, &ret->uid, e);
    if (r == 0)
        r = read_number("gid", m->gid, 10, &ret->gid, e);
    return r < 0 ? r : read_number("mode", m->mode, 8, &ret->mode, e);
}

/* What is to be seen; and its digest, which is an input of the step. */
static int choose(struct mount *m, const struct copyset_from *from,
                  struct copyset *set, struct err *e)
{
    struct build *b = m->state->b;
    struct filesum *sums =
        from->tree == &b->context.tree ? b->context.sums : b->layer_sums;
    char digest[DIGEST_SIZE];
    int r = need_target(m, e);
    if (r == 0)
        r = copyset_add(set, from, m->source != NULL ? m->source : "", e);
    if (r == 0)
        r = copyset_digest(set, sums, digest, NULL, e);
    if (r < 0)
        return r;
    auto_free char *name = text_format("mount %s", m->target);
    return json_object_set_new(m->mounts->inputs, name, json_string(digest));
}

/* A copy of what was chosen: both are taken over, and so is the tree unless
 * that is the context's. */
static void copy_set(struct mount *m, struct copyset *set, struct tree *tree)
{
    json_t *mount = add_mount(m, "bind", !m->is_writable);
    struct build_copy *copy = build_copies_add(m->mounts->copies, mount);
    copy->set = *set;
    *set = (struct copyset){.v = NULL};
    if (tree == NULL)
        return;
    copy->tree = *tree;
    copy->set.tree = &copy->tree;
    *tree = (struct tree){.n = 0};
}

/* An earlier stage, or an image. */
static int find_from(const struct mount *m, struct image *ret, struct err *e)
{
    struct build *b = m->state->b;
    size_t here = (size_t)(m->state->stage - b->stages.v);
    int stage = stages_find(&b->stages, here, m->from);
    int r = stage < 0 ? build_find_image(b, m->from, NULL, ret, e)
                      : image_find(&b->engine->images,
                                   b->states[stage].image.id, ret, e);
    return r < 0 ? err_add(e, "RUN --mount=from=%s", m->from) : 0;
}

static int mount_from(struct mount *m, struct err *e)
{
    auto_image struct image image = {0};
    auto_tree struct tree tree = {.n = 0};
    auto_copyset struct copyset set = {.v = NULL};
    struct copyset_from from = {.tree = &tree, .what = m->from};
    int r = need_target(m, e);
    if (r == 0)
        r = find_from(m, &image, e);
    if (r == 0)
        r = image_open_tree(&image, &tree, e);
    set.keeps_owner = true;
    if (r == 0)
        r = choose(m, &from, &set, e);
    if (r < 0)
        return r;
    if (m->is_writable) {
        copy_set(m, &set, &tree);
        return 0;
    }
    json_t *mount = add_mount(m, "image", true);
    json_object_set_new(mount, "Source", json_string(image.id));
    if (m->source != NULL)
        json_object_set_new(mount, "ImageOptions",
                            json_pack("{s:s}", "Subpath", m->source));
    return 0;
}

/* A directory of the context is itself where all of it may be seen and nothing
 * in it be changed. */
static int mount_itself(struct mount *m, struct err *e)
{
    char path[PATH_MAX];
    auto_fd int fd =
        files_open_in(m->state->b->context.tree.layers[0],
                      m->source != NULL ? m->source : ".", O_PATH, 0, e);
    if (fd < 0)
        return fd;
    auto_free char *self = text_format("/proc/self/fd/%d", fd);
    ssize_t n = readlink(self, path, sizeof path - 1);
    if (n < 0)
        return err_sys(e, errno, "RUN --mount");
    path[n] = '\0';
    json_t *mount = add_mount(m, "bind", true);
    return json_object_set_new(mount, "Source", json_string(path));
}

static int mount_bind(struct mount *m, struct err *e)
{
    struct build *b = m->state->b;
    auto_copyset struct copyset set = {.v = NULL};
    if (m->from != NULL)
        return mount_from(m, e);
    if (b->context.tree.n == 0)
        return err_set(e, ENOENT,
                       "RUN --mount=type=bind: there is no build "
                       "context");
    struct copyset_from from = {.tree = &b->context.tree,
                                .ignore = b->context.ignore,
                                .what = "build context"};
    int r = choose(m, &from, &set, e);
    if (r < 0 || (!m->is_writable && !set.lacks_some))
        return r < 0 ? r : mount_itself(m, e);
    copy_set(m, &set, NULL);
    return 0;
}

static int read_sharing(const struct mount *m, enum build_sharing *ret,
                        struct err *e)
{
    static const char *const names[] = {[BUILD_SHARED] = "shared",
                                        [BUILD_PRIVATE] = "private",
                                        [BUILD_LOCKED] = "locked"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (m->sharing == NULL || strcmp(m->sharing, names[i]) == 0) {
            *ret = (enum build_sharing)i;
            return 0;
        }
    return err_set(e, EINVAL, "unsupported sharing value \"%.60s\"",
                   m->sharing);
}

/* A directory that stays for the next build: below the state root. */
static int mount_cache(struct mount *m, struct err *e)
{
    auto_image struct image image = {0};
    const char *id = m->id != NULL ? m->id : m->target;
    char digest[DIGEST_SIZE];
    int r = need_target(m, e);
    if (r < 0 || id == NULL)
        return r;
    json_t *mount = add_mount(m, "bind", m->is_readonly);
    struct build_copy *copy = build_copies_add(m->mounts->copies, mount);
    digest_of(id, strlen(id), digest);
    copy->cache = text_format("cache/mounts/%.32s", digest_hex(digest));
    r = read_looks(m, 0755, &copy->looks, e);
    if (r == 0)
        r = read_sharing(m, &copy->sharing, e);
    if (r < 0 || m->from == NULL)
        return r;
    struct copyset_from from = {.tree = &copy->tree, .what = m->from};
    copy->set.keeps_owner = true;
    r = find_from(m, &image, e);
    if (r == 0)
        r = image_open_tree(&image, &copy->tree, e);
    return r < 0 ? r
                 : copyset_add(&copy->set, &from,
                               m->source != NULL ? m->source : "", e);
}

static int mount_tmpfs(struct mount *m, struct err *e)
{
    uint64_t size;
    int r = need_target(m, e);
    if (r < 0)
        return r;
    json_t *mount = add_mount(m, "tmpfs", false);
    if (m->size == NULL)
        return 0;
    if (text_to_bytes(m->size, &size) < 0)
        return err_set(e, EINVAL, "invalid value %.60s for size", m->size);
    return json_object_set_new(
        mount, "TmpfsOptions",
        json_pack("{s:I}", "SizeBytes", (json_int_t)size));
}

/* What is in it is no input: a secret may change, and nothing is built anew. */
static int mount_secret(struct mount *m, struct err *e)
{
    struct pack_looks looks;
    if (m->id == NULL && m->source != NULL)
        m->id = own_strdup(m->source);
    if (m->id == NULL)
        return err_set(e, EINVAL, "invalid mount: id is required");
    bool is_file = m->target != NULL || m->env == NULL;
    if (m->target == NULL)
        m->target = text_format("/run/secrets/%s", m->id);
    auto_text struct text content = {0};
    int r = read_looks(m, 0400, &looks, e);
    if (r == 0)
        r = build_secret_read(m->state->b, m->id, &content, e);
    if (r <= 0)
        return r < 0 || !m->is_required
                   ? r
                   : err_set(e, ENOENT, "secret %s: not found", m->id);
    r = m->env != NULL
            ? build_secret_set(m->mounts->secret_env, m->env, &content, e)
            : 0;
    if (r < 0 || !is_file)
        return r;
    json_t *mount = add_mount(m, "bind", true);
    struct build_copy *copy = build_copies_add(m->mounts->copies, mount);
    copy->looks = looks;
    copy->is_secret = true;
    copy->text = content;
    content = (struct text){0};
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
                     const struct dockerfile_instruction *ins,
                     struct build_mounts *mounts, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < ins->n_flags; i++) {
        if (strcmp(ins->flags[i].name, "mount") != 0)
            continue;
        struct mount m = {.state = state, .mounts = mounts};
        r = mount_one(&m, ins->flags[i].value, e);
        mount_done(&m);
    }
    return r;
}
