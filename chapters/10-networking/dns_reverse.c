/* Addresses that are names: 2.0.18.172.in-addr.arpa (RFC 1035, 3.5; RFC 3596,
 * 2.5). */
#include "dns.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* The number in front of the next dot, or at the end; -1: none, or too large.
 * Spelled as everybody spells it: no zeros before it. */
static int read_number(const char **at, unsigned int base, int most)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = strcspn(*at, ".");
    int n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = (*at)[i];
        const char *digit =
            strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
        if (digit == NULL || (size_t)(digit - digits) >= base)
            return -1;
        n = n * (int)base + (int)(digit - digits);
        if (n > most || (n < (int)base && i > 0))
            return -1;
    }
    *at += len;
    if (**at == '.')
        *at += 1;
    return len == 0 ? -1 : n;
}

static bool read_ip4(const char *name, struct ip *ret)
{
    uint8_t bytes[4];
    for (size_t i = 0; i < sizeof bytes; i++) {
        int n = read_number(&name, 10, 255);
        if (n < 0)
            return false;
        bytes[sizeof bytes - 1 - i] = (uint8_t)n;
    }
    *ret = ip_of(AF_INET, bytes, sizeof bytes);
    return strcasecmp(name, "in-addr.arpa") == 0;
}

static bool read_ip6(const char *name, struct ip *ret)
{
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++) {
        int low = read_number(&name, 16, 15);
        int high = low < 0 ? -1 : read_number(&name, 16, 15);
        if (high < 0)
            return false;
        bytes[sizeof bytes - 1 - i] = (uint8_t)(high << 4 | low);
    }
    *ret = ip_of(AF_INET6, bytes, sizeof bytes);
    return strcasecmp(name, "ip6.arpa") == 0;
}

bool dns_reverse(const char *name, struct ip *ret)
{
    return read_ip4(name, ret) || read_ip6(name, ret);
}
