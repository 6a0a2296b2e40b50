/* RUN --mount=type=secret: what it is, for a file or a variable. */
#include "build_copies.h"

#include "field.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int build_secret_read(const struct build *b, const char *id, struct text *ret,
                      struct err *e)
{
    const json_t *secret =
        json_object_get(field_get(b->order->query, "secrets"), id);
    const char *file = field_string(secret, "file");
    if (secret == NULL)
        return 0;
    text_add(ret, file == NULL ? field_string(secret, "value") : "");
    return file != NULL && files_read(AT_FDCWD, file, ret, e) < 0
               ? err_add(e, "secret %s", id)
               : 1;
}

int build_secret_set(json_t *env, const char *variable,
                     const struct text *content, struct err *e)
{
    json_t *line = strlen(content->s) == content->len
                       ? json_sprintf("%s=%s", variable, content->s)
                       : NULL;
    return line != NULL
               ? json_array_append_new(env, line)
               : err_set(e, EINVAL, "the secret for %s is no text", variable);
}
