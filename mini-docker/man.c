/* The manual page: the tables again, in the macros of man(7). */
#include "help.h"

#include "text.h"

#include <string.h>

/* groff reads a "-" as a hyphen, a "\" as its own, and a line that begins with
 * a dot or an apostrophe as a request. */
static void put(const char *s, FILE *out)
{
    for (; *s != '\0'; s++) {
        if (*s == '-')
            fputs("\\-", out);
        else if (*s == '\\')
            fputs("\\e", out);
        else
            fputc(*s, out);
    }
}

/* Text at the beginning of a line. */
static void put_line(const char *s, FILE *out)
{
    fputs("\\&", out);
    put(s, out);
}

static void put_option(const struct option *option, FILE *out)
{
    fputs(".TP\n\\fB", out);
    if (option->letter != '\0')
        fprintf(out, "\\-%c\\fR, \\fB", option->letter);
    fputs("\\-\\-", out);
    put(option->name, out);
    fputs("\\fR", out);
    const char *placeholder = option->kind->placeholder;
    if (placeholder[0] != '\0')
        fprintf(out,
                option->kind->alone == NULL ? " \\fI%s\\fR" : "[=\\fI%s\\fR]",
                placeholder);
    fputc('\n', out);
    put_line(option->help, out);
    fputs(option->path == OPTION_NOT_YET ? " (not built yet).\n" : ".\n", out);
}

static void put_options(const struct option *options, FILE *out)
{
    for (; options->name != NULL; options++)
        put_option(options, out);
}

/* A heading is one line; a second form of the command is told below it. */
static void put_heading(const struct command *command, FILE *out)
{
    auto_strv struct strv forms = {0};
    strv_split(&forms, command->synopsis, '\n');
    fputs(".SS \"", out);
    put(command->name, out);
    fputc(' ', out);
    put(forms.v[0], out);
    fputs("\"\n", out);
    for (size_t i = 1; i < forms.n; i++) {
        fputs("Or \\fB", out);
        put(forms.v[i] + strspn(forms.v[i], " "), out);
        fputs("\\fR.\n.br\n", out);
    }
}

static void put_command(const struct command *command, FILE *out)
{
    put_heading(command, out);
    put(command->summary, out);
    fputs(".\n", out);
    for (const char *const *alias = command->aliases; *alias; alias++) {
        fputs(alias == command->aliases ? "Also \\fB" : ", \\fB", out);
        put(*alias, out);
        fputs("\\fR", out);
    }
    if (command->aliases[0] != NULL)
        fputs(".\n", out);
    put_options(command->options, out);
}

static const char head[] =
    ".TH MINI\\-DOCKER 1 \"\" \"mini\\-docker\" \"User Commands\"\n"
    ".SH NAME\n"
    "mini\\-docker \\- a container runtime to read, like Docker\n"
    ".SH SYNOPSIS\n"
    ".B mini\\-docker\n"
    "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARG\\fR...]\n"
    ".SH DESCRIPTION\n"
    "Runs programs in containers made from images. Commands, options, output\n"
    "and exit statuses are those of\n"
    ".BR docker (1).\n"
    "An option that is not built yet says so and does nothing else.\n"
    ".SH OPTIONS\n";

static const char tail[] =
    ".SH EXIT STATUS\n"
    ".TP\n.B 125\nmini\\-docker itself failed, or its options are wrong.\n"
    ".TP\n.B 126\nThe command of the container cannot be executed.\n"
    ".TP\n.B 127\nThe command of the container was not found.\n"
    ".TP\n.BI 128+ N\nThe container was killed by signal \\fIN\\fR.\n"
    ".PP\nOther statuses of \\fBrun\\fR are the container's own. The other\n"
    "commands fail with status 1.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B MINI_DOCKER_ROOT\nWhere images and containers are kept, unless\n"
    "\\fB\\-\\-root\\fR says otherwise.\n"
    ".TP\n.B MINI_DOCKER_TRACE\nTell each step and each system call:\n"
    "\\fBtext\\fR, \\fBjsonl\\fR or \\fBchrome\\fR, each with an optional\n"
    ":\\fIFILE\\fR; \\fBsteps\\fR; a chapter (\\fB04\\fR); names of calls;\n"
    "with commas between them.\n"
    ".TP\n.B MINI_DOCKER_FAULT\nMake a system call fail, for tests:\n"
    "\\fICALL\\fB:\\fIN\\fB:\\fIERRNO\\fR or "
    "\\fICALL\\fB:\\fIN\\fB:kill\\fR.\n"
    ".SH SEE ALSO\n"
    ".BR namespaces (7),\n.BR cgroups (7),\n.BR capabilities (7)\n";

void help_print_man(FILE *out)
{
    fputs(head, out);
    put_options(command_options(), out);
    fputs(".SH COMMANDS\n", out);
    const struct command *const *table = command_table();
    for (size_t i = 0; table[i] != NULL; i++)
        put_command(table[i], out);
    fputs(tail, out);
}
