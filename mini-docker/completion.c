/*
 * Completion for bash: a function that knows, for each command, its options,
 * which of them take a value, and the kind of its operands. Names of
 * containers, images and volumes are asked of mini-docker while completing.
 */
#include "help.h"

#include <string.h>

/* How the names of a kind of thing are listed, in bash. */
static const struct {
    const char *kind, *list;
} lists[] = {
    {"container", "\"${self[@]}\" ps -a --format '{{.Names}}'"               },
    {"image",     "\"${self[@]}\" images --format '{{.Repository}}:{{.Tag}}'"},
    {"volume",    "\"${self[@]}\" volume ls -q"                              },
};

/* The kinds that a word of a synopsis stands for. What the group says is more
 * than what the word says: "volume inspect" is about volumes. */
static const struct {
    const char *word, *kinds;
} operands[] = {
    {"IMAGE",      "image"                           },
    {"REPOSITORY", "image"                           },
    {"CONTAINER",  "container"                       },
    {"VOLUME",     "volume"                          },
    {"NAME|ID",    "${group:-container image volume}"},
    {"[COMMAND]",  "command"                         },
    {"file",       ""                                }, /* bash's own */
};

/* What a command's first operand is. */
static const char *kinds_of(const struct command *command)
{
    const char *first = NULL, *kinds = "";
    for (size_t i = 0; i < sizeof operands / sizeof operands[0]; i++) {
        const char *at = strstr(command->synopsis, operands[i].word);
        if (at == NULL || (first != NULL && first < at))
            continue;
        first = at;
        kinds = operands[i].kinds;
    }
    return kinds;
}

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

/* What stands in a case: the options, the kinds of the operands, and files
 * where the word before is an option that wants a value. */
static void put_choices(const struct option *options, const char *kinds,
                        FILE *out)
{
    fputs("        options=\"", out);
    put_options(options, false, out);
    fprintf(out, " --help\" kinds=\"%s\"\n        case $previous in\n        ",
            kinds);
    put_options(options, true, out);
    fputs(") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
          "        esac\n"
          "        ;;\n",
          out);
}

/* The case of a command and of its aliases: "run"|"container run") */
static void put_command(const struct command *command, FILE *out)
{
    fprintf(out, "    \"%s\"", command->name);
    for (const char *const *alias = command->aliases; *alias; alias++)
        fprintf(out, "|\"%s\"", *alias);
    fputs(")\n", out);
    put_choices(command->options, kinds_of(command), out);
}

/* The names below a group, or, for NULL, those that stand first. */
static void put_names(const char *group, FILE *out)
{
    const struct command *const *table = command_table();
    for (size_t i = 0; table[i] != NULL; i++) {
        const char *name = command_name_below(table[i], group);
        if (name != NULL)
            fprintf(out, "%s ", name);
    }
}

/* The function that lists all names of the kinds that are its arguments. */
static void put_lists(FILE *out)
{
    fputs("_mini_docker_names() {\n"
          "    local kind\n"
          "    for kind in \"$@\"; do\n"
          "        case $kind in\n"
          "        command) echo \"",
          out);
    const struct command_group *groups = command_groups();
    for (; groups->name != NULL; groups++)
        fprintf(out, "%s ", groups->name);
    put_names(NULL, out);
    fputs("\" ;;\n", out);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        fprintf(out, "        %s) %s ;;\n", lists[i].kind, lists[i].list);
    fputs("        esac\n"
          "    done 2>/dev/null\n"
          "}\n",
          out);
}

/* Find the command on the line: $command is "rm", or "container rm". Behind a
 * group no word is a group or an option of the first case; bash gives
 * --root=DIR as three words. */
static const char head[] =
    "_mini_docker() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]}\n"
    "    local previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command= group= options= operands= kinds= i\n"
    "    local self=(mini-docker)\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case $group${COMP_WORDS[i]} in\n"
    "        --root)\n"
    "            [[ ${COMP_WORDS[i + 1]} != = ]] || ((i++))\n"
    "            self+=(--root \"${COMP_WORDS[++i]}\") ;;\n"
    "        -*) ;;\n";

static const char tail[] =
    "    esac\n"
    "    if [[ $word == -* ]]; then\n"
    "        operands=$options\n"
    "    elif [[ -n $kinds ]]; then\n"
    "        operands=$(_mini_docker_names $kinds)\n"
    "    fi\n"
    "    COMPREPLY=($(compgen -W \"$operands\" -- \"$word\"))\n"
    "}\n"
    "complete -o default -F _mini_docker mini-docker\n";

void help_print_bash(FILE *out)
{
    fputs("# bash completion for mini-docker, made by\n"
          "# mini-docker help --completion bash\n",
          out);
    put_lists(out);
    fputs(head, out);
    const struct command_group *groups = command_groups();
    fputs("        ", out);
    for (size_t i = 0; groups[i].name != NULL; i++)
        fprintf(out, "%s%s", i == 0 ? "" : "|", groups[i].name);
    fputs(") command=${COMP_WORDS[i]} group=$command ;;\n"
          "        *) command=${group:+$group }${COMP_WORDS[i]}; break ;;\n"
          "        esac\n"
          "    done\n"
          "    case $command in\n"
          "    \"\")\n",
          out);
    put_choices(command_options(), "command", out);
    for (size_t i = 0; groups[i].name != NULL; i++) {
        fprintf(out, "    %s)\n        options=--help operands=\"",
                groups[i].name);
        put_names(groups[i].name, out);
        fputs("\"\n        ;;\n", out);
    }
    const struct command *const *table = command_table();
    for (size_t i = 0; table[i] != NULL; i++)
        put_command(table[i], out);
    fputs(tail, out);
}
