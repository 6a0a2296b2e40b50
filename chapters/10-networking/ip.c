/* Addresses and networks as values. See ip.h. */
#include "ip.h"

#include "own.h"
#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

size_t ip_size(const struct ip *ip)
{
    return ip->family == AF_INET ? 4 : ip->family == AF_INET6 ? 16 : 0;
}

struct ip ip_of(int family, const void *bytes, size_t n)
{
    struct ip ip = {.family = family};
    size_t size = ip_size(&ip);
    if (size == 0 || n < size)
        return (struct ip){0};
    memcpy(ip.bytes, bytes, size);
    return ip;
}

int ip_parse(const char *text, struct ip *ret)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct ip ip = {0};
    if (inet_pton(AF_INET, text, ip.bytes) == 1)
        ip.family = AF_INET;
    else if (inet_pton(AF_INET6, text, ip.bytes) == 1)
        ip.family = AF_INET6;
    else
        return -EINVAL;
    bool is_mapped =
        ip.family == AF_INET6 && memcmp(ip.bytes, mapped, sizeof mapped) == 0;
    *ret = is_mapped ? ip_of(AF_INET, ip.bytes + sizeof mapped, 4) : ip;
    return 0;
}

int ip_net_parse(const char *text, struct ip_net *ret)
{
    char address[IP_TEXT_LEN];
    const char *slash = strchr(text, '/');
    if (slash == NULL || (size_t)(slash - text) >= sizeof address)
        return -EINVAL;
    snprintf(address, sizeof address, "%.*s", (int)(slash - text), text);
    struct ip_net net;
    uint64_t bits;
    /* "/08" is a slip, or somebody who thinks in octal. */
    bool has_zero = slash[1] == '0' && slash[2] != '\0';
    if (ip_parse(address, &net.ip) < 0 || has_zero ||
        text_to_u64(slash + 1, &bits) < 0 || bits > 8 * ip_size(&net.ip))
        return -EINVAL;
    net.bits = (unsigned int)bits;
    *ret = net;
    return 0;
}

const char *ip_format(const struct ip *ip, char ret[IP_TEXT_LEN])
{
    ret[0] = '\0';
    if (ip_size(ip) > 0)
        inet_ntop(ip->family, ip->bytes, ret, IP_TEXT_LEN);
    return ret;
}

const char *ip_net_format(const struct ip_net *net, char ret[IP_NET_TEXT_LEN])
{
    char address[IP_TEXT_LEN];
    ret[0] = '\0';
    if (ip_size(&net->ip) > 0)
        snprintf(ret, IP_NET_TEXT_LEN, "%s/%u", ip_format(&net->ip, address),
                 net->bits);
    return ret;
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
    return a->family == b->family &&
           memcmp(a->bytes, b->bytes, ip_size(a)) == 0;
}

/* Which bits of byte `i` belong to the first `bits`? */
static uint8_t mask_of(unsigned int bits, size_t i)
{
    size_t before = 8 * i;
    if (bits >= before + 8)
        return 0xff;
    return bits <= before ? 0 : (uint8_t)(0xff << (before + 8 - bits));
}

static bool is_same_prefix(const struct ip *a, const struct ip *b,
                           unsigned int bits)
{
    for (size_t i = 0; i < ip_size(a); i++)
        if (((a->bytes[i] ^ b->bytes[i]) & mask_of(bits, i)) != 0)
            return false;
    return true;
}

bool ip_net_has(const struct ip_net *net, const struct ip *ip)
{
    return ip->family != 0 && net->ip.family == ip->family &&
           is_same_prefix(&net->ip, ip, net->bits);
}

/* Networks are nested or apart, never half in each other. */
bool ip_net_overlaps(const struct ip_net *a, const struct ip_net *b)
{
    return a->bits <= b->bits ? ip_net_has(a, &b->ip) : ip_net_has(b, &a->ip);
}

void ip_net_mask(struct ip_net *net)
{
    for (size_t i = 0; i < ip_size(&net->ip); i++)
        net->ip.bytes[i] &= mask_of(net->bits, i);
}

struct ip ip_net_last(const struct ip_net *net)
{
    struct ip last = net->ip;
    for (size_t i = 0; i < ip_size(&last); i++)
        last.bytes[i] |= (uint8_t)~mask_of(net->bits, i);
    return last;
}

struct ip ip_add(const struct ip *ip, uint64_t n)
{
    struct ip sum = *ip;
    unsigned int carry = 0;
    for (size_t i = ip_size(ip); i > 0; i--) {
        carry += sum.bytes[i - 1] + (unsigned int)(n & 0xff);
        sum.bytes[i - 1] = (uint8_t)carry;
        carry >>= 8;
        n >>= 8;
    }
    return sum;
}

/* Room for one more in `v`, which has `n`: grown when n is a power of two. */
static void *room_for(void *v, size_t n, size_t size)
{
    return (n & (n - 1)) == 0 ? own_grow(v, (n == 0 ? 1 : 2 * n) * size) : v;
}

void ip_ips_add(struct ips *list, const struct ip *ip)
{
    list->v = room_for(list->v, list->n, sizeof *ip);
    list->v[list->n++] = *ip;
}

void ip_ips_done(struct ips *list)
{
    own_free(&list->v);
    list->n = 0;
}

void ip_nets_add(struct ip_nets *list, const struct ip_net *net)
{
    list->v = room_for(list->v, list->n, sizeof *net);
    list->v[list->n++] = *net;
}

void ip_nets_done(struct ip_nets *list)
{
    own_free(&list->v);
    list->n = 0;
}
