/*
 * network.h - networks: named bridges that containers are plugged into.
 *
 * What a network is, is written down like a volume: a document in the shape of
 * GET /networks/NAME of the Docker Engine API, without who is in it. What there
 * is of it in the kernel, a bridge and its rules (chapter 10), comes up when
 * the first container needs it, and again whenever somebody took it away.
 *
 *     json_t *network = NULL;
 *     network_create(engine, request, &network, &e);
 *     auto_fd int lock = network_lock(engine, network, &e);
 *     network_up(engine, network, &up, &e);        // there is a bridge now
 *     ...
 *     network_remove(engine, "backend", &e);       // -EBUSY: somebody is in it
 *
 * Below the state root:
 *     networks/NAME.json   the documents
 * Below the run directory, gone after a boot as the bridges are:
 *     networks/NAME.json   those of bridge, host and none, made when needed
 *     networks/.lock       held by whoever makes or removes one
 *     networks/ID/lock     held by whoever changes what follows
 *     networks/ID/leases   who is in it, with which addresses (leases.h)
 *
 * Documents that are returned are the caller's, to json_decref(). Errors in
 * Docker's words; worth telling apart: -ENOENT, -EEXIST, -EBUSY, -EINVAL,
 * -EPERM (bridge, host and none stay). Only 13-engine includes this.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "ipam.h"
#include "leases.h"
#include "record.h"

/* Of a pool in a document: nobody asked for it. Never shown. */
#define NETWORK_CHOSEN "Chosen"
/* What Docker's own bridge driver calls its options. */
#define NETWORK_OPTION "com.docker.network.bridge."
#define NETWORK_MTU "com.docker.network.driver.mtu"

/* --- network.c: making and finding --- */

/* By name, full id, or unique beginning of an id. -ENOENT: "network NAME not
 * found". */
int network_load(struct engine *engine, const char *name, json_t **ret,
                 struct err *e);
/* The names of all there are, sorted. */
int network_names(struct engine *engine, struct strv *ret, struct err *e);
/* `request` is the body of POST /networks/create. */
int network_create(struct engine *engine, const json_t *request, json_t **ret,
                   struct err *e);
/* Take networks/.lock. The three that are always there are there now, and what
 * was left by somebody who was killed over it is gone. A descriptor. */
int network_lock_all(struct engine *engine, struct err *e);
/* Forget its document; the lock of all is held. */
int network_unlink(struct engine *engine, const json_t *network, struct err *e);

/* --- network_check.c: may it be asked for? --- */

/* Can this body of POST /networks/create be done at all? A look at it alone:
 * -EINVAL, -EPERM, -ENOENT (no such driver), -ENOSPC. */
int network_check(const json_t *request, struct err *e);
/* Bridges and plugs are root's to make: -EPERM to anybody else, saying what
 * cannot be done with which network. */
int network_check_user(const struct engine *engine, const char *what,
                       const char *name, struct err *e);

/* --- network_request.c: what is asked for becomes a document --- */

/* What was checked, completed: id, networks, gateways. `taken` are those that
 * it must not overlap (-EINVAL); -ENOSPC: no free one is left. */
int network_make_document(const json_t *request, const struct ip_nets *taken,
                          json_t **ret, struct err *e);
/* Is it a bridge that somebody made, so that names are answered in it? */
bool network_is_own(const json_t *network);
bool network_is(const json_t *network, const char *driver);
/* An option's text; NULL: it has none of that name. */
const char *network_option(const json_t *network, const char *name);
/* Of its links; 0: the kernel's. */
uint32_t network_mtu(const json_t *network);
/* An option that is "true" or "false". */
bool network_option_bool(const json_t *network, const char *name,
                         bool fallback);
/* The name of its bridge; caller frees. */
char *network_bridge(const json_t *network);
/* Its IPv4 (or IPv6) network, what addresses are taken from, and its gateway:
 * all of family 0 where it has none. */
struct network_pool {
    struct ip_net net, range;
    struct ip gateway;
    bool is_given; /* somebody asked for this one; else any would have done */
};
void network_get_pool(const json_t *network, int family,
                      struct network_pool *ret);

/* --- network_up.c: its half in the kernel --- */

/* The lock of one network, for its leases and its bridge: a descriptor. */
int network_lock(struct engine *engine, const json_t *network, struct err *e);
/* The path of its leases; caller frees. */
char *network_leases_path(const struct engine *engine, const json_t *network);
/* Who is in it; nobody, before the first. To write, its lock is held. */
int network_read_leases(const struct engine *engine, const json_t *network,
                        struct leases *ret, struct err *e);
int network_write_leases(const struct engine *engine, const json_t *network,
                         const struct leases *leases, struct err *e);
/* Its lock is held: see to it that there is a bridge with its rules. *ret_index
 * is the bridge's. Without nftables the default bridge comes up all the same,
 * with no way out, and `*ret_bare` is true. */
int network_up(struct engine *engine, const json_t *network,
               unsigned int *ret_index, bool *ret_bare, struct err *e);
/* Bridge and rules go; it may come up again. Fine where they are not there. */
int network_down(struct engine *engine, const json_t *network, struct err *e);
/* Of one whose document is gone, or of which there is none: all that is left.
 * What cannot go now goes with the next command that makes or removes one. */
void network_forget(struct engine *engine, const char *id);
/* Every network that this machine has addresses in or routes to, and those of
 * our own that need not be up. */
int network_taken(struct engine *engine, struct ip_nets *ret, struct err *e);

/* --- network_list.c: told and removed --- */

/* By name or id. -EBUSY: somebody is in it; -EPERM: it is always there. */
int network_remove(struct engine *engine, const char *name, struct err *e);

#endif
