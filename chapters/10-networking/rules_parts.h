/*
 * rules_parts.h - what the files about rules know of each other.
 *
 *     rules_text.c      the rules of a network, to be read by people and by nft
 *     rules.c           nft is run with it
 *     rules_tables.c    both tables are looked for, and removed
 *     rules_element.c   a container's addresses and ports, as elements of sets
 *     rules_flows.c     what the kernel remembers of a container that has gone
 *
 * The last three talk to the kernel themselves: nfnetlink, whose messages about
 * tables come in batches between two marks and are taken as one transaction.
 */
#ifndef RULES_PARTS_H
#define RULES_PARTS_H

#include "rules.h"

#include <netinet/in.h>

#include <linux/netfilter.h>

#define RULES_PREFIX "mini-docker-"
/* The chains that tell whether the rules are there. */
#define RULES_FORWARD "forward"
#define RULES_GUARD "guard"

/* rules_tables.c: "mini-docker-ID", the name of both. */
void rules_table_name(const char *id, char ret[32]);
/* A transaction begins and ends; between them any number of messages of a type
 * NFT_MSG_*, for a table of `family` NFPROTO_INET or NFPROTO_BRIDGE. */
void rules_begin_batch(struct netlink *nf);
void rules_begin(struct netlink *nf, uint8_t family, uint16_t type,
                 uint16_t flags);
int rules_end_batch(struct netlink *nf, struct err *e);

/* rules_flows.c: let the kernel forget its datagrams' flows. */
void rules_forget_flows(struct netlink *nf, const struct rules_member *member);

#endif
