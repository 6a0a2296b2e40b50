/* Choosing networks and addresses. See ipam.h. */
#include "ipam.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool is_free(const struct ip_net *net, const struct ip_nets *taken)
{
    for (size_t i = 0; i < taken->n; i++)
        if (ip_net_overlaps(net, &taken->v[i]))
            return false;
    return true;
}

int ipam_choose_net(const struct ip_nets *taken, struct ip_net *ret,
                    struct err *e)
{
    static const struct {
        uint8_t first[4], step[2]; /* what the second and third byte grow by */
        unsigned int bits, count;
    } pools[] = {
        {{172, 17, 0, 0},  {1, 0},  16, 15},
        {{192, 168, 0, 0}, {0, 16}, 20, 16},
    };
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        struct ip_net net = {ip_of(AF_INET, pools[i].first, 4), pools[i].bits};
        for (unsigned int k = 0; k < pools[i].count; k++) {
            if (is_free(&net, taken)) {
                *ret = net;
                return 0;
            }
            net.ip.bytes[1] = (uint8_t)(net.ip.bytes[1] + pools[i].step[0]);
            net.ip.bytes[2] = (uint8_t)(net.ip.bytes[2] + pools[i].step[1]);
        }
    }
    return err_set(e, ENOSPC,
                   "all predefined address pools have been fully subnetted");
}

int ipam_choose_net6(const char *id, const struct ip_nets *taken,
                     struct ip_net *ret, struct err *e)
{
    enum { DIGITS = 14 };
    size_t n = strspn(id, "0123456789abcdef");
    for (size_t at = 0; at + DIGITS <= n; at++) {
        struct ip_net net = {
            .ip = {AF_INET6, {0xfd}},
              .bits = 64
        };
        for (size_t i = 0; i < DIGITS / 2; i++) {
            char pair[3] = {id[at + 2 * i], id[at + 2 * i + 1], '\0'};
            net.ip.bytes[i + 1] = (uint8_t)strtoul(pair, NULL, 16);
        }
        if (is_free(&net, taken)) {
            *ret = net;
            return 0;
        }
    }
    return err_set(e, ENOSPC,
                   "all predefined address pools have been fully subnetted");
}

/* --- addresses ------------------------------------------------------------ */

/* An address is its distance from the range's first: 64 bits are enough for
 * what anybody gives out, also where the range is larger. */
struct span {
    struct ip first;
    uint64_t last;
    uint64_t *taken; /* distances, ascending */
    size_t n;
};

static uint64_t low_half(const struct ip *ip)
{
    size_t size = ip_size(ip);
    uint64_t value = 0;
    for (size_t i = size > 8 ? size - 8 : 0; i < size; i++)
        value = value << 8 | ip->bytes[i];
    return value;
}

/* How far is `ip` from the first? False: it is not in the span. */
static bool measure(const struct span *span, const struct ip *ip, uint64_t *ret)
{
    uint64_t distance = low_half(ip) - low_half(&span->first);
    struct ip there = ip_add(&span->first, distance);
    *ret = distance;
    return ip->family == span->first.family && distance <= span->last &&
           ip_equal(&there, ip);
}

static void take(struct span *span, const struct ip *ip)
{
    uint64_t distance;
    if (measure(span, ip, &distance))
        span->taken[span->n++] = distance;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Addresses that mean something else than one neighbour. */
static size_t reserved_of(const struct ipam_pool *pool, struct ip ret[3])
{
    size_t n = 0;
    struct ip_net net = pool->net;
    unsigned int host_bits = 8 * (unsigned int)ip_size(&net.ip) - net.bits;
    ip_net_mask(&net);
    if (host_bits > 1)
        ret[n++] = net.ip;
    if (host_bits > 1 && net.ip.family == AF_INET)
        ret[n++] = ip_net_last(&net);
    if (pool->gateway.family != 0)
        ret[n++] = pool->gateway;
    return n;
}

/* Prepare a span of the pool's range, with room for all that can be taken. */
static void survey(const struct ipam_pool *pool, struct span *span)
{
    struct ip_net range = pool->range.ip.family != 0 ? pool->range : pool->net;
    unsigned int host_bits = 8 * (unsigned int)ip_size(&range.ip) - range.bits;
    size_t n = pool->taken != NULL ? pool->taken->n : 0;
    ip_net_mask(&range);
    span->first = range.ip;
    span->last = host_bits >= 64 ? UINT64_MAX : (UINT64_C(1) << host_bits) - 1;
    span->taken = own_alloc((n + 3) * sizeof *span->taken);
    struct ip reserved[3];
    size_t n_reserved = reserved_of(pool, reserved);
    for (size_t i = 0; i < n_reserved; i++)
        take(span, &reserved[i]);
    for (size_t i = 0; i < n; i++)
        take(span, &pool->taken->v[i]);
    qsort(span->taken, span->n, sizeof *span->taken, compare);
}

/* The first distance from `from` to `to` that is not taken. */
static bool find_free(const struct span *span, uint64_t from, uint64_t to,
                      uint64_t *ret)
{
    uint64_t at = from;
    for (size_t i = 0; i < span->n; i++) {
        if (span->taken[i] < at)
            continue;
        if (span->taken[i] > at)
            break;
        if (at == to)
            return false;
        at++;
    }
    *ret = at;
    return true;
}

/* @lab 10.1 the first free one after the last given; then from the beginning */
int ipam_choose(const struct ipam_pool *pool, struct ip *ret, struct err *e)
{
    struct span span = {0};
    uint64_t last, at;
    survey(pool, &span);
    bool has_last = measure(&span, &pool->last, &last) && last < span.last;
    uint64_t start = has_last ? last + 1 : 0;
    bool found = find_free(&span, start, span.last, &at) ||
                 (start > 0 && find_free(&span, 0, start - 1, &at));
    own_free(&span.taken);
    if (!found)
        return err_set(e, ENOSPC,
                       "no available %s addresses on this network's address "
                       "pools",
                       pool->net.ip.family == AF_INET6 ? "IPv6" : "IPv4");
    *ret = ip_add(&span.first, at);
    return 0;
}

int ipam_check(const struct ipam_pool *pool, const struct ip *wanted,
               struct err *e)
{
    char text[IP_TEXT_LEN];
    struct ip reserved[3];
    if (!ip_net_has(&pool->net, wanted))
        return err_set(e, EINVAL, "no configured subnet contains IP address %s",
                       ip_format(wanted, text));
    bool is_taken = false;
    for (size_t n = reserved_of(pool, reserved); n > 0; n--)
        is_taken = is_taken || ip_equal(&reserved[n - 1], wanted);
    for (size_t i = 0; pool->taken != NULL && i < pool->taken->n; i++)
        is_taken = is_taken || ip_equal(&pool->taken->v[i], wanted);
    return is_taken ? err_set(e, EADDRINUSE, "Address already in use") : 0;
}
