/*
 * What chapter 09 adds: a Dockerfile that is understood before anything is
 * done.
 *
 *     demo DOCKERFILE [NAME=VALUE...]      no root is needed
 *
 * Prints each instruction, its words with their variables, and what all of it
 * makes of an image's configuration; or the line that is wrong, with a caret.
 */
#include "apply.h"
#include "dockerfile.h"
#include "files.h"
#include "own.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* The words as a build would take them; commands are the shell's to read. */
static int show_words(const struct dockerfile_instruction *i,
                      const struct words *w, struct err *e)
{
    bool is_command = i->kind == DOCKERFILE_RUN || i->kind == DOCKERFILE_CMD ||
                      i->kind == DOCKERFILE_ENTRYPOINT;
    for (size_t k = 0; k < i->n_flags; k++)
        printf("    --%s %s\n", i->flags[k].name,
               i->flags[k].value != NULL ? i->flags[k].value : "");
    for (size_t k = 0; k < i->words.n; k++) {
        auto_free char *word = NULL;
        int r = is_command ? 0 : words_expand(w, i->words.v[k], &word, e);
        if (r < 0)
            return r;
        printf("    [%s]\n", is_command ? i->words.v[k] : word);
    }
    for (size_t k = 0; k < i->n_heres; k++)
        printf("    %s: %s", i->heres[k].name, i->heres[k].text);
    return 0;
}

static int show(const struct dockerfile *file, struct strv *env, json_t *config,
                struct err *e)
{
    bool is_cmd_set = false;
    const struct words w = {.escape = file->escape, .env = env};
    for (size_t k = 0; k < file->n; k++) {
        const struct dockerfile_instruction *i = &file->v[k];
        printf("Step %zu/%zu : %s\n", k + 1, file->n, i->text);
        int r = show_words(i, &w, e);
        if (r == 0)
            r = apply_instruction(config, i, &w, &is_cmd_set, e);
        if (r < 0 && r != -EOPNOTSUPP)
            return r;
        for (size_t n = 0; i->kind == DOCKERFILE_ENV && n < i->words.n; n++) {
            auto_free char *pair = NULL;
            words_expand(&w, i->words.v[n], &pair, NULL);
            strv_set_env(env, pair);
        }
    }
    auto_free char *text = json_dumps(config, JSON_INDENT(2));
    printf("%s\n", text);
    return 0;
}

int main(int argc, char **argv)
{
    struct err e = {.msg = "usage: demo DOCKERFILE [NAME=VALUE...]"};
    auto_dockerfile struct dockerfile file = {0};
    auto_text struct text text = {0}, excerpt = {0};
    auto_strv struct strv env = {0};
    json_auto_t *config = json_object();
    for (int i = 2; i < argc; i++)
        strv_set_env(&env, argv[i]);
    int r = argc < 2 ? -EINVAL : files_read(AT_FDCWD, argv[1], &text, &e);
    if (r >= 0)
        r = dockerfile_parse(argv[1], text.s, text.len, &file, &excerpt, &e);
    if (r >= 0)
        r = show(&file, &env, config, &e);
    if (r < 0)
        fprintf(stderr, "%sdemo: %s\n", excerpt.len > 0 ? excerpt.s : "",
                e.msg);
    return r < 0 ? 1 : 0;
}
