/*
 * api.h - the Docker Engine API: from a request to the engine and back.
 *
 * docs.docker.com/reference/api/engine describes it. A request names a version
 * or none (/v1.47/info, /info), a method and a path; one table (routes.c) knows
 * which function is for it. There is a file for each kind of thing, api_*.c,
 * and in it a function for each endpoint, most of them a call of engine.h and
 * its result:
 *
 *     static int inspect(struct api_call *call, struct err *e)
 *     {
 *         json_t *doc = NULL;
 *         int r = engine_inspect(call->engine, call->names[0], false, &doc, e);
 *         return r < 0 ? r : api_answer(call, 200, doc);
 *     }
 *
 * One that fails returns -errno, which becomes a status (ENOENT 404, EINVAL
 * 400, EBUSY and EEXIST 409 ...) and {"message": ...}. Who answers does that
 * once, or begins a stream.
 *
 * Everything happens in the process of the one connection: it may wait, and be
 * killed, without harm to others.
 */
#ifndef API_H
#define API_H

#include "engine.h"
#include "err.h"
#include "http.h"
#include "query.h"

#include <jansson.h>
#include <stdbool.h>

/* What we know of the versions of the API, times 1000: 1047 is 1.47. */
enum { API_NEWEST = 1047, API_OLDEST = 1024 };
#define API_VERSION "1.47"
#define API_MIN_VERSION "1.24"

/* What the requests of one connection leave for the next. */
struct api_memory {
    char *stamp, *list; /* of the last list of containers */
    int64_t swept_ns;   /* when it was last asked who died */
};

struct api_call {
    struct engine *engine;
    struct http *http;
    struct api_memory *memory;
    struct query query;
    int version;    /* asked for; API_NEWEST where none was named */
    char *names[2]; /* of the things that the path is about */
    json_t *body;   /* JSON of the request, or NULL */
};

/* Answer all requests of a connection, then close it. */
void api_serve(struct http *http, struct engine *engine);

/* --- for who answers ------------------------------------------------------ */

/* The function of an endpoint. */
typedef int api_act(struct api_call *call, struct err *e);

/* A JSON document, which is taken; without one, {}. 0 or -errno. */
int api_answer(struct api_call *call, int status, json_t *doc);
/* No body: 204, 304 ... */
int api_answer_empty(struct api_call *call, int status);
/* {"message": "..."} */
int api_answer_error(struct api_call *call, int status, const char *message);
/* What may repeat bytes of a client that are no UTF-8, as a string that JSON
 * has room for. */
json_t *api_words(const char *words);
/* A line of a stream of JSON: the first one begins it. */
int api_send_line(struct api_call *call, const json_t *doc);
/* The stream's end; an error goes out as a line of it, if it has begun. Returns
 * what the endpoint is to return. */
int api_end_lines(struct api_call *call, int r, const struct err *e);
/* The parameter has to be there: -EINVAL. */
int api_need(const struct api_call *call, const char *name, const char **ret,
             struct err *e);

/* Seconds since 1970, with a fraction, as since= and until= have it; `ret`
 * stays where nothing is said. -EINVAL. */
int api_read_time(const struct api_call *call, const char *name,
                  struct timespec *ret, struct err *e);

/* detachKeys=, or Docker's own. -EINVAL. */
int api_read_keys(const struct api_call *call, struct attach_keys *ret,
                  struct err *e);
/* h= and w=, a terminal's size. -EINVAL. */
int api_read_size(const struct api_call *call, int64_t *ret_rows,
                  int64_t *ret_columns, struct err *e);
/* The filters for pruning, whose `said` the caller strv_done()s. */
struct prune_filter;
int api_read_prune(const struct api_call *call, struct prune_filter *ret,
                   struct err *e);

/* The name of an image that is to be made: a repository and, where that does
 * not say one, a tag ("1.36", or a digest), which may be NULL. Caller frees. */
char *api_image_name(const char *repository, const char *tag);
/* Dockerfile instructions of `changes`, which may be said several times, and
 * have several lines. */
void api_read_changes(const struct api_call *call, struct strv *ret);

/* For pull.h and push.h: `arg` is the call; what goes on is a line each. */
struct pull_event;
void api_tell_transfer(void *arg, const struct pull_event *event);
/* X-Registry-Auth: who asks, to a registry; the options for it. */
struct engine_registry;
int api_read_registry(const struct api_call *call, struct engine_registry *ret,
                      struct err *e);

/* X-Registry-Config: who asks, to several, as struct engine_build wants it; {}
 * where nobody is named. Caller json_decref()s, also after an error. */
int api_read_accounts(const struct api_call *call, json_t **ret, struct err *e);

/* What of a kind of thing is unused and fits the filters goes; and is told. */
int api_prune(struct api_call *call,
              int (*prune)(struct engine *engine,
                           const struct engine_prune *prune, json_t **ret,
                           struct err *e),
              struct err *e);

/* --- the endpoints -------------------------------------------------------- */

enum {
    API_BODY = 1, /* the body is JSON, and read before */
};

struct api_route {
    const char *method; /* "GET|HEAD" */
    const char *path;   /* "/containers/{}/json"; {} is a name, which of images
                           may have slashes */
    api_act *act;
    int flags;
};
/* A table of each file; the last one's method is NULL. */
extern const struct api_route api_system_routes[], api_auth_routes[],
    api_container_routes[], api_life_routes[], api_stream_routes[],
    api_exec_routes[], api_archive_routes[], api_image_routes[],
    api_transfer_routes[], api_build_routes[], api_network_routes[],
    api_volume_routes[], api_swarm_routes[];

/* routes.c: whose path and method it is. Fills in call->names. -ENOENT: the
 * path is nobody's; -EBADRQC: it is somebody's, but not with this method. */
int api_find_route(struct api_call *call, const char *method, const char *path,
                   const struct api_route **ret, struct err *e);

#endif
