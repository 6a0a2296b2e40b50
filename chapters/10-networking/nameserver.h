/*
 * nameserver.h - the name server of one container, at 127.0.0.11.
 *
 * A container asks where resolv.conf(5) says, and in a network with names that
 * is an address of its own loopback. Behind it is a process outside, which owns
 * two sockets of the container's network namespace: it knows who is in the
 * container's networks, and passes on everything else to the name servers of
 * the host, from the host's namespace. So names work where the container itself
 * cannot reach any name server.
 *
 *     struct nameserver ns = {.networks = path, .upstream = upstream};
 *     int r = nameserver_listen(netns, &ns, e);    // before the container runs
 *     pid = proc_clone(...);
 *     if (pid == 0)
 *         _exit(nameserver_serve(&ns, NULL) < 0);  // until somebody kills it
 *     nameserver_done(&ns);
 *
 * What it says, as Docker's does:
 *
 *     web, web.front, an alias,   A and AAAA, for 600 seconds. Of an alias
 *     first 12 digits of the id   that several have: all, beginning with
 *                                 another one each time
 *     ... which has no address    no records, and no error: that the name is
 *     of that family, or another  there is what counts (RFC 2308, NODATA)
 *     kind of record
 *     2.0.18.172.in-addr.arpa     PTR "web.front"
 *     anything else               what the upstream servers say
 *
 * `networks` names a small file with a line for each network of the container:
 * "PATH NAME", the absolute path of its leases (leases.h) and the network's
 * name. The first network that knows a name wins. Both kinds of file are read
 * again when stat(2) says that they are others (replace them by rename); so a
 * container joins a network while its server runs. A file that is not there, or
 * cannot be read as one, is a network in which nobody is.
 *
 * Upstream servers, three at most, are asked in turn, a second each, four times
 * in all; each question with an id and a source port that nobody can guess, and
 * what comes from elsewhere or answers another question is not heard. When
 * nobody answers, or there is none to ask, the client gets SERVFAIL: never
 * silence. By TCP the same, with two seconds for each step.
 *
 * Nothing a client does makes it wait, or takes memory without limit: 256
 * questions are under way at once, of which the oldest gets SERVFAIL for a new
 * one; 16 connections, further ones wait to be accepted. It never allocates for
 * a name that it knows.
 *
 * Its sockets hold the network namespace: end the process with the container.
 * Of the container's own port 53, 127.0.0.11 is taken (-EADDRINUSE for one who
 * wants it at all addresses, without SO_REUSEADDR). Needs what netns.h needs,
 * and CAP_NET_BIND_SERVICE over the namespace. One thread.
 */
#ifndef NAMESERVER_H
#define NAMESERVER_H

#include "err.h"
#include "text.h"

struct nameserver {
    int udp, tcp;         /* what nameserver_listen has opened */
    const char *networks; /* the list's absolute path; NULL: no network */
    struct strv upstream; /* addresses: "192.168.1.1", "fe80::1%eth0" */
    struct strv links;    /* "NAME=ADDRESS" that this container alone knows */
};

/* Sockets at 127.0.0.11, port 53, of a network namespace (a descriptor) whose
 * loopback is up. 0 or -errno, and both are -1; -EADDRINUSE: somebody has it.
 */
int nameserver_listen(int netns, struct nameserver *ret, struct err *e);
/* Serve for ever: returns only -errno of what should not fail. */
int nameserver_serve(struct nameserver *ns, struct err *e);
/* Close both sockets and free both lists; after nameserver_listen, whatever
 * came of it. */
void nameserver_done(struct nameserver *ns);

#endif
