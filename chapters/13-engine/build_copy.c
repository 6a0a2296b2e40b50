/* COPY and ADD: files become a layer. */
#include "build.h"

#include "account.h"
#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An archive that ADD takes apart. */
struct unpacked {
    struct tree tree;
    struct copyset set;
};

struct copying {
    struct build_state *state;
    const struct dockerfile_instruction *ins;
    struct tree from; /* where files come from; not the context's */
    struct tree image;
    struct copyset_from source;
    struct ignore *exclude;
    struct copyset set;
    struct copyset_to to;
    char *dest;
    struct text *texts; /* of here-documents, expanded */
    struct copyset_text *named;
    struct stage stage; /* what archives are unpacked in */
    struct unpacked *unpacked;
    size_t n_unpacked;
};

static void copying_done(struct copying *c)
{
    copyset_done(&c->set);
    for (size_t i = 0; i < c->n_unpacked; i++) {
        copyset_done(&c->unpacked[i].set);
        tree_close(&c->unpacked[i].tree);
    }
    for (size_t i = 0; i < c->to.n_texts; i++)
        text_done(&c->texts[i]);
    own_free(&c->unpacked);
    own_free(&c->texts);
    own_free(&c->named);
    own_free(&c->dest);
    ignore_free(&c->exclude);
    tree_close(&c->from);
    tree_close(&c->image);
    stage_close(&c->stage);
}

/* --- where from ----------------------------------------------------------- */

int build_open_tree(const struct build_state *state, struct tree *ret,
                    struct err *e)
{
    return state->has_image ? image_open_tree(&state->image, ret, e) : 0;
}

/* --from: an earlier stage, or else an image. */
static int open_from(struct copying *c, const char *from, struct err *e)
{
    struct build *b = c->state->b;
    size_t here = (size_t)(c->state->stage - b->stages.v);
    int stage = stages_find(&b->stages, here, from);
    if (stage >= 0)
        return build_open_tree(&b->states[stage], &c->from, e);
    auto_image struct image image = {0};
    int r = image_find(&b->engine->images, from, &image, e);
    return r < 0 ? err_add(e, "invalid from flag value %s", from)
                 : image_open_tree(&image, &c->from, e);
}

static int read_exclude(struct copying *c, struct err *e)
{
    auto_text struct text patterns = {0};
    for (size_t i = 0; i < c->ins->n_flags; i++)
        if (strcmp(c->ins->flags[i].name, "exclude") == 0)
            text_addf(&patterns, "%s\n", c->ins->flags[i].value);
    if (patterns.len == 0)
        return 0;
    int r = ignore_parse(patterns.s, patterns.len, &c->exclude, e);
    c->source.exclude = c->exclude;
    return r;
}

static int open_source(struct copying *c, struct err *e)
{
    struct build *b = c->state->b;
    const char *from = dockerfile_flag(c->ins, "from");
    c->source.keeps_parents = dockerfile_has_flag(c->ins, "parents");
    int r = read_exclude(c, e);
    if (r < 0)
        return r;
    c->source.what = from != NULL ? from : "build context";
    if (from != NULL) {
        r = open_from(c, from, e);
        c->source.tree = &c->from;
        return r;
    }
    c->source.tree = &b->context.tree;
    c->source.ignore = b->context.ignore;
    return 0;
}

/* --- how it looks --------------------------------------------------------- */

static bool is_number(const char *s)
{
    return s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* --chown: a number alone is that of the group, too. Without it what comes from
 * a stage or an image keeps its owner, and that of the context is root's. */
static int read_owner(struct copying *c, json_t *inputs, struct err *e)
{
    const char *flag = dockerfile_flag(c->ins, "chown");
    c->set.keeps_owner =
        flag == NULL && dockerfile_flag(c->ins, "from") != NULL;
    c->to.looks.uid = c->to.looks.gid = c->set.keeps_owner ? -1 : 0;
    if (flag == NULL)
        return 0;
    auto_free char *said = NULL;
    auto_strv struct strv layers = {0};
    struct spec_process who = {0};
    int r = build_expand(c->state, flag, &said, e);
    if (r < 0)
        return r;
    auto_free char *whole =
        is_number(said) ? text_format("%s:%s", said, said) : own_strdup(said);
    if (c->state->has_image)
        image_stack(&c->state->image, &layers);
    auto_strv struct strv none = {0};
    r = account_resolve(&layers, whole, &none, &who, e);
    strv_done(&who.env);
    if (r < 0)
        return r;
    c->to.looks.uid = who.uid;
    c->to.looks.gid = who.gid;
    return json_object_set_new(
        inputs, "owner",
        json_sprintf("%u:%u", (unsigned)who.uid, (unsigned)who.gid));
}

static int read_mode(struct copying *c, json_t *inputs, struct err *e)
{
    const char *flag = dockerfile_flag(c->ins, "chmod");
    c->to.looks.mode = -1;
    if (flag == NULL)
        return 0;
    auto_free char *said = NULL;
    int r = build_expand(c->state, flag, &said, e);
    if (r < 0)
        return r;
    char *end;
    unsigned long mode = strtoul(said, &end, 8);
    if (!isdigit((unsigned char)said[0]) || *end != '\0' || mode > 07777)
        return err_set(e, EINVAL,
                       "invalid chmod parameter: '%s'. it should be octal "
                       "string and between 0 and 07777",
                       said);
    c->to.looks.mode = (int64_t)mode;
    return json_object_set_new(inputs, "mode", json_string(said));
}

/* --- what ----------------------------------------------------------------- */

static int add_text(struct copying *c, const struct dockerfile_here *here,
                    struct err *e)
{
    struct words words = {.escape = c->state->b->file.escape,
                          .env = &c->state->env};
    struct text *content = &c->texts[c->to.n_texts];
    auto_free char *text = NULL;
    int r = here->expands ? words_expand_text(&words, here->text, &text, e) : 0;
    text_add(content, text != NULL ? text : here->text);
    c->named[c->to.n_texts++] = (struct copyset_text){here->name, content};
    return r;
}

/* ADD http://...: the work of another chapter. */
static int check_remote(const struct copying *c, const char *word,
                        struct err *e)
{
    static const char *const schemes[] = {"http://", "https://", "ftp://",
                                          "git@", "git://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (c->ins->kind == DOCKERFILE_ADD && text_starts(word, schemes[i]))
            return err_set(e, ENOSYS,
                           "ADD %s: sources on other machines are "
                           "not supported yet",
                           word);
    return 0;
}

static int add_word(struct copying *c, const char *word, json_t *words,
                    struct err *e)
{
    auto_free char *path = NULL;
    int r = build_expand(c->state, word, &path, e);
    if (r == 0)
        r = check_remote(c, path, e);
    if (r < 0)
        return r;
    json_array_append_new(words, json_string(path));
    if (c->source.tree->n == 0)
        return err_set(e, ENOENT,
                       "COPY failed: file not found in build context: stat %s: "
                       "there is no build context",
                       path);
    return copyset_add(&c->set, &c->source, path, e);
}

static int choose(struct copying *c, json_t *words, struct err *e)
{
    const struct strv *list = &c->ins->words;
    int r = 0;
    c->texts = own_alloc((c->ins->n_heres + 1) * sizeof *c->texts);
    c->named = own_alloc((c->ins->n_heres + 1) * sizeof *c->named);
    c->to.texts = c->named;
    for (size_t i = 0; r == 0 && i + 1 < list->n; i++) {
        const struct dockerfile_here *here =
            dockerfile_here_of(c->ins, list->v[i]);
        r = here != NULL ? add_text(c, here, e)
                         : add_word(c, list->v[i], words, e);
    }
    return r;
}

static int set_destination(struct copying *c, json_t *words, struct err *e)
{
    auto_free char *said = NULL;
    int r =
        build_expand(c->state, c->ins->words.v[c->ins->words.n - 1], &said, e);
    if (r < 0)
        return r;
    c->dest = build_absolute(c->state, said);
    c->to.path = c->dest;
    json_array_append_new(words, json_string(c->dest));
    if (c->set.sources + c->to.n_texts > 1 && !text_ends(said, "/"))
        return err_set(e, EINVAL,
                       "When using %s with more than one source file, the "
                       "destination must be a directory and end with a /",
                       c->ins->name);
    return 0;
}

static int gather(struct copying *c, struct build_layer *layer, struct err *e)
{
    struct build *b = c->state->b;
    json_t *words = json_array();
    json_object_set_new(layer->inputs, "words", words);
    int r = open_source(c, e);
    if (r == 0)
        r = read_owner(c, layer->inputs, e);
    if (r == 0)
        r = read_mode(c, layer->inputs, e);
    if (r == 0)
        r = choose(c, words, e);
    if (r == 0)
        r = set_destination(c, words, e);
    char digest[DIGEST_SIZE];
    if (r == 0)
        r = copyset_digest(&c->set,
                           c->source.tree == &c->from ? b->layer_sums
                                                      : b->context.sums,
                           digest, &layer->files, e);
    if (r < 0)
        return r;
    json_object_set_new(layer->inputs, "files", json_string(digest));
    for (size_t i = 0; i < c->to.n_texts; i++)
        json_array_append_new(words, json_string(c->texts[i].s));
    return 0;
}

/* --- archives ------------------------------------------------------------- */

static int unpack(struct copying *c, int fd, struct err *e)
{
    size_t n = c->n_unpacked;
    c->unpacked = own_grow(c->unpacked, (n + 1) * sizeof *c->unpacked);
    c->unpacked[n] = (struct unpacked){.set = {.v = NULL}};
    c->n_unpacked++;
    auto_free char *name = text_format("add-%zu", n);
    const struct build_archive archive = {
        .name = name, .source = {build_read_fd, &fd}
    };
    return build_unpack(c->state->b, &c->stage, &archive, &c->unpacked[n].tree,
                        e);
}

/* Take archives out of the set, and apart. */
static int unpack_archives(struct copying *c, struct err *e)
{
    bool wanted = c->ins->kind == DOCKERFILE_ADD &&
                  dockerfile_flag(c->ins, "from") == NULL;
    int r = 0;
    size_t kept = 0, n = wanted ? c->set.n : 0;
    for (size_t i = 0; i < n; i++) {
        struct copyset_item item = c->set.v[i];
        auto_fd int entry = -1, fd = -1;
        if (r == 0 && item.is_alone && S_ISREG(item.st.st_mode)) {
            entry =
                tree_open_entry(c->set.tree, item.layer, item.from, NULL, e);
            fd = entry < 0 ? -1 : tree_open_content(entry, e);
        }
        if (fd < 0 || !build_is_archive(fd)) {
            c->set.v[i] = c->set.v[kept];
            c->set.v[kept++] = item;
            continue;
        }
        r = unpack(c, fd, e);
        free(item.from);
        free(item.to);
    }
    c->set.n = wanted ? kept : c->set.n;
    return r;
}

/* --- the layer ------------------------------------------------------------ */

static int pack_unpacked(struct copying *c, struct unpacked *u,
                         struct pack *pack, struct err *e)
{
    struct copyset_from from = {.tree = &u->tree, .what = "archive"};
    struct copyset_to to = c->to;
    /* As the archive says; --chown is for what is not in one. */
    to.looks.uid = to.looks.gid = -1;
    to.n_texts = 0;
    int r = copyset_add(&u->set, &from, "", e);
    return r < 0 ? r : copyset_pack(&u->set, &to, pack, e);
}

static int pack_files(void *arg, const struct pack_options *out,
                      struct pack_size *ret, struct err *e)
{
    struct copying *c = arg;
    build_now(&c->to.now);
    struct pack *pack = pack_open(out);
    int r = c->set.n + c->to.n_texts > 0
                ? copyset_pack(&c->set, &c->to, pack, e)
                : 0;
    for (size_t i = 0; r == 0 && i < c->n_unpacked; i++)
        r = pack_unpacked(c, &c->unpacked[i], pack, e);
    *ret = pack_size(pack);
    return pack_close(pack, r, e);
}

static int copy(struct copying *c, struct err *e)
{
    auto_build_layer struct build_layer layer = {.inputs = json_object()};
    struct build_commit commit = {c->ins->text, pack_files, c};
    int r = gather(c, &layer, e);
    if (r == 0)
        r = build_find_layer(c->state, &layer, e);
    if (r != 0)
        return r < 0 ? r : 0;
    r = build_open_tree(c->state, &c->image, e);
    c->to.tree = &c->image;
    if (r == 0)
        r = unpack_archives(c, e);
    if (r == 0)
        r = build_add_layer(c->state, &layer, &commit, e);
    if (r == 0)
        build_say_id(c->state->b, c->state->draft.id);
    return r;
}

int build_do_copy(struct build_state *state,
                  const struct dockerfile_instruction *ins, struct err *e)
{
    struct copying c = {.state = state, .ins = ins, .stage = {.dir = -1}};
    int r = copy(&c, e);
    copying_done(&c);
    return r;
}
