/*
 * netlink.h - letters to the kernel about links, addresses, routes and filters.
 *
 * Netlink is a socket whose other end is the kernel (netlink(7)). A message is
 * a header, a struct of its family, and attributes: a length, a type, a value,
 * padded to four bytes, nested where a value has parts. rtnetlink(7) has the
 * messages about links, addresses and routes; nfnetlink those of nftables.
 *
 *     auto_netlink struct netlink *nl = NULL;
 *     netlink_open(&nl, NETLINK_ROUTE, -1, e);
 *     struct ifinfomsg *link = netlink_begin(nl, RTM_NEWLINK,
 *                                            NLM_F_CREATE | NLM_F_EXCL,
 *                                            sizeof *link);
 *     link->ifi_change = link->ifi_flags = IFF_UP;
 *     netlink_put_text(nl, IFLA_IFNAME, "br0");
 *     size_t info = netlink_nest(nl, IFLA_LINKINFO);
 *     netlink_put_text(nl, IFLA_INFO_KIND, "bridge");
 *     netlink_unnest(nl, info);
 *     netlink_about(nl, "create %s", "br0");
 *     int r = netlink_talk(nl, e);     // "create br0: File exists"
 *
 * Several messages may be begun before one talk; the kernel gets them in one
 * call and takes them in order. rtnetlink goes on after one that it refused,
 * nfnetlink does all between NFNL_MSG_BATCH_BEGIN and _END, or nothing.
 *
 * The kernel does the work while we send, so its answer is there when we look
 * for it: no call here waits. What does not come from the kernel, or answers
 * something else, is passed over; an answer is believed no further than it is
 * long.
 *
 * A `struct netlink` belongs to the caller of netlink_open, to one thread, and
 * to the network namespace that it was opened in. Errors are the kernel's for
 * the first message refused, with the sentence of netlink_about before them and
 * the kernel's own explanation (NLMSGERR_ATTR_MSG, Linux 4.12) behind; -EPROTO:
 * it gave no answer; -EBADMSG: one that cannot be read; -ENOBUFS: answers were
 * lost, and the work may be done or not. Changes need CAP_NET_ADMIN in the user
 * namespace that owns the network namespace. Not to be shared with a child.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include "err.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink;

#define auto_netlink __attribute__((cleanup(netlink_done)))

/* A socket for NETLINK_ROUTE, NETLINK_NETFILTER ... in the namespace whose
 * descriptor is `ns` (netns.h), or -1: ours. `ns` is not kept. */
int netlink_open(struct netlink **ret, int protocol, int ns, struct err *e);
void netlink_close(struct netlink *nl); /* may be NULL */
void netlink_done(struct netlink **nl); /* what auto_netlink calls */

/* Begin a message. NLM_F_REQUEST is added, and NLM_F_ACK but for dumps and the
 * two ends of a batch. Returns the family's header of `header` bytes, zeroed;
 * it may move with the next call. */
void *netlink_begin(struct netlink *nl, uint16_t type, uint16_t flags,
                    size_t header);

/* Attributes of the message begun last. Numbers are in the order of the host;
 * nftables wants most of its own with htonl(3). */
void netlink_put(struct netlink *nl, uint16_t type, const void *data, size_t n);
void netlink_put_u8(struct netlink *nl, uint16_t type, uint8_t value);
void netlink_put_u16(struct netlink *nl, uint16_t type, uint16_t value);
void netlink_put_u32(struct netlink *nl, uint16_t type, uint32_t value);
void netlink_put_text(struct netlink *nl, uint16_t type, const char *s);

/* An attribute that holds the ones put until netlink_unnest. */
size_t netlink_nest(struct netlink *nl, uint16_t type);
/* A family's struct without an attribute around it, as the value of a nest
 * begins in VETH_INFO_PEER: `n` bytes, zeroed; it may move with the next call.
 */
void *netlink_put_header(struct netlink *nl, size_t n);
void netlink_unnest(struct netlink *nl, size_t at);

/* What the message begun last is for: "create veth1". */
void netlink_about(struct netlink *nl, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Send all that was begun since the last talk, and look at each answer. 0, or
 * -errno of the first that was refused. Either way nothing is begun now. */
int netlink_talk(struct netlink *nl, struct err *e);

/* After a talk that failed: was nothing done? The kernel said no, or never got
 * it. Otherwise its answer is lost, and what was asked may be done. */
bool netlink_is_refused(const struct netlink *nl);

/* The same for questions: each message of the answer is shown to `each`, which
 * ends it all with an error by returning one. */
typedef int netlink_each(void *arg, const struct nlmsghdr *m, struct err *e);
int netlink_ask(struct netlink *nl, netlink_each *each, void *arg,
                struct err *e);

/* A question begun with NLM_F_DUMP: each entry of a table. The kernel reads it
 * in pieces; if it changed meanwhile it is read again, and `each` sees no
 * entry before the table is whole. */
int netlink_dump(struct netlink *nl, netlink_each *each, void *arg,
                 struct err *e);

/* --- reading answers ------------------------------------------------------ */

/* The family's header, if the message has that many bytes, or NULL. */
const void *netlink_header(const struct nlmsghdr *m, size_t header);

/* A message's attributes behind its family's header: `ret[type]` for each type
 * below `n`, NULL for one that is not there. What is broken ends the list. */
void netlink_attributes(const struct nlmsghdr *m, size_t header,
                        const struct nlattr *ret[], size_t n);
void netlink_nested(const struct nlattr *outer, const struct nlattr *ret[],
                    size_t n);

/* An attribute's value; NULL and shorter ones give 0, "" or NULL. */
uint32_t netlink_u32(const struct nlattr *attribute);
/* At most size - 1 bytes, ended. */
void netlink_text(const struct nlattr *attribute, char *ret, size_t size);
const void *netlink_bytes(const struct nlattr *attribute, size_t *ret_n);

#endif
