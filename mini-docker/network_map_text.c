/* The map as text. See network_map.h. */
#include "network_map.h"

#include "field.h"

static void print_list(const json_t *list, const char *between, FILE *out)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
        fprintf(out, "%s%s", i > 0 ? between : "", json_string_value(item));
}

static void print_member(const json_t *member, bool is_last, const char *margin,
                         FILE *out)
{
    size_t i;
    const json_t *port;
    fprintf(out, "%s%s %-16s ", margin, is_last ? "└─" : "├─",
            field_string(member, "Name"));
    print_list(json_object_get(member, "Addresses"), ", ", out);
    fprintf(out, "  %s\n", field_string(member, "Mac"));
    json_array_foreach(json_object_get(member, "Ports"), i, port)
        fprintf(out, "%s%s      port %s\n", margin, is_last ? "  " : "│ ",
                json_string_value(port));
}

static void print_network(const json_t *network, bool is_last, FILE *out)
{
    static const struct {
        const char *title, *member;
    } rules[] = {
        {"in",         "In"        },
        {"out",        "Out"       },
        {"neighbours", "Neighbours"},
    };
    size_t i;
    const json_t *member;
    const char *margin = is_last ? "   " : "│  ";
    const char *bridge = field_string(network, "Bridge");
    const json_t *members = json_object_get(network, "Containers");
    fprintf(out, "%s %s  (%s", is_last ? "└─" : "├─",
            field_string(network, "Name"), field_string(network, "Driver"));
    if (bridge != NULL)
        fprintf(out, " %s, %s", bridge,
                field_bool(network, "Up") ? "up" : "not up yet");
    fputs(")  ", out);
    print_list(json_object_get(network, "Subnets"), ", ", out);
    fputc('\n', out);
    if (bridge != NULL)
        fprintf(out, "%srules: %s\n", margin, field_string(network, "Rules"));
    for (i = 0; i < 3 && bridge != NULL; i++)
        fprintf(out, "%s  %s: %s\n", margin, rules[i].title,
                field_string(network, rules[i].member));
    json_array_foreach(members, i, member)
        print_member(member, i + 1 == json_array_size(members), margin, out);
}

void network_map_text(const json_t *map, FILE *out)
{
    size_t i;
    const json_t *network;
    const json_t *networks = json_object_get(map, "Networks");
    fputs("host\n", out);
    json_array_foreach(networks, i, network)
        print_network(network, i + 1 == json_array_size(networks), out);
}
