/* Reading what stands in a netlink message. See netlink.h. */
#include "netlink.h"

#include "netlink_parts.h"

#include <string.h>

const void *netlink_header(const struct nlmsghdr *m, size_t header)
{
    return m->nlmsg_len < NLMSG_HDRLEN + header
               ? NULL
               : (const char *)m + NLMSG_HDRLEN;
}

/* The attributes that lie in `n_bytes` from `bytes` on. */
static void sort_out(const char *bytes, size_t n_bytes,
                     const struct nlattr *ret[], size_t n)
{
    memset(ret, 0, n * sizeof *ret);
    for (size_t at = 0; at + NLA_HDRLEN <= n_bytes;) {
        const struct nlattr *attribute = (const void *)(bytes + at);
        if (attribute->nla_len < NLA_HDRLEN ||
            attribute->nla_len > n_bytes - at)
            return;
        size_t type = attribute->nla_type & NLA_TYPE_MASK;
        if (type < n)
            ret[type] = attribute;
        at += netlink_align(attribute->nla_len);
    }
}

void netlink_attributes(const struct nlmsghdr *m, size_t header,
                        const struct nlattr *ret[], size_t n)
{
    size_t skip = NLMSG_HDRLEN + netlink_align(header);
    size_t left = m->nlmsg_len > skip ? m->nlmsg_len - skip : 0;
    sort_out((const char *)m + (left > 0 ? skip : 0), left, ret, n);
}

void netlink_nested(const struct nlattr *outer, const struct nlattr *ret[],
                    size_t n)
{
    size_t n_bytes = 0;
    const void *bytes = netlink_bytes(outer, &n_bytes);
    sort_out(bytes, n_bytes, ret, n);
}

const void *netlink_bytes(const struct nlattr *attribute, size_t *ret_n)
{
    *ret_n = attribute == NULL ? 0 : attribute->nla_len - (size_t)NLA_HDRLEN;
    return attribute == NULL ? NULL : (const char *)attribute + NLA_HDRLEN;
}

uint32_t netlink_u32(const struct nlattr *attribute)
{
    uint32_t value = 0;
    size_t n;
    const void *bytes = netlink_bytes(attribute, &n);
    if (n >= sizeof value)
        memcpy(&value, bytes, sizeof value);
    return value;
}

void netlink_text(const struct nlattr *attribute, char *ret, size_t size)
{
    size_t n;
    const char *bytes = netlink_bytes(attribute, &n);
    size_t len = n > 0 ? strnlen(bytes, n) : 0;
    if (len >= size)
        len = size - 1;
    if (len > 0)
        memcpy(ret, bytes, len);
    ret[len] = '\0';
}
