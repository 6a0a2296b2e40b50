/* COPY and ADD: files become a layer. */
#include "build.h"

#include "build_parts.h"

#include "account.h"
#include "download.h"
#include "modes.h"
#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct copying {
    struct build_state *state;
    const struct dockerfile_instruction *ins;
    struct tree from; /* where files come from; not the context's */
    struct tree image;
    struct copyset_from source;
    struct ignore *exclude;
    struct copyset set;
    struct copyset_to to;
    char *dest, *mode;
    struct text *texts; /* of here-documents, expanded */
    struct copyset_text *named;
    struct build_parts parts; /* archives, and what was fetched */
    size_t n_fetched;
};

static void copying_done(struct copying *c)
{
    copyset_done(&c->set);
    for (size_t i = 0; i < c->to.n_texts; i++)
        text_done(&c->texts[i]);
    own_free(&c->texts);
    own_free(&c->named);
    own_free(&c->dest);
    own_free(&c->mode);
    ignore_free(&c->exclude);
    tree_close(&c->from);
    tree_close(&c->image);
    build_parts_done(&c->parts);
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
    uint64_t number;
    if (text_to_u64(from, &number) == 0)
        return err_set(e, EINVAL,
                       "invalid from flag value %s: index out of bounds", from);
    auto_image struct image image = {0};
    int r = build_find_image(b, from, NULL, &image, e);
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
    c->source.command = c->ins->name;
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
    int r = build_expand(c->state, flag, &c->mode, e);
    if (r < 0)
        return r;
    char *end;
    const char *said = c->mode;
    unsigned long mode = strtoul(said, &end, 8);
    bool is_octal =
        isdigit((unsigned char)said[0]) && *end == '\0' && mode <= 07777;
    if (!is_octal && !modes_is_valid(said))
        return err_set(e, EINVAL,
                       "invalid chmod parameter: '%s'. it should be octal "
                       "string and between 0 and 07777",
                       said);
    if (is_octal)
        c->to.looks.mode = (int64_t)mode;
    else
        c->to.looks.change = said;
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

/* ADD http://... or of a git repository: it is fetched now, since the key is
 * made of what comes. */
static int add_remote(struct copying *c, const char *said, json_t *words,
                      struct err *e)
{
    const char *checksum = dockerfile_flag(c->ins, "checksum");
    const struct strv *list = &c->ins->words;
    auto_free char *expected = NULL;
    struct build_remote remote = {
        .said = said,
        .keeps_git = dockerfile_has_flag(c->ins, "keep-git-dir"),
        .needs_name = text_ends(list->v[list->n - 1], "/"),
    };
    int r =
        checksum == NULL ? 0 : build_expand(c->state, checksum, &expected, e);
    remote.checksum = expected;
    if (r == 0)
        r = build_parts_fetch(&c->parts, &remote, c->exclude, e);
    if (r == 0) {
        c->n_fetched++;
        json_array_append_new(words, json_string(remote.path));
        json_array_append_new(words, json_string(remote.digest));
    }
    build_remote_done(&remote);
    return r;
}

static int add_word(struct copying *c, const char *word, json_t *words,
                    struct err *e)
{
    auto_free char *path = NULL;
    int r = build_expand(c->state, word, &path, e);
    if (r < 0)
        return r;
    json_array_append_new(words, json_string(path));
    bool is_git = build_remote_is_git(path);
    if (c->ins->kind == DOCKERFILE_ADD && (is_git || download_is_url(path)))
        return add_remote(c, path, words, e);
    if (download_is_url(path))
        return err_set(e, EINVAL,
                       "COPY failed: source can't be a URL for COPY");
    if (dockerfile_flag(c->ins, "checksum") != NULL)
        return err_set(e, EINVAL, "checksum requires HTTP(S) or Git sources");
    if (c->source.tree->n == 0)
        return err_set(e, ENOENT,
                       "%s failed: file not found in build context: stat %s: "
                       "there is no build context",
                       c->ins->name, path);
    return copyset_add(&c->set, &c->source, path, e);
}

static int choose(struct copying *c, json_t *words, struct err *e)
{
    const struct strv *list = &c->ins->words;
    int r = 0;
    if (dockerfile_flag(c->ins, "checksum") != NULL && list->n != 2)
        return err_set(e, EINVAL,
                       "checksum can't be specified for multiple sources");
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
    if (c->set.sources + c->to.n_texts + c->n_fetched > 1 &&
        !text_ends(said, "/"))
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

/* Those of the context are taken apart and those that were fetched are not,
 * unless --unpack says otherwise. */
static int unpack(struct copying *c, struct err *e)
{
    const char *wanted = dockerfile_flag(c->ins, "unpack");
    if (c->ins->kind != DOCKERFILE_ADD)
        return 0;
    int r = 0;
    if (wanted != NULL && strcmp(wanted, "true") == 0)
        r = build_parts_unpack_fetched(&c->parts, e);
    if (r == 0 && (wanted == NULL || strcmp(wanted, "true") == 0))
        r = build_parts_unpack(&c->parts, &c->set, e);
    return r;
}

/* --- the layer ------------------------------------------------------------ */

static int pack_files(void *arg, const struct pack_options *out,
                      struct pack_size *ret, struct err *e)
{
    struct copying *c = arg;
    build_now(&c->to.now);
    struct pack *pack = pack_open(out);
    int r = c->set.n + c->to.n_texts > 0
                ? copyset_pack(&c->set, &c->to, pack, e)
                : 0;
    if (r == 0)
        r = build_parts_pack(&c->parts, &c->to, pack, e);
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
        r = unpack(c, e);
    if (r == 0)
        r = build_add_layer(c->state, &layer, &commit, e);
    if (r == 0)
        build_say_id(c->state->b, c->state->draft.id);
    return r;
}

int build_do_copy(struct build_state *state,
                  const struct dockerfile_instruction *ins, struct err *e)
{
    struct copying c = {
        .state = state,
        .ins = ins,
        .parts = {.b = state->b, .stage = {.dir = -1}},
    };
    int r = copy(&c, e);
    copying_done(&c);
    return r;
}
