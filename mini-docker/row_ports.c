/* A container's ports as `ps` and `port` print them. */
#include "row.h"

#include "field.h"
#include "own.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* One element of Ports, or several that stand side by side: their numbers go
 * on one by one, or are no host's at all. */
struct span {
    const char *ip, *type; /* ip NULL: it is not published */
    int64_t host, first, n;
};

static struct span read_port(const json_t *port)
{
    return (struct span){
        .ip = field_string(port, "IP"),
        .type = field_string(port, "Type"),
        .host = field_int(port, "PublicPort", 0),
        .first = field_int(port, "PrivatePort", 0),
        .n = 1,
    };
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

/* By protocol, then address, then number: so that neighbours meet. */
static int compare(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    int r = compare_text(x->type, y->type);
    if (r == 0)
        r = compare_text(x->ip, y->ip);
    if (r == 0)
        r = (x->first > y->first) - (x->first < y->first);
    return r != 0 ? r : (x->host > y->host) - (x->host < y->host);
}

static bool goes_on(const struct span *span, const struct span *next)
{
    return compare_text(span->type, next->type) == 0 &&
           compare_text(span->ip, next->ip) == 0 &&
           next->first == span->first + span->n &&
           (span->ip == NULL || next->host == span->host + span->n);
}

static void add_numbers(struct text *out, int64_t first, int64_t n)
{
    if (n == 1)
        text_addf(out, "%lld", (long long)first);
    else
        text_addf(out, "%lld-%lld", (long long)first,
                  (long long)(first + n - 1));
}

static void add_span(struct text *out, const struct span *span)
{
    if (out->len > 0)
        text_add(out, ", ");
    if (span->ip != NULL) {
        bool is_v6 = strchr(span->ip, ':') != NULL;
        text_addf(out, "%s%s%s:", is_v6 ? "[" : "", span->ip, is_v6 ? "]" : "");
        add_numbers(out, span->host, span->n);
        text_add(out, "->");
    }
    add_numbers(out, span->first, span->n);
    text_addf(out, "/%s", span->type);
}

char *row_ports(const json_t *ports)
{
    size_t n = json_array_size(ports), i;
    struct span *spans = own_alloc(n * sizeof *spans + 1);
    struct text out = {0};
    for (i = 0; i < n; i++)
        spans[i] = read_port(json_array_get(ports, i));
    qsort(spans, n, sizeof *spans, compare);
    text_add(&out, "");
    for (i = 0; i < n; i++) {
        struct span span = spans[i];
        while (i + 1 < n && goes_on(&span, &spans[i + 1])) {
            span.n++;
            i++;
        }
        add_span(&out, &span);
    }
    free(spans);
    return text_take(&out);
}
