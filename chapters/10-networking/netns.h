/*
 * netns.h - a network namespace from outside: holding it, and sockets in it.
 *
 * A socket belongs for ever to the namespace in which socket(2) was called,
 * wherever its owner goes afterwards (network_namespaces(7)). So a process can
 * work in a container's network without moving in: it enters for the length of
 * one call, and leaves with the socket.
 *
 *     auto_fd int ns = netns_open(pid, e);
 *     auto_fd int fd = netns_socket(ns, AF_INET, SOCK_STREAM, 0, e);
 *
 * The caller owns all descriptors; they are close-on-exec. Needs CAP_SYS_ADMIN
 * in the user namespace that owns it, and in our own, to come back. Only for
 * processes of one thread, or for threads whose namespace nobody minds. Who
 * cannot come back (-EPERM is found before anything is entered) is in the
 * wrong namespace and had better end.
 */
#ifndef NETNS_H
#define NETNS_H

#include "err.h"

#include <sys/types.h>

/* The namespace that a process is in; 0 is the calling one. */
int netns_open(pid_t pid, struct err *e);

/* A new one, whose "lo" is up, and which lives for as long as somebody has this
 * descriptor, or is in it. For one who cannot come back from there (an ordinary
 * user, root of a user namespace alone): it is a child that goes in, and hands
 * it over. Flush stdio before. */
int netns_new(struct err *e);

/* socket(2) in there; `ns` -1 is our own. Close-on-exec is added to `type`. */
int netns_socket(int ns, int family, int type, int protocol, struct err *e);

/* Write a value to a file below /proc/sys/net, which is another one in each
 * namespace: of the one whose process opens it. */
int netns_set(int ns, const char *path, const char *value, struct err *e);

#endif
