/* Instructions that change how to run an image, and none of its files: but for
 * WORKDIR, which makes a directory. */
#include "build.h"

#include "account.h"
#include "apply.h"
#include "field.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>

/* ENV goes before ARG. */
void build_renew_env(struct build_state *state)
{
    strv_done(&state->env);
    for (size_t i = 0; i < state->args.n; i++)
        strv_set_env(&state->env, state->args.v[i]);
    auto_strv struct strv env = {0};
    field_strings(build_config(state), "Env", &env);
    for (size_t i = 0; i < env.n; i++)
        strv_set_env(&state->env, env.v[i]);
}

static struct words words_of(const struct build_state *state)
{
    return (struct words){.escape = state->b->file.escape, .env = &state->env};
}

int build_expand(struct build_state *state, const char *word, char **ret,
                 struct err *e)
{
    struct words words = words_of(state);
    return words_expand(&words, word, ret, e);
}

char *build_absolute(const struct build_state *state, const char *path)
{
    const char *cwd = field_string(build_config(state), "WorkingDir");
    if (path[0] == '/')
        return own_strdup(path);
    cwd = cwd != NULL ? cwd : "";
    return text_format("%s%s%s", cwd, text_ends(cwd, "/") ? "" : "/", path);
}

int build_do_config(struct build_state *state,
                    const struct dockerfile_instruction *ins, struct err *e)
{
    struct words words = words_of(state);
    int r = apply_instruction(build_config(state), ins, &words,
                              &state->is_cmd_set, e);
    if (r < 0)
        return r;
    build_renew_env(state);
    return build_add_empty(state, ins->text, e);
}

int build_do_maintainer(struct build_state *state,
                        const struct dockerfile_instruction *ins, struct err *e)
{
    auto_text struct text name = {0};
    strv_join(&ins->words, " ", &name);
    own_free(&state->author);
    int r =
        build_expand(state, name.s != NULL ? name.s : "", &state->author, e);
    return r < 0 ? r : build_add_empty(state, ins->text, e);
}

/* --- ARG ------------------------------------------------------------------ */

static int add_arg(struct build_state *state, const char *word, struct err *e)
{
    const struct build *b = state->b;
    size_t len = strcspn(word, "=");
    auto_free char *name = text_format("%.*s", (int)len, word);
    auto_free char *value = NULL;
    const char *given = strv_env(&b->args, name);
    int r = 0;
    if (given == NULL && word[len] == '=')
        r = build_expand(state, word + len + 1, &value, e);
    else if (given == NULL)
        given = strv_env(&b->stages.globals, name);
    if (r < 0 || (given == NULL && value == NULL))
        return r;
    auto_free char *pair =
        text_format("%s=%s", name, given != NULL ? given : value);
    strv_set_env(&state->args, pair);
    return 0;
}

int build_do_arg(struct build_state *state,
                 const struct dockerfile_instruction *ins, struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < ins->words.n; i++) {
        r = add_arg(state, ins->words.v[i], e);
        build_renew_env(state);
    }
    return r < 0 ? r : build_add_empty(state, ins->text, e);
}

/* What is about the build, as a proxy or the date is, is for us. */
static bool is_used(const struct build *b, const char *name)
{
    if (build_is_proxy(name) || strcmp(name, "SOURCE_DATE_EPOCH") == 0 ||
        text_starts(name, "BUILDKIT_") ||
        strv_env(&b->stages.globals, name) != NULL)
        return true;
    for (size_t i = 0; i < b->stages.n; i++)
        if (strv_env(&b->states[i].args, name) != NULL)
            return true;
    return false;
}

void build_say_unused(struct build *b)
{
    auto_strv struct strv unused = {0};
    auto_text struct text names = {0};
    for (size_t i = 0; i < b->args.n; i++) {
        auto_free char *name =
            text_format("%.*s", (int)strcspn(b->args.v[i], "="), b->args.v[i]);
        if (!is_used(b, name))
            strv_add(&unused, name);
    }
    strv_join(&unused, " ", &names);
    if (unused.n > 0)
        build_say(b,
                  "[Warning] One or more build-args [%s] were not consumed\n",
                  names.s);
}

/* --- WORKDIR -------------------------------------------------------------- */

struct making {
    struct tree tree;
    const char *path;
    struct spec_process who;
};

static int pack_directory(void *arg, const struct pack_options *out,
                          struct pack_size *ret, struct err *e)
{
    const struct making *m = arg;
    struct copyset nothing = {.has_directory = true};
    struct copyset_to to = {
        .tree = &m->tree,
        .path = m->path,
        .looks = {m->who.uid, m->who.gid, -1, NULL, NULL},
    };
    build_now(&to.now);
    struct pack *pack = pack_open(out);
    int r = copyset_pack(&nothing, &to, pack, e);
    *ret = pack_size(pack);
    return pack_close(pack, r, e);
}

static int is_directory(const struct tree *tree, const char *path,
                        struct err *e)
{
    struct tree_entry entry;
    auto_free char *found = NULL;
    int r = tree_resolve(tree, path, true, &entry, &found, e);
    if (r == -ENOENT)
        return 0;
    if (r == 0 && !S_ISDIR(entry.st.st_mode))
        r = -ENOTDIR;
    return r < 0 ? err_set(e, -r, "cannot mkdir: %s is not a directory", path)
                 : 1;
}

/* The directory is the user's who is to work there. */
static int find_owner(const struct build_state *state, struct spec_process *ret,
                      struct err *e)
{
    auto_strv struct strv layers = {0}, none = {0};
    if (state->has_image)
        image_stack(&state->image, &layers);
    int r = account_resolve(&layers, field_string(build_config(state), "User"),
                            &none, ret, e);
    strv_done(&ret->env);
    return r;
}

int build_do_workdir(struct build_state *state,
                     const struct dockerfile_instruction *ins, struct err *e)
{
    struct words words = words_of(state);
    int r = apply_instruction(build_config(state), ins, &words, NULL, e);
    if (r < 0)
        return r;
    struct making making = {
        .path = field_string(build_config(state), "WorkingDir")};
    auto_tree struct tree tree = {.has_marks = true};
    r = build_open_tree(state, &tree, e);
    if (r == 0)
        r = is_directory(&tree, making.path, e);
    if (r != 0)
        return r < 0 ? r : build_add_empty(state, ins->text, e);
    r = find_owner(state, &making.who, e);
    if (r < 0)
        return r;
    making.tree = tree;
    auto_build_layer struct build_layer layer = {
        .inputs = json_pack("{s:s}", "directory", making.path)};
    struct build_commit commit = {ins->text, pack_directory, &making};
    r = build_find_layer(state, &layer, e);
    if (r != 0)
        return r < 0 ? r : 0;
    r = build_add_layer(state, &layer, &commit, e);
    if (r == 0)
        build_say_id(state->b, state->draft.id);
    return r;
}
