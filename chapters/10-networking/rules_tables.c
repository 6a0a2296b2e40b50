/* The tables of a network: looked for, and removed. See rules.h. */
#include "rules_parts.h"

#include "own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

static const struct {
    uint8_t family;
    const char *chain; /* one that always has rules */
} tables[] = {
    {NFPROTO_INET,   RULES_FORWARD},
    {NFPROTO_BRIDGE, RULES_GUARD  },
};
enum { TABLE_COUNT = sizeof tables / sizeof tables[0] };

void rules_table_name(const char *id, char ret[32])
{
    snprintf(ret, 32, RULES_PREFIX "%.12s", id);
}

static void mark(struct netlink *nf, uint16_t type)
{
    struct nfgenmsg *head = netlink_begin(nf, type, 0, sizeof *head);
    head->version = NFNETLINK_V0;
    head->res_id = htons(NFNL_SUBSYS_NFTABLES);
}

void rules_begin_batch(struct netlink *nf)
{
    mark(nf, NFNL_MSG_BATCH_BEGIN);
}

int rules_end_batch(struct netlink *nf, struct err *e)
{
    mark(nf, NFNL_MSG_BATCH_END);
    return netlink_talk(nf, e);
}

void rules_begin(struct netlink *nf, uint8_t family, uint16_t type,
                 uint16_t flags)
{
    type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
    struct nfgenmsg *head = netlink_begin(nf, type, flags, sizeof *head);
    head->nfgen_family = family;
    head->version = NFNETLINK_V0;
}

/* Made if it is not there, and then deleted: so it is there in any case, and
 * nobody comes between the two. */
static int remove_table(struct netlink *nf, uint8_t family, const char *name,
                        struct err *e)
{
    rules_begin_batch(nf);
    rules_begin(nf, family, NFT_MSG_NEWTABLE, NLM_F_CREATE);
    netlink_put_text(nf, NFTA_TABLE_NAME, name);
    rules_begin(nf, family, NFT_MSG_DELTABLE, 0);
    netlink_put_text(nf, NFTA_TABLE_NAME, name);
    return rules_end_batch(nf, e);
}

/* No netlink of that kind, no table of that family: then there are no rules. */
static bool is_unknown(int r)
{
    return r == -EAFNOSUPPORT || r == -EOPNOTSUPP || r == -EPROTONOSUPPORT ||
           r == -EINVAL;
}

int rules_remove(const char *id, struct err *e)
{
    char name[32];
    auto_netlink struct netlink *nf = NULL;
    rules_table_name(id, name);
    int r = netlink_open(&nf, NETLINK_NETFILTER, -1, e);
    for (size_t i = 0; r >= 0 && i < TABLE_COUNT; i++) {
        r = remove_table(nf, tables[i].family, name, e);
        if (is_unknown(r))
            r = 0;
    }
    if (is_unknown(r))
        return 0;
    return r < 0 ? err_add(e, "remove the rules of network %s", id) : 0;
}

/* How many rules a chain has: who flushes a table leaves its chains. */
static int note_use(void *arg, const struct nlmsghdr *m, struct err *e)
{
    (void)e;
    uint32_t *use = arg;
    const struct nlattr *attributes[NFTA_CHAIN_MAX + 1];
    netlink_attributes(m, sizeof(struct nfgenmsg), attributes,
                       NFTA_CHAIN_MAX + 1);
    *use = netlink_u32(attributes[NFTA_CHAIN_USE]);
    return 0;
}

int rules_are_there(struct netlink *nf, const char *id)
{
    char name[32];
    rules_table_name(id, name);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        uint32_t use = 0;
        rules_begin(nf, tables[i].family, NFT_MSG_GETCHAIN, 0);
        netlink_put_text(nf, NFTA_CHAIN_TABLE, name);
        netlink_put_text(nf, NFTA_CHAIN_NAME, tables[i].chain);
        if (netlink_ask(nf, note_use, &use, NULL) < 0 || use == 0)
            return 0;
    }
    return 1;
}
