/*
 * The options of run: for each what its good value becomes in the document,
 * and how its bad values are refused. A row of the table of options that no
 * case here uses fails the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "field.h"
#include "own.h"
#include "request.h"
#include "unit_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Read "OPTIONS IMAGE ..." as `run` does, up to where the engine begins. Words
 * stand between blanks; "_" is a blank inside a word. */
static int read_run(const char *line, json_t **ret_doc, struct err *e)
{
    auto_strv struct strv words = {0};
    strv_split(&words, line, ' ');
    for (size_t i = 0; i < words.n; i++)
        for (char *s = words.v[i]; *s != '\0'; s++)
            if (*s == '_')
                *s = ' ';
    struct call call = {.command = &command_run, .doc = json_object()};
    struct option_line wish = {
        .options = request_options, .argv = words.v, .stop_at_operand = true};
    int r = option_parse(&wish, call.doc, &call.operands, e);
    if (r == 0 && call.operands.n > 0)
        r = command_run.check(&call, e);
    strv_done(&call.operands);
    *ret_doc = call.doc;
    return r;
}

static void good_values(void **state)
{
    (void)state;
    for (size_t i = 0; unit_good[i].line != NULL; i++) {
        struct err e = {0};
        auto_doc json_t *doc = NULL;
        auto_free char *line = text_format("%s img", unit_good[i].line);
        int r = read_run(line, &doc, &e);
        assert_string_equal(e.msg, "");
        assert_int_equal(r, 0);
        char *spelt = json_dumps(field_get(doc, unit_good[i].path),
                                 JSON_ENCODE_ANY | JSON_COMPACT);
        if (spelt == NULL || strcmp(spelt, unit_good[i].json) != 0)
            fail_msg("%s: %s is %s", line, unit_good[i].path, spelt);
        free(spelt);
    }
}

static void bad_values(void **state)
{
    (void)state;
    for (size_t i = 0; unit_bad[i].line != NULL; i++) {
        struct err e = {0};
        auto_doc json_t *doc = NULL;
        auto_free char *line = text_format("%s img", unit_bad[i].line);
        int r = read_run(line, &doc, &e);
        if (r >= 0 || strstr(e.msg, unit_bad[i].message) == NULL)
            fail_msg("%s: %d \"%s\"", line, r, e.msg);
    }
}

/* Does a line of cases use the option? */
static bool is_used(const struct option *option)
{
    auto_free char *name = text_format("--%s", option->name);
    for (size_t i = 0; unit_good[i].line != NULL; i++) {
        const char *at = strstr(unit_good[i].line, name);
        if (at != NULL && strchr(" =", at[strlen(name)]) != NULL)
            return true;
    }
    return false;
}

static void every_row_has_a_case_or_says_it_is_not_built(void **state)
{
    (void)state;
    for (const struct option *o = request_options; o->name != NULL; o++) {
        if (o->path != OPTION_NOT_YET) {
            if (!is_used(o))
                fail_msg("no case uses --%s", o->name);
            continue;
        }
        struct err e = {0};
        auto_doc json_t *doc = NULL;
        auto_free char *line = text_format("--%s=true img", o->name);
        auto_free char *message = text_format("--%s is not built yet", o->name);
        assert_int_equal(read_run(line, &doc, &e), -ENOSYS);
        assert_string_equal(e.msg, message);
    }
}

static void rows_are_in_order_and_unique(void **state)
{
    (void)state;
    for (const struct option *o = request_options; o->name != NULL; o++) {
        assert_ptr_equal(option_find(request_options, o->name, strlen(o->name)),
                         o);
        assert_true(o->letter == '\0' ||
                    option_find_letter(request_options, o->letter) == o);
        assert_true(o->help[0] != '\0');
    }
}

static void create_has_no_options_about_who_sits_in_front(void **state)
{
    (void)state;
    static const char *const names[] = {"detach", "detach-keys", "sig-proxy"};
    for (size_t i = 0; i < REQUEST_OF_RUN; i++) {
        size_t len = strlen(names[i]);
        assert_non_null(option_find(command_run.options, names[i], len));
        assert_null(option_find(command_create.options, names[i], len));
    }
    assert_non_null(option_find(command_create.options, "add-host", 8));
}

static void only_what_was_said_is_in_the_document(void **state)
{
    (void)state;
    struct err e = {0};
    auto_doc json_t *doc = NULL;
    assert_int_equal(read_run("img sh -c exit_3", &doc, &e), 0);
    auto_free char *spelt = json_dumps(doc, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(
        spelt, "{\"AttachStderr\":true,\"AttachStdin\":false,"
               "\"AttachStdout\":true,\"Cmd\":[\"sh\",\"-c\",\"exit 3\"],"
               "\"HostConfig\":{\"NetworkMode\":\"default\"},"
               "\"Image\":\"img\",\"NetworkingConfig\":{},"
               "\"StdinOnce\":false,\"Tty\":false}");
}

static void images_are_checked_by_name(void **state)
{
    (void)state;
    static const char hex[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    auto_free char *id = text_format("sha256:%s", hex);
    const char *good[] = {"img", "a/b:c", "localhost:5000/x", hex, id};
    const char *bad[] = {"UPPER", "a_b", "-", ":x"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct err e = {0};
        auto_doc json_t *doc = NULL;
        assert_int_equal(read_run(good[i], &doc, &e), 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = {0};
        auto_doc json_t *doc = NULL;
        assert_true(read_run(bad[i], &doc, &e) < 0);
        assert_true(text_starts(e.msg, "invalid reference format"));
    }
}

/* --- files of variables -------------------------------------------------- */

/* Write the file, read `options` with FILE in it, return `path`'s JSON or the
 * message. */
static char *read_with_file(const char *content, const char *options,
                            const char *path)
{
    char name[] = "/tmp/unit-request-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
    struct err e = {0};
    auto_doc json_t *doc = NULL;
    auto_free char *line = text_format(options, name);
    int r = read_run(line, &doc, &e);
    unlink(name);
    if (r == 0)
        return json_dumps(field_get(doc, path), JSON_COMPACT);
    char *reason = strstr(e.msg, "): ");
    return own_strdup(reason == NULL ? e.msg : reason + 3);
}

static void files(void **state)
{
    (void)state;
    setenv("UNIT_OURS", "ours", 1);
    unsetenv("UNIT_NONE");
    static const char env[] = "-e Z=1 -e UNIT_OURS -e UNIT_NONE "
                              "--env-file %s -e B=9 img";
    /* clang-format off */
    static const struct {
        const char *content, *options, *path, *result;
    } table[] = {
        {"\xef\xbb\xbf" "A=1\r\n  B=2  \n# c\n\nUNIT-OURS\nC=a b # x\nD=",
         "--env-file %s img", "Env",
         "[\"A=1\",\"B=2  \",\"C=a b # x\",\"D=\"]"},
        {"UNIT_OURS\nUNIT_NONE\n", env, "Env",
         "[\"UNIT_OURS=ours\",\"Z=1\",\"UNIT OURS\",\"UNIT NONE\",\"B=9\"]"},
        {"", "--env-file %s img", "Env", "[]"},
        {"A B=1\n", "--env-file %s img", "Env",
         "variable 'A B' contains whitespaces"},
        {"=x\n", "--env-file %s img", "Env", "no variable name on line '=x'"},
        {"A=1\nB=\xff\n", "--env-file %s img", "Env",
         "invalid utf8 bytes at line 2"},
        {"a=b\nc=d\nUNIT_OURS\n", "-l a=z --label-file %s -l q img", "Labels",
         "{\"a\":\"z\",\"c\":\"d\",\"q\":\"\"}"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        auto_free char *result =
            read_with_file(table[i].content, table[i].options, table[i].path);
        assert_string_equal(result, table[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_values),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(every_row_has_a_case_or_says_it_is_not_built),
        cmocka_unit_test(rows_are_in_order_and_unique),
        cmocka_unit_test(create_has_no_options_about_who_sits_in_front),
        cmocka_unit_test(only_what_was_said_is_in_the_document),
        cmocka_unit_test(images_are_checked_by_name),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
