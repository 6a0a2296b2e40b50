/* What RUN runs: words, a line for the shell, or a script. */
#include "build_copies.h"

#include "field.h"
#include "own.h"

#include <stdlib.h>
#include <string.h>

/* A here-document that is the whole command is a script. */
static bool is_script(const struct dockerfile_instruction *ins)
{
    const char *rest = ins->words.n > 0 ? ins->words.v[0] : "";
    return ins->n_heres == 1 && text_starts(rest, "<<") &&
           rest[strcspn(rest, " \t")] == '\0';
}

/* The shell form goes to SHELL's words, here-documents and all: sh(1) reads
 * them itself. */
static void add_shell_form(const struct build_state *state,
                           const struct dockerfile_instruction *ins,
                           struct strv *argv)
{
    field_strings(build_config(state), "Shell", argv);
    if (argv->n == 0)
        strv_split(argv, "/bin/sh,-c", ',');
    const char *rest = ins->words.n > 0 ? ins->words.v[0] : "";
    auto_text struct text command = {0};
    text_add(&command, is_script(ins) ? ins->heres[0].text : rest);
    for (size_t i = 0; !is_script(ins) && i < ins->n_heres; i++)
        text_addf(&command, "\n%s%s", ins->heres[i].text, ins->heres[i].name);
    strv_add(argv, command.s);
}

/* One that names its interpreter ("#!/usr/bin/python3") is for that, and so a
 * file: the shell would read it as its own. */
void build_add_script(const struct dockerfile_instruction *ins,
                      struct build_mounts *mounts, struct strv *argv)
{
    if (ins->is_json || !is_script(ins) ||
        !text_starts(ins->heres[0].text, "#!"))
        return;
    auto_free char *path = text_format("/dev/pipes/%s", ins->heres[0].name);
    json_t *mount = build_add_mount(mounts->host, path, true);
    struct build_copy *copy = build_copies_add(mounts->copies, mount);
    copy->looks = (struct pack_looks){0, 0, 0755, NULL, NULL};
    text_add(&copy->text, ins->heres[0].text);
    free(argv->v[argv->n - 1]);
    argv->v[argv->n - 1] = own_take(&path);
}

char *build_command(const struct build_state *state,
                    const struct dockerfile_instruction *ins, struct strv *argv)
{
    struct text text = {0};
    for (size_t i = 0; ins->is_json && i < ins->words.n; i++)
        strv_add(argv, ins->words.v[i]);
    if (!ins->is_json)
        add_shell_form(state, ins, argv);
    strv_join(argv, " ", &text);
    return text_take(&text);
}
