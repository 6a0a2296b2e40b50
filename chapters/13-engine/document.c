/* A container's document: the request, completed from its image. */
#include "plan.h"

#include "field.h"
#include "own.h"
#include "state.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static bool is_empty(const json_t *value)
{
    return value == NULL || json_is_null(value) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

static bool has_variable(const struct strv *env, const char *assignment)
{
    size_t len = strcspn(assignment, "=");
    for (size_t i = 0; i < env->n; i++)
        if (strcspn(env->v[i], "=") == len &&
            strncmp(env->v[i], assignment, len) == 0)
            return true;
    return false;
}

/* The user's variables first, then those that only the image has. A name alone
 * takes the image's away. */
static void merge_env(json_t *config, const json_t *image)
{
    auto_strv struct strv env = {0}, images = {0};
    field_strings(config, "Env", &env);
    field_strings(image, "Env", &images);
    for (size_t i = 0; i < images.n; i++)
        if (!has_variable(&env, images.v[i]))
            strv_add(&env, images.v[i]);
    if (env.n > 0)
        json_object_set_new(config, "Env", field_list(&env));
}

static void merge_object(json_t *config, const json_t *image, const char *key)
{
    json_t *merged = json_object();
    json_object_update(merged, json_object_get(image, key));
    json_object_update(merged, json_object_get(config, key));
    if (json_object_size(merged) > 0)
        json_object_set(config, key, merged);
    json_decref(merged);
}

/* The image's check where there is none of one's own; of one's own, what it
 * does not say is the image's. */
static void merge_health(json_t *config, const json_t *image)
{
    json_t *merged = json_object();
    json_object_update(merged, json_object_get(image, "Healthcheck"));
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(config, "Healthcheck"), key, value)
    {
        bool says_nothing = is_empty(value) || (json_is_integer(value) &&
                                                json_integer_value(value) == 0);
        if (!says_nothing)
            json_object_set(merged, key, value);
    }
    if (json_object_size(merged) > 0)
        json_object_set(config, "Healthcheck", merged);
    json_decref(merged);
}

void plan_merge_config(json_t *config, const json_t *image)
{
    static const char *const scalars[] = {"User", "WorkingDir", "StopSignal"};
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
        if (is_empty(json_object_get(config, scalars[i])) &&
            json_object_get(image, scalars[i]) != NULL)
            json_object_set(config, scalars[i],
                            json_object_get(image, scalars[i]));
    merge_env(config, image);
    merge_object(config, image, "Labels");
    merge_object(config, image, "ExposedPorts");
    merge_object(config, image, "Volumes");
    merge_health(config, image);
    /* An entry point of one's own drops the image's command with its entry
     * point; [""] means none at all. */
    if (is_empty(json_object_get(config, "Entrypoint"))) {
        if (is_empty(json_object_get(config, "Cmd")))
            json_object_set(config, "Cmd", json_object_get(image, "Cmd"));
        json_object_set(config, "Entrypoint",
                        json_object_get(image, "Entrypoint"));
    } else {
        const char *first = json_string_value(
            json_array_get(json_object_get(config, "Entrypoint"), 0));
        if (first != NULL && first[0] == '\0')
            json_object_set_new(config, "Entrypoint", json_null());
    }
}

/* Its short id; the host's own name where it answers on the host's network. */
static json_t *default_hostname(const json_t *host, const char *id)
{
    char name[HOST_NAME_MAX + 1] = "";
    if (field_is(host, "NetworkMode", "host") &&
        gethostname(name, sizeof name) == 0)
        return json_string(name);
    return json_stringn(id, 12);
}

json_t *plan_document(const json_t *request, const struct image *image,
                      const char *id, const char *name)
{
    json_t *config = json_copy((json_t *)(uintptr_t)request);
    json_t *host = json_object_get(config, "HostConfig");
    json_incref(host);
    json_object_del(config, "HostConfig");
    json_object_del(config, "NetworkingConfig");
    plan_merge_config(config, field_get(image->config, "config"));
    if (is_empty(json_object_get(config, "Hostname")))
        json_object_set_new(config, "Hostname", default_hostname(host, id));
    auto_free char *shown_name = text_format("/%s", name);
    json_t *doc = json_pack(
        "{s:s, s:o, s:s, s:s, s:o, s:o, s:{s:s, s:b, s:i, s:b, s:i, s:s}}",
        "Id", id, "Created", state_now(), "Name", shown_name, "Image",
        image->id, "Config", config, "HostConfig",
        host != NULL ? host : json_object(), "State", "Status", "created",
        "Running", 0, "ExitCode", 0, "OOMKilled", 0, "Pid", 0, "Error", "");
    return doc;
}
