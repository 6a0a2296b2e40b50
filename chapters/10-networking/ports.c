/* What -p says, cut and read. See ports.h. */
#include "ports.h"

#include "own.h"
#include "text.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    uint8_t number;
} protocols[] = {
    {"tcp", IPPROTO_TCP},
    {"udp", IPPROTO_UDP},
};
enum { PROTOCOL_COUNT = sizeof protocols / sizeof protocols[0] };

/* Numbers of ports, both ends included. */
struct range {
    uint16_t first, last;
};

/* A spec cut at its colons and its slash. */
struct parts {
    const char *ip, *host;
    char *container;
    const char *protocol;
};

const char *ports_protocol_name(uint8_t protocol)
{
    for (size_t i = 0; i < PROTOCOL_COUNT; i++)
        if (protocols[i].number == protocol)
            return protocols[i].name;
    return NULL;
}

static int find_protocol(const char *name, uint8_t *ret)
{
    for (size_t i = 0; i < PROTOCOL_COUNT; i++)
        if (strcasecmp(protocols[i].name, name) == 0) {
            *ret = protocols[i].number;
            return 0;
        }
    return -EINVAL;
}

/* Room doubles when it is full, which is at 1, 2, 4 ... */
void ports_add(struct port_list *list, const struct port *port)
{
    if ((list->n & (list->n - 1)) == 0)
        list->v = own_grow(list->v, (2 * list->n + 1) * sizeof *list->v);
    list->v[list->n++] = *port;
}

void ports_done(struct port_list *list)
{
    own_free(&list->v);
    *list = (struct port_list){0};
}

static int read_port(const char *s, uint16_t *ret)
{
    uint64_t n = 0;
    if (text_to_u64(s, &n) < 0 || n == 0 || n > UINT16_MAX)
        return -EINVAL;
    *ret = (uint16_t)n;
    return 0;
}

/* "80" or "80-89". */
static int read_range(const char *s, struct range *ret)
{
    auto_free char *copy = own_strdup(s);
    char *last = strchr(copy, '-');
    if (last != NULL)
        *last++ = '\0';
    if (read_port(copy, &ret->first) < 0 ||
        read_port(last != NULL ? last : copy, &ret->last) < 0)
        return -EINVAL;
    return ret->first <= ret->last ? 0 : -EINVAL;
}

static unsigned int width(struct range range)
{
    return (unsigned int)range.last - range.first;
}

/* At the last colon, and what is before it again: an address may have colons
 * of its own. NULL before the first. */
static char *cut_last(char *s, char at)
{
    char *found = strrchr(s, at);
    if (found == NULL)
        return NULL;
    *found = '\0';
    return found + 1;
}

/* Docker takes the second word between slashes, if it is not empty. */
static void cut_protocol(struct parts *parts)
{
    char *slash = strchr(parts->container, '/');
    parts->protocol = "tcp";
    if (slash == NULL)
        return;
    *slash++ = '\0';
    slash[strcspn(slash, "/")] = '\0';
    if (*slash != '\0')
        parts->protocol = slash;
}

static struct parts cut(char *spec)
{
    struct parts parts = {"", "", spec, ""};
    char *container = cut_last(spec, ':');
    if (container != NULL) {
        char *host = cut_last(spec, ':');
        parts.container = container;
        parts.host = host != NULL ? host : spec;
        parts.ip = host != NULL ? spec : "";
    }
    cut_protocol(&parts);
    return parts;
}

static int read_address(const char *s, struct ip *ret, struct err *e)
{
    auto_free char *bare = own_strdup(s);
    size_t len = strlen(bare);
    if (len > 2 && bare[0] == '[' && bare[len - 1] == ']') {
        bare[len - 1] = '\0';
        if (ip_parse(bare + 1, ret) == 0 && ret->family == AF_INET6)
            return 0;
    } else if (*s == '\0' || ip_parse(s, ret) == 0)
        return 0;
    return err_set(e, EINVAL, "Invalid ip address: %s", s);
}

/* Ports one by one; but several of the host for one of the container are a
 * choice. */
static void add_all(struct port_list *list, struct port model,
                    struct range container, struct range host)
{
    for (unsigned int i = 0; i <= width(container); i++) {
        struct port port = model;
        port.port = (uint16_t)(container.first + i);
        if (host.first != 0)
            port.host_first = (uint16_t)(host.first + i);
        port.host_last = width(container) > 0 ? port.host_first : host.last;
        ports_add(list, &port);
    }
}

/* @lab 10.4 cut it into its parts, read each, and refuse in Docker's words;
 * then add all */
int ports_parse(const char *spec, struct port_list *ret, struct err *e)
{
    auto_free char *copy = own_strdup(spec);
    struct parts parts = cut(copy);
    struct port model = {0};
    struct range container, host = {0, 0};
    if (read_address(parts.ip, &model.host, e) < 0)
        return -EINVAL;
    if (*parts.container == '\0')
        return err_set(e, EINVAL, "No port specified: %s<empty>", spec);
    if (read_range(parts.container, &container) < 0)
        return err_set(e, EINVAL, "Invalid containerPort: %s", parts.container);
    /* 0 is any, as to bind(2). */
    if (*parts.host != '\0' && strcmp(parts.host, "0") != 0 &&
        read_range(parts.host, &host) < 0)
        return err_set(e, EINVAL, "Invalid hostPort: %s", parts.host);
    if (*parts.host != '\0' && width(container) != width(host) &&
        width(container) > 0)
        return err_set(e, EINVAL,
                       "Invalid ranges specified for container and host "
                       "Ports: %s and %s",
                       parts.container, parts.host);
    if (find_protocol(parts.protocol, &model.protocol) < 0)
        return err_set(e, EINVAL, "Invalid proto: %s", parts.protocol);
    add_all(ret, model, container, host);
    return 0;
}

int ports_parse_exposed(const char *spec, struct port_list *ret, struct err *e)
{
    if (strchr(spec, ':') != NULL)
        return err_set(e, EINVAL, "invalid port format for --expose: %s", spec);
    struct err why = {0};
    if (ports_parse(spec, ret, &why) < 0)
        return err_set(e, EINVAL,
                       "invalid range format for --expose: %s, error: %s", spec,
                       why.msg);
    return 0;
}
