/* A network's rules as text, to be read by people and by nft. See rules.h. */
#include "rules_parts.h"

#include "text.h"

#include <sys/socket.h>

/* When a piece of the text is needed. */
enum need {
    ALWAYS,
    IF_OPEN, /* not internal */
    IF_INTERNAL,
    IF_MASQUERADE4,
    IF_MASQUERADE6,
    IF_ICC,
    IF_NO_ICC,
};

struct piece {
    enum need need;
    const char *text;
};

/* clang-format off */
/* nft replaces $our_bridge, $our_net and $our_net6 itself. Sets and maps are
 * empty here: rules_add_member fills them. One map for ports of every address,
 * one for those of one address, which is asked first. */
static const struct piece inet[] = {
    {ALWAYS,
     "    # Published ports: where at the host, and which container's.\n"
     "    map every4 {\n"
     "        type inet_proto . inet_service : ipv4_addr . inet_service;\n"
     "    }\n"
     "    map every6 {\n"
     "        type inet_proto . inet_service : ipv6_addr . inet_service;\n"
     "    }\n"
     "    map one4 {\n"
     "        type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;\n"
     "    }\n"
     "    map one6 {\n"
     "        type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service;\n"
     "    }\n"},
    {IF_OPEN,
     "    chain published {\n"
     "        meta l4proto != { tcp, udp } return\n"
     "        dnat ip to ip daddr . meta l4proto . th dport map @one4\n"
     "        dnat ip to meta l4proto . th dport map @every4\n"
     "        dnat ip6 to ip6 daddr . meta l4proto . th dport map @one6\n"
     "        dnat ip6 to meta l4proto . th dport map @every6\n"
     "    }\n"
     "    # From elsewhere, to any address that is the host's own. Who asks\n"
     "    # from the network itself is served by the relay: led back over the\n"
     "    # bridge, the neighbour's answer would go past the host.\n"
     "    chain prerouting {\n"
     "        type nat hook prerouting priority -100; policy accept;\n"
     "        iifname != $our_bridge fib daddr type local jump published\n"
     "    }\n"
     "    # From the host itself; 127.0.0.1 and ::1 are the relay's as well.\n"
     "    chain output {\n"
     "        type nat hook output priority -100; policy accept;\n"
     "        ip daddr 127.0.0.0/8 return\n"
     "        ip6 daddr ::1 return\n"
     "        fib daddr type local jump published\n"
     "    }\n"},
    {ALWAYS,
     "    chain postrouting {\n"
     "        type nat hook postrouting priority 100; policy accept;\n"},
    {IF_MASQUERADE4,
     "        # Whoever is asked out there has to find the way back.\n"
     "        oifname != $our_bridge ip saddr $our_net masquerade\n"},
    {IF_MASQUERADE6,
     "        oifname != $our_bridge ip6 saddr $our_net6 masquerade\n"},
    {ALWAYS,
     "    }\n"
     "    chain forward {\n"
     "        type filter hook forward priority 0; policy accept;\n"
     "        oifname $our_bridge jump inward\n"
     "        iifname $our_bridge jump outward\n"
     "    }\n"
     "    chain inward {\n"},
    {IF_OPEN,
     "        ct state established,related accept\n"
     "        ct status dnat accept comment \"a published port\"\n"},
    {IF_ICC,
     "        iifname $our_bridge accept comment \"a neighbour\"\n"},
    {ALWAYS,
     "        drop comment \"not published\"\n"
     "    }\n"
     "    chain outward {\n"},
    {IF_INTERNAL,
     "        drop comment \"internal\"\n"},
    {ALWAYS,
     "    }\n"},
};

/* Before the bridge has looked at a frame, so that neither the host nor a
 * neighbour sees a false one. nft 1.0.6 has no word for the target of a
 * neighbour advertisement: it lies 8 bytes into ICMPv6 (RFC 4861, 4.4). */
static const struct piece bridge[] = {
    {ALWAYS,
     "    # The containers' links, and which addresses belong to each.\n"
     "    set links { typeof iifname; }\n"
     "    set macs { typeof iifname . ether saddr; }\n"
     "    set own4 { typeof iifname . ether saddr . ip saddr; }\n"
     "    set own6 { typeof iifname . ether saddr . ip6 saddr; }\n"
     "    set targets6 { typeof iifname . ether saddr . @th,64,128; }\n"
     "    chain guard {\n"
     "        type filter hook prerouting priority -300; policy accept;\n"
     "        iifname @links jump from_container\n"
     "    }\n"
     "    chain from_container {\n"
     "        iifname . ether saddr != @macs drop comment \"another's MAC\"\n"
     "        ether type arp jump from_container_arp\n"
     "        ether type ip jump from_container_ip\n"
     "        ether type ip6 jump from_container_ip6\n"
     "        drop comment \"no IP, no ARP\"\n"
     "    }\n"
     "    # 0.0.0.0 asks whether an address is free (RFC 5227).\n"
     "    chain from_container_arp {\n"
     "        iifname . arp saddr ether . arp saddr ip @own4 accept\n"
     "        iifname . arp saddr ether @macs arp saddr ip 0.0.0.0 accept\n"
     "        drop comment \"another's ARP\"\n"
     "    }\n"
     "    # Who asks DHCP for an address has none yet.\n"
     "    chain from_container_ip {\n"
     "        iifname . ether saddr . ip saddr @own4 accept\n"
     "        ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept\n"
     "        drop comment \"another's IPv4 address\"\n"
     "    }\n"
     "    # :: asks whether an address is free (RFC 4862), or is a listener\n"
     "    # that has none yet (RFC 3810). Routers are others' business.\n"
     "    chain from_container_ip6 {\n"
     "        icmpv6 type { nd-router-advert, nd-redirect } drop\n"
     "        icmpv6 type nd-neighbor-advert"
     " iifname . ether saddr . @th,64,128 != @targets6 drop\n"
     "        iifname . ether saddr . ip6 saddr @own6 accept\n"
     "        ip6 saddr :: icmpv6 type"
     " { nd-neighbor-solicit, mld2-listener-report } accept\n"
     "        drop comment \"another's IPv6 address\"\n"
     "    }\n"},
    {IF_NO_ICC,
     "    chain neighbours {\n"
     "        type filter hook forward priority 0; policy accept;\n"
     "        iifname @links oifname @links drop comment \"icc=false\"\n"
     "    }\n"},
};
/* clang-format on */

static bool is_needed(const struct rules_network *network, enum need need)
{
    bool is_open = !network->internal;
    bool open4 = is_open && network->net.ip.family == AF_INET;
    bool open6 = is_open && network->net6.ip.family == AF_INET6;
    const bool is[] = {
        [ALWAYS] = true,
        [IF_OPEN] = is_open,
        [IF_INTERNAL] = network->internal,
        [IF_MASQUERADE4] = network->masquerade && open4,
        [IF_MASQUERADE6] = network->masquerade && open6,
        [IF_ICC] = network->icc,
        [IF_NO_ICC] = !network->icc,
    };
    return is[need];
}

static void add_define(struct text *out, const char *name,
                       const struct ip_net *net)
{
    char text[IP_NET_TEXT_LEN];
    struct ip_net masked = *net;
    if (net->ip.family == 0)
        return;
    ip_net_mask(&masked);
    text_addf(out, "define %s = %s\n", name, ip_net_format(&masked, text));
}

/* nft cannot say "if it is there": add does nothing where a table is, and so
 * delete finds one in any case. */
static void add_table(struct text *out, const struct rules_network *network,
                      const char *family, const struct piece *pieces, size_t n)
{
    char name[32];
    rules_table_name(network->id, name);
    text_addf(out, "add table %s %s\n", family, name);
    text_addf(out, "delete table %s %s\n", family, name);
    text_addf(out, "table %s %s {\n", family, name);
    for (size_t i = 0; i < n; i++)
        if (is_needed(network, pieces[i].need))
            text_add(out, pieces[i].text);
    text_add(out, "}\n");
}

char *rules_text(const struct rules_network *network)
{
    struct text out = {0};
    text_addf(&out, "define our_bridge = \"%s\"\n", network->bridge);
    add_define(&out, "our_net", &network->net);
    add_define(&out, "our_net6", &network->net6);
    add_table(&out, network, "inet", inet, sizeof inet / sizeof inet[0]);
    add_table(&out, network, "bridge", bridge,
              sizeof bridge / sizeof bridge[0]);
    return text_take(&out);
}
