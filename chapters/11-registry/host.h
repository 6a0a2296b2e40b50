/*
 * host.h - the machine behind the first word of a reference.
 *
 * docker.io is a name alone; its registry is registry-1.docker.io. Every other
 * domain is a host, perhaps with a port. A registry is asked by https, and must
 * prove who it is: to the machine's own authorities, or to those in
 *
 *     /etc/docker/certs.d/HOST/NAME.crt                authorities
 *     /etc/docker/certs.d/HOST/NAME.cert, NAME.key     our own certificate
 *
 * as Docker has them. This machine (localhost, 127.0.0.0/8, ::1) and what
 * MINI_DOCKER_INSECURE_REGISTRIES lists ("host:port,host") is asked by https
 * first, and then by http; with files in certs.d it is as any other.
 *
 *     auto_host struct host host = {0};
 *     if (host_find("localhost:5000", &host, &e) < 0) ...
 *     for (size_t i = 0; i < host.base_count; i++) try(host.bases[i]);
 *
 * The caller owns the struct. -errno of files in certs.d that cannot be read.
 */
#ifndef HOST_H
#define HOST_H

#include "err.h"
#include "web.h"

#include <stdbool.h>
#include <stddef.h>

#define HOST_HUB "docker.io"

struct host {
    char *bases[2]; /* "https://localhost:5000", and then http, or NULL */
    size_t base_count;
    char *ca, *cert, *key; /* what trust points at */
    struct web_trust trust;
};
#define auto_host __attribute__((cleanup(host_done)))
int host_find(const char *domain, struct host *ret, struct err *e);
void host_done(struct host *host);

/* May it be asked without its proving who it is? */
bool host_is_insecure(const char *domain);
/* Scheme, host and port of a URL, "https://host:443"; caller frees. NULL: it is
 * neither http nor https. */
char *host_origin(const char *url);

#endif
