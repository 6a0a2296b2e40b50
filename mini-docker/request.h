/*
 * request.h - a container that is wished for: the options of `run` and
 * `create`.
 *
 * One table fills pages: request_options.c. Most rows are content with the
 * kinds of option.h; the odd ones read their values with the kinds below. What
 * depends on several options at once, or needs files (--env-file), is done when
 * the whole line is read: request_finish completes the document, request_check
 * and request_check_line refuse what Docker would refuse.
 *
 *     struct call call = ...;              // options and operands are read
 *     request_finish(&call, &e);           // call.doc is the request
 *     request_check_line(call.doc, &e);
 *     request_check(call.doc, &e);
 *
 * The document is the body of POST /containers/create of the Docker Engine API,
 * holding only what was said; "Cli" is ours and taken out before the engine
 * sees it. Errors are -errno with Docker's words.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "command.h"

/* The first rows are of run alone, the others of create, too. */
enum { REQUEST_OF_RUN = 3 };
extern const struct option request_options[];

/* Names, variables and labels: request_names.c. */
extern const struct option_kind request_env, request_label, request_expose;
/* What is mounted: request_volumes.c, request_mount.c. */
extern const struct option_kind request_volume, request_mount, request_tmpfs;
/* Devices, rates and rlimits: request_devices.c. */
extern const struct option_kind request_device, request_device_rule,
    request_rate_bytes, request_rate_count, request_ulimit;
/* Times of a health check: request_health.c. */
extern const struct option_kind request_duration;
/* Networks, names and ports: request_network.c, request_publish.c. */
extern const struct option_kind request_network, request_link, request_publish,
    request_host, request_ip, request_search;
/* Namespaces, capabilities and other choices among words: request_modes.c. */
extern const struct option_kind request_mode, request_capability,
    request_security, request_restart, request_attach, request_pull,
    request_sysctl, request_swap, request_trust, request_trace, request_skip;

/* Put operands, files of variables and labels, and what follows from several
 * options into the document. */
int request_finish(struct call *call, struct err *e);
/* Refuse values and combinations that cannot be: what Docker's client refuses,
 * who then says how the command is used; and what its daemon does. */
int request_check_line(const json_t *doc, struct err *e);
int request_check(const json_t *doc, struct err *e);

/* Begin to trace as --trace says, which goes before MINI_DOCKER_TRACE. */
int request_open_trace(const json_t *doc, struct err *e);

/* Parts of it, for exec: the variables of --env-file; a word of the command,
 * whose number is told where it cannot be said. */
int request_put_env(json_t *doc, struct err *e);
int request_put_word(json_t *doc, const char *path, const char *text,
                     size_t number, struct err *e);

/* request_health.c: Healthcheck as --health-cmd and --no-healthcheck want it;
 * and whether it can be so. */
int request_put_health(json_t *doc, struct err *e);
int request_check_retries(const json_t *doc, struct err *e);

/* request_network.c: NetworkMode and NetworkingConfig from all that was said of
 * networks. */
int request_put_networks(json_t *doc, struct err *e);

/* Append the NAME=value lines of a file. request_files.c. */
int request_read_env_file(const char *file, struct strv *out, struct err *e);
int request_read_label_file(const char *file, struct strv *out, struct err *e);

#endif
