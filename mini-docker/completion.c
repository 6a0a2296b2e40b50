/*
 * Completion for bash: a function that knows, for each command, its options
 * and which of them take a value. Names of containers and images are asked of
 * mini-docker itself while completing.
 */
#include "help.h"

#include <string.h>

/* Print the options' names; with values_only those that take a value as the
 * next word. */
static void put_options(const struct option *options, bool values_only,
                        FILE *out)
{
    const char *separator = "";
    for (; options->name != NULL; options++) {
        if (options->path == OPTION_NOT_YET ||
            (values_only && options->kind->alone != NULL))
            continue;
        fprintf(out, "%s--%s", separator, options->name);
        separator = values_only ? "|" : " ";
        if (options->letter != '\0')
            fprintf(out, "%s-%c", separator, options->letter);
    }
    if (separator[0] == '\0')
        fputs("--", out); /* a case without patterns is no case */
}

/* What a command's operands are. */
static const char *operands_of(const struct command *command)
{
    static const struct {
        const char *word, *list;
    } table[] = {
        {"IMAGE",      "images --format '{{.Repository}}:{{.Tag}}'"},
        {"REPOSITORY", "images --format '{{.Repository}}:{{.Tag}}'"},
        {"CONTAINER",  "ps -a --format '{{.Names}}'"               },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strstr(command->synopsis, table[i].word) != NULL)
            return table[i].list;
    return NULL;
}

static void put_command(const struct command *command, FILE *out)
{
    fprintf(out, "    %s)\n        options=\"", command->name);
    put_options(command->options, false, out);
    fputs(" --help\"\n        case $previous in\n        ", out);
    put_options(command->options, true, out);
    fputs(") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
          "        esac\n",
          out);
    const char *list = operands_of(command);
    if (list != NULL)
        fprintf(out,
                "        [[ $word == -* ]] || operands=$(mini-docker %s "
                "2>/dev/null)\n",
                list);
    fputs("        ;;\n", out);
}

void help_print_bash(FILE *out)
{
    fputs("# bash completion for mini-docker, made by\n"
          "# mini-docker help --completion bash\n"
          "_mini_docker() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]}\n"
          "    local previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local command= options= operands= i\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case ${COMP_WORDS[i]} in\n"
          "        --root) ((i++)) ;;\n"
          "        -*) ;;\n"
          "        *) command=${COMP_WORDS[i]}; break ;;\n"
          "        esac\n"
          "    done\n"
          "    case $command in\n",
          out);
    fputs("    \"\")\n        options=\"", out);
    put_options(command_options(), false, out);
    fputs(" --help\"\n        operands=\"", out);
    const struct command *const *table = command_table();
    for (size_t i = 0; table[i] != NULL; i++)
        fprintf(out, "%s%s", i == 0 ? "" : " ", table[i]->name);
    fputs("\"\n        ;;\n", out);
    for (size_t i = 0; table[i] != NULL; i++)
        put_command(table[i], out);
    fputs("    esac\n"
          "    if [[ $word == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -W \"$operands\" -- \"$word\"))\n"
          "    fi\n"
          "}\n"
          "complete -o default -F _mini_docker mini-docker\n",
          out);
}
