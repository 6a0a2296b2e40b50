/* Completing the request of `run` when its whole command line is read. */
#include "request.h"

#include "field.h"
#include "own.h"
#include "ref.h"

#include <errno.h>
#include <string.h>

/* A name, or a whole id: 64 digits, with or without "sha256:". */
static int check_image(const char *image, struct err *e)
{
    const char *hex = text_starts(image, "sha256:") ? image + 7 : image;
    if (strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64)
        return 0;
    auto_ref struct ref ref = {0};
    return ref_parse(image, &ref, e);
}

int request_put_word(json_t *doc, const char *path, const char *text,
                     size_t number, struct err *e)
{
    json_t *word = json_string(text);
    if (word == NULL)
        return err_set(e, EILSEQ,
                       "argument %zu of the command is not valid UTF-8",
                       number);
    doc_append(doc, path, word);
    return 0;
}

/* IMAGE [COMMAND] [ARG...] and --entrypoint. */
static int put_command(struct call *call, struct err *e)
{
    const char *image = call->operands.v[0];
    int r = check_image(image, e);
    if (r < 0)
        return r;
    doc_set(call->doc, "Image", json_string(image));
    for (size_t i = 1; r == 0 && i < call->operands.n; i++)
        r = request_put_word(call->doc, "Cmd", call->operands.v[i], i, e);
    if (r < 0)
        return r;
    /* "" is said as [""]: no entry point, not even the image's. */
    json_t *entrypoint = doc_take(call->doc, "Cli.Entrypoint");
    if (entrypoint != NULL)
        doc_append(call->doc, "Entrypoint", entrypoint);
    return 0;
}

/* Variables of files stand before those of --env, so that these win. */
int request_put_env(json_t *doc, struct err *e)
{
    auto_strv struct strv files = {0};
    field_strings(doc, "Cli.EnvFiles", &files);
    if (files.n == 0)
        return 0;
    auto_strv struct strv env = {0};
    for (size_t i = 0; i < files.n; i++) {
        int r = request_read_env_file(files.v[i], &env, e);
        if (r < 0)
            return r;
    }
    field_strings(doc, "Env", &env);
    doc_set(doc, "Env", json_array());
    for (size_t i = 0; i < env.n; i++)
        doc_append(doc, "Env", json_string(env.v[i]));
    return 0;
}

static int put_labels(json_t *doc, struct err *e)
{
    auto_strv struct strv files = {0};
    field_strings(doc, "Cli.LabelFiles", &files);
    auto_strv struct strv lines = {0};
    for (size_t i = 0; i < files.n; i++) {
        int r = request_read_label_file(files.v[i], &lines, e);
        if (r < 0)
            return r;
    }
    if (lines.n == 0)
        return 0;
    auto_doc json_t *said = doc_take(doc, "Labels");
    for (size_t i = 0; i < lines.n; i++) {
        const char *value = strchr(lines.v[i], '=') + 1;
        auto_free char *key =
            text_format("%.*s", (int)(value - lines.v[i] - 1), lines.v[i]);
        doc_put(doc, "Labels", key, json_string(value));
    }
    json_object_update(json_object_get(doc, "Labels"), said);
    return 0;
}

static bool holds(const json_t *list, const char *word)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) if (strcmp(json_string_value(item),
                                                 word) == 0) return true;
    return false;
}

/* Adding wins over dropping; "ALL" makes other names in its list needless. */
static void settle_capabilities(json_t *doc)
{
    auto_doc json_t *add = doc_take(doc, "HostConfig.CapAdd");
    auto_doc json_t *drop = doc_take(doc, "HostConfig.CapDrop");
    json_t *all = json_pack("[s]", "ALL");
    if (holds(drop, "ALL"))
        json_array_clear(drop), json_array_extend(drop, all);
    json_decref(all);
    size_t i;
    json_t *name;
    json_array_foreach(add, i, name)
        doc_append(doc, "HostConfig.CapAdd", json_incref(name));
    json_array_foreach(drop, i, name) if (!holds(add, json_string_value(name)))
        doc_append(doc, "HostConfig.CapDrop", json_incref(name));
}

/* Which of our streams the container gets: those that -a names; else none with
 * -d, and without all but standard input, which -i asks for. */
static void attach_streams(json_t *doc)
{
    static const struct {
        const char *word, *path;
    } streams[] = {
        {"stdin",  "AttachStdin" },
        {"stdout", "AttachStdout"},
        {"stderr", "AttachStderr"},
    };
    const json_t *said = field_get(doc, "Cli.Attach");
    bool detached = field_bool(doc, "Cli.Detach");
    bool input = field_bool(doc, "OpenStdin");
    for (size_t i = 0; i < 3; i++)
        doc_set(doc, streams[i].path,
                json_boolean(said != NULL ? holds(said, streams[i].word)
                                          : !detached && (i > 0 || input)));
    doc_set(doc, "StdinOnce", json_boolean(!detached && input));
    doc_set(doc, "Tty", json_boolean(field_bool(doc, "Tty")));
}

int request_finish(struct call *call, struct err *e)
{
    json_t *doc = call->doc;
    int r = put_command(call, e);
    if (r == 0)
        r = request_put_env(doc, e);
    if (r == 0)
        r = put_labels(doc, e);
    if (r == 0)
        r = request_put_health(doc, e);
    if (r < 0)
        return r;
    attach_streams(doc);
    settle_capabilities(doc);
    return request_put_networks(doc, e);
}
