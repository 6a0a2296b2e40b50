/* Templates: what Go's text/template and Docker's functions make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "template.h"

#include <errno.h>
#include <string.h>

static const char document[] =
    "{\"Id\":\"sha256:abc\",\"S\":\"b\xc3\xbcsy box\",\"N\":42,\"F\":2.5,"
    "\"B\":true,\"Z\":null,\"L\":[\"x\",\"y\",\"z\"],\"E\":[],"
    "\"Big\":1e21,\"Small\":0.00001,\"Mix\":[1,null,false,{\"b\":1,\"a\":[]}],"
    "\"M\":{\"k2\":\"v2\",\"k1\":\"v1\"},\"Labels\":{\"a.b\":\"c\"},"
    "\"O\":{\"P\":{\"Q\":\"deep\"}},\"Ports\":{\"80/tcp\":[{\"HostPort\":\"1\"}"
    "],\"81/tcp\":{}},\"None\":{\"Cmd\":null,\"Labels\":null,\"O\":{}}}";

/* What a template makes of the document; the caller frees. */
static char *execute(const char *text, int flags, struct err *e)
{
    auto_template struct template *t = NULL;
    json_t *doc = json_loads(document, 0, NULL);
    assert_non_null(doc);
    struct text out = {0};
    int r = template_parse(text, &t, e);
    if (r == 0)
        r = template_execute(t, doc, flags, &out, e);
    json_decref(doc);
    assert_int_equal(r, -e->code);
    return text_take(&out);
}

struct pair {
    const char *template, *out;
};

static void check_all(const struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct err e = {0};
        auto_free char *out = execute(pairs[i].template, 0, &e);
        if (e.code != 0)
            fail_msg("%s: %s", pairs[i].template, e.msg);
        if (strcmp(out, pairs[i].out) != 0)
            fail_msg("%s: is\n%s\nnot\n%s", pairs[i].template, out,
                     pairs[i].out);
    }
}
#define CHECK_ALL(pairs) check_all(pairs, sizeof(pairs) / sizeof *(pairs))

static void values_print_as_go_prints_them(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"",                                               ""                                },
        {"plain } text {",                                 "plain } text {"                  },
        {"{{.S}}-{{ .N }}-{{.B}}",                         "b\xc3\xbcsy box-42-true"         },
        {"{{.F}} {{.Big}} {{.Small}}",                     "2.5 1e+21 1e-05"                 },
        {"{{.L}} {{.E}}",                                  "[x y z] []"                      },
        {"{{.M}}",                                         "map[k1:v1 k2:v2]"                },
        {"{{.Z}} {{$.Z}} {{.None.Cmd}} {{.None.Labels}}",
         "<nil> <nil> [] map[]"                                                              },
        {"{{.Mix}} {{.Ports}}",
         "[1 <nil> false {1 []}] map[80/tcp:[{1}] 81/tcp:{}]"                                },
        {"{{.None}} {{.None.O}}",                          "map[Cmd:[] Labels:map[] O:{}] {}"},
        {"{{.O.P.Q}} {{.Labels.x}}",                       "deep <no value>"                 },
        {"{{.ID}}",                                        "sha256:abc"                      },
        {"{{$.N}} {{(.O.P).Q}}",                           "42 deep"                         },
        {"{{3}} {{-7}} {{0x10}} {{1.5}} {{'a'}} {{true}}",
         "3 -7 16 1.5 97 true"                                                               },
        {"{{\"a\\tb\\x41\\u00e9\"}}{{`raw\\n`}}",          "a\tbA\xc3\xa9raw\\n"             },
    };
    CHECK_ALL(pairs);
}

static void control_flows_as_in_go(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{{if .B}}yes{{else}}no{{end}}",                                "yes"               },
        {"{{if .E}}yes{{else if .Z}}z{{else if .N}}n{{else}}no{{end}}",  "n"                 },
        {"{{if not .B}}yes{{end}}",                                      ""                  },
        {"{{if and .L (eq .N 42)}}both{{end}}",                          "both"              },
        {"{{range .L}}<{{.}}>{{end}}",                                   "<x><y><z>"         },
        {"{{range .E}}a{{else}}none{{end}}",                             "none"              },
        {"{{range .Z}}a{{else}}none{{end}}",                             "none"              },
        {"{{range $i, $v := .L}}{{$i}}={{$v}};{{end}}",                  "0=x;1=y;2=z;"      },
        {"{{range $k, $v := .M}}{{$k}}={{$v}};{{end}}",                  "k1=v1;k2=v2;"      },
        {"{{range $v := .L}}{{$v}}{{end}}",                              "xyz"               },
        {"{{range .L}}{{if eq . \"y\"}}{{continue}}{{end}}{{.}}{{end}}", "xz"                },
        {"{{range .L}}{{if eq . \"y\"}}{{break}}{{end}}{{.}}{{end}}",    "x"                 },
        {"{{with .O.P}}{{.Q}}{{end}}",                                   "deep"              },
        {"{{with .Z}}a{{else}}b{{end}}",                                 "b"                 },
        {"{{with .Z}}a{{else with .N}}{{.}}{{end}}",                     "42"                },
        {"{{with $x := .N}}{{$x}}{{.}}{{end}}",                          "4242"              },
        {"{{$x := 1}}{{if .B}}{{$x = 2}}{{end}}{{$x}}",                  "2"                 },
        {"{{$x := 1}}{{if .B}}{{$x := 2}}{{$x}}{{end}}{{$x}}",           "21"                },
        {"{{range .L}}{{$.N}}{{end}}",                                   "424242"            },
        {"a {{- .N -}} b",                                               "a42b"              },
        {"a {{- /* c */ -}} b{{/* d */}} e",                             "ab e"              },
        {"a\n{{- if .B }}\n b\n{{- end }}\n",                            "a\n b\n"           },
        {"{{if .Z}}{{.Z.X}}{{end}}{{and .Z .Z.X}}",                      "<no value>"        },
        {"{{or .Z .S .N}} {{and .B .N}}",                                "b\xc3\xbcsy box 42"},
    };
    CHECK_ALL(pairs);
}

static void functions_are_gos_and_dockers(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{{json .L}} {{json .S}} {{json .Z}}",
         "[\"x\",\"y\",\"z\"] \"b\xc3\xbcsy box\" null"                                                     },
        {"{{.M | json}}",                                                    "{\"k2\":\"v2\",\"k1\":\"v1\"}"},
        {"{{len .L}} {{len .M}} {{len .S}} {{len .E}}",                      "3 2 9 0"                      },
        {"{{index .L 1}} {{index .M \"k2\"}}",                               "y v2"                         },
        {"{{index .Labels \"a.b\"}}[{{index .Labels \"no\"}}]",              "c[]"                          },
        {"{{(index (index .Ports \"80/tcp\") 0).HostPort}}",                 "1"                            },
        {"{{index .Ports \"80/tcp\" 0 \"HostPort\"}}",                       "1"                            },
        {"{{index .Ports \"82/tcp\"}}[{{index .Z \"a\"}}]",                  "<no value>[]"                 },
        {"{{slice .S 0 3 | len}} {{slice .L 1}}",                            "3 [y z]"                      },
        {"{{eq .N 42}} {{eq .S \"a\" \"b\"}} {{eq .N 1 42}} {{ne .N 42}}",
         "true false true false"                                                                            },
        {"{{lt 1 2}} {{le 2 2}} {{gt \"a\" \"b\"}} {{ge 1.5 1.5}}",
         "true true false true"                                                                             },
        {"{{eq .Z nil}} {{eq .B true}}",                                     "true true"                    },
        {"{{join .L \",\"}} {{join .E \",\"}}|{{.L | len}}",                 "x,y,z |3"                     },
        {"{{split \"a,b,c\" \",\"}} {{len (split \"\" \",\")}}",             "[a b c] 1"                    },
        {"{{split \"a\xc3\xbc\" \"\"}}",                                     "[a \xc3\xbc]"                 },
        {"{{upper \"ab\"}} {{lower \"AB\"}} {{title \"ab cd\"}}",
         "AB ab Ab Cd"                                                                                      },
        {"[{{pad \"a\" 1 2}}][{{pad \"\" 1 2}}]",                            "[ a  ][]"                     },
        {"{{truncate .Id 6}} {{truncate \"a\" 5}}",                          "sha256 a"                     },
        {"{{truncate \"\xc3\xbc\" 1}}",                                      "\xef\xbf\xbd"                 },
        {"{{print \"a\" 1 2 \"b\"}} {{print 1 2}}",                          "a1 2b 1 2"                    },
        {"{{println .N .S}}",                                                "42 b\xc3\xbcsy box\n"         },
        {"{{printf \"%s|%d|%v|%q|%t\" \"a\" 5 .L \"b\\\"c\" true}}",
         "a|5|[x y z]|\"b\\\"c\"|true"                                                                      },
        {"{{printf \"%5d|%-5d|%05d|%+d|%x|%X\" 42 42 -42 42 255 255}}",
         "   42|42   |-0042|+42|ff|FF"                                                                      },
        {"{{printf \"%8.3s|%-4s|%.2f|%6.1f\" \"abcdef\" \"a\" 1.005 2.25}}",
         "     abc|a   |1.00|   2.2"                                                                        },
        {"{{printf \"%d %s\" \"a\" 1}}",                                     "%!d(string=a) %!s(int=1)"     },
        {"{{printf \"%d\"}} {{printf \"a\" 1}} {{printf \"%\"}} 5%%",
         "%!d(MISSING) a%!(EXTRA int=1) %!(NOVERB) 5%%"                                                     },
        {"{{printf \"100%%\"}} {{printf \"%s\" .L}} {{printf \"%T\" .M}}",
         "100% [x y z] map[string]interface {}"                                                             },
        {"{{.S | printf \"%s-%s\" \"a\" | upper}}",                          "A-B\xc3\xbcSY BOX"            },
        {"{{not .E}} {{not .N}}",                                            "true false"                   },
    };
    CHECK_ALL(pairs);
}

static void check_words(const struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct err e = {0};
        free(execute(pairs[i].template, 0, &e));
        auto_free char *why =
            text_format("template parsing error: template: %s", pairs[i].out);
        if (e.code != EINVAL || strcmp(e.msg, why) != 0)
            fail_msg("%s: is\n%s\nnot\n%s", pairs[i].template, e.msg, why);
    }
}
#define CHECK_WORDS(pairs) check_words(pairs, sizeof(pairs) / sizeof *(pairs))

static void what_cannot_be_executed_is_said_in_gos_words(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{{.Foo}}",            ":1:2: executing \"\" at <.Foo>: map has no entry for key "
                     "\"Foo\""                                                    },
        {"a\n {{.O.P.R}}",      ":2:3: executing \"\" at <.O.P.R>: map has no entry "
                           "for key \"R\""                                  },
        {"{{.S.T}}",            ":1:2: executing \"\" at <.S.T>: can't evaluate field T "
                     "in type string"                                             },
        {"{{.Z.T}}",            ":1:2: executing \"\" at <.Z.T>: nil pointer evaluating "
                     "interface {}.T"                                             },
        {"{{index .L 3}}",
         ":1:2: executing \"\" at <index .L 3>: error calling "
         "index: index out of range: 3"                                                               },
        {"{{len .N}}",          ":1:2: executing \"\" at <len .N>: error calling len: "
                       "len of type int"                                        },
        {"{{eq .N \"a\"}}",     ":1:2: executing \"\" at <eq .N \"a\">: error "
                            "calling eq: incompatible types for comparison"},
        {"{{join .L}}",         ":1:2: executing \"\" at <join .L>: wrong number of "
                        "args for join: want 2 got 1"                          },
        {"{{upper .N}}",        ":1:2: executing \"\" at <upper .N>: wrong type for "
                         "value; expected string; got int"                    },
        {"{{range .N}}{{end}}", ":1:8: executing \"\" at <.N>: range can't "
                                "iterate over 42"                      },
    };
    CHECK_WORDS(pairs);
}

static void what_cannot_be_parsed_is_said_in_gos_words(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{{.ID",                             ":1: unclosed action"                             },
        {"{{",                                ":1: unclosed action"                             },
        {"{{}}",                              ":1: missing value for command"                   },
        {"{{if}}{{end}}",                     ":1: missing value for if"                        },
        {"{{if .B}}",                         ":1: unexpected EOF"                              },
        {"{{end}}",                           ":1: unexpected {{end}}"                          },
        {"{{else}}",                          ":1: unexpected {{else}}"                         },
        {"\n{{foo .}}",                       ":2: function \"foo\" not defined"                },
        {"{{$x}}",                            ":1: undefined variable \"$x\""                   },
        {"{{$x = 1}}",                        ":1: undefined variable \"$x\""                   },
        {"{{if .B}}{{$x := 1}}{{end}}{{$x}}", ":1: undefined variable \"$x\""                   },
        {"{{\"a}}",                           ":1: unterminated quoted string"                  },
        {"{{`a}}",                            ":1: unterminated raw quoted string"              },
        {"{{/* a }}",                         ":1: unclosed comment"                            },
        {"{{(.N}}",                           ":1: unclosed left paren"                         },
        {"{{.N)}}",                           ":1: unexpected right paren"                      },
        {"{{.N | }}",                         ":1: missing value for command"                   },
        {"{{.N | 3}}",                        ":1: non executable command in pipeline stage 2"  },
        {"{{.N ? 3}}",                        ":1: unrecognized character in action: U+003F '?'"},
        {"{{.N!}}",                           ":1: bad character U+0021 '!'"                    },
        {"{{1x}}",                            ":1: bad number syntax: \"1x\""                   },
        {"{{break}}",                         ":1: {{break}} outside {{range}}"                 },
        {"{{\"\\q\"}}",                       ":1: invalid syntax"                              },
    };
    CHECK_WORDS(pairs);
    struct err e = {0};
    free(execute("{{template \"a\"}}", 0, &e));
    assert_int_equal(e.code, ENOSYS);
}

static void headers_pass_through_functions(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{{upper .S}} {{truncate .Id 3}} {{json .S}}",
         "b\xc3\xbcsy box sha256:abc b\xc3\xbcsy box"                    },
        {"{{split .S \",\"}}",                          "b\xc3\xbcsy box"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct err e = {0};
        auto_free char *out = execute(pairs[i].template, TEMPLATE_HEADERS, &e);
        assert_string_equal(out, pairs[i].out);
    }
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    auto_text struct text deep = {0};
    text_add(&deep, "{{");
    for (size_t i = 0; i < 10000; i++)
        text_add(&deep, "(");
    struct err e = {0};
    free(execute(deep.s, 0, &e));
    assert_non_null(strstr(e.msg, "max expression depth exceeded"));
    text_clear(&deep);
    for (size_t i = 0; i < 10000; i++)
        text_add(&deep, "{{if .B}}");
    free(execute(deep.s, 0, &e));
    assert_non_null(strstr(e.msg, "max nesting depth exceeded"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_print_as_go_prints_them),
        cmocka_unit_test(control_flows_as_in_go),
        cmocka_unit_test(functions_are_gos_and_dockers),
        cmocka_unit_test(what_cannot_be_executed_is_said_in_gos_words),
        cmocka_unit_test(what_cannot_be_parsed_is_said_in_gos_words),
        cmocka_unit_test(headers_pass_through_functions),
        cmocka_unit_test(nesting_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
