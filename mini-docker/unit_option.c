/* The grammar of options: every way to write one, and every way to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "option.h"

#include <errno.h>
#include <string.h>

static const struct option options[] = {
    {"all",         'a', &option_bool, "All", "all"},
    {"tty", 't', &option_bool, OPTION_NOT_YET, "tty"},
    {"quiet",        'q', &option_bool, "Quiet", "q"},
    {"env",         'e', &option_list, "Env", "env"},
    {"name", 0, &option_string, "Deep.Name", "n"},
    {"memory",        'm', &option_bytes, "Memory", "m"},
    {"weight",       0, &option_uint16, "Weight", "w"},
    {"cpus", 0, &option_cpus, "Cpus", "c"},
    {"last",          'n', &option_int, "Last", "l"},
    {"map",         0, &option_map, "Map", "map"},
    {"publish", 'p', &option_list, OPTION_NOT_YET, "p"},
    {0       },
};

/* Read `line`, whose words stand between blanks ("~" is an empty word), into a
 * document that has the operands as member "_". */
static int read_line(const char *line, bool stop, json_t **ret_doc,
                     struct err *e)
{
    auto_strv struct strv words = {0};
    auto_strv struct strv operands = {0};
    strv_split(&words, line, ' ');
    for (size_t i = 0; i < words.n; i++)
        if (strcmp(words.v[i], "~") == 0)
            words.v[i][0] = '\0';
    char *none[] = {NULL};
    struct option_line wish = {.options = options,
                               .argv = words.n > 0 ? words.v : none,
                               .stop_at_operand = stop};
    json_t *doc = json_object();
    int r = option_parse(&wish, doc, &operands, e);
    for (size_t i = 0; i < operands.n; i++)
        doc_append(doc, "_", json_string(operands.v[i]));
    *ret_doc = doc;
    return r;
}

static void good_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line, *json;
    } table[] = {
        {"",                       "{}"                                 },
        {"-a",                     "{\"All\":true}"                     },
        {"-aq",                    "{\"All\":true,\"Quiet\":true}"      },
        {"-a=false",               "{\"All\":false}"                    },
        {"--all=T",                "{\"All\":true}"                     },
        {"--all false",            "{\"All\":true,\"_\":[\"false\"]}"   },
        {"-eA=1",                  "{\"Env\":[\"A=1\"]}"                },
        {"-e=A=1",                 "{\"Env\":[\"A=1\"]}"                },
        {"-e A=1 --env B",         "{\"Env\":[\"A=1\",\"B\"]}"          },
        {"-aeA",                   "{\"All\":true,\"Env\":[\"A\"]}"     },
        {"-ae A",                  "{\"All\":true,\"Env\":[\"A\"]}"     },
        {"--env=~",                "{\"Env\":[\"~\"]}"                  },
        {"-e ~",                   "{\"Env\":[\"\"]}"                   },
        {"-e -a",                  "{\"Env\":[\"-a\"]}"                 },
        {"--name x --name=y",      "{\"Deep\":{\"Name\":\"y\"}}"        },
        {"-m 64m",                 "{\"Memory\":67108864}"              },
        {"-m .5k",                 "{\"Memory\":512}"                   },
        {"--weight 65535",         "{\"Weight\":65535}"                 },
        {"--cpus 1.5",             "{\"Cpus\":1500000000}"              },
        {"--cpus .000000001",      "{\"Cpus\":1}"                       },
        {"--cpus 2.0000000000000", "{\"Cpus\":2000000000}"              },
        {"--cpus -1",              "{\"Cpus\":-1000000000}"             },
        {"-n -5",                  "{\"Last\":-5}"                      },
        {"-n 0x10",                "{\"Last\":16}"                      },
        {"-n 010",                 "{\"Last\":8}"                       },
        {"--map a.b=c=d",          "{\"Map\":{\"a.b\":\"c=d\"}}"        },
        {"-a -- -q x",             "{\"All\":true,\"_\":[\"-q\",\"x\"]}"},
        {"-",                      "{\"_\":[\"-\"]}"                    },
        {"-t=false",               "{}"                                 },
        {"x -a y",                 "{\"All\":true,\"_\":[\"x\",\"y\"]}" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct err e = {0};
        auto_doc json_t *doc = NULL;
        int r = read_line(table[i].line, false, &doc, &e);
        char *spelt = json_dumps(doc, JSON_COMPACT);
        assert_string_equal(e.msg, "");
        assert_int_equal(r, 0);
        assert_string_equal(spelt, table[i].json);
        free(spelt);
    }
}

/* clang-format off */
static const struct {
    const char *line, *message;
} bad[] = {
    {"--foo", "unknown flag: --foo"},
    {"--foo=x", "unknown flag: --foo"},
    {"-Z", "unknown shorthand flag: 'Z' in -Z"},
    {"-aZq", "unknown shorthand flag: 'Z' in -Zq"},
    {"---a", "bad flag syntax: ---a"},
    {"--=a", "bad flag syntax: --=a"},
    {"--name", "flag needs an argument: --name"},
    {"-e", "flag needs an argument: 'e' in -e"},
    {"-ae", "flag needs an argument: 'e' in -e"},
    {"--publish 80:80", "--publish is not built yet"},
    {"-p 80:80", "--publish is not built yet"},
    {"-t", "--tty is not built yet"},
    {"--all=maybe",
     "invalid argument \"maybe\" for \"-a, --all\" flag: strconv.ParseBool: "
     "parsing \"maybe\": invalid syntax"},
    {"-m x",
     "invalid argument \"x\" for \"-m, --memory\" flag: invalid size: 'x'"},
    {"--memory=1x",
     "invalid argument \"1x\" for \"-m, --memory\" flag: invalid suffix: 'x'"},
    {"--memory=-1",
     "invalid argument \"-1\" for \"-m, --memory\" flag: invalid size: '-1'"},
    {"-m 99999999999999999999",
     "invalid argument \"99999999999999999999\" for \"-m, --memory\" flag: "
     "invalid size: '99999999999999999999'"},
    {"--weight 65536",
     "invalid argument \"65536\" for \"--weight\" flag: strconv.ParseUint: "
     "parsing \"65536\": value out of range"},
    {"--weight -1",
     "invalid argument \"-1\" for \"--weight\" flag: strconv.ParseUint: "
     "parsing \"-1\": invalid syntax"},
    {"--cpus x",
     "invalid argument \"x\" for \"--cpus\" flag: failed to parse x as a "
     "rational number"},
    {"--cpus .0000000001",
     "invalid argument \".0000000001\" for \"--cpus\" flag: value is too "
     "precise"},
    {"-n 5x",
     "invalid argument \"5x\" for \"-n, --last\" flag: strconv.ParseInt: "
     "parsing \"5x\": invalid syntax"},
    {"-n 99999999999999999999",
     "invalid argument \"99999999999999999999\" for \"-n, --last\" flag: "
     "strconv.ParseInt: parsing \"99999999999999999999\": value out of range"},
    {"--map x",
     "invalid argument \"x\" for \"--map\" flag: expected key=value"},
    {"--name \xff", "the value of --name is not valid UTF-8"},
};
/* clang-format on */

static void bad_lines(void **state)
{
    (void)state;
    /* clang-format off */
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = {0};
        auto_doc json_t *doc = NULL;
        int r = read_line(bad[i].line, false, &doc, &e);
        assert_true(r < 0);
        assert_string_equal(e.msg, bad[i].message);
        assert_int_equal(r == -ENOSYS, strstr(e.msg, "not built yet") != NULL);
    }
}

static void what_follows_the_first_operand_is_not_ours(void **state)
{
    (void)state;
    struct err e = {0};
    auto_doc json_t *doc = NULL;
    int r = read_line("-a img -q --foo -- x", true, &doc, &e);
    char *spelt = json_dumps(doc, JSON_COMPACT);
    assert_int_equal(r, 0);
    assert_string_equal(
        spelt, "{\"All\":true,\"_\":[\"img\",\"-q\",\"--foo\",\"--\",\"x\"]}");
    free(spelt);
}

static void help_is_found_and_errors_win(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool stop;
        int result;
    } table[] = {
        {"--help",       false, OPTION_HELP},
        {"-h",           false, OPTION_HELP},
        {"-ah",          false, OPTION_HELP},
        {"x --help",     false, OPTION_HELP},
        {"--help --foo", false, -EINVAL    },
        {"img --help",   true,  0          },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct err e = {0};
        auto_doc json_t *doc = NULL;
        assert_int_equal(read_line(table[i].line, table[i].stop, &doc, &e),
                         table[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(what_follows_the_first_operand_is_not_ours),
        cmocka_unit_test(help_is_found_and_errors_win),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
