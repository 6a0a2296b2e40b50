/* The map as one page. See network_map.h. */
#include "network_map.h"

#include "field.h"
#include "html.h"

static const char style[] =
    ".net{background:var(--card);border:1px solid var(--line);"
    "border-top:.4rem solid var(--seen);border-radius:.5rem;"
    "padding:.7rem 1rem;margin:1.2rem 0}\n"
    ".net.down{border-top-color:var(--line)}"
    ".net.open{border-top-color:var(--waste)}\n"
    ".boxes{display:flex;gap:1rem;flex-wrap:wrap;margin:.8rem 0 .2rem}\n"
    ".box{border:1px solid var(--line);border-radius:.4rem;"
    "padding:.4rem .8rem;position:relative;margin-top:.6rem}\n"
    ".box:before{content:\"\";position:absolute;left:1.2rem;top:-1.2rem;"
    "height:1.2rem;border-left:2px solid var(--seen)}\n"
    ".port{display:block;color:var(--add)}"
    ".bad{color:var(--remove);font-weight:600}\n"
    "dl{display:grid;grid-template-columns:auto 1fr;gap:0 1rem;margin:.5rem 0}"
    "dt{color:var(--dim)}dd{margin:0}\n";

static void put_field(const json_t *doc, const char *member, FILE *out)
{
    const char *s = field_string(doc, member);
    html_put(s != NULL ? s : "", out);
}

/* Each of a list of strings, in an element of its own. */
static void put_each(const json_t *list, const char *before, const char *behind,
                     FILE *out)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        fputs(before, out);
        html_put(json_string_value(item), out);
        fputs(behind, out);
    }
}

static void put_member(const json_t *member, FILE *out)
{
    fputs("<div class=\"box\"><b>", out);
    put_field(member, "Name", out);
    fputs("</b>", out);
    put_each(json_object_get(member, "Addresses"), "<br><code>", "</code>",
             out);
    fputs("<br><code class=\"dim\">", out);
    put_field(member, "Mac", out);
    fputs("</code>", out);
    put_each(json_object_get(member, "Ports"), "<code class=\"port\">",
             "</code>", out);
    fputs("</div>\n", out);
}

static void put_rules(const json_t *network, FILE *out)
{
    static const struct {
        const char *title, *member;
    } rows[] = {
        {"into it",    "In"        },
        {"out of it",  "Out"       },
        {"neighbours", "Neighbours"},
    };
    bool is_missing = field_is(network, "Rules", "missing");
    fprintf(out, "<dl><dt>rules</dt><dd class=\"%s\">",
            is_missing ? "bad" : "");
    put_field(network, "Rules", out);
    fputs("</dd>", out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fprintf(out, "<dt>%s</dt><dd>", rows[i].title);
        put_field(network, rows[i].member, out);
        fputs("</dd>", out);
    }
    fputs("</dl>\n", out);
}

static void put_network(const json_t *network, FILE *out)
{
    size_t i;
    const json_t *member;
    bool is_bridge = field_string(network, "Bridge") != NULL;
    fprintf(out, "<section class=\"net%s%s\"><h2 style=\"margin:0\">",
            is_bridge && !field_bool(network, "Up") ? " down" : "",
            field_is(network, "Rules", "missing") ? " open" : "");
    put_field(network, "Name", out);
    fputs("</h2><code class=\"dim\">", out);
    put_field(network, "Driver", out);
    fputs(" ", out);
    put_field(network, "Bridge", out);
    put_each(json_object_get(network, "Subnets"), " &middot; ", "", out);
    fputs("</code>\n", out);
    if (is_bridge)
        put_rules(network, out);
    fputs("<div class=\"boxes\">\n", out);
    json_array_foreach(json_object_get(network, "Containers"), i, member)
        put_member(member, out);
    fputs("</div></section>\n", out);
}

void network_map_html(const json_t *map, FILE *out)
{
    size_t i;
    const json_t *network;
    html_begin("networks", style, out);
    fputs("<h1>Networks of this host</h1>\n", out);
    json_array_foreach(json_object_get(map, "Networks"), i, network)
        put_network(network, out);
    fputs("</body></html>\n", out);
}
