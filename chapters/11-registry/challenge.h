/*
 * challenge.h - what a server asks for before it answers: WWW-Authenticate.
 *
 * A challenge is a scheme and parameters, name="value" with commas between
 * (RFC 9110, 11.6.1); a header may have several challenges. "Basic" wants a
 * name and a password with each request. "Bearer" wants a token, which another
 * server gives, whose address is the realm (Docker Registry v2 authentication):
 *
 *     Bearer realm="https://auth.docker.io/token",service="registry.docker.io",
 *            scope="repository:library/busybox:pull"
 *
 *     auto_challenge struct challenge c = {0};
 *     if (challenge_parse(header, &c, &e) < 0) ...
 *
 * Every text comes from the server. The caller owns the struct. -EBADMSG: no
 * challenge that we can meet.
 */
#ifndef CHALLENGE_H
#define CHALLENGE_H

#include "err.h"

enum challenge_scheme { CHALLENGE_BASIC = 1, CHALLENGE_BEARER };

struct challenge {
    enum challenge_scheme scheme;
    char *realm, *service, *scope; /* NULL: not said */
};
#define auto_challenge __attribute__((cleanup(challenge_done)))
/* The best of those in a header: Bearer before Basic. */
int challenge_parse(const char *header, struct challenge *ret, struct err *e);
void challenge_done(struct challenge *challenge);

#endif
