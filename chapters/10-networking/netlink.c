/* Writing netlink messages. See netlink.h. */
#include "netlink.h"

#include "netlink_parts.h"
#include "netns.h"
#include "own.h"
#include "sys.h"

#include <linux/netfilter/nfnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int netlink_open(struct netlink **ret, int protocol, int ns, struct err *e)
{
    const int on = 1;
    int fd = netns_socket(ns, AF_NETLINK, SOCK_RAW, protocol, e);
    if (fd < 0)
        return err_add(e, "netlink");
    /* Explanations with errors, and errors without a copy of what was asked. A
     * kernel without them is less talkative, that is all. */
    sys_setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    sys_setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    struct netlink *nl = own_alloc(sizeof *nl);
    nl->fd = fd;
    nl->protocol = protocol;
    nl->first_seq = 1;
    nl->in = own_room(NETLINK_ANSWER_MAX);
    *ret = nl;
    return 0;
}

void netlink_close(struct netlink *nl)
{
    if (nl == NULL)
        return;
    own_close(&nl->fd);
    text_done(&nl->out);
    text_done(&nl->about);
    own_free(&nl->about_seq);
    own_free(&nl->in);
    own_free(&nl);
}

void netlink_done(struct netlink **nl)
{
    netlink_close(*nl);
    *nl = NULL;
}

/* `n` zero bytes and what aligns them, at the end of what goes out. */
static void *extend(struct netlink *nl, size_t n)
{
    static const char zeros[64];
    size_t at = nl->out.len;
    for (size_t left = netlink_align(n); left > 0;) {
        size_t part = left < sizeof zeros ? left : sizeof zeros;
        text_addn(&nl->out, zeros, part);
        left -= part;
    }
    return nl->out.s + at;
}

/* The message's length counts all that was added to it. */
static void count(struct netlink *nl)
{
    struct nlmsghdr *m = (struct nlmsghdr *)(void *)(nl->out.s + nl->at);
    m->nlmsg_len = (uint32_t)(nl->out.len - nl->at);
}

/* The kernel answers each message that asks for it, but not these two of a
 * batch, whose numbers mean something else elsewhere. */
static bool is_batch_end(const struct netlink *nl, uint16_t type)
{
    return nl->protocol == NETLINK_NETFILTER &&
           (type == NFNL_MSG_BATCH_BEGIN || type == NFNL_MSG_BATCH_END);
}

void *netlink_begin(struct netlink *nl, uint16_t type, uint16_t flags,
                    size_t header)
{
    bool is_dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
    nl->at = nl->out.len;
    struct nlmsghdr *m = extend(nl, NLMSG_HDRLEN + header);
    m->nlmsg_type = type;
    m->nlmsg_flags = flags | NLM_F_REQUEST;
    if (!is_dump && !is_batch_end(nl, type))
        m->nlmsg_flags |= NLM_F_ACK;
    m->nlmsg_seq = ++nl->seq;
    count(nl);
    return (char *)m + NLMSG_HDRLEN;
}

void netlink_put(struct netlink *nl, uint16_t type, const void *data, size_t n)
{
    struct nlattr *attribute = extend(nl, NLA_HDRLEN + n);
    attribute->nla_type = type;
    attribute->nla_len = (uint16_t)(NLA_HDRLEN + n);
    if (n > 0)
        memcpy((char *)attribute + NLA_HDRLEN, data, n);
    count(nl);
}

void netlink_put_u8(struct netlink *nl, uint16_t type, uint8_t value)
{
    netlink_put(nl, type, &value, sizeof value);
}

void netlink_put_u16(struct netlink *nl, uint16_t type, uint16_t value)
{
    netlink_put(nl, type, &value, sizeof value);
}

void netlink_put_u32(struct netlink *nl, uint16_t type, uint32_t value)
{
    netlink_put(nl, type, &value, sizeof value);
}

void netlink_put_text(struct netlink *nl, uint16_t type, const char *s)
{
    netlink_put(nl, type, s, strlen(s) + 1);
}

void *netlink_put_header(struct netlink *nl, size_t n)
{
    size_t at = nl->out.len;
    extend(nl, n);
    count(nl);
    return nl->out.s + at;
}

size_t netlink_nest(struct netlink *nl, uint16_t type)
{
    size_t at = nl->out.len;
    netlink_put(nl, type | NLA_F_NESTED, NULL, 0);
    return at;
}

void netlink_unnest(struct netlink *nl, size_t at)
{
    struct nlattr *attribute = (struct nlattr *)(void *)(nl->out.s + at);
    attribute->nla_len = (uint16_t)(nl->out.len - at);
}

void netlink_about(struct netlink *nl, const char *format, ...)
{
    char sentence[128];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    text_addn(&nl->about, sentence, strlen(sentence) + 1);
    nl->about_seq =
        own_grow(nl->about_seq, (nl->n_about + 1) * sizeof *nl->about_seq);
    nl->about_seq[nl->n_about++] = nl->seq;
}
