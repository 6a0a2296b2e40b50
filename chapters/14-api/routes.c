/* Whose request is it? One table of tables. */
#include "api.h"

#include "own.h"

#include <errno.h>
#include <string.h>

static const struct api_route *const tables[] = {
    api_system_routes,   api_auth_routes,    api_container_routes,
    api_life_routes,     api_stream_routes,  api_exec_routes,
    api_image_routes,    api_archive_routes, api_build_routes,
    api_transfer_routes, api_network_routes, api_volume_routes,
    api_swarm_routes,
};

/* "GET|HEAD" */
static bool is_method(const char *methods, const char *method)
{
    size_t len = strlen(method);
    for (const char *at = methods; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (strncmp(at, method, len) == 0 &&
            (at[len] == '\0' || at[len] == '|'))
            return true;
    }
    return false;
}

/* Does the path fit the pattern? {} takes as much as what follows it leaves:
 * images are named a/b/c. */
static bool fits(const char *pattern, const char *path, char *names[2])
{
    const char *hole = strstr(pattern, "{}");
    if (hole == NULL)
        return strcmp(pattern, path) == 0;
    size_t before = (size_t)(hole - pattern);
    const char *after = hole + 2;
    size_t len = strlen(path);
    if (strncmp(pattern, path, before) != 0 || !text_ends(path, after) ||
        len <= before + strlen(after))
        return false;
    names[0] = query_decode(path + before, len - before - strlen(after), false);
    return true;
}

/* A thing is not called a/b, but for images. */
static bool is_sound(const struct api_route *route, const char *name)
{
    return name == NULL || strchr(name, '/') == NULL ||
           text_starts(route->path, "/images/");
}

/* @lab 14.2 the first route whose pattern fits a sound name and whose method it
 * is; remember whether a path fits whose method it is not */
int api_find_route(struct api_call *call, const char *method, const char *path,
                   const struct api_route **ret, struct err *e)
{
    bool known = false;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct api_route *route = tables[i]; route->method != NULL;
             route++) {
            char *names[2] = {NULL, NULL};
            bool is_it =
                fits(route->path, path, names) && is_sound(route, names[0]);
            known |= is_it;
            if (is_it && is_method(route->method, method)) {
                call->names[0] = names[0];
                *ret = route;
                return 0;
            }
            own_free(&names[0]);
        }
    return known ? err_set(e, EBADRQC, "method not allowed")
                 : err_set(e, ENOENT, "page not found");
}
