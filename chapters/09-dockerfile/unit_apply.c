/* What import -c and a build make of instructions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the lines make of an empty configuration, after some that were
 * inherited: as import -c has it. */
struct row {
    const char *lines[3], *config;
};

static const struct row good[] = {
    {{"CMD [\"sh\", \"-c\", \"a b\"]"},                                      "{\"Cmd\":[\"sh\",\"-c\",\"a b\"]}"},
    {{"cmd echo \"hi  there\""},
     "{\"Cmd\":[\"/bin/sh\",\"-c\",\"echo \\\"hi  there\\\"\"]}"                                                },
    {{"CMD echo $HOME ${x"},
     "{\"Cmd\":[\"/bin/sh\",\"-c\",\"echo $HOME ${x\"]}"                                                        },
    {{"CMD a", "CMD []"},                                                    "{}"                               },
    {{"ENTRYPOINT [\"a\"]", "ENTRYPOINT []"},                                "{}"                               },
    {{"CMD [\"a\"]", "ENTRYPOINT [\"b\"]"},
     "{\"Cmd\":[\"a\"],\"Entrypoint\":[\"b\"]}"                                                                 },
    {{"ENV A=b \"C=d e\" F='g h' I=j\\ k"},
     "{\"Env\":[\"A=b\",\"C=d e\",\"F=g h\",\"I=j k\"]}"                                                        },
    {{"ENV A the rest of it", "ENV B=1", "ENV A=2"},
     "{\"Env\":[\"A=2\",\"B=1\"]}"                                                                              },
    {{"ENV A=1", "ENV A=2 B=$A", "ENV C=${B}3"},
     "{\"Env\":[\"A=2\",\"B=1\",\"C=13\"]}"                                                                     },
    {{"ENV A=", "ENV B=\"\" C=''"},                                          "{\"Env\":[\"A=\",\"B=\",\"C=\"]}" },
    {{"ENV A=b=c"},                                                          "{\"Env\":[\"A=b=c\"]}"            },
    {{"LABEL a=b", "  LABEL\ta=c d.e=\"\" "},
     "{\"Labels\":{\"a\":\"c\",\"d.e\":\"\"}}"                                                                  },
    {{"LABEL \"a b\"=\"c d\" e=f\\\n g=h"},
     "{\"Labels\":{\"a b\":\"c d\",\"e\":\"f\",\"g\":\"h\"}}"                                                   },
    {{"EXPOSE 80 53/udp 90-91"},
     "{\"ExposedPorts\":{\"53/udp\":{},\"80/tcp\":{},\"90/tcp\":{},"
     "\"91/tcp\":{}}}"                                                                                          },
    {{"ENV P=\"1 2/UDP\"", "EXPOSE $P 3/sctp"},
     "{\"Env\":[\"P=1 2/UDP\"],\"ExposedPorts\":{\"1/tcp\":{},\"2/udp\":{},"
     "\"3/sctp\":{}}}"                                                                                          },
    {{"VOLUME [\"/a b\"]", "VOLUME /c /d"},
     "{\"Volumes\":{\"/a b\":{},\"/c\":{},\"/d\":{}}}"                                                          },
    {{"WORKDIR /a", "WORKDIR b c", "USER me:us"},
     "{\"User\":\"me:us\",\"WorkingDir\":\"/a/b c\"}"                                                           },
    {{"WORKDIR a", "WORKDIR ../b//./c"},                                     "{\"WorkingDir\":\"/b/c\"}"        },
    {{"WORKDIR a", "WORKDIR /", "STOPSIGNAL SIGINT"},
     "{\"StopSignal\":\"SIGINT\",\"WorkingDir\":\"/\"}"                                                         },
    {{"STOPSIGNAL 9"},                                                       "{\"StopSignal\":\"9\"}"           },
    {{"STOPSIGNAL rtmin+3"},                                                 "{\"StopSignal\":\"rtmin+3\"}"     },
    {{"HEALTHCHECK --interval=1m30s --retries=2 CMD true || x"},
     "{\"Healthcheck\":{\"Interval\":90000000000,\"Retries\":2,"
     "\"Test\":[\"CMD-SHELL\",\"true || x\"]}}"                                                                 },
    {{"HEALTHCHECK CMD a", "healthcheck --timeout=5ms --start-period=0s "
                           "--start-interval=1s cmd [\"b\", \"c d\"]"},
     "{\"Healthcheck\":{\"StartInterval\":1000000000,\"StartPeriod\":0,"
     "\"Test\":[\"CMD\",\"b\",\"c d\"],\"Timeout\":5000000}}"                                                   },
    {{"HEALTHCHECK CMD a", "HEALTHCHECK none"},
     "{\"Healthcheck\":{\"Test\":[\"NONE\"]}}"                                                                  },
    {{"ONBUILD RUN a  b", "ONBUILD COPY . /"},
     "{\"OnBuild\":[\"RUN a  b\",\"COPY . /\"]}"                                                                },
    {{"ONBUILD COPY <<E /x\n$a\nE"},
     "{\"OnBuild\":[\"COPY <<E /x\\n$a\\nE\"]}"                                                                 },
};

static void lines_become_configuration(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        json_auto_t *config = json_object();
        auto_strv struct strv lines = {0};
        struct err e;
        for (size_t k = 0; k < 3 && good[i].lines[k] != NULL; k++)
            strv_add(&lines, good[i].lines[k]);
        if (apply_changes(&lines, config, &e) < 0)
            fail_msg("%s: %s", good[i].lines[0], e.msg);
        auto_free char *text =
            json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text, good[i].config);
    }
}

/* What must be refused as a change: the parser's own refusals are elsewhere. */
static const struct {
    const char *line, *why;
} bad[] = {
    {"",                               "file with no instructions"                     },
    {"# CMD a",                        "file with no instructions"                     },
    {"RUN ls",                         "RUN is not a valid change command"             },
    {"CMDS x",                         "CMDS is not a valid change command"            },
    {"SHELL [\"a\"]",                  "SHELL is not a valid change command"           },
    {"maintainer a",                   "maintainer is not a valid change command"      },
    {"CMD",                            "CMD requires at least one argument"            },
    {"ENTRYPOINT [1]",                 "when using JSON array syntax, arrays must be "
                       "comprised of strings only"               },
    {"ENV A",                          "ENV must have two arguments"                   },
    {"ENV $none=b",                    "ENV names can not be blank"                    },
    {"ENV A='b",                       "failed to process \"A='b\": unexpected end of "
                 "statement while looking for matching "
                 "single-quote"                                        },
    {"ENV A=b c",                      "Syntax error - can't find = in \"c\". Must be of "
                  "the form: name=value"                              },
    {"EXPOSE 0",                       "invalid containerPort: 0"                      },
    {"EXPOSE 70000",                   "invalid containerPort: 70000"                  },
    {"EXPOSE 9-8/tcp",                 "invalid containerPort: 9-8"                    },
    {"EXPOSE 80/ip",                   "invalid proto: ip"                             },
    {"EXPOSE x",                       "invalid containerPort: x"                      },
    {"EXPOSE 1-",                      "invalid containerPort: 1-"                     },
    {"STOPSIGNAL SIGFOO",              "invalid signal: SIGFOO"                        },
    {"STOPSIGNAL 0",                   "invalid signal: 0"                             },
    {"VOLUME $none",                   "VOLUME specified can not be an empty string"   },
    {"WORKDIR $none",                  "WORKDIR requires exactly one argument"         },
    {"CMD \xff",                       "the instruction is not UTF-8"                  },
    {"HEALTHCHECK true",               "Unknown type \"TRUE\" in HEALTHCHECK (try CMD)"},
    {"HEALTHCHECK --colour=red CMD a", "unknown flag: --colour"                        },
    {"ONBUILD FROM x",                 "FROM isn't allowed as an ONBUILD trigger"      },
};

static void bad_lines_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_auto_t *config = json_object();
        auto_strv struct strv lines = {0};
        struct err e = {0};
        strv_add(&lines, bad[i].line);
        if (apply_changes(&lines, config, &e) != -EINVAL)
            fail_msg("%s is accepted", bad[i].line);
        assert_string_equal(e.msg, bad[i].why);
    }
}

/* One instruction in a build: variables from elsewhere. */
static int apply(json_t *config, const char *line, const struct strv *env,
                 bool *is_cmd_set, struct err *e)
{
    auto_dockerfile_instruction struct dockerfile_instruction i = {0};
    assert_int_equal(dockerfile_parse_line(line, &i, NULL), 0);
    const struct words w = {'\\', env};
    return apply_instruction(config, &i, env != NULL ? &w : NULL, is_cmd_set,
                             e);
}

static void entrypoint_drops_an_inherited_command(void **state)
{
    (void)state;
    json_auto_t *config = json_pack("{s:[s]}", "Cmd", "inherited");
    bool is_cmd_set = false;
    assert_int_equal(apply(config, "ENTRYPOINT a", NULL, &is_cmd_set, NULL), 0);
    assert_null(json_object_get(config, "Cmd"));
    assert_int_equal(apply(config, "CMD b", NULL, &is_cmd_set, NULL), 0);
    assert_int_equal(apply(config, "ENTRYPOINT c", NULL, &is_cmd_set, NULL), 0);
    assert_non_null(json_object_get(config, "Cmd"));
}

static void the_shell_is_the_one_that_was_named(void **state)
{
    (void)state;
    json_auto_t *config = json_object();
    bool is_cmd_set = false;
    apply(config, "SHELL [\"/bin/ash\", \"-xc\"]", NULL, &is_cmd_set, NULL);
    apply(config, "CMD a b", NULL, &is_cmd_set, NULL);
    auto_free char *text = json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"Cmd\":[\"/bin/ash\",\"-xc\",\"a b\"],"
                              "\"Shell\":[\"/bin/ash\",\"-xc\"]}");
}

static void variables_come_from_the_build(void **state)
{
    (void)state;
    json_auto_t *config = json_object();
    auto_strv struct strv env = {0};
    bool is_cmd_set = false;
    struct err e = {0};
    strv_add(&env, "who=me");
    strv_add(&env, "odd=\xff");
    assert_int_equal(apply(config, "USER $who", &env, &is_cmd_set, NULL), 0);
    assert_int_equal(apply(config, "LABEL '$who'=$who", &env, &is_cmd_set, &e),
                     0);
    assert_int_equal(apply(config, "WORKDIR /$who", NULL, &is_cmd_set, NULL),
                     0);
    static const char *const odd[] = {"ENV A=$odd", "LABEL $odd=1", "USER $odd",
                                      "VOLUME /$odd", "WORKDIR $odd"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        assert_int_equal(apply(config, odd[i], &env, &is_cmd_set, &e), -EINVAL);
        assert_string_equal(e.msg, "a value is not UTF-8");
    }
    auto_free char *text = json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);
    assert_non_null(strstr(text, "\"User\":\"me\",\"Volumes\":{},"
                                 "\"WorkingDir\":\"/$who\""));
    assert_int_equal(apply(config, "RUN a", NULL, NULL, NULL), -EOPNOTSUPP);
    assert_int_equal(apply(config, "ARG a", NULL, NULL, NULL), -EOPNOTSUPP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_configuration),
        cmocka_unit_test(bad_lines_are_refused),
        cmocka_unit_test(entrypoint_drops_an_inherited_command),
        cmocka_unit_test(the_shell_is_the_one_that_was_named),
        cmocka_unit_test(variables_come_from_the_build),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
