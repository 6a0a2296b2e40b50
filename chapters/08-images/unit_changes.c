/* What import -c makes of its lines; and digests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "changes.h"
#include "digest.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void lines_become_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *lines[3], *config;
    } cases[] = {
        {{"CMD [\"sh\", \"-c\", \"a b\"]"},
         "{\"Cmd\":[\"sh\",\"-c\",\"a b\"]}"                                                                                        },
        {{"cmd echo \"hi  there\""},
         "{\"Cmd\":[\"/bin/sh\",\"-c\",\"echo \\\"hi  there\\\"\"]}"                                                                },
        {{"ENTRYPOINT [1]"},                                                         "{\"Entrypoint\":[\"/bin/sh\",\"-c\",\"[1]\"]}"},
        {{"ENV A=b \"C=d e\" F='g h' I=j\\ k"},
         "{\"Env\":[\"A=b\",\"C=d e\",\"F=g h\",\"I=j k\"]}"                                                                        },
        {{"ENV A the rest of it", "ENV B=1", "ENV A=2"},
         "{\"Env\":[\"A=2\",\"B=1\"]}"                                                                                              },
        {{"LABEL a=b", "  LABEL\ta=c d.e=\"\" "},
         "{\"Labels\":{\"a\":\"c\",\"d.e\":\"\"}}"                                                                                  },
        {{"EXPOSE 80 53/udp 90-91"},
         "{\"ExposedPorts\":{\"53/udp\":{},\"80/tcp\":{},\"90/tcp\":{},"
         "\"91/tcp\":{}}}"                                                                                                          },
        {{"VOLUME [\"/a b\"]", "VOLUME /c /d"},
         "{\"Volumes\":{\"/a b\":{},\"/c\":{},\"/d\":{}}}"                                                                          },
        {{"WORKDIR /a", "WORKDIR b c", "USER me:us"},
         "{\"User\":\"me:us\",\"WorkingDir\":\"/a/b c\"}"                                                                           },
        {{"WORKDIR a", "WORKDIR /", "STOPSIGNAL SIGINT"},
         "{\"StopSignal\":\"SIGINT\",\"WorkingDir\":\"/\"}"                                                                         },
        {{"HEALTHCHECK --interval=1m30s --retries=2 CMD true || x"},
         "{\"Healthcheck\":{\"Interval\":90000000000,\"Retries\":2,"
         "\"Test\":[\"CMD-SHELL\",\"true || x\"]}}"                                                                                 },
        {{"HEALTHCHECK CMD a", "healthcheck --timeout=5ms --start-period=0s "
                               "--start-interval=1s cmd [\"b\", \"c d\"]"},
         "{\"Healthcheck\":{\"StartInterval\":1000000000,\"StartPeriod\":0,"
         "\"Test\":[\"CMD\",\"b\",\"c d\"],\"Timeout\":5000000}}"                                                                   },
        {{"HEALTHCHECK CMD a", "HEALTHCHECK none"},
         "{\"Healthcheck\":{\"Test\":[\"NONE\"]}}"                                                                                  },
        {{"ONBUILD RUN a  b", "ONBUILD COPY . /"},
         "{\"OnBuild\":[\"RUN a  b\",\"COPY . /\"]}"                                                                                },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *config = json_object();
        struct err e;
        for (size_t k = 0; k < 3 && cases[i].lines[k] != NULL; k++)
            if (changes_apply(config, cases[i].lines[k], &e) < 0)
                fail_msg("%s: %s", cases[i].lines[k], e.msg);
        auto_free char *text =
            json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text, cases[i].config);
        json_decref(config);
    }
}

struct refusal {
    const char *line, *why;
};

static void refuse(const struct refusal *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_t *config = json_object();
        struct err e = {0};
        if (changes_apply(config, cases[i].line, &e) != -EINVAL)
            fail_msg("%s is accepted", cases[i].line);
        assert_string_equal(e.msg, cases[i].why);
        json_decref(config);
    }
}

static void bad_lines_are_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"",             " is not a valid change command"    },
        {"RUN ls",       "RUN is not a valid change command" },
        {"CMDS x",       "CMDS is not a valid change command"},
        {"CMD",          "CMD requires at least one argument"},
        {"ENV A",        "ENV must have two arguments"       },
        {"ENV =b",       "ENV names can not be blank"        },
        {"ENV A=b c",    "Syntax error - can't find = in \"c\". Must be of the "
                      "form: name=value"},
        {"USER a b",     "USER requires exactly one argument"},
        {"EXPOSE 0",     "invalid containerPort: 0"          },
        {"EXPOSE 70000", "invalid containerPort: 70000"      },
        {"EXPOSE 9-8",   "invalid containerPort: 9-8"        },
        {"EXPOSE 80/ip", "invalid containerPort: 80/ip"      },
        {"EXPOSE x",     "invalid containerPort: x"          },
        {"CMD \xff",     "CMD is not UTF-8"                  },
        {"ENV A=\xff",   "ENV is not UTF-8"                  },
        {"WORKDIR \xff", "WORKDIR is not UTF-8"              },
        {"VOLUME \xff",  "VOLUME is not UTF-8"               },
    };
    refuse(cases, sizeof cases / sizeof cases[0]);
}

static void bad_checks_and_triggers_are_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"SHELL [\"a\"]",                    "SHELL is not a valid change command"           },
        {"HEALTHCHECK",                      "HEALTHCHECK requires at least one argument"    },
        {"HEALTHCHECK --retries=1",
         "HEALTHCHECK requires at least one argument"                                        },
        {"HEALTHCHECK NONE x",               "HEALTHCHECK NONE takes no arguments"           },
        {"HEALTHCHECK true",                 "Unknown type \"true\" in HEALTHCHECK (try CMD)"},
        {"HEALTHCHECK CMD",                  "Missing command after HEALTHCHECK CMD"         },
        {"HEALTHCHECK CMD []",               "Missing command after HEALTHCHECK CMD"         },
        {"HEALTHCHECK --retries=x CMD a",
         "strconv.ParseInt: parsing \"x\": invalid syntax"                                   },
        {"HEALTHCHECK --retries=-1 CMD a",   "--retries cannot be negative (-1)"             },
        {"HEALTHCHECK --interval=1 CMD a",   "time: invalid duration \"1\""                  },
        {"HEALTHCHECK --interval=1us CMD a",
         "Interval \"interval\" cannot be less than 1ms"                                     },
        {"HEALTHCHECK --interval CMD a",     "missing a value on flag: interval"             },
        {"HEALTHCHECK --colour=red CMD a",   "unknown flag: --colour"                        },
        {"ONBUILD",                          "ONBUILD requires at least one argument"        },
        {"ONBUILD onbuild RUN a",
         "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"                              },
        {"ONBUILD FROM x",                   "FROM isn't allowed as an ONBUILD trigger"      },
    };
    refuse(cases, sizeof cases / sizeof cases[0]);
}

static void digests_are_sha256(void **state)
{
    (void)state;
    char text[DIGEST_SIZE];
    digest_of("abc", 3, text);
    assert_string_equal(text, "sha256:ba7816bf8f01cfea414140de5dae2223"
                              "b00361a396177a9cb410ff61f20015ad");
    assert_true(digest_is_valid(text));
    text[10] = 'A';
    assert_false(digest_is_valid(text));
    static const char *const bad[] = {"", "sha256:", "sha256:../../etc",
                                      "sha512:00", "sha256"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(digest_is_valid(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_configuration),
        cmocka_unit_test(bad_lines_are_refused),
        cmocka_unit_test(bad_checks_and_triggers_are_refused),
        cmocka_unit_test(digests_are_sha256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
