/* A Dockerfile's line, and what is read from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dockerfile.h"
#include "own.h"

#include <errno.h>
#include <string.h>

/* KIND --flag=value (json) word|word <<NAME text */
static void add_instruction(struct text *out,
                            const struct dockerfile_instruction *i)
{
    text_addf(out, "%s", i->name);
    for (size_t k = 0; k < i->n_flags; k++) {
        const char *value = i->flags[k].value;
        text_addf(out, " --%s%s%s", i->flags[k].name, value != NULL ? "=" : "",
                  value != NULL ? value : "");
    }
    text_add(out, i->is_json ? " json " : " ");
    for (size_t k = 0; k < i->words.n; k++)
        text_addf(out, "%s%s", k > 0 ? "|" : "", i->words.v[k]);
    for (size_t k = 0; k < i->n_heres; k++)
        text_addf(out, " %s%s{%s}", i->heres[k].expands ? "$" : "",
                  i->heres[k].name, i->heres[k].text);
    text_add(out, ";");
}

struct row {
    const char *file, *result;
};

static void read_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        auto_free char *file = text_format("FROM x\n%s", rows[i].file);
        auto_dockerfile struct dockerfile d = {0};
        auto_text struct text all = {0};
        struct err e = {0};
        if (dockerfile_parse("f", file, strlen(file), &d, NULL, &e) < 0)
            fail_msg("%s: %s", rows[i].file, e.msg);
        text_add(&all, "");
        for (size_t k = 1; k < d.n; k++)
            add_instruction(&all, &d.v[k]);
        if (strcmp(all.s, rows[i].result) != 0)
            fail_msg("%s: %s, not %s", rows[i].file, all.s, rows[i].result);
    }
}
#define READ(rows) read_rows(rows, sizeof(rows) / sizeof(rows)[0])

static void each_instruction_has_its_form(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"RUN a  && b",           "RUN a  && b;"         },
        {"run a",                 "RUN a;"               },
        {" \tRUN\ta ",            "RUN a;"               },
        {"RUN [\"a\", \"b c\"]",  "RUN json a|b c;"      },
        {"RUN [\"a\", 'b']",      "RUN [\"a\", 'b'];"    },
        {"RUN [ -f x ]",          "RUN [ -f x ];"        },
        {"RUN [\"a\"] b",         "RUN [\"a\"] b;"       },
        {"CMD []",                "CMD json ;"           },
        {"CMD [ \"a\\u0041\" ] ", "CMD json aA;"         },
        {"CMD a 'b c'",           "CMD a 'b c';"         },
        {"ENTRYPOINT [\"a\"]",    "ENTRYPOINT json a;"   },
        {"SHELL [\"/bin/a\"]",    "SHELL json /bin/a;"   },
        {"USER a b",              "USER a b;"            },
        {"WORKDIR /a b/c",        "WORKDIR /a b/c;"      },
        {"STOPSIGNAL $S",         "STOPSIGNAL $S;"       },
        {"MAINTAINER A B <a@b>",  "MAINTAINER A B <a@b>;"},
        {"EXPOSE 80  $p/udp",     "EXPOSE 80|$p/udp;"    },
        {"VOLUME /a \"/b c\"",    "VOLUME /a|\"/b|c\";"  },
        {"VOLUME [\"/b c\"]",     "VOLUME json /b c;"    },
        {"COPY a b /c",           "COPY a|b|/c;"         },
        {"COPY [\"a b\", \"/\"]", "COPY json a b|/;"     },
        {"ADD http://x /",        "ADD http://x|/;"      },
        {"ARG a b=1 c=\"d e\"",   "ARG a|b=1|c=\"d e\";" },
        {"ONBUILD RUN  a",        "ONBUILD RUN  a;"      },
        {"FROM a AS B",           "FROM a|AS|b;"         },
        {"FROM a as b",           "FROM a|AS|b;"         },
        {"FROM $a:${b:-c}",       "FROM $a:${b:-c};"     },
    };
    READ(rows);
}

static void pairs_keep_quotes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"ENV a=b",                  "ENV a=b;"                },
        {"ENV a=b c='d e' f=g\\ h",  "ENV a=b|c='d e'|f=g\\ h;"},
        {"ENV a b  c",               "ENV a=b  c;"             },
        {"ENV a b=c",                "ENV a=b=c;"              },
        {"ENV a \"b\"",              "ENV a=\"b\";"            },
        {"ENV a=",                   "ENV a=;"                 },
        {"ENV a=b\\",                "ENV a=b;"                },
        {"ENV a=\"b \\\" c\"",       "ENV a=\"b \\\" c\";"     },
        {"ENV a='b\\' c=d",          "ENV a='b\\'|c=d;"        },
        {"LABEL \"a b\"=\"c d\"",    "LABEL \"a b\"=\"c d\";"  },
        {"LABEL a b",                "LABEL a=b;"              },
        {"LABEL a=\"b\\\n  c\" d=e", "LABEL a=\"b  c\"|d=e;"   },
        {"ENV a=$b${c}",             "ENV a=$b${c};"           },
    };
    READ(rows);
}

static void flags_come_first(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"COPY --from=a --chown=1:2 b /",                         "COPY --from=a --chown=1:2 b|/;"},
        {"COPY --link a /",                                       "COPY --link a|/;"              },
        {"COPY --link=TRUE a /",                                  "COPY --link a|/;"              },
        {"COPY --link=false a /",                                 "COPY a|/;"                     },
        {"COPY --exclude=a --exclude=b . /",
         "COPY --exclude=a --exclude=b .|/;"                                                      },
        {"COPY --chown='a b' c /",                                "COPY --chown=a b c|/;"         },
        {"COPY --chmod=\"$m\" c /",                               "COPY --chmod=$m c|/;"          },
        {"COPY --from=a\\ b c /",                                 "COPY --from=a b c|/;"          },
        {"COPY -- --a /",                                         "COPY --a|/;"                   },
        {"COPY a --from=b /",                                     "COPY a|--from=b|/;"            },
        {"ADD --checksum=sha256:0 a /",                           "ADD --checksum=sha256:0 a|/;"  },
        {"ADD --unpack=false a /",                                "ADD --unpack=false a|/;"       },
        {"ADD --keep-git-dir a /",                                "ADD --keep-git-dir a|/;"       },
        {"RUN --mount=type=cache,target=/c --network=none a --b",
         "RUN --mount=type=cache,target=/c --network=none a --b;"                                 },
        {"RUN --mount=a --mount=b c",                             "RUN --mount=a --mount=b c;"    },
        {"FROM --platform=linux/arm a",                           "FROM --platform=linux/arm a;"  },
        {"HEALTHCHECK --interval=5s --retries=3 CMD a b",
         "HEALTHCHECK --interval=5s --retries=3 CMD|a b;"                                         },
        {"HEALTHCHECK cmd [\"a\", \"b\"]",                        "HEALTHCHECK json CMD|a|b;"     },
        {"HEALTHCHECK none",                                      "HEALTHCHECK NONE;"             },
        {"CMD -- --a",                                            "CMD --a;"                      },
        {"CMD -a --b",                                            "CMD -a --b;"                   },
    };
    READ(rows);
}

static void lines_go_on(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"",                         ""                 },
        {"# a\n  # b\n\n \t\nRUN a", "RUN a;"           },
        {"RUN a \\\n  b",            "RUN a   b;"       },
        {"RUN a \\ \t\nb",           "RUN a b;"         },
        {"RUN a\\\nb",               "RUN ab;"          },
        {"RUN a \\\n# c\n  # d\n b", "RUN a  b;"        },
        {"RUN a \\\n\n\nb",          "RUN a b;"         },
        {"RUN a \\\nb # c",          "RUN a b # c;"     },
        {"RUN a \\",                 "RUN a;"           },
        {"RUN a \\\n",               "RUN a;"           },
        {"RUN a \\\n# c",            "RUN a;"           },
        {"RUN a \\\\\nRUN b",        "RUN a \\\\;RUN b;"},
        {"RUN a\r\nRUN b\r\n",       "RUN a;RUN b;"     },
        {"RUN a \\\r\nb\r\n",        "RUN a b;"         },
        {"\\\nRUN a",                "RUN a;"           },
        {"R\\\nUN a",                "RUN a;"           },
        {"# escape=`\nRUN a \\\nb",  "RUN a b;"         },
        {"RUN a #b",                 "RUN a #b;"        },
    };
    READ(rows);
}

static void here_documents_follow(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"RUN <<EOF\na\n # b\nEOF\nRUN c",   "RUN <<EOF $EOF{a\n # b\n};RUN c;"  },
        {"RUN <<EOF\nEOF",                   "RUN <<EOF $EOF{};"                 },
        {"RUN sh <<'E F'\n$a\nE F\n",        "RUN sh <<'E F' E F{$a\n};"         },
        {"RUN <<-E\n\ta\n\t\tb\n\tE",        "RUN <<-E $E{a\nb\n};"              },
        {"RUN <<E\n\tE\nE",                  "RUN <<E $E{\tE\n};"                },
        {"RUN <<E\na \\\nE",                 "RUN <<E $E{a \\\n};"               },
        {"COPY <<a <<\"b\" /d/\n1\na\n2\nb",
         "COPY <<a|<<\"b\"|/d/ $a{1\n} b{2\n};"                                  },
        {"COPY <<E /d\r\n1\r\nE\r\n",        "COPY <<E|/d $E{1\r\n};"            },
        {"COPY <<E\\OF /d\n1\nEOF",          "COPY <<E\\OF|/d EOF{1\n};"         },
        {"RUN cat 3<<E >x\n1\nE",            "RUN cat 3<<E >x $E{1\n};"          },
        {"RUN a <<< b",                      "RUN a <<< b;"                      },
        {"RUN a << b",                       "RUN a << b;"                       },
        {"RUN a \"<<E\"",                    "RUN a \"<<E\";"                    },
        {"RUN it's <<E",                     "RUN it's <<E;"                     },
        {"RUN [\"<<E\"]",                    "RUN json <<E;"                     },
        {"CMD a <<E",                        "CMD a <<E;"                        },
        {"ENV a=<<E",                        "ENV a=<<E;"                        },
        {"RUN a \\\n <<E\n1\nE",             "RUN a  <<E $E{1\n};"               },
        {"RUN --network=none <<E\n1\nE",     "RUN --network=none <<E $E{1\n};"   },
        {"ONBUILD COPY <<E /x\n1\nE",        "ONBUILD COPY <<E /x\n1\nE $E{1\n};"},
    };
    READ(rows);
}

static void directives_stand_at_the_top(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        char escape;
    } rows[] = {
        {"FROM a",                              '\\'},
        {"# escape=`\nFROM a",                  '`' },
        {"#  EsCaPe = ` \nFROM a",              '`' },
        {"#escape=\\\nFROM a",                  '\\'},
        {"# syntax=x/y\n# escape=`\nFROM a",    '`' },
        {"# check=skip=all\n#escape=`\nFROM a", '`' },
        {"# a\n# escape=`\nFROM a",             '\\'},
        {"# a=b\n# escape=`\nFROM a",           '\\'},
        {"\n# escape=`\nFROM a",                '\\'},
        {"FROM a\n# escape=`",                  '\\'},
        {"# escape=\nFROM a",                   '\\'},
        {"\xef\xbb\xbf# escape=`\nFROM a",      '`' },
        {"\xef\xbb\xbf"
         "FROM a",                     '\\'},
        {"# \xff\nFROM a",                      '\\'},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_dockerfile struct dockerfile d = {0};
        struct err e = {0};
        const char *file = rows[i].file;
        if (dockerfile_parse("f", file, strlen(file), &d, NULL, &e) < 0)
            fail_msg("%s: %s", file, e.msg);
        assert_int_equal(d.escape, rows[i].escape);
        assert_int_equal(d.n, 1);
    }
}

static void lines_are_counted_and_warned_about(void **state)
{
    (void)state;
    static const char file[] = "# a\nARG x\nFROM a\n\nRUN a \\\n\n b\n"
                               "RUN <<E\n1\nE\nCMD c";
    auto_dockerfile struct dockerfile d = {0};
    assert_int_equal(
        dockerfile_parse("f", file, sizeof file - 1, &d, NULL, NULL), 0);
    static const unsigned lines[][2] = {
        {2,  2 },
        {3,  3 },
        {5,  7 },
        {8,  10},
        {11, 11}
    };
    assert_int_equal(d.n, 5);
    for (size_t i = 0; i < d.n; i++) {
        assert_int_equal(d.v[i].line, lines[i][0]);
        assert_int_equal(d.v[i].last_line, lines[i][1]);
    }
    assert_int_equal(d.warnings.n, 1);
    assert_string_equal(d.warnings.v[0],
                        "line 5: Empty continuation line found in: RUN a  b");
    assert_string_equal(d.v[2].text, "RUN a  b");
    auto_text struct text excerpt = {0};
    dockerfile_point(&d, &d.v[4], &excerpt);
    assert_string_equal(excerpt.s, "  11 | CMD c\n     | ^\n");
}

static void one_line_is_read_alone(void **state)
{
    (void)state;
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"",             "file with no instructions"                    },
        {"RUN a\nRUN b", "2 instructions, where one is expected"        },
        {"ROM a",        "unknown instruction: ROM (did you mean FROM?)"},
        {"RUN <<E\n1",   "unterminated heredoc"                         },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dockerfile_instruction none = {0};
        struct err e = {0};
        assert_int_equal(dockerfile_parse_line(rows[i].line, &none, &e),
                         -EINVAL);
        assert_string_equal(e.msg, rows[i].why);
        assert_null(none.text);
    }
    auto_dockerfile_instruction struct dockerfile_instruction i = {0};
    assert_int_equal(
        dockerfile_parse_line("COPY --link <<E b /\n1\nE", &i, NULL), 0);
    assert_int_equal(i.kind, DOCKERFILE_COPY);
    assert_true(dockerfile_has_flag(&i, "link"));
    assert_null(dockerfile_flag(&i, "link"));
    assert_false(dockerfile_has_flag(&i, "from"));
    assert_string_equal(dockerfile_here_of(&i, i.words.v[0])->text, "1\n");
    assert_null(dockerfile_here_of(&i, i.words.v[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_instruction_has_its_form),
        cmocka_unit_test(pairs_keep_quotes),
        cmocka_unit_test(flags_come_first),
        cmocka_unit_test(lines_go_on),
        cmocka_unit_test(here_documents_follow),
        cmocka_unit_test(directives_stand_at_the_top),
        cmocka_unit_test(lines_are_counted_and_warned_about),
        cmocka_unit_test(one_line_is_read_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
