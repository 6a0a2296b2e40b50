/* The table of commands, and what is made from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "command.h"
#include "early.h"
#include "help.h"
#include "own.h"

#include <stdlib.h>
#include <string.h>

static const struct command *find(char *first, char *second, int *words)
{
    char *argv[] = {first, second, NULL};
    const struct command *command = NULL;
    *words = command_find(argv, &command);
    return command;
}

static void names_and_aliases_lead_to_their_command(void **state)
{
    (void)state;
    int words;
    char run[] = "run", container[] = "container", ls[] = "ls", foo[] = "foo";
    char image[] = "image", info[] = "info", system[] = "system";
    assert_ptr_equal(find(run, foo, &words), &command_run);
    assert_int_equal(words, 1);
    assert_ptr_equal(find(container, ls, &words), &command_ps);
    assert_int_equal(words, 2);
    assert_ptr_equal(find(image, ls, &words), &command_images);
    assert_ptr_equal(find(system, info, &words), &command_info);
    assert_null(find(container, foo, &words));
    assert_null(find(container, NULL, &words));
    assert_null(find(foo, run, &words));
    assert_int_equal(words, 0);
    assert_non_null(command_find_group("container"));
    assert_null(command_find_group("contain"));
    assert_string_equal(command_name_below(&command_ps, "container"), "ls");
    assert_string_equal(command_name_below(&command_ps, NULL), "ps");
    assert_null(command_name_below(&command_ps, "image"));
    assert_null(command_name_below(&command_volume_rm, NULL));
    assert_true(command_is_not_yet("swarm") && !command_is_not_yet("foo"));
}

/* Of two words, the first is a group: otherwise no help would lead there. */
static void assert_stands_in_help(const char *name)
{
    const char *gap = strchr(name, ' ');
    if (gap == NULL)
        return;
    auto_free char *group = text_format("%.*s", (int)(gap - name), name);
    assert_non_null(command_find_group(group));
}

static void who_enters_a_container_is_known_early(void **state)
{
    (void)state;
    char program[] = "mini-docker", run[] = "run", runs[] = "runs", ps[] = "ps";
    char exec[] = "exec", container[] = "container", nothing[] = "";
    assert_true(early_enters_container((char *[]){program, run, NULL}));
    assert_true(
        early_enters_container((char *[]){program, container, exec, ps, NULL}));
    assert_false(early_enters_container((char *[]){program, ps, runs, NULL}));
    assert_false(early_enters_container((char *[]){nothing, NULL}));
}

static void rows_are_whole(void **state)
{
    (void)state;
    const struct command *const *table = command_table();
    for (size_t i = 0; table[i] != NULL; i++) {
        const struct command *command = table[i];
        assert_non_null(command->run);
        assert_true(command->max_operands >= command->min_operands);
        assert_false(command_is_not_yet(command->name));
        assert_stands_in_help(command->name);
        for (const char *const *alias = command->aliases; *alias; alias++)
            assert_stands_in_help(*alias);
        for (const struct option *o = command->options; o->name; o++) {
            assert_non_null(o->kind->set);
            assert_ptr_equal(
                option_find(command->options, o->name, strlen(o->name)), o);
        }
    }
}

/* What a function of help.h prints. */
#define PRINTED(call)                                                          \
    __extension__({                                                            \
        char *out_ = NULL;                                                     \
        size_t len_;                                                           \
        FILE *out = open_memstream(&out_, &len_);                              \
        call;                                                                  \
        fclose(out);                                                           \
        out_;                                                                  \
    })

static void help_names_every_option_in_80_columns(void **state)
{
    (void)state;
    const struct command *const *table = command_table();
    for (size_t i = 0; table[i] != NULL; i++) {
        auto_free char *help = PRINTED(help_print(table[i], out));
        for (const struct option *o = table[i]->options; o->name; o++) {
            auto_free char *name = text_format("--%s", o->name);
            assert_non_null(strstr(help, name));
        }
        const char *options = strstr(help, "\nOptions:");
        auto_strv struct strv lines = {0};
        strv_split(&lines, options == NULL ? "" : options, '\n');
        for (size_t n = 0; n < lines.n; n++)
            assert_true(strlen(lines.v[n]) <= 80);
    }
}

static void manual_and_completion_name_every_option(void **state)
{
    (void)state;
    auto_free char *man = PRINTED(help_print_man(out));
    auto_free char *bash = PRINTED(help_print_bash(out));
    const struct option *options = command_run.options;
    assert_non_null(strstr(man, "\\fB\\-m\\fR, \\fB\\-\\-memory\\fR"));
    /* Other commands have options of the same names. */
    char *of_run = strstr(bash, "    \"run\"|\"container run\")\n");
    assert_non_null(of_run);
    strstr(of_run, ";;\n    \"create\"")[0] = '\0';
    for (const struct option *o = options; o->name != NULL; o++) {
        auto_free char *name = text_format("--%s ", o->name);
        assert_int_equal(strstr(of_run, name) != NULL, o->path != NULL);
    }
}

/* For bash a blank ends a word, also one of a case's patterns. */
static void completion_quotes_names_of_two_words(void **state)
{
    (void)state;
    auto_free char *bash = PRINTED(help_print_bash(out));
    const struct command *const *table = command_table();
    for (size_t i = 0; table[i] != NULL; i++) {
        auto_text struct text pattern = {0};
        text_addf(&pattern, "\n    \"%s\"", table[i]->name);
        for (const char *const *alias = table[i]->aliases; *alias; alias++)
            text_addf(&pattern, "|\"%s\"", *alias);
        text_add(&pattern, ")\n");
        assert_non_null(strstr(bash, pattern.s));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_aliases_lead_to_their_command),
        cmocka_unit_test(who_enters_a_container_is_known_early),
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(help_names_every_option_in_80_columns),
        cmocka_unit_test(manual_and_completion_name_every_option),
        cmocka_unit_test(completion_quotes_names_of_two_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
