/* What pages have in common. See html.h. */
#include "html.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
static const char common[] =
    "</title>\n<style>\n"
    ":root{--ink:#1d2733;--dim:#62707f;--paper:#fbfaf7;--card:#fff;"
    "--line:#e2ddd3;--seen:#2f6f9f;--waste:#c8553d;--add:#3b7d4f;"
    "--change:#b07d12;--remove:#b3402c}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--dim:#97a3ae;"
    "--paper:#15191d;--card:#1d2329;--line:#313a43;--seen:#5aa0d2;"
    "--waste:#e07a5f;--add:#6fbf86;--change:#dcb04a;--remove:#e98571}}\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:60rem;margin:2.5rem auto;"
    "padding:0 1.25rem}\n"
    "h1{font-size:1.7rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .8rem}\n"
    "code,.n{font-family:ui-monospace,monospace;font-size:.88em}\n"
    ".dim{color:var(--dim)}.n{text-align:right;white-space:nowrap}\n";

void html_put(const char *s, FILE *out)
{
    for (; *s != '\0'; s++) {
        const char *spelt = *s == '<'   ? "&lt;"
                            : *s == '>' ? "&gt;"
                            : *s == '&' ? "&amp;"
                            : *s == '"' ? "&quot;"
                                        : NULL;
        if (spelt != NULL)
            fputs(spelt, out);
        else if ((unsigned char)*s < ' ' || *s == 0x7f)
            fprintf(out, "\\x%02x", (unsigned int)*s);
        else
            fputc(*s, out);
    }
}

void html_begin(const char *title, const char *style, FILE *out)
{
    fputs(head, out);
    html_put(title, out);
    fprintf(out, "%s%s</style></head><body>\n", common, style);
}
