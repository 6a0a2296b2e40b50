/*
 * template.h - the templates of --format: Go's text/template over JSON.
 *
 * What stands between {{ and }} is an action, all else is text. The language
 * is that of the Go package text/template (pkg.go.dev/text/template), as far
 * as command lines need it, with the functions that Docker adds:
 *
 *     {{.A.B}}  {{index .Map "key" 0}}  {{json .}}  {{len .List}}
 *     {{if X}} {{else if Y}} {{else}} {{end}}       {{with X}} {{else}} {{end}}
 *     {{range .List}} {{else}} {{end}}       {{range $key, $value := .Map}}
 *     {{$x := .A}} {{$x}}   {{.A | upper | printf "%q"}}   {{(index .L 0).B}}
 *     {{- .A -}} without the white space around it
 *     and or not  eq ne lt le gt ge  index slice len  print println printf
 *     json join split upper lower title pad truncate
 *
 *     struct template *t;
 *     auto_text struct text out = {0};
 *     int r = template_parse("{{range .Names}}{{.}} {{end}}", &t, &e);
 *     if (r == 0)
 *         r = template_execute(t, document, 0, &out, &e);
 *     template_free(t);
 *
 * Values print as Go prints them: [a b], map[k:v], true, <no value>. A member
 * that is not there is an error, as Docker has it for documents; in the maps
 * whose keys people choose (Labels ...) it is no value. A name in capitals
 * (.ID) also finds the member that differs by case alone (Id), because Docker
 * knows it by both.
 *
 * Errors: -EINVAL "template parsing error: template: :LINE: ..." in Go's
 * words; -ENOSYS for define, template and block. A parsed template may be
 * executed many times. Needs nothing; not for two threads.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "err.h"
#include "text.h"

#include <jansson.h>

struct template;

/* `text` must be UTF-8 for strings in it to have a value. */
int template_parse(const char *text, struct template **ret, struct err *e);
void template_free(struct template *t);
#define auto_template __attribute__((cleanup(template_drop)))
void template_drop(struct template **t);

/* Add what the template makes of `dot`. TEMPLATE_HEADERS: `dot` holds the
 * headers of a table, which functions leave as they are. TEMPLATE_SORTED:
 * json sorts members, as Go does for what is no struct. */
enum { TEMPLATE_HEADERS = 1, TEMPLATE_SORTED = 2 };
int template_execute(const struct template *t, const json_t *dot, int flags,
                     struct text *out, struct err *e);

/* A string in double quotes, as %q has it. */
void template_add_quoted(struct text *out, const char *s);

#endif
