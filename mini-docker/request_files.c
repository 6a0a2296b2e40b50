/*
 * Files of variables (--env-file) and of labels (--label-file): one NAME=value
 * a line. Leading white space goes, trailing white space belongs to the value;
 * empty lines and lines that begin with # are skipped; there are no quotes.
 * NAME alone takes our own value, and is left out where we have none.
 */
#include "request.h"

#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const char spaces[] = " \t\n\v\f\r";

static int read_line(const char *line, bool is_env, struct strv *out,
                     struct err *e)
{
    line += strspn(line, spaces);
    if (line[0] == '\0' || line[0] == '#')
        return 0;
    size_t len = strcspn(line, "=");
    auto_free char *name = text_format("%.*s", (int)len, line);
    if (strcspn(name, spaces) < len)
        return err_set(e, EINVAL, "variable '%s' contains whitespaces", name);
    if (len == 0)
        return err_set(e, EINVAL, "no variable name on line '%s'", line);
    const char *ours = is_env ? getenv(name) : NULL;
    if (line[len] == '=')
        strv_add(out, line);
    else if (ours != NULL)
        strv_addf(out, "%s=%s", name, ours);
    return 0;
}

static int read_lines(const struct text *content, bool is_env, struct strv *out,
                      struct err *e)
{
    static const char mark[] = "\xef\xbb\xbf"; /* UTF-8's byte order mark */
    const char *s = content->s;
    if (text_starts(s, mark))
        s += strlen(mark);
    int number = 1;
    for (; *s != '\0'; number++) {
        size_t len = strcspn(s, "\n");
        size_t shown = len > 0 && s[len - 1] == '\r' ? len - 1 : len;
        json_t *valid = json_stringn(s, shown);
        json_decref(valid);
        if (valid == NULL)
            return err_set(e, EINVAL, "invalid utf8 bytes at line %d", number);
        auto_free char *line = text_format("%.*s", (int)shown, s);
        int r = read_line(line, is_env, out, e);
        if (r < 0)
            return r;
        s += len + (s[len] == '\n');
    }
    return 0;
}

static int read_file(const char *file, bool is_env, struct strv *out,
                     struct err *e)
{
    auto_text struct text content = {0};
    int r = files_read(AT_FDCWD, file, &content, e);
    if (r < 0)
        return r;
    if (strlen(content.s) < content.len)
        return err_set(e, EINVAL, "invalid env file (%s): it is not text",
                       file);
    r = read_lines(&content, is_env, out, e);
    return r < 0 ? err_add(e, "invalid env file (%s)", file) : 0;
}

int request_read_env_file(const char *file, struct strv *out, struct err *e)
{
    return read_file(file, true, out, e);
}

int request_read_label_file(const char *file, struct strv *out, struct err *e)
{
    return read_file(file, false, out, e);
}
