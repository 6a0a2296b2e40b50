/* The command lines of both programs. */
#include "pasta.h"

#include <netinet/in.h>

/* All ports are closed unless they are named, in both directions: by default
 * pasta opens whatever somebody listens at, on either side. */
static const char *const always[] = {
    "--foreground", "--quiet",     "--stderr", "--config-net",
    "--no-map-gw",  "--ns-ifname", "eth0",     "-T",
    "none",         "-U",          "none",
};

static void add_all(struct strv *list, const char *const words[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        strv_add(list, words[i]);
}

/* "127.0.0.1/8080:80"; an address counts for what follows it in the same word,
 * so each port is a word of its own. */
static void add_ports(struct strv *ret, const struct pasta *wish,
                      uint8_t protocol, const char *option)
{
    size_t named = 0;
    for (size_t i = 0; i < wish->n; i++) {
        const struct pasta_port *port = &wish->ports[i];
        char host[IP_TEXT_LEN];
        if (port->protocol != protocol)
            continue;
        named++;
        strv_add(ret, option);
        strv_addf(ret, "%s%s%u:%u", ip_format(&port->host, host),
                  port->host.family == 0 ? "" : "/", port->host_port,
                  port->port);
    }
    if (named == 0) {
        strv_add(ret, option);
        strv_add(ret, "none");
    }
}

void pasta_args(const struct pasta *wish, const char *netns, const char *ready,
                struct strv *ret)
{
    add_all(ret, always, sizeof always / sizeof always[0]);
    add_ports(ret, wish, IPPROTO_TCP, "-t");
    add_ports(ret, wish, IPPROTO_UDP, "-u");
    if (wish->dns.family != 0) {
        char dns[IP_TEXT_LEN];
        strv_add(ret, "--dns-forward");
        strv_add(ret, ip_format(&wish->dns, dns));
    }
    strv_add(ret, "--pid");
    strv_add(ret, ready);
    if (netns != NULL) {
        strv_add(ret, "--netns-only");
        strv_add(ret, "--netns");
        strv_add(ret, netns);
    } else {
        strv_addf(ret, "%d", (int)wish->pid);
    }
}

void pasta_slirp_args(const struct pasta *wish, const char *netns, int ready_fd,
                      const char *socket, struct strv *ret)
{
    static const char *const words[] = {"--configure", "--mtu=65520",
                                        "--disable-host-loopback"};
    add_all(ret, words, sizeof words / sizeof words[0]);
    strv_addf(ret, "--ready-fd=%d", ready_fd);
    if (wish->n > 0)
        strv_addf(ret, "--api-socket=%s", socket);
    if (netns != NULL) {
        strv_add(ret, "--netns-type=path");
        strv_add(ret, netns);
    } else {
        strv_addf(ret, "%d", (int)wish->pid);
    }
    strv_add(ret, "eth0");
}
