/* Options of run about networks: which, as whom, under which names. */
#include "request.h"

#include "field.h"
#include "hosts.h"
#include "ip.h"
#include "mac.h"
#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* --- --network ------------------------------------------------------------ */

/* The keys of --network name=...,KEY=VALUE, and where in an EndpointConfig they
 * go. */
static const struct key {
    const char *name, *path;
    enum { TEXT, LIST, NUMBER } kind;
} keys[] = {
    {"name",          "Name",                    TEXT  },
    {"alias",         "Aliases",                 LIST  },
    {"ip",            "IPAMConfig.IPv4Address",  TEXT  },
    {"ip6",           "IPAMConfig.IPv6Address",  TEXT  },
    {"mac-address",   "MacAddress",              TEXT  },
    {"link-local-ip", "IPAMConfig.LinkLocalIPs", LIST  },
    {"gw-priority",   "GwPriority",              NUMBER},
};
enum { KEYS = sizeof keys / sizeof keys[0] };

static int put_value(const struct key *key, const char *value, json_t *network,
                     struct err *e)
{
    json_int_t number;
    if (key->kind == LIST)
        doc_append(network, key->path, json_string(value));
    else if (key->kind == TEXT)
        doc_set(network, key->path, json_string(value));
    else if (option_read_int(value, &number, NULL) < 0)
        return err_set(e, EINVAL, "invalid gw-priority (%s): %s", value,
                       "invalid syntax");
    else
        doc_set(network, key->path, json_integer(number));
    return 0;
}

static int put_word(json_t *network, const char *word, struct err *e)
{
    const char *value = strchr(word, '=');
    if (value == NULL)
        return err_set(e, EINVAL, "invalid field %s", word);
    size_t len = (size_t)(value++ - word);
    if (strncasecmp(word, "driver-opt", len) == 0 && len == 10) {
        const char *equals = strchr(value, '=');
        if (equals == NULL)
            return err_set(e, EINVAL,
                           "invalid key value pair format in driver "
                           "options");
        auto_free char *key = text_format("%.*s", (int)(equals - value), value);
        doc_put(network, "DriverOpts", key, json_string(equals + 1));
        return 0;
    }
    for (size_t i = 0; i < KEYS; i++)
        if (strncasecmp(word, keys[i].name, len) == 0 &&
            strlen(keys[i].name) == len)
            return put_value(&keys[i], value, network, e);
    return err_set(e, EINVAL, "invalid field key %.*s", (int)len, word);
}

static int set_network(const struct option *option, const char *value,
                       json_t *doc, struct err *e)
{
    auto_doc json_t *network = json_object();
    auto_strv struct strv words = {0};
    int r = 0;
    if (strchr(value, '=') != NULL)
        strv_split(&words, value, ',');
    else
        json_object_set_new(network, "Name", json_string(value));
    for (size_t i = 0; i < words.n && r == 0; i++)
        r = put_word(network, words.v[i], e);
    const char *name = field_string(network, "Name");
    if (r == 0 && (name == NULL || name[0] == '\0'))
        r = err_set(e, EINVAL, "no name set for network");
    if (r == 0 && name != NULL && strcmp(name, "container:") == 0)
        r = err_set(e, EINVAL,
                    "Invalid network mode: invalid container "
                    "format container:<name|id>");
    if (r == 0)
        doc_append(doc, option->path, json_incref(network));
    return r;
}

/* --- --link --------------------------------------------------------------- */

/* CONTAINER[:ALIAS]. */
static int set_link(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    auto_strv struct strv parts = {0};
    strv_split(&parts, value, ':');
    if (value[0] == '\0')
        return err_set(e, EINVAL, "empty string specified for links");
    if (parts.n > 2)
        return err_set(e, EINVAL, "bad format for links: %s", value);
    doc_append(doc, option->path,
               json_sprintf("%s:%s", parts.v[0], parts.v[parts.n - 1]));
    return 0;
}

/* --- --add-host, --dns ---------------------------------------------------- */

static int set_host(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    auto_free char *name = NULL;
    struct ip ip;
    int r = hosts_split(value, "host-gateway", &name, &ip, e);
    return r < 0 ? r : option_set_list(option, value, doc, e);
}

static int set_ip(const struct option *option, const char *value, json_t *doc,
                  struct err *e)
{
    struct ip ip;
    return ip_parse(value, &ip) < 0
               ? err_set(e, EINVAL, "IP address is not correctly formatted: %s",
                         value)
               : option_set_list(option, value, doc, e);
}

const struct option_kind request_host = {"list", NULL, set_host, false};
const struct option_kind request_ip = {"list", NULL, set_ip, false};
const struct option_kind request_network = {"network", NULL, set_network, true};
const struct option_kind request_link = {"list", NULL, set_link, false};

/* --- --dns-search, --mac-address -------------------------------------------
 */

/* Labels of letters, digits and hyphens within, with dots between, and a letter
 * among them; "." is no domain at all. */
static bool is_domain(const char *name)
{
    bool has_letter = false, good = strlen(name) < 255;
    char before = '.';
    for (const char *s = name; *s != '\0'; before = *s++) {
        bool is_end = before == '.' || s[1] == '.' || s[1] == '\0';
        good &= isalnum((unsigned char)*s) || (*s == '-' && !is_end) ||
                (*s == '.' && before != '.');
        has_letter |= isalpha((unsigned char)*s) != 0;
    }
    return (good && has_letter) || strcmp(name, ".") == 0;
}

/* With a dot at its end it is the same. */
static int set_search(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    size_t len = strlen(value);
    if (!is_domain(value))
        return err_set(e, EINVAL, "%s is not a valid domain", value);
    auto_free char *bare = text_format(
        "%.*s", (int)(len - (len > 1 && value[len - 1] == '.')), value);
    return option_set_list(option, bare, doc, e);
}

const struct option_kind request_search = {"list", NULL, set_search, false};

/* --- what follows from all of them ---------------------------------------- */

static bool is_user_defined(const char *name)
{
    return !engine_network_is_predefined(name) &&
           !text_starts(name, "container:");
}

/* --ip, --network-alias ... are said of the first network, unless that says
 * it itself. */
static int put_first(json_t *doc, json_t *network, struct err *e)
{
    static const struct {
        const char *from, *to, *complaint;
    } members[] = {
        {"Cli.Aliases",   "Aliases",                 "--network-alias and per-network alias"    },
        {"Cli.IP",        "IPAMConfig.IPv4Address",
         "--ip and per-network IPv4 address"                                                    },
        {"Cli.IP6",       "IPAMConfig.IPv6Address",
         "--ip6 and per-network IPv6 address"                                                   },
        {"Cli.Mac",       "MacAddress",              "--mac-address and per-network MAC address"},
        {"Cli.LinkLocal", "IPAMConfig.LinkLocalIPs",
         "--link-local-ip and per-network link-local IP addresses"                              },
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        json_t *value = doc_take(doc, members[i].from);
        if (value == NULL)
            continue;
        if (field_get(network, members[i].to) != NULL) {
            json_decref(value);
            return err_set(e, EINVAL,
                           "conflicting options: cannot specify both %s",
                           members[i].complaint);
        }
        doc_set(network, members[i].to, value);
    }
    return 0;
}

static int check_many(const json_t *networks, struct err *e)
{
    size_t i, j;
    const json_t *network, *other;
    json_array_foreach(networks, i, network)
    {
        const char *name = field_string(network, "Name");
        if (json_array_size(networks) > 1 && !is_user_defined(name))
            return err_set(e, EINVAL,
                           "conflicting options: cannot attach both "
                           "user-defined and non-user-defined network-modes");
        json_array_foreach(
            networks, j,
            other) if (j < i &&
                       field_is(other, "Name",
                                name)) return err_set(e, EINVAL,
                                                      "network \"%s\" is "
                                                      "specified multiple "
                                                      "times",
                                                      name);
    }
    return 0;
}

static bool is_some(const json_t *object, const char *path)
{
    return json_array_size(field_get(object, path)) > 0;
}

/* Names are answered in networks that somebody made. Whoever names none, and
 * gets the default one, hears of it from the engine. Links are of the default
 * bridge, too. */
static int check_each(const json_t *doc, const json_t *networks, bool are_said,
                      struct err *e)
{
    size_t i;
    const json_t *network;
    struct mac mac;
    json_array_foreach(networks, i, network)
    {
        const char *name = field_string(network, "Name");
        const char *address = field_string(network, "MacAddress");
        bool is_bridge =
            strcmp(name, "bridge") == 0 || strcmp(name, "default") == 0;
        if (address != NULL && address[0] != '\0' &&
            mac_parse(address, &mac) < 0)
            return err_set(e, EINVAL, "%s is not a valid mac address", address);
        if (!are_said || is_user_defined(name))
            continue;
        if (is_some(network, "Aliases"))
            return err_set(e, EINVAL,
                           "network-scoped aliases are only supported for "
                           "user-defined networks");
        if (!is_bridge && is_some(doc, "HostConfig.Links"))
            return err_set(e, EINVAL,
                           "links are only supported for user-defined "
                           "networks");
    }
    return 0;
}

int request_put_networks(json_t *doc, struct err *e)
{
    auto_doc json_t *networks = doc_take(doc, "Cli.Networks");
    bool are_said = networks != NULL;
    if (!are_said)
        networks = json_pack("[{s:s}]", "Name", "default");
    json_t *first = json_array_get(networks, 0);
    int r = check_many(networks, e);
    if (r == 0)
        r = put_first(doc, first, e);
    if (r == 0)
        r = check_each(doc, networks, are_said, e);
    if (r < 0)
        return r;
    doc_set(doc, "HostConfig.NetworkMode",
            json_string(field_string(first, "Name")));
    doc_set(doc, "NetworkingConfig", json_object());
    size_t i;
    json_t *network;
    json_array_foreach(networks, i, network)
    {
        json_t *name = doc_take(network, "Name");
        const char *key = json_string_value(name);
        if (json_object_size(network) > 0 || is_user_defined(key))
            doc_put(doc, "NetworkingConfig.EndpointsConfig", key,
                    json_incref(network));
        json_decref(name);
    }
    return 0;
}
