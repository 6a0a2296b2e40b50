/*
 * network_trace.h - private to network_trace*.c and its command: would a packet
 * from here get there, and who decides?
 *
 * Nothing is sent. Routes are looked up in the kernel (hops.h), in the
 * container's namespace and in ours; rules are those of rules.h, each believed
 * only if the kernel has them. The answer is a document:
 *
 *     {"Source", "Target", "Passes": true|false, "By": "what decides",
 *      "Hops": [{"At": "web", "What": "..."}]}
 *
 * It tells of what this program and the kernel's routes decide. Other rules on
 * this host, and whether anybody listens at the other end, are not looked at.
 */
#ifndef NETWORK_TRACE_H
#define NETWORK_TRACE_H

#include "engine.h"

#include <jansson.h>

/* `source` is a container's name or "host"; `target` NAME:PORT, IP:PORT or
 * [IP]:PORT, with /udp behind it or not. The caller json_decref()s. -EINVAL,
 * -ENOENT. */
int network_trace_make(struct engine *engine, const char *source,
                       const char *target, json_t **ret, struct err *e);

#endif
