/*
 * netns_name.h - a name for a network namespace, as ip-netns(8) keeps them.
 *
 * A namespace lives for as long as somebody is in it, has it open, or has it
 * mounted on a file (network_namespaces(7)). The last is what `ip netns add`
 * does: a file below /run/netns is the name, and the namespace is bound over
 * it. Whatever else knows these names, `ip netns exec`, `ip -n`, `nsenter
 * --net=/run/netns/NAME`, finds ours as well.
 *
 *     auto_netns_name struct netns_name name = {0};
 *     netns_name_open("web", ns, &name, e);   // a file that has no name yet
 *     ... write down which file that is ...
 *     netns_name_add(&name, ns, e);           // -EEXIST: somebody has the name
 *     netns_name_remove(&name, e);
 *
 * Two steps, because whoever is killed must be cleared up after, and nobody
 * else's name be touched: a name is ours if its file is the one that was
 * written down, and what is mounted there our namespace.
 *
 * /run/netns is made, and made a shared mount, as iproute2 does it, so that
 * names appear and go in all mount namespaces that share it; it stays. Needs
 * CAP_SYS_ADMIN, and a file system below /run that has O_TMPFILE (tmpfs has).
 * The caller serializes nothing: names are made with link(2), which fails if
 * there is one.
 */
#ifndef NETNS_NAME_H
#define NETNS_NAME_H

#include "err.h"

#include <stdint.h>

#define NETNS_NAME_DIR "/run/netns"

struct netns_name_inode {
    uint64_t device, number;
};

/* All zeros is none. */
struct netns_name {
    char *name;
    struct netns_name_inode file, ns;
    int fd; /* of the file, before it is named; or 0 */
};
#define auto_netns_name __attribute__((cleanup(netns_name_done)))
void netns_name_done(struct netns_name *name);

/* Can it be one? -EINVAL: it is no name of a file. */
int netns_name_check(const char *name, struct err *e);
/* A file for the namespace `ns`, a descriptor. */
int netns_name_open(const char *name, int ns, struct netns_name *ret,
                    struct err *e);
/* From now on it is there. -EEXIST: it was already, and is another's. */
int netns_name_add(struct netns_name *name, int ns, struct err *e);
/* Idempotent; one that is not ours (any more) stays. */
int netns_name_remove(const struct netns_name *name, struct err *e);

#endif
