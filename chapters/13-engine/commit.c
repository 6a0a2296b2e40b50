/* diff, export and commit: what a container's files have become. */
#include "contents.h"

#include "apply.h"
#include "ctr.h"
#include "events.h"
#include "field.h"
#include "own.h"
#include "pack.h"
#include "pause.h"
#include "plan.h"
#include "ref.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int add_change(void *arg, const struct diff_change *change,
                      struct err *e)
{
    (void)e;
    json_array_append_new(arg, json_pack("{s:o, s:i}", "Path",
                                         json_sprintf("/%s", change->path),
                                         "Kind", change->kind));
    return 0;
}

/* JSON holds nothing but UTF-8; a name that is none is shown with its odd bytes
 * replaced. */
static int add_shown(void *arg, const struct diff_change *change, struct err *e)
{
    struct diff_change shown = *change;
    json_t *plain = json_string(change->path);
    auto_free char *path = own_strdup(change->path);
    for (char *c = path; plain == NULL && *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    json_decref(plain);
    shown.path = path;
    return add_change(arg, &shown, e);
}

int engine_diff(struct engine *engine, const char *name, json_t **ret,
                struct err *e)
{
    auto_contents struct contents c = CONTENTS_INIT;
    int r = contents_open(engine, name, &c, e);
    if (r < 0)
        return r;
    json_auto_t *changes = json_array();
    c.diff.change = add_shown;
    c.diff.arg = changes;
    r = diff_walk(&c.diff, e);
    if (r == 0)
        r = contents_check(&c, e);
    if (r == 0)
        *ret = own_take(&changes);
    return r;
}

int engine_export(struct engine *engine, const char *name,
                  const struct pack_options *out, struct err *e)
{
    auto_contents struct contents c = CONTENTS_INIT;
    int r = contents_open(engine, name, &c, e);
    if (r < 0)
        return r;
    struct tree merged = contents_merged(&c);
    struct pack *pack = pack_open(out);
    r = pack_tree(pack, &merged, "", "", e);
    if (r == 0)
        r = contents_check(&c, e);
    own_free(&merged.layers);
    r = pack_close(pack, r, e);
    if (r == 0)
        events_of_container(engine, c.record.doc, "export", NULL);
    return r;
}

/* ------------------------------------------------------------------ commit */

struct committing {
    struct contents *c;
    const struct engine_commit *request;
};

/* Called by image_commit. Nothing in the container moves while its layer is
 * read, unless that was not wanted; then it is as whoever wrote last left it.
 */
static int pack_changes(void *arg, const struct pack_options *out,
                        struct pack_size *ret, struct err *e)
{
    const struct committing *committing = arg;
    struct contents *c = committing->c;
    struct pack_options options = *out;
    options.notice = committing->request->notice;
    options.notice_arg = committing->request->notice_arg;
    auto_pause struct pause pause = PAUSE_INIT;
    auto_free char *group = record_cgroup(c->record.doc, c->record.id);
    int r = 0;
    if (committing->request->pause && c->record.live)
        r = pause_start(&pause, group, e);
    if (r < 0)
        return r;
    r = pack_diff(&options, &c->diff, ret, e);
    return r < 0 ? r : contents_check(c, e);
}

/* What of a Config describes how to run something, and not this one container.
 */
static json_t *image_config(const json_t *given)
{
    static const char *const keys[] = {
        "User",    "ExposedPorts", "Env",         "Entrypoint", "Cmd",
        "Volumes", "WorkingDir",   "Labels",      "StopSignal", "StopTimeout",
        "OnBuild", "Shell",        "Healthcheck", "ArgsEscaped"};
    json_t *config = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const json_t *value = json_object_get(given, keys[i]);
        if (value != NULL && !json_is_null(value))
            json_object_set(config, keys[i], json_deep_copy(value));
    }
    return config;
}

/* As Docker: changes to what was given, or else to the container's; and below
 * that the container's. */
static int make_config(const struct engine_commit *request, const json_t *own,
                       json_t **ret, struct err *e)
{
    json_auto_t *base = image_config(own);
    *ret = image_config(request->config != NULL ? request->config : own);
    int r =
        request->changes != NULL ? apply_changes(request->changes, *ret, e) : 0;
    if (r == 0 && request->config != NULL)
        plan_merge_config(*ret, base);
    return r;
}

static char *created_by(const json_t *doc)
{
    auto_strv struct strv words = {0};
    field_strings(doc, "Config.Cmd", &words);
    struct text text = {0};
    strv_join(&words, " ", &text);
    return text_take(&text);
}

int engine_commit(struct engine *engine, const struct engine_commit *request,
                  char ret_id[72], struct err *e)
{
    auto_contents struct contents c = CONTENTS_INIT;
    int r = contents_open(engine, request->container, &c, e);
    if (r < 0)
        return r;
    struct committing committing = {&c, request};
    json_auto_t *config = NULL;
    r = make_config(request, json_object_get(c.record.doc, "Config"), &config,
                    e);
    if (r < 0)
        return r;
    auto_free char *command = created_by(c.record.doc);
    struct image_commit what = {
        .base = &c.image,
        .pack = pack_changes,
        .arg = &committing,
        .config = config,
        .author = request->author,
        .message = request->message,
        .created_by = command,
        .name = request->name,
    };
    r = image_commit(&engine->images, &what, ret_id, e);
    auto_ref struct ref ref = {0};
    auto_free char *shown =
        request->name != NULL && ref_parse(request->name, &ref, NULL) == 0
            ? ref_familiar(&ref)
            : own_strdup("");
    if (r == 0)
        events_of_container(
            engine, c.record.doc, "commit",
            json_pack("{s:s, s:s, s:s}", "comment",
                      request->message != NULL ? request->message : "",
                      "imageID", ret_id, "imageRef", shown));
    return r;
}
