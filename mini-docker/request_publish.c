/* -p: which ports of the container the host has, too. */
#include "request.h"

#include "field.h"
#include "own.h"
#include "ports.h"

#include <errno.h>
#include <string.h>

static json_t *host_port(const struct port *port)
{
    if (port->host_first == 0)
        return json_string("");
    return port->host_first == port->host_last
               ? json_sprintf("%u", port->host_first)
               : json_sprintf("%u-%u", port->host_first, port->host_last);
}

static void put_port(json_t *doc, const char *path, const struct port *port)
{
    char ip[IP_TEXT_LEN];
    auto_free char *key =
        text_format("%u/%s", port->port, ports_protocol_name(port->protocol));
    doc_put(doc, "ExposedPorts", key, json_object());
    json_t *binding =
        json_pack("{s:s, s:o}", "HostIp", ip_format(&port->host, ip),
                  "HostPort", host_port(port));
    json_t *list = json_object_get(field_get(doc, path), key);
    if (list == NULL) {
        list = json_array();
        doc_put(doc, path, key, list);
    }
    json_array_append_new(list, binding);
}

/* target=80,published=8080,protocol=tcp, as services have it, in short form;
 * NULL where a word of it is unknown. */
static char *shorten(const char *value, struct err *e)
{
    auto_strv struct strv words = {0};
    const char *target = NULL, *published = "", *protocol = "tcp";
    strv_split(&words, value, ',');
    for (size_t i = 0; i < words.n; i++) {
        const char *equals = strchr(words.v[i], '=');
        if (equals == NULL) {
            err_set(e, EINVAL, "invalid field: %s", words.v[i]);
            return NULL;
        }
        if (text_starts(words.v[i], "target="))
            target = equals + 1;
        else if (text_starts(words.v[i], "published="))
            published = equals + 1;
        else if (text_starts(words.v[i], "protocol="))
            protocol = equals + 1;
        else if (!text_starts(words.v[i], "mode=")) {
            err_set(e, EINVAL, "invalid field key: %.*s",
                    (int)(equals - words.v[i]), words.v[i]);
            return NULL;
        }
    }
    if (target == NULL) {
        err_set(e, EINVAL, "missing mandatory field \"target\"");
        return NULL;
    }
    return text_format("%s%s%s/%s", published, published[0] ? ":" : "", target,
                       protocol);
}

static int set_publish(const struct option *option, const char *value,
                       json_t *doc, struct err *e)
{
    auto_ports struct port_list list = {0};
    bool is_long = strchr(value, '=') != NULL;
    auto_free char *spec = is_long ? shorten(value, e) : own_strdup(value);
    int r = spec == NULL ? -EINVAL : ports_parse(spec, &list, e);
    for (size_t i = 0; i < list.n; i++)
        put_port(doc, option->path, &list.v[i]);
    return r;
}

const struct option_kind request_publish = {"list", NULL, set_publish, true};
