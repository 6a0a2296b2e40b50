/* mini-docker image explore --html: one page, without anything from outside.
 * All of it is there without scripts: what folds is <details>. */
#include "cmd_explore.h"

#include "field.h"
#include "html.h"
#include "own.h"
#include "text.h"

#include <string.h>

enum { MOST_CHANGES = 200 };

static const char style[] =
    ".facts{display:flex;gap:2.5rem;flex-wrap:wrap;margin:1.4rem 0}\n"
    ".facts b{display:block;font-size:1.5rem;font-weight:600}\n"
    ".bar{display:flex;height:.6rem;border-radius:.3rem;overflow:hidden;"
    "background:var(--line);margin:.5rem 0}\n"
    ".bar i{background:var(--seen)}.bar i.w{background:var(--waste)}\n"
    "details,.card{background:var(--card);border:1px solid var(--line);"
    "border-radius:.5rem;padding:.7rem 1rem;margin:.6rem 0}\n"
    "summary{cursor:pointer;display:grid;gap:0 1rem;"
    "grid-template-columns:2rem 1fr auto}\n"
    "summary code{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}\n"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0 .2rem}\n"
    "td,th{padding:.15rem .6rem .15rem 0;text-align:left;vertical-align:top}\n"
    "td code{overflow-wrap:anywhere}\n"
    ".added{color:var(--add)}.changed,.replaced,.merged{color:var(--change)}\n"
    ".removed,.hides{color:var(--remove)}.wins{color:var(--add);"
    "font-weight:600}.hidden{color:var(--dim)}\n";

static void put_field(const json_t *doc, const char *member, FILE *out)
{
    const char *s = field_string(doc, member);
    html_put(s == NULL ? "" : s, out);
}

static const char *size_of(const json_t *doc, const char *member, char out[16])
{
    return text_from_bytes((uint64_t)field_int(doc, member, 0), out);
}

static void put_fact(const char *value, const char *label, FILE *out)
{
    fprintf(out, "<div><b>%s</b><span class=\"dim\">%s</span></div>\n", value,
            label);
}

static void put_head(const json_t *image, FILE *out)
{
    char size[16];
    html_begin(cmd_explore_name(image), style, out);
    fputs("<h1>", out);
    html_put(cmd_explore_name(image), out);
    fputs("</h1>\n<code class=\"dim\">", out);
    put_field(image, "Id", out);
    fputs("</code>\n<div class=\"facts\">\n", out);
    put_fact(size_of(image, "Size", size), "in all layers", out);
    auto_free char *layers =
        text_format("%zu", json_array_size(json_object_get(image, "Layers")));
    put_fact(layers, "layers", out);
    put_fact(size_of(image, "Wasted", size), "wasted: hidden by layers above",
             out);
    auto_free char *efficiency =
        text_format("%.1f%%", cmd_explore_efficiency(image));
    put_fact(efficiency, "efficiency: can be seen", out);
    fputs("</div>\n", out);
}

/* How much of the image the layer is: what is seen of it, what is wasted. */
static void put_bar(const json_t *layer, int64_t whole, FILE *out)
{
    double unit = whole > 0 ? 100 / (double)whole : 0;
    double size = (double)field_int(layer, "Size", 0);
    double wasted = (double)field_int(layer, "Wasted", 0);
    fprintf(out,
            "<div class=\"bar\"><i style=\"width:%.2f%%\"></i>"
            "<i class=\"w\" style=\"width:%.2f%%\"></i></div>\n",
            (size - wasted) * unit, wasted * unit);
}

static void put_changes(const json_t *layer, FILE *out)
{
    size_t more, i;
    const json_t *change;
    json_auto_t *changes = cmd_explore_changes(layer, MOST_CHANGES, &more);
    fputs("<table>\n", out);
    json_array_foreach(changes, i, change)
    {
        char size[16];
        const char *kind = field_string(change, "Kind");
        bool is_removal = strcmp(kind, "removed") == 0;
        fprintf(out,
                "<tr><td class=\"%s\">%s</td><td class=\"n\">%s</td>"
                "<td><code>",
                kind, kind, is_removal ? "" : size_of(change, "Size", size));
        put_field(change, "Path", out);
        fputs("</code></td></tr>\n", out);
    }
    fputs("</table>\n", out);
    if (more > 0)
        fprintf(out, "<p class=\"dim\">... and %zu more</p>\n", more);
}

static void put_layer(const json_t *layer, size_t number, int64_t whole,
                      FILE *out)
{
    char size[16], hides[16], wasted[16];
    const char *by = field_string(layer, "CreatedBy");
    fprintf(out, "<details><summary><b>%zu</b><code title=\"", number);
    html_put(by, out);
    fputs("\">", out);
    html_put(by[0] != '\0' ? by : "(nothing says how it was made)", out);
    fprintf(out, "</code><span class=\"n\">%s</span></summary>\n",
            size_of(layer, "Size", size));
    fputs("<code class=\"dim\">", out);
    put_field(layer, "DiffId", out);
    fputs("</code>\n", out);
    put_changes(layer, out);
    fputs("</details>\n", out);
    put_bar(layer, whole, out);
    fprintf(out,
            "<p class=\"dim\"><span class=\"added\">%lld added</span>, "
            "<span class=\"changed\">%lld changed</span>, "
            "<span class=\"removed\">%lld removed</span>; hides %s of the "
            "layers below, %s of its own is hidden</p>\n",
            (long long)field_int(layer, "Added", 0),
            (long long)field_int(layer, "Changed", 0),
            (long long)field_int(layer, "Removed", 0),
            size_of(layer, "Hides", hides), size_of(layer, "Wasted", wasted));
}

static void put_step(const json_t *step, FILE *out)
{
    size_t i;
    const json_t *told;
    fputs("<div class=\"card\"><b><code>", out);
    put_field(step, "Path", out);
    fputs("</code></b>\n<table>\n", out);
    json_array_foreach(json_object_get(step, "Layers"), i, told)
    {
        const char *state = field_string(told, "State");
        fprintf(out, "<tr><td>layer %lld</td><td class=\"%s\">%s</td><td>%s",
                (long long)field_int(told, "Layer", 0), state, state,
                field_string(told, "Type"));
        if (field_get(told, "Target") != NULL) {
            fputs(" &rarr; <code>", out);
            put_field(told, "Target", out);
            fputs("</code>", out);
        }
        fputs("</td><td class=\"dim\">", out);
        put_field(told, "Why", out);
        fputs("</td></tr>\n", out);
    }
    fputs("</table></div>\n", out);
}

static void put_story(const json_t *story, FILE *out)
{
    size_t i;
    const json_t *step;
    fputs("<h2>The story of <code>", out);
    put_field(story, "Path", out);
    fputs("</code></h2>\n<p>", out);
    if (field_is(story, "Result", "found")) {
        fprintf(out, "A container sees layer %lld's <code>",
                (long long)field_int(story, "Layer", 0));
        put_field(story, "Real", out);
        fputs("</code>.", out);
    } else {
        fputs("A container does not see it: ", out);
        put_field(story, "Result", out);
        fputs(".", out);
    }
    fputs("</p>\n", out);
    json_array_foreach(json_object_get(story, "Steps"), i, step)
        put_step(step, out);
}

void cmd_explore_html(const json_t *image, const json_t *story, FILE *out)
{
    const json_t *layers = json_object_get(image, "Layers");
    put_head(image, out);
    if (story != NULL)
        put_story(story, out);
    fputs("<h2>Layers, the uppermost first</h2>\n", out);
    for (size_t i = json_array_size(layers); i > 0; i--)
        put_layer(json_array_get(layers, i - 1), i, field_int(image, "Size", 0),
                  out);
    fputs("</body></html>\n", out);
}
