/* Dockerfiles that are wrong, and what is said about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dockerfile.h"
#include "own.h"

#include <errno.h>
#include <string.h>

/* What a file that is wrong is told, and the line with the caret. */
struct refusal {
    const char *file, *why, *line, *caret;
};

static void refuse(const struct refusal *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        auto_free char *file = text_format("FROM x\n%s", rows[i].file);
        auto_dockerfile struct dockerfile d = {0};
        auto_text struct text excerpt = {0};
        struct err e = {0};
        if (dockerfile_parse("f", file, strlen(file), &d, &excerpt, &e) !=
            -EINVAL)
            fail_msg("%s is accepted", rows[i].file);
        unsigned line = rows[i].line == NULL ? 2 : 3;
        auto_free char *why =
            text_format("f: dockerfile parse error on line 2: %s", rows[i].why);
        if (strcmp(e.msg, why) != 0)
            fail_msg("%s: %s, not %s", rows[i].file, e.msg, rows[i].why);
        if (rows[i].caret == NULL)
            continue;
        auto_free char *shown = text_format(
            "%4u | %s\n     | %s^\n", line,
            rows[i].line != NULL ? rows[i].line : rows[i].file, rows[i].caret);
        if (strcmp(excerpt.s, shown) != 0)
            fail_msg("%s:\n%snot\n%s", rows[i].file, excerpt.s, shown);
    }
}
#define REFUSE(rows) refuse(rows, sizeof(rows) / sizeof(rows)[0])

static void misspelt_words_are_recognised(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"ROM a",                  "unknown instruction: ROM (did you mean FROM?)",      NULL, ""      },
        {"  WOKERDIR /",
         "unknown instruction: WOKERDIR (did you mean "
         "WORKDIR?)",                                                                    NULL, "  "    },
        {"EXPSOE 80",              "unknown instruction: EXPSOE (did you mean EXPOSE?)",
         NULL,                                                                                 ""      },
        {"rnu a",                  "unknown instruction: rnu (did you mean run?)",       NULL, ""      },
        {"Evn a=b",                "unknown instruction: Evn (did you mean ENV?)",       NULL, ""      },
        {"HELTHCHEK a",
         "unknown instruction: HELTHCHEK (did you mean "
         "HEALTHCHECK?)",                                                                NULL, ""      },
        {"apt-get x",              "unknown instruction: apt-get",                       NULL, ""      },
        {"&& b",                   "unknown instruction: &&",                            NULL, ""      },
        {"COPY --chwon=1 a /",     "unknown flag: --chwon (did you mean chown?)",
         NULL,                                                                                 "     " },
        {"COPY --form=a b /",      "unknown flag: --form (did you mean from?)",          NULL,
         "     "                                                                                       },
        {"COPY \\\n  --fro=a b /", "unknown flag: --fro (did you mean from?)",
         "  --fro=a b /",                                                                      "  "    },
        {"RUN --mnt=a b",          "unknown flag: --mnt (did you mean mount?)",          NULL,
         "    "                                                                                        },
        {"\tCMD --help",           "unknown flag: --help",                               NULL, "\t    "},
        {"RUN --from=a b",         "unknown flag: --from",                               NULL, "    "  },
    };
    REFUSE(rows);
}

static const struct refusal arguments[] = {
    {"RUN",            "RUN requires at least one argument",            NULL, ""          },
    {"CMD  ",          "CMD requires at least one argument",            NULL, ""          },
    {"ENTRYPOINT",     "ENTRYPOINT requires at least one argument",     NULL, ""          },
    {"ENV",            "ENV requires at least one argument",            NULL, ""          },
    {"ENV a",          "ENV must have two arguments",                   NULL, ""          },
    {"ENV =b",         "ENV names can not be blank",                    NULL, "    "      },
    {"ENV a=b c",
     "Syntax error - can't find = in \"c\". Must be of the "
     "form: name=value",                                                NULL, "        "  },
    {"LABEL a",        "LABEL must have two arguments",                 NULL, ""          },
    {"ARG",            "ARG requires at least one argument",            NULL, ""          },
    {"ARG =1",         "ARG names can not be blank",                    NULL, "    "      },
    {"EXPOSE",         "EXPOSE requires at least one argument",         NULL, ""          },
    {"USER",           "USER requires exactly one argument",            NULL, ""          },
    {"WORKDIR",        "WORKDIR requires exactly one argument",         NULL, ""          },
    {"STOPSIGNAL",     "STOPSIGNAL requires exactly one argument",      NULL, ""          },
    {"MAINTAINER",     "MAINTAINER requires exactly one argument",      NULL, ""          },
    {"VOLUME",         "VOLUME requires at least one argument",         NULL, ""          },
    {"VOLUME []",      "VOLUME requires at least one argument",         NULL, ""          },
    {"VOLUME [\" \"]", "VOLUME specified can not be an empty string",   NULL, ""          },
    {"COPY",
     "COPY requires at least two arguments, but only one was "
     "provided. Destination could not be determined",                   NULL, ""          },
    {"ADD a",
     "ADD requires at least two arguments, but only one was "
     "provided. Destination could not be determined",                   NULL, ""          },
    {"COPY [\"a\"]",
     "COPY requires at least two arguments, but only one "
     "was provided. Destination could not be determined",               NULL, ""          },
    {"COPY a <<E\nE",  "COPY cannot accept a heredoc as a destination", NULL,
     NULL                                                                                 },
    {"CMD [\"a\", 1]",
     "when using JSON array syntax, arrays must be "
     "comprised of strings only",                                       NULL, ""          },
    {"SHELL sh",
     "SHELL requires the arguments to be in JSON form: "
     "SHELL sh",                                                        NULL, ""          },
    {"SHELL []",       "SHELL requires at least one argument",          NULL, ""          },
    {"FROM",           "FROM requires either one or three arguments",   NULL, ""          },
    {"FROM a b",       "FROM requires either one or three arguments",   NULL, ""          },
    {"FROM a is b",    "FROM requires either one or three arguments",   NULL, ""          },
    {"FROM a AS 1b",
     "invalid name for build stage: \"1b\", name can't "
     "start with a number or contain symbols",                          NULL, "          "},
    {"FROM a AS B/c",
     "invalid name for build stage: \"B/c\", name can't "
     "start with a number or contain symbols",                          NULL, "          "},
    {"RUN <<EOF\na",   "unterminated heredoc",                          NULL, NULL        },
    {"RUN \xff",       "the instruction is not UTF-8",                  NULL, NULL        },
};

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    REFUSE(arguments);
}

static void wrong_flags_checks_and_triggers_are_refused(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"COPY --from a /",                  "missing a value on flag: from",                  NULL, "     "                 },
        {"COPY --link= a /",                 "missing a value on flag: link",                  NULL, "     "                 },
        {"COPY --link=1 a /",                "expecting boolean value for flag link, not: 1",
         NULL,                                                                                       "     "                 },
        {"COPY --from=a --from=b c /",       "duplicate flag specified: from",                 NULL,
         "              "                                                                                                    },
        {"HEALTHCHECK",                      "HEALTHCHECK requires at least one argument",     NULL, ""                      },
        {"HEALTHCHECK --retries=1",
         "HEALTHCHECK requires at least one "
         "argument",                                                                           NULL, ""                      },
        {"HEALTHCHECK NONE x",               "HEALTHCHECK NONE takes no arguments",            NULL, ""                      },
        {"HEALTHCHECK true",                 "Unknown type \"TRUE\" in HEALTHCHECK (try CMD)",
         NULL,                                                                                       "            "          },
        {"HEALTHCHECK CMD",                  "Missing command after HEALTHCHECK CMD",          NULL, ""                      },
        {"HEALTHCHECK CMD []",               "Missing command after HEALTHCHECK CMD",          NULL,
         ""                                                                                                                  },
        {"HEALTHCHECK --retries=x CMD a",
         "strconv.ParseInt: parsing \"x\": invalid syntax",                                    NULL, NULL                    },
        {"HEALTHCHECK --retries=-1 CMD a",   "--retries cannot be negative (-1)",
         NULL,                                                                                       "                      "},
        {"HEALTHCHECK --interval=1 CMD a",   "time: invalid duration \"1\"",                   NULL,
         NULL                                                                                                                },
        {"HEALTHCHECK --interval=1us CMD a",
         "Interval \"interval\" cannot be "
         "less than 1ms",                                                                      NULL, NULL                    },
        {"HEALTHCHECK --interval CMD a",     "missing a value on flag: interval",
         NULL,                                                                                       "            "          },
        {"ONBUILD",                          "ONBUILD requires at least one argument",         NULL, ""                      },
        {"ONBUILD onbuild RUN a",
         "Chaining ONBUILD via `ONBUILD ONBUILD` isn't "
         "allowed",                                                                            NULL, NULL                    },
        {"ONBUILD FROM x",                   "FROM isn't allowed as an ONBUILD trigger",       NULL,
         "        "                                                                                                          },
        {"ONBUILD MAINTAINER x",
         "MAINTAINER isn't allowed as an ONBUILD "
         "trigger",                                                                            NULL, "        "              },
        {"ONBUILD ROM x",                    "unknown instruction: ROM (did you mean FROM?)",  NULL,
         NULL                                                                                                                },
    };
    REFUSE(rows);
}

/* Files as a whole. */
static void expect_error(const char *bytes, size_t len, const char *why)
{
    auto_dockerfile struct dockerfile d = {0};
    struct err e = {0};
    if (dockerfile_parse("f", bytes, len, &d, NULL, &e) != -EINVAL)
        fail_msg("accepted instead of: %s", why);
    assert_string_equal(e.msg, why);
}

static void files_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *file, *why;
    } rows[] = {
        {"",                         "the Dockerfile (f) cannot be empty"          },
        {"\n",                       "f: file with no instructions"                },
        {"# a\n",                    "f: file with no instructions"                },
        {"ARG a\n",                  "f: dockerfile contains no stages to build"   },
        {"RUN a\n",                  "f: dockerfile parse error on line 1: no build stage "
                    "in current context"                        },
        {"# escape=x\n",             "f: dockerfile parse error on line 1: invalid escape "
                         "token 'x' does not match ` or \\"},
        {"# escape=`\n# escape=`\n",
         "f: dockerfile parse error on line 2: only "
         "one escape parser directive can be used"                                 },
        {"FROM a\n\\\n",             "f: dockerfile parse error on line 2: unknown "
                         "instruction: "                   },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_error(rows[i].file, strlen(rows[i].file), rows[i].why);
    expect_error("FROM a\nRUN \0b\n", 14,
                 "f: dockerfile parse error on line 2: a NUL byte: the file is "
                 "no text in UTF-8");
    auto_text struct text big = {0};
    text_add(&big, "FROM a\nRUN ");
    for (int i = 0; i < 66000; i++)
        text_add(&big, "a");
    expect_error(big.s, big.len,
                 "f: dockerfile parse error on line 2: dockerfile line greater "
                 "than max allowed size of 65535");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misspelt_words_are_recognised),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(wrong_flags_checks_and_triggers_are_refused),
        cmocka_unit_test(files_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
