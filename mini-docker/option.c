#include "option.h"

#include <errno.h>
#include <string.h>

const struct option *option_find(const struct option *options, const char *name,
                                 size_t len)
{
    for (; options->name != NULL; options++)
        if (strncmp(options->name, name, len) == 0 &&
            options->name[len] == '\0')
            return options;
    return NULL;
}

const struct option *option_find_letter(const struct option *options,
                                        char letter)
{
    for (; options->name != NULL; options++)
        if (options->letter == letter)
            return options;
    return NULL;
}

static bool is_utf8(const char *s)
{
    json_t *string = json_string(s);
    json_decref(string);
    return string != NULL;
}

/* Give the value to its kind, and say whose argument it was where that was
 * wrong. */
static int set(const struct option *option, const char *value, json_t *doc,
               struct err *e)
{
    /* A switch that is switched off asks for nothing. */
    bool on = true;
    if (option->path == OPTION_NOT_YET && option->kind == &option_bool &&
        option_read_bool(value, &on, NULL) == 0 && !on)
        return 0;
    if (option->path == OPTION_NOT_YET)
        return err_set(e, ENOSYS, "--%s is not built yet", option->name);
    if (!is_utf8(value))
        return err_set(e, EILSEQ, "the value of --%s is not valid UTF-8",
                       option->name);
    int r = option->kind->set(option, value, doc, e);
    if (r == 0 || r == -ENOSYS || option->kind->own_words)
        return r;
    if (option->letter != '\0')
        return err_add(e, "invalid argument \"%s\" for \"-%c, --%s\" flag",
                       value, option->letter, option->name);
    return err_add(e, "invalid argument \"%s\" for \"--%s\" flag", value,
                   option->name);
}

/* What a walk along the words has so far. */
struct walk {
    const struct option *options;
    char **next; /* the word after this one */
    json_t *doc;
    bool help;
};

/* --name, --name=value, --name value; `word` is without the dashes. */
static int take_long(struct walk *walk, const char *word, struct err *e)
{
    if (word[0] == '-' || word[0] == '=')
        return err_set(e, EINVAL, "bad flag syntax: --%s", word);
    size_t len = strcspn(word, "=");
    const char *value = word[len] == '=' ? word + len + 1 : NULL;
    const struct option *option = option_find(walk->options, word, len);
    if (option == NULL && strcmp(word, "help") == 0) {
        walk->help = true;
        return 0;
    }
    if (option == NULL)
        return err_set(e, EINVAL, "unknown flag: --%.*s", (int)len, word);
    if (value == NULL)
        value = option->kind->alone;
    if (value == NULL && (value = *walk->next) != NULL)
        walk->next++;
    if (value == NULL)
        return err_set(e, EINVAL, "flag needs an argument: --%s", word);
    return set(option, value, walk->doc, e);
}

/* A group of letters, without its dash: switches, and at most one option with
 * a value, which is the rest of the word or the next word. */
static int take_letters(struct walk *walk, const char *word, struct err *e)
{
    for (const char *at = word; *at != '\0'; at++) {
        const struct option *option = option_find_letter(walk->options, *at);
        if (option == NULL && *at == 'h') {
            walk->help = true;
            continue;
        }
        if (option == NULL)
            return err_set(e, EINVAL, "unknown shorthand flag: '%c' in -%s",
                           *at, at);
        if (at[1] == '=' && at[2] != '\0')
            return set(option, at + 2, walk->doc, e);
        const char *value = option->kind->alone;
        if (value != NULL) {
            int r = set(option, value, walk->doc, e);
            if (r < 0)
                return r;
            continue;
        }
        if (at[1] != '\0')
            return set(option, at + 1, walk->doc, e);
        value = *walk->next;
        if (value == NULL)
            return err_set(e, EINVAL, "flag needs an argument: '%c' in -%s",
                           *at, at);
        walk->next++;
        return set(option, value, walk->doc, e);
    }
    return 0;
}

int option_parse(const struct option_line *line, json_t *doc,
                 struct strv *operands, struct err *e)
{
    struct walk walk = {
        .options = line->options, .next = line->argv, .doc = doc};
    bool no_more = false;
    while (*walk.next != NULL) {
        const char *word = *walk.next++;
        if (no_more || word[0] != '-' || word[1] == '\0') {
            strv_add(operands, word);
            no_more |= line->stop_at_operand;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            no_more = true;
            continue;
        }
        int r = word[1] == '-' ? take_long(&walk, word + 2, e)
                               : take_letters(&walk, word + 1, e);
        if (r < 0)
            return r;
    }
    return walk.help ? OPTION_HELP : 0;
}
