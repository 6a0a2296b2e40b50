/* Results: columns as Docker's, templates, JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "table.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
    {"ID",    "CONTAINER ID", true },
    {"Image", "IMAGE",        true },
    {"Ports", "PORTS",        true },
    {"Names", "NAMES",        true },
    {"State", "STATE",        false},
    {NULL,    NULL,           false},
};

static json_t *make_rows(void)
{
    return json_pack("[{s:s,s:s,s:s,s:s,s:s},{s:s,s:s,s:s,s:s,s:s}]", "ID",
                     "aaaaaaaaaaaa", "Image", "b\xc3\xbcsybox-1", "Ports", "",
                     "Names", "web", "State", "running", "ID", "bb", "Image",
                     "b", "Ports", "", "Names", "db", "State", "exited");
}

/* What is printed in the format; r is table_print's result. */
static char *print(const char *format, int *r, struct err *e)
{
    json_t *rows = make_rows();
    char *out = NULL;
    size_t len;
    FILE *stream = open_memstream(&out, &len);
    *r = table_print(columns, rows, format, stream, e);
    fclose(stream);
    json_decref(rows);
    return out;
}

static void formats(void **state)
{
    (void)state;
    static const char docker[] =
        "CONTAINER ID   IMAGE       PORTS     NAMES\n"
        "aaaaaaaaaaaa   b\xc3\xbcsybox-1             web\n"
        "bb             b                     db\n";
    static const struct {
        const char *format, *out;
    } table[] = {
        {NULL,                                                              docker                              },
        {"table",                                                           docker                              },
        {"{{.ID}} {{ .State }}",                                            "aaaaaaaaaaaa running\nbb exited\n" },
        {"x",                                                               "x\nx\n"                            },
        {"{{.Names}}\\t{{json .State}}",                                    "web\t\"running\"\ndb\t\"exited\"\n"},
        {"table {{upper .Names}}\\t{{if eq .State \"running\"}}yes{{end}}",
         "NAMES     \nWEB       yes\nDB        \n"                                                              },
        {"{{range split .Names \"\"}}{{.}}\\n{{end}}",                      "w\ne\nb\n\nd\nb\n\n"               },
        {"table {{.Names}}\\t{{.State}}",
         "NAMES     STATE\nweb       running\ndb        exited\n"                                               },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct err e = {0};
        int r;
        auto_free char *out = print(table[i].format, &r, &e);
        assert_int_equal(r, 0);
        assert_string_equal(out, table[i].out);
    }
}

static void json_is_one_object_a_line(void **state)
{
    (void)state;
    struct err e = {0};
    int r;
    auto_free char *out = print("json", &r, &e);
    char *second = strchr(out, '\n') + 1;
    json_t *row = json_loads(second, JSON_DISABLE_EOF_CHECK, NULL);
    assert_string_equal(json_string_value(json_object_get(row, "Names")), "db");
    json_decref(row);
}

static void bad_templates(void **state)
{
    (void)state;
    static const char *const formats[] = {"{{.Foo}}", "{{.ID", "{{}}",
                                          "table {{.ID"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct err e = {0};
        int r;
        auto_free char *out = print(formats[i], &r, &e);
        assert_string_equal(out, "");
        assert_int_equal(r, -EINVAL);
        assert_true(text_starts(e.msg, "template parsing error: "));
    }
}

static void texts(void **state)
{
    (void)state;
    auto_free char *fits = table_cut("12345", 5);
    assert_string_equal(fits, "12345");
    auto_free char *cut = table_cut("123456", 5);
    assert_string_equal(cut, "1234\xe2\x80\xa6");
    auto_free char *wide = table_cut("\xc3\xa4\xc3\xa4\xc3\xa4", 2);
    assert_string_equal(wide, "\xc3\xa4\xe2\x80\xa6");
    auto_free char *quoted = table_quote("a\"b\\c\n\x01\xc3\xa4");
    assert_string_equal(quoted, "\"a\\\"b\\\\c\\n\\x01\xc3\xa4\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(json_is_one_object_a_line),
        cmocka_unit_test(bad_templates),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
