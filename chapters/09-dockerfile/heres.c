/* Here-documents: <<EOF in RUN, COPY and ADD. */
#include "dockerfile_parts.h"
#include "own.h"
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* "<<EOF", "3<<-'EOF'": its name, or NULL if the word is none. */
static char *read_name(const char *word, bool *ret_is_stripped,
                       bool *ret_expands)
{
    while (isdigit((unsigned char)*word))
        word++;
    if (!text_starts(word, "<<"))
        return NULL;
    word += strlen("<<");
    *ret_is_stripped = *word == '-';
    word += *ret_is_stripped;
    const struct words plain = {.escape = '\\', .env = NULL};
    auto_free char *name = NULL;
    if (strchr(word, '<') != NULL ||
        words_expand(&plain, word, &name, NULL) < 0)
        return NULL;
    *ret_expands = strcmp(word, name) == 0;
    return *name != '\0' ? own_take(&name) : NULL;
}

/* @lab 9.4 lines until one is the name alone; p->next is the next one, counted
 * from 0, and p->i->last_line the last that was read, counted from 1 */
static int read_here(struct dockerfile_parse *p, struct dockerfile_here *here,
                     bool is_stripped, struct err *e)
{
    auto_text struct text text = {0};
    while (p->next < p->file->lines.n) {
        const char *line = p->file->lines.v[p->next++];
        p->i->last_line = (unsigned)p->next;
        if (is_stripped)
            line += strspn(line, "\t");
        size_t len = strlen(line);
        while (len > 0 && line[len - 1] == '\r')
            len--;
        if (len == strlen(here->name) && strncmp(line, here->name, len) == 0) {
            here->text = text_take(&text);
            return 0;
        }
        text_addf(&text, "%s\n", line);
    }
    here->text = text_take(&text);
    dockerfile_blame(p, here->name);
    return err_set(e, EINVAL, "unterminated heredoc");
}

/* ONBUILD RUN <<EOF: what counts is the instruction after it. */
static bool may_have(const char *text)
{
    static const char *const known[] = {"RUN", "COPY", "ADD"};
    if (strncasecmp(text, "ONBUILD", strlen("ONBUILD")) == 0) {
        text += strlen("ONBUILD");
        text += strspn(text, BLANKS);
    }
    size_t len = strcspn(text, BLANKS);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i]) == len && strncasecmp(text, known[i], len) == 0)
            return true;
    return false;
}

int dockerfile_read_heres(struct dockerfile_parse *p, const char *rest,
                          struct err *e)
{
    struct dockerfile_instruction *i = p->i;
    auto_strv struct strv words = {0};
    if (i->is_json || strstr(rest, "<<") == NULL || !may_have(i->text) ||
        !dockerfile_quoted_words('\\', rest, &words))
        return 0;
    int r = 0;
    for (size_t k = 0; r == 0 && k < words.n; k++) {
        struct dockerfile_here here = {0};
        bool is_stripped;
        here.name = read_name(words.v[k], &is_stripped, &here.expands);
        if (here.name == NULL)
            continue;
        r = read_here(p, &here, is_stripped, e);
        i->heres = own_grow(i->heres, (i->n_heres + 1) * sizeof here);
        i->heres[i->n_heres++] = here;
    }
    return r;
}

const struct dockerfile_here *dockerfile_here_of(
    const struct dockerfile_instruction *i, const char *word)
{
    bool is_stripped, expands;
    auto_free char *name =
        i->n_heres > 0 ? read_name(word, &is_stripped, &expands) : NULL;
    for (size_t k = i->n_heres; name != NULL && k-- > 0;)
        if (strcmp(i->heres[k].name, name) == 0)
            return &i->heres[k];
    return NULL;
}
