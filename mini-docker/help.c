#include "help.h"

#include "own.h"

#include <string.h>

enum { COLUMNS = 80, MARGIN = 3 };

/* "  -m, --memory bytes": everything left of an option's help. */
static char *left_column(const struct option *option)
{
    struct text t = {0};
    if (option->letter != '\0')
        text_addf(&t, "  -%c, --%s", option->letter, option->name);
    else
        text_addf(&t, "      --%s", option->name);
    bool optional = option->kind->alone != NULL;
    if (optional && option->kind->placeholder[0] != '\0')
        text_addf(&t, "[=%s]", option->kind->placeholder);
    else if (option->kind->placeholder[0] != '\0')
        text_addf(&t, " %s", option->kind->placeholder);
    return text_take(&t);
}

/* Print words, with every line after the first beginning at `indent`. */
static void print_wrapped(const char *words, size_t indent, FILE *out)
{
    size_t column = indent;
    for (bool first = true; *words != '\0'; first = false) {
        size_t len = strcspn(words, " ");
        if (!first && column + 1 + len > COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', out);
            column++;
        }
        fwrite(words, 1, len, out);
        column += len;
        words += len + strspn(words + len, " ");
    }
    fputc('\n', out);
}

static void print_option(const struct option *option, size_t width, FILE *out)
{
    auto_free char *left = left_column(option);
    auto_free char *right =
        text_format("%s%s", option->help,
                    option->path == OPTION_NOT_YET ? " (not built yet)" : "");
    fprintf(out, "%-*s", (int)width, left);
    print_wrapped(right, width, out);
}

void help_print_options(const struct option *options, FILE *out)
{
    size_t width = 0;
    for (const struct option *o = options; o->name != NULL; o++) {
        auto_free char *left = left_column(o);
        if (strlen(left) + MARGIN > width)
            width = strlen(left) + MARGIN;
    }
    for (const struct option *o = options; o->name != NULL; o++)
        print_option(o, width, out);
}

void help_print(const struct command *command, FILE *out)
{
    fprintf(out, "Usage:  mini-docker %s %s\n\n%s\n", command->name,
            command->synopsis, command->summary);
    if (command->aliases[0] != NULL) {
        fputs("\nAliases:\n  ", out);
        for (const char *const *alias = command->aliases; *alias; alias++)
            fprintf(out, "mini-docker %s, ", *alias);
        fprintf(out, "mini-docker %s\n", command->name);
    }
    if (command->options[0].name == NULL)
        return;
    fputs("\nOptions:\n", out);
    help_print_options(command->options, out);
}

/* The commands of a group, or those of one word. */
static void print_commands(const char *group, FILE *out)
{
    fputs("\nCommands:\n", out);
    const struct command *const *table = command_table();
    for (size_t i = 0; table[i] != NULL; i++) {
        const char *name = command_name_below(table[i], group);
        if (name != NULL)
            fprintf(out, "  %-10s  %s\n", name, table[i]->summary);
    }
}

void help_print_all(FILE *out)
{
    fputs("Usage:  mini-docker [OPTIONS] COMMAND\n\n"
          "A container runtime to read, like Docker\n",
          out);
    fputs("\nManagement Commands:\n", out);
    for (const struct command_group *g = command_groups(); g->name; g++)
        fprintf(out, "  %-10s  %s\n", g->name, g->summary);
    print_commands(NULL, out);
    fputs("\nGlobal Options:\n", out);
    help_print_options(command_options(), out);
    fputs("\nRun 'mini-docker COMMAND --help' for more information on a "
          "command.\n",
          out);
}

void help_print_group(const struct command_group *group, FILE *out)
{
    fprintf(out, "Usage:  mini-docker %s COMMAND\n\n%s\n", group->name,
            group->summary);
    print_commands(group->name, out);
}
