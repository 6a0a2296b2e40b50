#include "apply_ports.h"

#include "own.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static int read_range(char *ports, uint64_t *ret_first, uint64_t *ret_last)
{
    char *dash = strchr(ports, '-');
    if (dash != NULL)
        *dash++ = '\0';
    if (text_to_u64(ports, ret_first) < 0 ||
        text_to_u64(dash != NULL ? dash : ports, ret_last) < 0)
        return -EINVAL;
    return *ret_first > 0 && *ret_last <= 65535 && *ret_first <= *ret_last
               ? 0
               : -EINVAL;
}

int apply_ports(json_t *set, const char *word, struct err *e)
{
    static const char *const known[] = {"tcp", "udp", "sctp"};
    const char *slash = strchr(word, '/');
    auto_free char *protocol = own_strdup(slash != NULL ? slash + 1 : "tcp");
    for (char *c = protocol; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        is_known = is_known || strcmp(known[i], protocol) == 0;
    if (!is_known)
        return err_set(e, EINVAL, "invalid proto: %.60s", protocol);
    uint64_t first, last;
    auto_free char *ports = text_format("%.*s", (int)strcspn(word, "/"), word);
    if (read_range(ports, &first, &last) < 0)
        return err_set(e, EINVAL, "invalid containerPort: %.*s",
                       (int)strcspn(word, "/"), word);
    for (; first <= last; first++) {
        auto_free char *key = text_format("%u/%s", (unsigned)first, protocol);
        json_object_set_new(set, key, json_object());
    }
    return 0;
}
