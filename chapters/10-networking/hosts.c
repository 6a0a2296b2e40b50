/* The text of /etc/hosts. See hosts.h. */
#include "hosts.h"

#include "own.h"

#include <errno.h>
#include <string.h>

static const char localhost[] = "127.0.0.1\tlocalhost\n";
static const char localhost6[] = "::1\tlocalhost ip6-localhost ip6-loopback\n"
                                 "fe00::\tip6-localnet\n"
                                 "ff00::\tip6-mcastprefix\n"
                                 "ff02::1\tip6-allnodes\n"
                                 "ff02::2\tip6-allrouters\n";

int hosts_split(const char *spec, const char *gateway_word, char **ret_name,
                struct ip *ret_ip, struct err *e)
{
    /* A name has neither sign; an IPv6 address has colons. */
    size_t len = strcspn(spec, strchr(spec, '=') != NULL ? "=" : ":");
    if (spec[len] == '\0' || len == 0)
        return err_set(e, EINVAL, "bad format for add-host: \"%s\"", spec);
    auto_free char *address = own_strdup(spec + len + 1);
    size_t n = strlen(address);
    const char *bare = address;
    if (n > 2 && address[0] == '[' && address[n - 1] == ']') {
        address[n - 1] = '\0';
        bare = address + 1;
    }
    *ret_ip = (struct ip){0};
    if ((gateway_word == NULL || strcmp(bare, gateway_word) != 0) &&
        ip_parse(bare, ret_ip) < 0)
        return err_set(e, EINVAL, "invalid IP address in add-host: \"%s\"",
                       bare);
    *ret_name = text_format("%.*s", (int)len, spec);
    return 0;
}

static void add_extra(struct text *out, const char *spec)
{
    auto_free char *name = NULL;
    struct ip ip;
    char address[IP_TEXT_LEN];
    if (hosts_split(spec, NULL, &name, &ip, NULL) == 0)
        text_addf(out, "%s\t%s\n", ip_format(&ip, address), name);
}

static void add_own(struct text *out, const struct hosts *hosts,
                    const struct ip *ip)
{
    char address[IP_TEXT_LEN];
    text_addf(out, "%s\t", ip_format(ip, address));
    if (hosts->domain != NULL && hosts->domain[0] != '\0')
        text_addf(out, "%s.%s ", hosts->hostname, hosts->domain);
    text_addf(out, "%s\n", hosts->hostname);
}

char *hosts_text(const struct hosts *hosts)
{
    struct text out = {0};
    text_add(&out, hosts->base != NULL ? hosts->base : localhost);
    if (hosts->base == NULL && !hosts->no_ip6)
        text_add(&out, localhost6);
    if (out.len > 0 && out.s[out.len - 1] != '\n')
        text_add(&out, "\n");
    for (size_t i = 0; hosts->extra != NULL && i < hosts->extra->n; i++)
        add_extra(&out, hosts->extra->v[i]);
    for (size_t i = 0; i < hosts->n_addresses; i++)
        add_own(&out, hosts, &hosts->addresses[i]);
    return text_take(&out);
}
