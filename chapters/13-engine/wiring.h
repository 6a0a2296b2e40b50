/*
 * wiring.h - a container's network: an endpoint in each network it is in, the
 * ports it publishes, and the small processes that serve it.
 *
 *     wiring_prepare(&wiring, engine, doc, dir, &e);  // addresses, ports
 *     ctr_create(...)                     // a namespace with nothing in it
 *     wiring_connect(&wiring, pid, &e);   // while it waits at its gate
 *     ...
 *     wiring_undo(&wiring, &e);           // it has ended
 *
 * What it takes of others, addresses and ports, is written down in RUN/ID/
 * wiring.json before it is taken: if its owner dies, whoever sweeps gives it
 * back (wiring_sweep). The links need nobody: a veth goes with the namespace
 * that one end of it is in.
 *
 * The document's NetworkSettings tell what it has: Networks, an object by the
 * networks' names, holds what was asked for (IPAMConfig, Aliases, Links,
 * MacAddress) from its creation on, and while it runs what it got.
 *
 * Two processes may serve it, children of its owner and dead with it: one that
 * answers 127.0.0.11 in it (nameserver.h), where it is in a network that
 * somebody made, and one that carries what arrives at its ports by ways that
 * rules do not see (forward.h).
 *
 * Errors in Docker's words. Only 13-engine includes this.
 */
#ifndef WIRING_H
#define WIRING_H

#include "forward.h"
#include "netns_name.h"
#include "network.h"
#include "rules.h"

struct endpoint; /* endpoint.h */

struct wiring {
    struct engine *engine;
    json_t *doc;         /* the container's record; borrowed */
    char *dir;           /* where hosts and resolv.conf lie */
    struct endpoint **v; /* in the order of their interfaces */
    size_t n;
    struct forward *forwards; /* who listens: one for each published port */
    struct rules_port *ports; /* those that rules lead to it as well */
    size_t n_forwards, n_ports;
    struct endpoint *carrier; /* whose network the ports are reached by; NULL */
    int relay, nameserver, way_out; /* pidfds, or 0; -1: it has ended */
    /* Called when one of them has begun, and before it is waited for; NULL. */
    void (*serving)(void *arg, int pidfd, bool begins);
    void *arg;
    struct netns_name name; /* --netns-name */
    /* Of what has ended, for wiring_cut_cables: cables, and the way to the
     * rules, which the kernel closes only when all that was deleted is gone: 10
     * ms. */
    struct strv cables;
    struct netlink *rules;
    int ns; /* made before the container, by wiring_user.c; or 0 */
};
void wiring_done(struct wiring *wiring);

/* Before there is a process. On error nothing is left taken. */
int wiring_prepare(struct wiring *wiring, struct engine *engine, json_t *doc,
                   const char *dir, struct err *e);
/* Its process waits at the gate: `pid`, as our pid namespace numbers it. What
 * was done is undone by wiring_undo. */
int wiring_connect(struct wiring *wiring, pid_t pid, struct err *e);
/* It has ended, or never was. Goes on after a failure; idempotent. */
int wiring_undo(struct wiring *wiring, struct err *e);
/* When nobody waits any more: cut the cables of what has ended, and wait for
 * its rules to be gone. */
void wiring_cut_cables(struct wiring *wiring);
/* Write down, for whoever sweeps, what it holds of others' things. */
int wiring_note(const struct wiring *wiring, struct err *e);
/* What the dead owner of container `id` did not give back. */
int wiring_sweep(struct engine *engine, const char *id, struct err *e);

/* --- wiring_document.c --- */

/* At its creation: NetworkSettings, from HostConfig.NetworkMode and the
 * request's NetworkingConfig. What cannot be is refused: -EINVAL, -ENOENT. */
int wiring_document(struct engine *engine, json_t *doc, const json_t *request,
                    struct err *e);
/* NetworkSettings.Networks, borrowed; NULL: a document without. */
json_t *wiring_networks(const json_t *doc);
/* The settings of one more network, added to the document's; not there yet. */
int wiring_add_settings(struct engine *engine, json_t *doc, const char *network,
                        const json_t *config, struct err *e);
/* Is this mode a network of that name? "default" is bridge; NULL: it is none,
 * host, or another container's. */
const char *wiring_network_of(const char *mode);
/* What `ps` and `inspect` tell of an endpoint, written to the document; and of
 * one that is gone, taken away. */
void wiring_tell(struct wiring *wiring);
void wiring_tell_gone(json_t *doc);

/* --- wiring_ports.c --- */

/* Listen at what HostConfig.PortBindings asks for, and tell NetworkSettings.
 * Ports; by which network they are reached is known from now on. */
int wiring_listen(struct wiring *wiring, struct err *e);
/* It is in other networks now: by which are they reached? Without a way out by
 * none, as with Docker, and then nobody listens either. */
int wiring_move_ports(struct wiring *wiring, struct err *e);

/* What HostConfig asks for, one after the other. */
int wiring_list_ports(const json_t *doc, struct port_list *ret, struct err *e);
/* Tell them: `forwards` are what became of `asked`, in the same order. */
void wiring_tell_ports(json_t *doc, const struct port_list *asked,
                       const struct forward *forwards, size_t n);

/* --- wiring_user.c: an ordinary user, who can make no bridge --- */

/* Make a network namespace, and start that process for it (pasta.h), with the
 * ports that are published. Where none is installed, or it finds no network
 * to speak to, there is no way out, which is an error if there are ports.
 * -EPERM: it wants a network that only root can make. */
int wiring_lead_out(struct wiring *wiring, struct err *e);
/* The process has ended: start another. */
int wiring_lead_out_again(struct wiring *wiring, struct err *e);
/* What to tell the user: neither is installed, or ports are asked of a network
 * that is the host's. NULL: all is well. */
const char *wiring_complaint(const struct engine *engine, const json_t *doc);

/* --- wiring_files.c: hosts, resolv.conf, and the list of its networks --- */

int wiring_write_files(struct wiring *wiring, struct err *e);
/* Is there somebody in its networks who can be found by name? */
bool wiring_has_names(const struct wiring *wiring);
/* Its resolv.conf; and whom the name server has to ask, added to `upstream`
 * (may be NULL). The caller frees the text. */
int wiring_resolv(const struct wiring *wiring, char **ret_text,
                  struct strv *upstream, struct err *e);

/* --- wiring_serve.c: the processes --- */

/* Those that it needs and that are not there: all of them, at first. */
int wiring_serve(struct wiring *wiring, int ns, struct err *e);
/* A process has begun, whose pidfd belongs to this member. */
void wiring_serves(struct wiring *wiring, int *place, int pidfd);
void wiring_stop_serving(struct wiring *wiring);
void wiring_stop_relay(struct wiring *wiring);
/* Bury those that have ended by themselves, or were killed. */
void wiring_bury(struct wiring *wiring);

/* --- wiring_sandbox.c: the network namespace as a whole --- */

/* Can it have the name that HostConfig.NetnsName asks for? */
int wiring_check_sandbox(const struct engine *engine, const json_t *doc,
                         struct err *e);
/* Tell where it is (SandboxKey), and give it its name, if it is to have one. */
int wiring_open_sandbox(struct wiring *wiring, pid_t pid, struct err *e);

/* --- wiring_change.c: while it runs, or not --- */

/* {"do": "connect", "network": NAME, "config": EndpointConfig} or {"do":
 * "disconnect", "network": NAME}, for the document and, where it runs (`pid` is
 * not 0), for the container. Its `engine` and `doc` are set. */
int wiring_change(struct wiring *wiring, const json_t *ask, pid_t pid,
                  struct err *e);

#endif
