/* What becomes of the host's resolv.conf for a container. */
#include "resolv.h"

#include "ip.h"
#include "own.h"

#include <string.h>
#include <sys/socket.h>

static const char *const fallback[] = {"8.8.8.8", "8.8.4.4"};
static const char *const fallback6[] = {"2001:4860:4860::8888",
                                        "2001:4860:4860::8844"};

/* A file under way: the lists, and what the comment at the end tells. */
struct made {
    struct strv nameservers, search, options, external;
    const char *kind;
    const char *ndots_from; /* NULL: nobody has said it */
    bool used_fallback;
};

static bool is_given(const struct strv *list)
{
    return list != NULL && list->n > 0;
}

static void add_all(struct strv *list, const struct strv *from)
{
    for (size_t i = 0; i < from->n; i++)
        strv_add(list, from->v[i]);
}

static void add_fallback(struct strv *list, bool has_ip6)
{
    for (size_t i = 0; i < 2; i++)
        strv_add(list, fallback[i]);
    for (size_t i = 0; has_ip6 && i < 2; i++)
        strv_add(list, fallback6[i]);
}

/* Cannot be reached from inside: loopback is another one there, a zone is a
 * link that it has not, and IPv6 it may not have. */
static bool is_hosts_alone(const char *address, bool has_ip6)
{
    struct ip ip;
    if (ip_parse(address, &ip) < 0) /* it has a zone */
        return true;
    static const uint8_t one[16] = {[15] = 1};
    return ip.family == AF_INET ? ip.bytes[0] == 127
                                : !has_ip6 || memcmp(ip.bytes, one, 16) == 0;
}

static bool has_ndots(const struct strv *options)
{
    for (size_t i = 0; i < options->n; i++)
        if (text_starts(options->v[i], "ndots:") ||
            strcmp(options->v[i], "ndots") == 0)
            return true;
    return false;
}

static void make_plain(const struct resolv_wish *wish,
                       const struct strv *servers, struct made *made)
{
    made->kind = "legacy";
    for (size_t i = 0; i < servers->n; i++)
        if (is_given(wish->dns) ||
            !is_hosts_alone(servers->v[i], wish->has_ip6))
            strv_add(&made->nameservers, servers->v[i]);
    if (made->nameservers.n == 0) {
        add_fallback(&made->nameservers, wish->has_ip6);
        made->used_fallback = true;
    }
}

/* A number of dots that is none is as good as not said. */
static void need_ndots(struct made *made)
{
    struct strv kept = {0};
    for (size_t i = 0; i < made->options.n; i++) {
        const char *option = made->options.v[i];
        uint64_t n;
        bool is_ndots = strncmp(option, "ndots", 5) == 0 &&
                        (option[5] == ':' || option[5] == '\0');
        if (!is_ndots || (option[5] == ':' && text_to_u64(option + 6, &n) == 0))
            strv_add(&kept, option);
    }
    strv_done(&made->options);
    made->options = kept;
    if (has_ndots(&kept))
        return;
    strv_add(&made->options, "ndots:0");
    made->ndots_from = "internal";
}

static void make_internal(const struct resolv_wish *wish,
                          const struct strv *servers, struct made *made,
                          struct strv *upstream)
{
    struct strv asked = {0};
    made->kind = "internal resolver";
    add_all(&asked, servers);
    made->used_fallback = asked.n == 0;
    if (made->used_fallback)
        add_fallback(&asked, wish->has_ip6);
    for (size_t i = 0; i < asked.n; i++) {
        bool from_host = !made->used_fallback && !is_given(wish->dns) &&
                         is_hosts_alone(asked.v[i], wish->has_ip6);
        strv_addf(&made->external, from_host ? "host(%s)" : "%s", asked.v[i]);
        if (upstream != NULL)
            strv_add(upstream, asked.v[i]);
    }
    strv_add(&made->nameservers, RESOLV_INTERNAL_ADDRESS);
    strv_done(&asked);
    need_ndots(made);
}

static void add_list(struct text *out, const char *head,
                     const struct strv *list, const char *end)
{
    text_add(out, head);
    strv_join(list, " ", out);
    text_add(out, end);
}

static void add_comment(struct text *out, const struct resolv *host,
                        const struct resolv_wish *wish, const struct made *made)
{
    auto_strv struct strv overrides = {0};
    if (is_given(wish->dns))
        strv_add(&overrides, "nameservers");
    if (is_given(wish->search))
        strv_add(&overrides, "search");
    if (is_given(wish->options))
        strv_add(&overrides, "options");
    text_addf(out, "\n# Based on host file: '%s'", wish->path);
    text_addf(out, made->kind != NULL ? " (%s)\n" : "\n", made->kind);
    if (made->used_fallback)
        text_add(out, "# Used default nameservers.\n");
    if (made->external.n > 0)
        add_list(out, "# ExtServers: [", &made->external, "]\n");
    if (host->invalid.n > 0)
        add_list(out, "# Invalid nameservers: [", &host->invalid, "]\n");
    add_list(out, "# Overrides: [", &overrides, "]\n");
    if (made->ndots_from != NULL)
        text_addf(out, "# Option ndots from: %s\n", made->ndots_from);
}

static char *write_file(const struct resolv *host,
                        const struct resolv_wish *wish, const struct made *made)
{
    struct text out = {0};
    text_add(&out, "# Generated by Docker Engine.\n"
                   "# This file can be edited; Docker Engine will not make "
                   "further changes once it\n# has been modified.\n\n");
    for (size_t i = 0; i < made->nameservers.n; i++)
        text_addf(&out, "nameserver %s\n", made->nameservers.v[i]);
    if (made->search.n > 0)
        add_list(&out, "search ", &made->search, "\n");
    if (made->options.n > 0)
        add_list(&out, "options ", &made->options, "\n");
    for (size_t i = 0; i < host->other.n; i++)
        text_addf(&out, "%s\n", host->other.v[i]);
    add_comment(&out, host, wish, made);
    return text_take(&out);
}

char *resolv_text(const struct resolv *host, const struct resolv_wish *wish,
                  struct strv *upstream)
{
    struct made made = {0};
    const struct strv *servers =
        is_given(wish->dns) ? wish->dns : &host->nameservers;
    const struct strv *search =
        is_given(wish->search) ? wish->search : &host->search;
    for (size_t i = 0; i < search->n; i++)
        if (!is_given(wish->search) || strcmp(search->v[i], ".") != 0)
            strv_add(&made.search, search->v[i]);
    bool own_options = is_given(wish->options);
    add_all(&made.options, own_options ? wish->options : &host->options);
    if (has_ndots(&made.options))
        made.ndots_from = own_options ? "override" : "host";
    if (wish->kind == RESOLV_PLAIN)
        make_plain(wish, servers, &made);
    else if (wish->kind == RESOLV_INTERNAL)
        make_internal(wish, servers, &made, upstream);
    else
        add_all(&made.nameservers, servers);
    char *text = write_file(host, wish, &made);
    strv_done(&made.nameservers);
    strv_done(&made.search);
    strv_done(&made.options);
    strv_done(&made.external);
    return text;
}
