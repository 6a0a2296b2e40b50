/*
 * registry.h - requests to one repository of one registry.
 *
 * The interface is that of the OCI distribution specification, which is
 * Docker's "Registry HTTP API V2": manifests by tag or digest, blobs by digest,
 * below /v2/REPOSITORY/. Here a request finds its way: the host and the scheme,
 * a name and password or a token where they are asked for (challenge.h), up to
 * ten redirections, none of which is told our name or leads from https to http,
 * and further tries, later and later, where the server was busy or cut short.
 *
 *     auto_registry struct registry registry = {.options = &options};
 *     if (registry_open(&registry, &ref, "pull", &e) < 0) ...
 *     struct registry_request request = {.method = "GET", .path = "tags/list"};
 *     int status = registry_ask(&registry, &request, &answer, &e);
 *     web_read_all(&registry.web, most, &text, &e);
 *
 * A status of 400 or more is an error, but for those that a request takes
 * (`takes`): in Docker's words, with what the registry says. -EACCES: not
 * allowed, or no such repository; -ENOENT; -EAGAIN: too many requests, or
 * busy, to the last try. The rest is web.h's. One process.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "err.h"
#include "host.h"
#include "ref.h"
#include "web.h"

/* Who we are there. All NULL: nobody. */
struct registry_account {
    char *user, *password;
    char *token; /* in place of a password: what `login` was given */
};
void registry_account_done(struct registry_account *account);
#define auto_registry_account __attribute__((cleanup(registry_account_done)))

struct registry_options {
    const char *program;                    /* mini-docker-web */
    const struct registry_account *account; /* NULL: nobody */
    /* 0: 30 seconds to connect, a minute without a byte, 5 tries */
    int connect_s, stall_s, tries;
    uint64_t chunk; /* what is larger is sent in pieces; 0: 64 MiB */
};

struct registry {
    const struct registry_options *options;
    struct web web;
    struct host host;
    size_t base;                /* of the host's */
    char *repository, *actions; /* what for: "pull", "pull,push" */
    const char *source;         /* also pull from that repository; or NULL */
    char *authorization;        /* "Bearer ...": of every request; or NULL */
    bool wants_token;           /* one that a password is not needed for */
    char *refresh_token;        /* it, or NULL: there is none */
};
#define auto_registry __attribute__((cleanup(registry_close)))
/* Find the registry of a reference, and how it wants to be talked to. `ref`
 * with an empty path: the registry alone. */
int registry_open(struct registry *ret, const struct ref *ref,
                  const char *actions, struct err *e);
void registry_close(struct registry *registry);
/* Does the registry of a domain know the account? -EACCES. *ret_token is what
 * its server gives in place of the password ("refresh_token" of OAuth 2), or
 * NULL; caller frees. */
int registry_login(const struct registry_options *options, const char *domain,
                   char **ret_token, struct err *e);
/* In another process than registry_open: a connection of one's own. */
int registry_reopen(struct registry *registry, struct err *e);

struct registry_request {
    const char *method;
    const char *path; /* below /v2/REPOSITORY/, or from a "/" on, or a URL */
    const struct strv *headers;
    /* The body; -EAGAIN-able only where it can begin anew. */
    const struct layer_source *body;
    uint64_t size;
    int (*rewind)(void *arg); /* of the body's arg; NULL: one try */
    int takes[4];             /* statuses that are no error */
};
int registry_ask(struct registry *registry,
                 const struct registry_request *request, struct web_answer *ret,
                 struct err *e);

/* registry_error.c: what an answer's body says is wrong, in Docker's words; its
 * -errno. `url` is for what says nothing. */
int registry_explain(struct registry *registry, const struct web_answer *answer,
                     const char *url, struct err *e);
/* registry_auth.c: meet a challenge. -EACCES, in Docker's words. */
int registry_authorize(struct registry *registry,
                       const struct web_answer *answer, const char *url,
                       struct err *e);
/* registry_retry.c: is it worth another try, and when? Milliseconds, or -1. */
int registry_wait_ms(int status_or_error, const char *retry_after, int attempt);
void registry_pause(int ms);
/* How often, at most. */
int registry_tries(const struct registry *registry);

#endif
