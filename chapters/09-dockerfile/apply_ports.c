#include "apply_ports.h"

#include "own.h"
#include "text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

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
    const char *slash = strchr(word, '/'), *protocol = NULL;
    int len = (int)strcspn(word, "/");
    uint64_t first, last;
    auto_free char *ports = text_format("%.*s", len, word);
    if (read_range(ports, &first, &last) < 0)
        return err_set(e, EINVAL, "invalid containerPort: %.*s",
                       len < 60 ? len : 60, word);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(slash != NULL ? slash + 1 : "tcp", known[i]) == 0)
            protocol = known[i];
    if (protocol == NULL)
        return err_set(e, EINVAL, "invalid proto: %.60s", slash + 1);
    for (; first <= last; first++) {
        auto_free char *key = text_format("%u/%s", (unsigned)first, protocol);
        json_object_set_new(set, key, json_object());
    }
    return 0;
}
