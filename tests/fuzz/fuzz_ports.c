/* `-p` (chapter 10): ports, or words in which the spec stands. What was read,
 * written down one by one and read again, is the same. */
#include "fuzz.h"
#include "ports.h"

#include <errno.h>
#include <netinet/in.h>

static char *spec_of(const struct port *port)
{
    char address[IP_TEXT_LEN] = "", last[8] = "", first[8] = "";
    bool is_six = port->host.family == AF_INET6;
    ip_format(&port->host, address);
    if (port->host_first != 0)
        snprintf(first, sizeof first, "%u", port->host_first);
    if (port->host_last != port->host_first)
        snprintf(last, sizeof last, "-%u", port->host_last);
    return text_format("%s%s%s:%s%s:%u/%s", is_six ? "[" : "", address,
                       is_six ? "]" : "", first, last, port->port,
                       ports_protocol_name(port->protocol));
}

static void must_read_the_same(const struct port *port)
{
    auto_ports struct port_list again = {0};
    auto_free char *spec = spec_of(port);
    fuzz_must(ports_parse(spec, &again, NULL) == 0 && again.n == 1);
    fuzz_must(ip_equal(&again.v[0].host, &port->host));
    fuzz_must(again.v[0].host_first == port->host_first);
    fuzz_must(again.v[0].host_last == port->host_last);
    fuzz_must(again.v[0].port == port->port);
    fuzz_must(again.v[0].protocol == port->protocol);
}

static void must_be_in_range(const struct port *port)
{
    fuzz_must(port->port != 0 && port->host_first <= port->host_last);
    fuzz_must(ports_protocol_name(port->protocol) != NULL);
    fuzz_must(port->host_first != 0 || port->host_last == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *spec = fuzz_part(&in);
    auto_ports struct port_list list = {0}, exposed = {0};
    struct err e = {0};
    int r = ports_parse(spec, &list, &e);
    fuzz_must_say(r, &e);
    fuzz_must(r == 0 ? list.n > 0 : r == -EINVAL && list.n == 0);
    for (size_t i = 0; i < list.n; i++)
        must_be_in_range(&list.v[i]);
    if (list.n > 0) {
        must_read_the_same(&list.v[0]);
        must_read_the_same(&list.v[list.n - 1]);
    }
    r = ports_parse_exposed(spec, &exposed, &e);
    fuzz_must(r == 0 ? exposed.n == list.n : exposed.n == 0);
    return 0;
}
