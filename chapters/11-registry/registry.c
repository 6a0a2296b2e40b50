#include "registry.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

enum { MOST_HOPS = 10, CONNECT_S = 30, STALL_S = 60, TRIES = 5 };

void registry_account_done(struct registry_account *account)
{
    own_free(&account->user);
    own_free(&account->password);
    own_free(&account->token);
}

static int or_else(int value, int usual)
{
    return value > 0 ? value : usual;
}

/* --- one exchange -------------------------------------------------------- */

/* "Get "https://...": why", as Go says it. */
static int name_request(const char *method, const char *url, struct err *e)
{
    auto_free char *verb = own_strdup(method);
    for (char *c = verb + 1; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return err_add(e, "%s \"%.120s\"", verb, url);
}

static bool is_own(const struct registry *registry, const char *url)
{
    auto_free char *origin = host_origin(url);
    auto_free char *own = host_origin(registry->host.bases[registry->base]);
    return origin != NULL && own != NULL && strcmp(origin, own) == 0;
}

/* Whom to believe there: other machines have files of their own; where they
 * have none, the registry's authorities speak for those it sends us to, too. */
static int find_trust(const struct registry *registry, const char *url,
                      struct host *other, struct web_trust *ret, struct err *e)
{
    *ret = registry->host.trust;
    if (is_own(registry, url))
        return 0;
    auto_free char *origin = host_origin(url);
    const char *domain = strstr(origin, "://") + strlen("://");
    auto_free char *bare =
        text_ends(domain, ":443")
            ? text_format("%.*s", (int)(strlen(domain) - 4), domain)
            : own_strdup(domain);
    int r = host_find(bare, other, e);
    *ret = other->trust;
    if (ret->ca == NULL)
        ret->ca = registry->host.trust.ca;
    return r;
}

static int exchange(struct registry *registry,
                    const struct registry_request *request, const char *url,
                    struct web_answer *ret, struct err *e)
{
    const struct registry_options *options = registry->options;
    auto_host struct host other = {0};
    auto_strv struct strv headers = {0};
    struct web_request what = {.method = request->method,
                               .url = url,
                               .headers = &headers,
                               .body = request->body,
                               .size = request->size,
                               .connect_s =
                                   or_else(options->connect_s, CONNECT_S),
                               .stall_s = or_else(options->stall_s, STALL_S)};
    for (size_t i = 0; request->headers != NULL && i < request->headers->n; i++)
        strv_add(&headers, request->headers->v[i]);
    strv_add(&headers, "User-Agent: mini-docker/" MINI_DOCKER_VERSION);
    /* Nobody else is told who we are. */
    if (registry->authorization != NULL && is_own(registry, url))
        strv_addf(&headers, "Authorization: %s", registry->authorization);
    int r = find_trust(registry, url, &other, &what.trust, e);
    if (r == 0 && registry->web.fd < 0) {
        web_close(&registry->web);
        r = web_open(&registry->web, options->program, e);
    }
    if (r == 0)
        r = web_ask(&registry->web, &what, ret, e);
    return r < 0 ? name_request(request->method, url, e) : r;
}

/* --- redirections and challenges ----------------------------------------- */

static bool takes(const struct registry_request *request, int status)
{
    for (size_t i = 0; i < sizeof request->takes / sizeof *request->takes; i++)
        if (request->takes[i] == status)
            return true;
    return false;
}

/* A body was sent already, and others do not get it. */
static bool is_moved(const struct registry_request *request,
                     const struct web_answer *answer)
{
    int status = answer->status;
    return answer->location != NULL && request->body == NULL &&
           (status == 301 || status == 302 || status == 303 || status == 307 ||
            status == 308);
}

/* From https there is no way to http. */
static int follow(char **url, const struct web_answer *answer, struct err *e)
{
    auto_free char *from = host_origin(*url);
    auto_free char *to = host_origin(answer->location);
    if (to == NULL || (text_starts(from, "https") && !text_starts(to, "https")))
        return err_set(e, EPROTO, "it leads to \"%.120s\", which is not https",
                       answer->location);
    own_free(url);
    *url = own_strdup(answer->location);
    return 0;
}

static int begin_anew(const struct registry_request *request)
{
    if (request->body == NULL)
        return 0;
    return request->rewind == NULL ? -ESPIPE
                                   : request->rewind(request->body->arg);
}

/* One request, to its end: elsewhere, if it is sent there, and once more with
 * who we are, if it is asked.
 *
 * @lab 11.3 exchange, until the answer is one: 401 of the registry itself is
 * met once, by registry_authorize and begin_anew; is_moved is followed, up to
 * MOST_HOPS times */
static int ask_once(struct registry *registry,
                    const struct registry_request *request, const char *at,
                    struct web_answer *ret, struct err *e)
{
    auto_free char *url = own_strdup(at);
    bool is_challenged = false;
    for (int hops = 0; hops <= MOST_HOPS;) {
        web_answer_done(ret);
        int r = exchange(registry, request, url, ret, e);
        if (r < 0 || takes(request, r))
            return r;
        if (r == 401 && !is_challenged && is_own(registry, url)) {
            is_challenged = true;
            r = registry_authorize(registry, ret, url, e);
            if (r == 0 && begin_anew(request) < 0)
                return 401;
        } else if (is_moved(request, ret)) {
            hops++;
            r = follow(&url, ret, e);
        } else {
            return r;
        }
        if (r < 0)
            return name_request(request->method, url, e);
    }
    err_set(e, ELOOP, "stopped after %d redirects", MOST_HOPS);
    return name_request(request->method, at, e);
}

int registry_tries(const struct registry *registry)
{
    return or_else(registry->options->tries, TRIES);
}

static char *make_url(const struct registry *registry, const char *path)
{
    const char *base = registry->host.bases[registry->base];
    if (strstr(path, "://") != NULL)
        return own_strdup(path);
    return path[0] == '/'
               ? text_format("%s%s", base, path)
               : text_format("%s/v2/%s/%s", base, registry->repository, path);
}

int registry_ask(struct registry *registry,
                 const struct registry_request *request, struct web_answer *ret,
                 struct err *e)
{
    auto_free char *url = make_url(registry, request->path);
    for (int attempt = 0;; attempt++) {
        struct err why = {0};
        int r = ask_once(registry, request, url, ret, &why);
        int wait = registry_wait_ms(r, web_header(ret, "retry-after"), attempt);
        if (wait >= 0 && attempt + 1 < registry_tries(registry) &&
            begin_anew(request) == 0) {
            registry_pause(wait);
            continue;
        }
        if (r < 0 && e != NULL)
            *e = why;
        if (r < 400 || takes(request, r))
            return r;
        return registry_explain(registry, ret, url, e);
    }
}

/* --- opening ------------------------------------------------------------- */

/* Does it speak our language there? 401 is a yes, too. */
static int greet(struct registry *registry, struct err *e)
{
    const struct registry_request request = {
        .method = "GET", .path = "/v2/", .takes = {401}};
    auto_web_answer struct web_answer answer = {0};
    auto_free char *url = make_url(registry, request.path);
    int r = ask_once(registry, &request, url, &answer, e);
    if (r == 401) {
        r = registry_authorize(registry, &answer, url, e);
        return r < 0 ? name_request(request.method, url, e) : r;
    }
    /* Some have nothing there, and the rest all the same. */
    return r < 400 || r == 404 ? (r < 0 ? r : 0)
                               : registry_explain(registry, &answer, url, e);
}

int registry_open(struct registry *ret, const struct ref *ref,
                  const char *actions, struct err *e)
{
    const struct registry_options *options = ret->options;
    *ret = (struct registry){
        .options = options, .web = WEB_NONE, .wants_token = ret->wants_token};
    ret->repository = own_strdup(ref->path);
    ret->actions = own_strdup(actions);
    int r = host_find(ref->domain, &ret->host, e);
    if (r == 0)
        r = web_open(&ret->web, options->program, e);
    while (r == 0) {
        r = greet(ret, e);
        bool is_elsewhere =
            r == -EPROTO || r == -ECONNREFUSED || r == -ECONNRESET || r == -EIO;
        if (!is_elsewhere || ret->base + 1 >= ret->host.base_count)
            break;
        ret->base++;
        r = 0;
    }
    if (r < 0)
        registry_close(ret);
    return r;
}

int registry_login(const struct registry_options *options, const char *domain,
                   char **ret_token, struct err *e)
{
    auto_registry struct registry registry = {.options = options,
                                              .wants_token = true};
    const struct ref ref = {.domain = (char *)(uintptr_t)domain,
                            .path = (char[]){""}};
    const struct registry_request request = {
        .method = "GET", .path = "/v2/", .takes = {401}};
    auto_web_answer struct web_answer answer = {0};
    *ret_token = NULL;
    int r = registry_open(&registry, &ref, "", e);
    if (r == 0)
        r = registry_ask(&registry, &request, &answer, e);
    if (r == 401)
        return err_set(e, EACCES,
                       "login attempt to %s/v2/ failed with status: 401 "
                       "Unauthorized",
                       registry.host.bases[registry.base]);
    if (r >= 0)
        *ret_token = own_take(&registry.refresh_token);
    return r < 0 ? r : 0;
}

int registry_reopen(struct registry *registry, struct err *e)
{
    /* Its process is another one's child: it is not waited for here. */
    own_close(&registry->web.fd);
    own_close(&registry->web.pidfd);
    return web_open(&registry->web, registry->options->program, e);
}

void registry_close(struct registry *registry)
{
    web_close(&registry->web);
    host_done(&registry->host);
    own_free(&registry->repository);
    own_free(&registry->actions);
    own_free(&registry->authorization);
    own_free(&registry->refresh_token);
    registry->base = 0;
}
