/*
 * netlink_parts.h - inside netlink: what one conversation consists of.
 *
 * Only netlink*.c include this.
 */
#ifndef NETLINK_PARTS_H
#define NETLINK_PARTS_H

#include "netlink.h"
#include "text.h"

/* The kernel's dumps come in pieces of at most 32 KiB. */
#define NETLINK_ANSWER_MAX 32768

struct netlink {
    int fd;
    int protocol;
    uint32_t seq;        /* of the last message begun */
    uint32_t first_seq;  /* of the first one that was not sent yet */
    struct text out;     /* the messages begun */
    size_t at;           /* where the last of them begins in `out` */
    struct text about;   /* what they are for, in order, each with its NUL */
    uint32_t *about_seq; /* which of them */
    size_t n_about;
    bool is_refused;
    char *in; /* NETLINK_ANSWER_MAX bytes */
};

static inline size_t netlink_align(size_t n)
{
    return (n + NLMSG_ALIGNTO - 1) & ~(size_t)(NLMSG_ALIGNTO - 1);
}

#endif
