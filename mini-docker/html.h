/*
 * html.h - what pages that we print have in common.
 *
 * A page is one file that needs nothing besides itself: no script, no picture,
 * nothing fetched. What comes from elsewhere, names of images or containers,
 * goes through html_put.
 *
 *     html_begin(name, style, out);    // up to <body>; ":root" has the colours
 *     html_put(name, out);
 *     fputs("</body></html>\n", out);
 */
#ifndef HTML_H
#define HTML_H

#include <stdio.h>

/* Text as HTML (WHATWG HTML, 13.1.4): < > & " are spelt, control characters
 * shown as \x1b. */
void html_put(const char *s, FILE *out);

/* The head of a page with this title, the common colours and fonts, and `style`
 * behind them. */
void html_begin(const char *title, const char *style, FILE *out);

#endif
