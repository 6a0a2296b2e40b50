/* What a registry says is wrong (registry.h). */
#include "registry.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { MOST_WORDS = 64 * 1024 };

static const struct {
    int status, code;
    const char *words;
} known[] = {
    {400, EINVAL, "Bad Request"                    },
    {401, EACCES, "Unauthorized"                   },
    {403, EACCES, "Forbidden"                      },
    {404, ENOENT, "Not Found"                      },
    {405, EPROTO, "Method Not Allowed"             },
    {413, EFBIG,  "Request Entity Too Large"       },
    {416, ERANGE, "Requested Range Not Satisfiable"},
    {429, EAGAIN, "Too Many Requests"              },
    {500, EAGAIN, "Internal Server Error"          },
    {502, EAGAIN, "Bad Gateway"                    },
    {503, EAGAIN, "Service Unavailable"            },
    {504, EAGAIN, "Gateway Timeout"                },
};

static size_t find(int status)
{
    size_t n = 0;
    while (n < sizeof known / sizeof known[0] && known[n].status != status)
        n++;
    return n;
}

/* {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]} */
static bool say_first(const json_t *document, int code, struct err *e)
{
    const json_t *first =
        json_array_get(json_object_get(document, "errors"), 0);
    const char *name = json_string_value(json_object_get(first, "code"));
    const char *message = json_string_value(json_object_get(first, "message"));
    if (name == NULL)
        return false;
    auto_free char *lower = text_format("%.60s", name);
    for (char *c = lower; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : (char)tolower((unsigned char)*c);
    err_set(e, code, "%s: %.150s", lower, message != NULL ? message : "");
    return true;
}

/* {"details": "incorrect username or password"}, of a server of tokens. */
static bool say_details(const json_t *document, int code, struct err *e)
{
    const char *words = json_string_value(json_object_get(document, "details"));
    if (words != NULL)
        err_set(e, code, "unauthorized: %.150s", words);
    return words != NULL;
}

int registry_explain(struct registry *registry, const struct web_answer *answer,
                     const char *url, struct err *e)
{
    auto_text struct text body = {0};
    size_t row = find(answer->status);
    bool is_known = row < sizeof known / sizeof known[0];
    int code =
        is_known ? known[row].code : (answer->status >= 500 ? EAGAIN : EPROTO);
    web_read_all(&registry->web, MOST_WORDS, &body, NULL);
    json_auto_t *document =
        json_loadb(body.s != NULL ? body.s : "", body.len, 0, NULL);
    if (say_first(document, code, e) || say_details(document, code, e))
        return -code;
    (void)url;
    return err_set(e, code, "received unexpected HTTP status: %d%s%s",
                   answer->status, is_known ? " " : "",
                   is_known ? known[row].words : "");
}
