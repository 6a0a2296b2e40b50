/* Addresses of network cards. See mac.h. */
#include "mac.h"

#include "ip.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at =
        c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));
    return at == NULL ? -1 : (int)(at - digits);
}

int mac_parse(const char *text, struct mac *ret)
{
    struct mac mac;
    char between = '\0';
    if (strlen(text) != MAC_TEXT_LEN - 1)
        return -EINVAL;
    between = text[2];
    if (between != ':' && between != '-')
        return -EINVAL;
    for (size_t i = 0; i < sizeof mac.bytes; i++) {
        int high = digit(text[3 * i]), low = digit(text[3 * i + 1]);
        char after = text[3 * i + 2];
        bool is_last = i + 1 == sizeof mac.bytes;
        if (high < 0 || low < 0 || after != (is_last ? '\0' : between))
            return -EINVAL;
        mac.bytes[i] = (uint8_t)(high * 16 + low);
    }
    *ret = mac;
    return 0;
}

const char *mac_format(const struct mac *mac, char ret[MAC_TEXT_LEN])
{
    const uint8_t *b = mac->bytes;
    snprintf(ret, MAC_TEXT_LEN, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1],
             b[2], b[3], b[4], b[5]);
    return ret;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool mac_is_none(const struct mac *mac)
{
    return mac_equal(mac, &(struct mac){0});
}

struct mac mac_of_ip(const struct ip *ip)
{
    struct mac mac = {
        .bytes = {0x02, 0x42}
    };
    size_t size = ip_size(ip);
    if (size > 0)
        memcpy(mac.bytes + 2, ip->bytes + size - 4, 4);
    return mac;
}

struct mac mac_random(void)
{
    struct mac mac = {
        .bytes = {0x02, 0x42}
    };
    /* At most 256 bytes are never cut short (getrandom(2)). */
    if (getrandom(mac.bytes + 2, sizeof mac.bytes - 2, 0) < 0)
        mac.bytes[5] = 1;
    return mac;
}
