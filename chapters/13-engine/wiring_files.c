/* The files by which a container finds others: /etc/hosts, /etc/resolv.conf,
 * and for its name server the list of its networks. */
#include "endpoint.h"

#include "field.h"
#include "files.h"
#include "hosts.h"
#include "own.h"
#include "resolv.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define HOST_GATEWAY "host-gateway"

/* Over what is there: a mount shows this file, and not whoever has its name. */
static int write_over(const struct wiring *wiring, const char *name,
                      const char *text, struct err *e)
{
    auto_free char *path = text_format("%s/%s", wiring->dir, name);
    auto_fd int fd =
        sys_openat(AT_FDCWD, path,
                   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    int r = fd < 0 ? fd : files_write_all(fd, text, strlen(text));
    if (r == 0) /* whatever the umask is */
        r = sys_fchmod(fd, 0644);
    return r < 0 ? err_sys(e, r, "write %s", path) : 0;
}

/* --- /etc/hosts ----------------------------------------------------------- */

/* "host-gateway" is the host, as seen from the default bridge. */
static int add_extra_host(struct wiring *wiring, const char *spec,
                          struct strv *ret, struct err *e)
{
    auto_free char *name = NULL;
    struct ip ip;
    char text[IP_TEXT_LEN];
    int r = hosts_split(spec, HOST_GATEWAY, &name, &ip, e);
    if (r < 0)
        return r;
    if (ip.family == 0 && wiring->n == 0)
        return err_set(e, EINVAL,
                       "unable to derive the IP value for "
                       "host-gateway");
    if (ip.family == 0) {
        struct network_pool pool;
        network_get_pool(wiring->v[0]->network, AF_INET, &pool);
        ip = pool.gateway;
    }
    strv_addf(ret, "%s=%s", name, ip_format(&ip, text));
    return 0;
}

/* --link CONTAINER:ALIAS: as if one had said --add-host, for that is what was
 * left of it when networks got names. */
static int add_link(struct wiring *wiring, const char *link, struct strv *ret,
                    struct err *e)
{
    auto_free char *name = text_format("%.*s", (int)strcspn(link, ":"), link);
    const char *colon = strchr(link, ':');
    const char *alias = colon != NULL && colon[1] != '\0' ? colon + 1 : name;
    auto_record struct record other = {.doc = NULL};
    int r = record_find(wiring->engine, name, &other, e);
    if (r < 0)
        return err_add(e, "could not get container for %s", name);
    if (!other.live)
        return err_set(e, EINVAL,
                       "Cannot link to a non running container: /%s "
                       "AS /%s/%s",
                       name, field_string(wiring->doc, "Name") + 1, alias);
    if (wiring->n == 0)
        return err_set(e, EINVAL,
                       "Cannot link to %s, as it does not belong to "
                       "the default network",
                       name);
    const char *network = field_string(wiring->v[0]->network, "Name");
    const json_t *settings = json_object_get(
        field_get(other.doc, "NetworkSettings.Networks"), network);
    const char *ip = field_string(settings, "IPAddress");
    if (ip == NULL || ip[0] == '\0')
        return err_set(e, EINVAL,
                       "Cannot link to %s, as it does not belong to "
                       "the network %s",
                       name, network);
    strv_addf(ret, "%s=%s", alias, ip);
    if (strcmp(alias, name) != 0)
        strv_addf(ret, "%s=%s", name, ip);
    return 0;
}

static int list_extra(struct wiring *wiring, struct strv *ret, struct err *e)
{
    static const struct {
        const char *member;
        int (*add)(struct wiring *wiring, const char *text, struct strv *ret,
                   struct err *e);
    } kinds[] = {
        {"HostConfig.ExtraHosts", add_extra_host},
        {"HostConfig.Links",      add_link      },
    };
    for (size_t i = 0; i < 2; i++) {
        auto_strv struct strv said = {0};
        field_strings(wiring->doc, kinds[i].member, &said);
        for (size_t j = 0; j < said.n; j++) {
            int r = kinds[i].add(wiring, said.v[j], ret, e);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

static int write_hosts(struct wiring *wiring, struct err *e)
{
    auto_strv struct strv extra = {0};
    auto_ips struct ips addresses = {0};
    for (size_t i = 0; i < wiring->n; i++) {
        const struct endpoint *endpoint = wiring->v[i];
        if (endpoint->ip.family != 0)
            ip_ips_add(&addresses, &endpoint->ip);
        if (endpoint->ip6.family != 0)
            ip_ips_add(&addresses, &endpoint->ip6);
    }
    int r = list_extra(wiring, &extra, e);
    if (r < 0)
        return r;
    struct hosts hosts = {
        .hostname = field_string(wiring->doc, "Config.Hostname"),
        .domain = field_string(wiring->doc, "Config.Domainname"),
        .addresses = addresses.v,
        .n_addresses = addresses.n,
        .extra = &extra,
    };
    auto_free char *text = hosts_text(&hosts);
    return write_over(wiring, "hosts", text, e);
}

/* --- /etc/resolv.conf ----------------------------------------------------- */

bool wiring_has_names(const struct wiring *wiring)
{
    for (size_t i = 0; i < wiring->n; i++)
        if (network_is_own(wiring->v[i]->network))
            return true;
    return false;
}

/* Where the host has a server of its own that others cannot reach, and its
 * manager writes down whom that one asks: systemd-resolved.service(8). */
static int read_host(struct text *text, const char **ret_path, struct err *e)
{
    static const char stub[] = "127.0.0.53";
    static const char behind[] = "/run/systemd/resolve/resolv.conf";
    *ret_path = "/etc/resolv.conf";
    int r = files_read(AT_FDCWD, *ret_path, text, e);
    if (r < 0 && r != -ENOENT)
        return r;
    auto_resolv struct resolv resolv = {0};
    text_add(text, "");
    resolv_read(text->s, &resolv);
    if (resolv.nameservers.n != 1 || strcmp(resolv.nameservers.v[0], stub) != 0)
        return 0;
    struct text other = {0};
    if (files_read(AT_FDCWD, behind, &other, NULL) < 0) {
        text_done(&other);
        return 0;
    }
    text_done(text);
    *text = other;
    text_add(text, "");
    *ret_path = behind;
    return 0;
}

int wiring_resolv(const struct wiring *wiring, char **ret_text,
                  struct strv *upstream, struct err *e)
{
    const char *path;
    auto_text struct text host = {0};
    auto_resolv struct resolv resolv = {0};
    auto_strv struct strv dns = {0}, search = {0}, options = {0};
    int r = read_host(&host, &path, e);
    if (r < 0)
        return r;
    resolv_read(host.s, &resolv);
    field_strings(wiring->doc, "HostConfig.Dns", &dns);
    field_strings(wiring->doc, "HostConfig.DnsSearch", &search);
    field_strings(wiring->doc, "HostConfig.DnsOptions", &options);
    struct resolv_wish wish = {
        .kind = wiring_has_names(wiring) ? RESOLV_INTERNAL : RESOLV_PLAIN,
        .has_ip6 = wiring->n > 0 && wiring->v[0]->ip6.family != 0,
        .path = path,
        .dns = &dns,
        .search = &search,
        .options = &options,
    };
    *ret_text = resolv_text(&resolv, &wish, upstream);
    return 0;
}

/* --- the list of its networks --------------------------------------------- */

static int write_list(struct wiring *wiring, struct err *e)
{
    auto_text struct text list = {0};
    text_add(&list, "");
    for (size_t i = 0; i < wiring->n; i++) {
        const json_t *network = wiring->v[i]->network;
        auto_free char *path = network_leases_path(wiring->engine, network);
        if (network_is_own(network))
            text_addf(&list, "%s %s\n", path, field_string(network, "Name"));
    }
    return write_over(wiring, "networks", list.s, e);
}

int wiring_write_files(struct wiring *wiring, struct err *e)
{
    auto_free char *resolv = NULL;
    if (wiring->n == 0 && wiring->engine->user == 0)
        return 0;
    int r = write_hosts(wiring, e);
    if (r == 0)
        r = wiring_resolv(wiring, &resolv, NULL, e);
    if (r == 0)
        r = write_over(wiring, "resolv.conf", resolv, e);
    if (r == 0 && wiring_has_names(wiring))
        r = write_list(wiring, e);
    return r;
}
