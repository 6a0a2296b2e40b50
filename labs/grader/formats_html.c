/* One self-contained page. See formats.h. */
#include "formats.h"

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Labs</title><style>\n"
    "body { font: 15px/1.5 sans-serif; max-width: 62em; margin: 2em auto;\n"
    "       padding: 0 1em; color: #222; background: #fff }\n"
    "table { border-collapse: collapse; width: 100% }\n"
    "td, th { text-align: left; padding: .3em .8em .3em 0; vertical-align: "
    "top;\n"
    "         border-bottom: 1px solid #ddd }\n"
    ".passed { color: #176b2c } .failed { color: #a3161a }\n"
    ".waits, .cannot { color: #7a5b00 }\n"
    "pre { white-space: pre-wrap; margin: .2em 0; font-size: 13px }\n"
    "summary { cursor: pointer }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  body { color: #ddd; background: #181818 } td, th { border-color: #444 "
    "}\n"
    "  .passed { color: #6fcf87 } .failed { color: #ff8a85 }\n"
    "  .waits, .cannot { color: #e0bd5a } }\n"
    "</style></head><body>\n";

static void evidence(const struct model_exercise *x, struct text *ret)
{
    text_add(ret, "<details><summary>evidence</summary><pre>");
    for (size_t c = 0; c < x->n_checks; c++) {
        const struct model_check *check = &x->checks[c];
        text_addf(ret, "%s: %s\n", check->name,
                  model_verdict_name(check->verdict));
        for (size_t i = 0; i < check->evidence.n; i++) {
            text_add(ret, "    ");
            formats_escape(ret, check->evidence.v[i]);
            text_add(ret, "\n");
        }
    }
    text_add(ret, "</pre></details>");
}

static void exercise(const struct course *course, const struct model_lab *lab,
                     const struct model_exercise *x, struct text *ret)
{
    auto_text struct text why = {0};
    struct model_score score = model_score_of(x);
    const char *verdict = model_verdict_name(model_verdict(x));
    formats_explain(course, lab, x, &why);
    text_addf(ret, "<tr><td>%s</td><td><code>", x->id);
    formats_escape(ret, x->function);
    text_addf(ret, "</code></td><td>%d&nbsp;of&nbsp;%d</td>", score.got,
              score.of);
    text_addf(ret, "<td class=\"%s\">%s</td><td><pre>", verdict, verdict);
    formats_escape(ret, why.s);
    text_add(ret, "</pre>");
    if (lab->broken == NULL)
        evidence(x, ret);
    text_add(ret, "</td></tr>\n");
}

void formats_html(const struct course *course, struct text *ret)
{
    struct model_score all = model_score(course);
    text_add(ret, head);
    text_add(ret, "<h1>");
    formats_escape(ret, course->student);
    text_addf(ret, ": %d of %d points%s</h1>\n<p>%s, tier %s, %.1f s", all.got,
              all.of, all.provisional ? ", provisional" : "", course->started,
              model_tier_name(course->tier), course->seconds);
    if (course->hash != NULL && course->hash[0] != '\0')
        text_addf(ret, ", files <code>%s</code>", course->hash);
    text_add(ret, "</p>\n");
    for (size_t i = 0; i < course->n_labs; i++) {
        const struct model_lab *lab = &course->labs[i];
        struct model_score score = model_score_lab(lab);
        text_addf(ret, "<h2>%s: %d of %d</h2>\n<table>\n", lab->name, score.got,
                  score.of);
        text_add(ret, "<tr><th></th><th>function</th><th>points</th>"
                      "<th>verdict</th><th>why</th></tr>\n");
        for (size_t k = 0; k < lab->n_exercises; k++)
            exercise(course, lab, &lab->exercises[k], ret);
        text_add(ret, "</table>\n");
    }
    text_add(ret, "</body></html>\n");
}
