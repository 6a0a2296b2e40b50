/* Options of run whose values are names: variables, labels, exposed ports. */
#include "container_filter.h"
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

/* One member per port. */
static int set_expose(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    struct container_filter_ports ports;
    int r = container_filter_read_ports(value, &ports);
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
