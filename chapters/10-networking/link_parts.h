/*
 * link_parts.h - inside link: messages that several of its files begin.
 *
 * Only link*.c include this.
 */
#ifndef LINK_PARTS_H
#define LINK_PARTS_H

#include "link.h"

struct ifinfomsg;

/* Begin a message about links, RTM_NEWLINK and its like (rtnetlink(7)); its
 * header may move with the next call. */
struct ifinfomsg *link_begin(struct netlink *nl, uint16_t type, uint16_t flags);

/* Begin a message: the device makes itself no IPv6 link-local address
 * (IN6_ADDR_GEN_MODE_NONE). It has to be there already, and not up yet. */
void link_begin_silence(struct netlink *nl, const char *name);

/* Messages that are begun, and not sent yet. */
void link_begin_address(struct netlink *nl, unsigned int index,
                        const struct ip_net *address);
/* `flags` say what becomes of one that is there: NLM_F_EXCL, NLM_F_REPLACE. */
void link_begin_route(struct netlink *nl, uint16_t flags,
                      const struct ip_net *to, const struct ip *gateway,
                      unsigned int index);

#endif
