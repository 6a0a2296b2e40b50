/* Options of run whose values are names: variables, labels, exposed ports. */
#include "request.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* NAME=value as it is; NAME alone takes our own value. Where we have none
 * either, the bare name goes on: it removes the image's variable. */
static int set_env(const struct option *option, const char *value, json_t *doc,
                   struct err *e)
{
    if (value[0] == '\0' || value[0] == '=')
        return err_set(e, EINVAL, "invalid environment variable: %s", value);
    const char *ours = strchr(value, '=') == NULL ? getenv(value) : NULL;
    auto_free char *full =
        ours == NULL ? own_strdup(value) : text_format("%s=%s", value, ours);
    return option_set_list(option, full, doc, e);
}

static int set_label(const struct option *option, const char *value,
                     json_t *doc, struct err *e)
{
    size_t len = strcspn(value, "=");
    if (len == 0)
        return err_set(e, EINVAL, "invalid label '%s': empty name", value);
    auto_free char *key = text_format("%.*s", (int)len, value);
    doc_put(doc, option->path, key,
            json_string(value[len] == '=' ? value + len + 1 : ""));
    return 0;
}

static int read_port(const char *text, uint64_t *ret)
{
    int r = text_to_u64(text, ret);
    return r == 0 && *ret > UINT16_MAX ? -ERANGE : r;
}

int request_read_ports(const char *value, struct request_ports *ret)
{
    static const char *const protocols[] = {"tcp", "udp", "sctp"};
    auto_strv struct strv halves = {0}, range = {0};
    strv_split(&halves, value, '/');
    strv_split(&range, halves.n > 0 ? halves.v[0] : "", '-');
    bool bad = range.n < 1 || range.n > 2 || halves.n > 2 ||
               read_port(range.v[0], &ret->first) < 0 ||
               read_port(range.v[range.n - 1], &ret->last) < 0 ||
               ret->last < ret->first;
    if (bad)
        return -EINVAL;
    const char *protocol = halves.n > 1 ? halves.v[1] : protocols[0];
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        ret->protocol = protocols[i];
        if (strcmp(protocol, protocols[i]) == 0)
            return 0;
    }
    return -EPROTONOSUPPORT;
}

/* One member per port. */
static int set_expose(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    struct request_ports ports;
    int r = request_read_ports(value, &ports);
    if (r == -EINVAL)
        return err_set(e, EINVAL, "invalid range format for --expose: %s",
                       value);
    if (r < 0)
        return err_set(e, EINVAL, "invalid proto: %s", strchr(value, '/') + 1);
    for (uint64_t port = ports.first; port <= ports.last; port++) {
        auto_free char *key = text_format("%d/%s", (int)port, ports.protocol);
        doc_put(doc, option->path, key, json_object());
    }
    return 0;
}

const struct option_kind request_env = {"list", NULL, set_env, false};
const struct option_kind request_label = {"list", NULL, set_label, false};
const struct option_kind request_expose = {"list", NULL, set_expose, true};
