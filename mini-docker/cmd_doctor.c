/* mini-docker doctor: what this machine can do, and what mends the rest. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "table.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option options[] = {
    {"format",        'f', &option_string, "Format", "Print as 'json' or 'TEMPLATE'"},
    {0},
};

/* How a status is said, and in which colour (ECMA-48, "SGR"). */
static const struct look {
    const char *status, *word, *colour;
} looks[] = {
    {"ok",   "ok",   "\033[32m"},
    {"warn", "warn", "\033[33m"},
    {"fail", "FAIL", "\033[31m"},
};

static const struct look *look_of(const json_t *finding)
{
    size_t i = 0;
    while (i + 1 < sizeof looks / sizeof looks[0] &&
           !field_is(finding, "status", looks[i].status))
        i++;
    return &looks[i];
}

static void print_finding(const json_t *finding, bool colour)
{
    const struct look *look = look_of(finding);
    printf("%s%-4s%s  %-19s  %s", colour ? look->colour : "", look->word,
           colour ? "\033[0m" : "", field_string(finding, "name"),
           field_string(finding, "detail"));
    if (!field_is(finding, "status", "ok"))
        printf(" (%s)", field_string(finding, "why"));
    putchar('\n');
}

/* Several findings in a row may have one remedy: it follows the last. */
static void print_remedy(const json_t *finding, const json_t *next)
{
    const char *remedy = field_string(finding, "remedy");
    if (remedy[0] != '\0' &&
        (next == NULL || !field_is(next, "remedy", remedy)))
        printf("      -> %s\n", remedy);
}

static int run(struct call *call, struct err *e)
{
    fflush(NULL);
    auto_doc json_t *findings = engine_doctor(call->root);
    size_t failed = 0, n = json_array_size(findings);
    for (size_t i = 0; i < n; i++)
        failed += field_is(json_array_get(findings, i), "status", "fail");
    int status = failed > 0 ? 1 : 0;
    const char *format = field_string(call->doc, "Format");
    if (format != NULL) {
        int r = table_print_one(findings, format, stdout, e);
        return r < 0 ? r : status;
    }
    bool colour = terminal_has_colours(STDOUT_FILENO);
    for (size_t i = 0; i < n; i++) {
        const json_t *finding = json_array_get(findings, i);
        print_finding(finding, colour);
        print_remedy(finding, json_array_get(findings, i + 1));
    }
    if (failed == 0)
        puts("Containers can be run.");
    else
        printf("Containers cannot be run: %zu of these %s needed.\n", failed,
               failed == 1 ? "is" : "are");
    return status;
}

const struct command command_doctor = {
    .name = "doctor",
    .synopsis = "[OPTIONS]",
    .summary = "Tell what this machine can do, and how to mend the rest",
    .options = options,
    .run = run,
};
